// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/schema"
)

// everyMember is a release.json with every member that there is.
const everyMember = `{
	"$schema": "https://hailbytes.com/schemas/trust-pack/release/v1",
	"product": "asm", "version": "1.482",
	"release": {"tag": "v1.482", "commit": "678c4d5240bab55a8a31af48cf83375da4255ea3", "repository": "https://github.com/HailBytes/hailbytes-asm", "created": "2026-11-22T00:00:00Z"},
	"images": [
		{"name": "web"},
		{"name": "celery", "reference": "ghcr.io/hailbytes/celery", "digest": "sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb", "platform": "linux/amd64",
			"signing": {"status": "signed", "certificateIdentity": "x", "certificateOidcIssuer": "y", "certificate": "signatures/celery.pem", "bundle": "signatures/celery.json"}},
		{"name": "nginx", "signing": {"status": "signed", "certificateIdentityRegexp": "^x$", "certificateOidcIssuer": "y"}}
	],
	"artifacts": [{"kind": "ami", "name": "hailbytes-asm", "id": "ami-1", "sha256": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"}],
	"gaps": [{"kind": "penetration-test", "reason": "Planned.", "target": "2027-Q1"}, {"kind": "scan", "image": "nginx", "reason": "Base image only."}],
	"files": [{"glob": "reports/*.csv", "kind": "license-report", "format": "go-licenses-csv", "image": "web", "tool": {"name": "go-licenses", "version": "1.6.0"}}]
}`

// beyondConfigSchema is what ParseConfig refuses and a schema cannot say, besides beyondSchema.
var beyondConfigSchema = []struct{ code, message string }{
	{"manifest.glob", "glob "},               // the grammar of a pattern
	{"manifest.duplicate", "is there twice"}, // uniqueness by some members
}

// TestConfigSchemaAgrees mutates a release.json, one place at a time, and asks schema
// and parser for their verdicts.
func TestConfigSchemaAgrees(t *testing.T) {
	s, err := schema.Compile(SchemaConfig, map[string][]byte{SchemaConfig: ConfigSchema(), SchemaV1: Schema()})
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal([]byte(everyMember), &doc); err != nil {
		t.Fatal(err)
	}
	accepted, refused := 0, 0
	for m := range mutants(doc) {
		text := canonicalOf(t, m.doc)
		problems, err := s.Validate(text, evidence.Limits{})
		if err != nil {
			t.Fatalf("%s: %v", m.what, err)
		}
		_, err = ParseConfig(text)
		switch {
		case err == nil && len(problems) == 0:
			accepted++
		case err != nil && len(problems) > 0:
			refused++
		case err == nil:
			t.Errorf("%s: the schema refuses, the parser accepts: %v", m.what, problems)
		case !slices.ContainsFunc(problemsOf(err), beyondConfig):
			t.Errorf("%s: the schema accepts, the parser refuses: %v", m.what, err)
		}
	}
	t.Logf("%d mutants accepted by both, %d refused by both", accepted, refused)
	if accepted < 50 || refused < 500 {
		t.Error("too few mutants to show anything")
	}
}

func beyondConfig(p *evidence.Problem) bool {
	if beyond(p) {
		return true
	}
	for _, b := range beyondConfigSchema {
		if p.Code == b.code && strings.Contains(p.Message, b.message) {
			return true
		}
	}
	return false
}

// TestConfigSchemaMembers holds the members that the schema lists against the parser's
// tables and the fields of the types.
func TestConfigSchemaMembers(t *testing.T) {
	var root struct {
		Properties map[string]struct {
			Properties map[string]any
			Items      struct{ Properties map[string]any }
		}
	}
	if err := json.Unmarshal(ConfigSchema(), &root); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		of    string
		names *names
		value any
		has   []string
		extra int // members without a field, less fields that are no member
	}{
		{"release.json", configNames, Config{}, slices.Collect(maps.Keys(root.Properties)), 1}, // $schema
		{"release", releaseNames, Release{}, slices.Collect(maps.Keys(root.Properties["release"].Properties)), -1},
		{"images", imageNames, Image{}, slices.Collect(maps.Keys(root.Properties["images"].Items.Properties)), -1},
		{"files", fileRuleNames, FileRule{}, slices.Collect(maps.Keys(root.Properties["files"].Items.Properties)), -1},
	} {
		slices.Sort(c.has)
		if !slices.Equal(c.has, c.names.list) {
			t.Errorf("%s: the schema has %v, the parser reads %v", c.of, c.has, c.names.list)
		}
		if fields := reflect.TypeOf(c.value).NumField(); len(c.has)-fields != c.extra {
			t.Errorf("%s: %d members, %d fields", c.of, len(c.has), fields)
		}
	}
}

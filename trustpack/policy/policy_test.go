// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/HailBytes/evidence/internal/test/samples"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack"
)

// whole is a policy that has every member.
const whole = `
publisher:
  - {key: cosign.pub}
  - {identity: "https://ci.example/x@refs/tags/v1", issuer: "https://i.example", trustedRoot: root.json, sourceRepository: "https://ci.example/x"}
imageSigners:
  - {identityPattern: "https://ci\\.example/.+", issuer: "https://i.example", trustedRoot: root.json}
require: [consistent, pinned, authentic]
release: {product: asm, version: 1.482, atLeast: 1.480}
profile: asm
unsafeNoProfile: false
findings:
  failOn: high
  exceptions:
    - {vulnerability: CVE-1, purl: "pkg:deb/debian/apt", versions: "<2", image: x, owner: o, reason: r, expires: 2027-01-01}
  vex: [own.json]
  trustVEX: ["vex/*.json"]
  trustSuppressions: [Trivy]
  unsafePassUnknown: true
  unsafeOnlyFixable: true
  unsafeOnlyReached: called
  unsafeOnlyClasses: [vulnerability]
  unsafeAnyProduct: true
  unsafeNewSince: {pack: old.zip, contentDigest: "sha256:0000000000000000000000000000000000000000000000000000000000000001"}
licenses:
  allow: [MIT]
  review: [Apache-2.0]
  deny: [AGPL-3.0-only]
  categories: {permissive: allow, weak-copyleft: review, strong-copyleft: deny, network-copyleft: deny, proprietary: deny, unknown: review}
  exceptions:
    - {module: m, version: v1.0.0, license: AGPL-3.0-only, owner: o, reason: r, expires: 2027-01-01}
tests: true
accessibility: true
sbom: {profile: ntia-2021}
maxAge: {pack: 180d, scan: 36h, database: 7d}
checks: [release.pins]
rules:
  - {id: a, expression: "release.product == 'asm'", message: m}
install:
  thirdParty: ["postgres:16.13@sha256:0000000000000000000000000000000000000000000000000000000000000001"]
  mirrors: {"mirror.example/hailbytes": "ghcr.io/hailbytes"}
  unsafeThirdPartyTags: ["redis:7.4"]
  unsafeBuild: [web]
  unsafeProvider: [db]
  unsafeWatch: [web]
`

func TestParse(t *testing.T) {
	const digest = "@sha256:0000000000000000000000000000000000000000000000000000000000000001"
	for _, tt := range []struct{ text, want string }{
		{whole, ""},
		{`{"findings":{"failOn":"high","trustVEX":["scans/*.json"],"trustSuppressions":["Trivy"],"unsafePassUnknown":true,"unsafeOnlyFixable":true},"tests":true,"accessibility":false}`, ""},
		{"", "policy.empty 1:1"},
		{"{}", "policy.empty 1:1"},
		{`{"tests":false}`, "policy.empty 1:1"},
		{"install: {mirrors: {a.example/x: b.example/y}}", "policy.empty 1:1"}, // nothing is asked of a pack
		{"{\n \"tests\": 1}", "policy.type 2:11"},
		{"{\"tests\":true,\"tests\":true}", "policy.duplicate 1:15"},
		{"{\"other\":true}", "policy.unknown 1:10"},
		{"finding: {failOn: high}", "policy.unknown 1:10"},
		{"{\"findings\":{}}", "policy.required 1:13"},
		{"{\"findings\":{\"failOn\":\"worse\"}}", "policy.severity 1:23"},
		{"{\"findings\":{\"failOn\":\"high\",\"x\":1}}", "policy.unknown 1:34"},
		{"{\"findings\":{\"failOn\":\"high\",\"trustVEX\":[\"[\"]}}", "policy.pattern 1:42"},
		{"{\"findings\":{\"failOn\":\"high\",\n  \"exceptions\":[{\"vulnerability\":\"CVE-1\",\"owner\":\"\",\"reason\":\"r\",\"expires\":\"2027-01-01\"}]}}", "policy.empty 2:50"},
		{"{\n \"licenses\":{\"allow\":[\"No-Such\"]}}", "policy.license 2:23"},
		{"{\n \"licenses\":{\"nope\":[]}}", "policy.unknown 2:21"},
		{"licenses:\n  allow: [MIT]\n  deny: [mit]", "policy.contradiction 3:10"},
		{"publisher: []", "policy.empty 1:12"},
		{"publisher: [{key: a, issuer: b}]", "policy.contradiction 1:30"},
		{"publisher: [{identity: a, identityPattern: b, issuer: c, trustedRoot: d}]", "policy.contradiction 1:44"},
		{"publisher: [{identityPattern: '(', issuer: c, trustedRoot: d}]", "policy.pattern 1:31"},
		{"publisher: [{identity: a, issuer: c}]", "policy.required 1:13"},
		{"publisher: [{issuer: c, trustedRoot: d}]", "policy.required 1:13"},
		{"require: [authentik]", "policy.verdict 1:11"},
		{"release: {version: 1.470, atLeast: 1.480}", "policy.contradiction 1:36"},
		{"release: {version: 1.480, atLeast: 1.480}", ""},
		{"release: {atLeast: one}", "policy.version 1:20"},
		{"profile: asm\nunsafeNoProfile: true", "policy.contradiction 2:18"},
		{"profile: asm\nunsafeNoProfile: false", ""},
		{"sbom: {profile: ntia}", "policy.profile 1:17"},
		{"maxAge: {scan: 30}", "policy.age 1:16"},
		{"maxAge: {scan: 0d}", "policy.age 1:16"},
		{"maxAge: {scan: 99999999999999d}", "policy.age 1:16"},
		{"maxAge: {scan: ''}", "policy.empty 1:16"},
		{"maxAge: {}", "policy.empty 1:1"},
		{"checks: [release]", "policy.check 1:10"},
		{"checks: [release.pins, release.pins]", "policy.duplicate 1:24"},
		{"findings: {failOn: low, unsafeOnlyReached: unknown}", "policy.reachability 1:44"},
		{"findings: {failOn: low, unsafeOnlyClasses: [bugs]}", "policy.class 1:45"},
		{"findings: {failOn: low, unsafeNewSince: {pack: a}}", "policy.required 1:41"},
		{"findings: {failOn: low, unsafeNewSince: {pack: a, contentDigest: b}}", "policy.digest 1:66"},
		{"tests: true\ninstall:\n  thirdParty: ['postgres:16']", "policy.reference 3:16"},
		{"tests: true\ninstall:\n  thirdParty: ['Postgres" + digest + "']", "policy.reference 3:16"},
		{"tests: true\ninstall:\n  unsafeThirdPartyTags: ['postgres:16" + digest + "']", "policy.reference 3:26"},
		{"tests: true\ninstall:\n  unsafeThirdPartyTags: ['postgres']", "policy.reference 3:26"},
		{"tests: true\ninstall:\n  thirdParty: ['postgres" + digest + "']\n  unsafeThirdPartyTags: ['docker.io/library/postgres:16']", "policy.contradiction 4:26"},
		{"tests: true\ninstall:\n  mirrors: {'a.example/b:tag': c.example/d}", "policy.reference 3:32"},
		{"rules: [{id: a, message: m}]", "policy.required 1:9"},
		{"rules:\n- {id: a, message: m, expression: 'true'}\n- {id: a, message: m, expression: 'true'}", "policy.duplicate 3:8"},
		{"rules: [{id: 'a b', message: m, expression: 'true'}]", "policy.rule 1:14"},
		{"rules: [{id: a, message: m, expression: 'release.images.all(i, i.nope)'}]", "policy.rule 1:41"},
		{"rules: [{id: a, message: m, expression: 'release.images.size()'}]", "policy.rule 1:41"},
		{"rules: [{id: a, message: m, expression: 'release.product == 1'}]", "policy.rule 1:41"},
		{"rules: [{id: a, message: m, expression: '" + strings.Repeat("(", 200) + "true" + strings.Repeat(")", 200) + "'}]", "policy.rule 1:41"},
		{"rules: [{id: a, message: m, expression: 'true" + strings.Repeat(" && true", 2000) + "'}]", "policy.rule 1:41"},
	} {
		p, err := Parse([]byte(tt.text), "f")
		if got := first(err); got != tt.want || (p == nil) != (err != nil) {
			t.Errorf("%.200q: got %s (%v), want %s", tt.text, got, err, tt.want)
		}
		if err != nil && !errors.Is(err, evidence.ErrFormat) {
			t.Errorf("%.200q: %v", tt.text, err)
		}
	}
}

// first returns code and place of the first problem.
func first(err error) string {
	if list, ok := errors.AsType[evidence.Problems](err); ok {
		return fmt.Sprintf("%s %d:%d", list[0].Code, list[0].Line, list[0].Column)
	}
	if p, ok := errors.AsType[*evidence.Problem](err); ok {
		return fmt.Sprintf("%s %d:%d", p.Code, p.Line, p.Column)
	}
	return ""
}

// TestParseSize: one byte more than people write is refused before it is read.
func TestParseSize(t *testing.T) {
	const most = 4 << 20
	text := `{"tests":true}`
	fits := text + strings.Repeat(" ", most-len(text))
	if _, err := Parse([]byte(fits), ""); err != nil {
		t.Error(err)
	}
	if _, err := Parse([]byte(fits+" "), ""); first(err) != "policy.size 1:1" || !errors.Is(err, evidence.ErrLimit) {
		t.Error(err)
	}
}

// TestSchemaAgrees: the schema that editors use accepts what Parse accepts, and knows
// the same members at every place.
func TestSchemaAgrees(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("policy", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("policy")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		text  string
		valid bool
	}{
		{whole, true}, {"tests: true", true},
		{"{}", false}, {"other: true", false}, {"findings: {}", false}, {"tests: 1", false}, {"publisher: []", false},
		{"publisher: [{key: a, issuer: b}]", false}, {"publisher: [{issuer: a, trustedRoot: b}]", false},
		{"maxAge: {scan: 30}", false}, {"maxAge: {scan: 0d}", false}, {"checks: [a.b, a.b]", false}, {"rules: [{id: a}]", false},
		{"sbom: {}", false}, {"findings: {failOn: low, unsafeOnlyReached: unknown}", false},
	} {
		if err := s.Validate(fromYAML(t, tt.text)); (err == nil) != tt.valid {
			t.Errorf("%.100q: the schema says %v", tt.text, err)
		}
		if _, err := Parse([]byte(tt.text), ""); (err == nil) != tt.valid {
			t.Errorf("%.100q: Parse says %v", tt.text, err)
		}
	}
	var tree any
	if err := yaml.Unmarshal([]byte(whole), &tree); err != nil {
		t.Fatal(err)
	}
	// A member that nobody knows, added at each mapping of the whole policy in turn, is refused by both.
	places := 0
	walk(tree, func(m map[string]any) {
		if m["mirror.example/hailbytes"] != nil {
			return // any name is one
		}
		places++
		m["nobodyKnows"] = "x"
		text, err := yaml.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		delete(m, "nobodyKnows")
		if s.Validate(fromYAML(t, string(text))) == nil {
			t.Errorf("the schema accepts\n%s", text)
		}
		if _, err := Parse(text, ""); err == nil || !strings.Contains(err.Error(), "nobodyKnows") && !strings.Contains(err.Error(), "no licence category") && !strings.Contains(err.Error(), "unknown category") {
			t.Errorf("Parse: %v", err)
		}
	})
	if places < 15 {
		t.Errorf("%d places", places)
	}
	if got, want := names(tree), names(schemaMembers(doc)); !slices.Equal(got, want) {
		t.Errorf("the whole policy has members\n%v, the schema\n%v", got, want)
	}
}

func fromYAML(t testing.TB, text string) any {
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(stringKeys(v))
	if err != nil {
		t.Fatal(err)
	}
	out, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// stringKeys writes numbers and dates as the texts that they stand for in a policy.
func stringKeys(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			if f, ok := e.(float64); ok {
				e = fmt.Sprint(f)
			}
			if d, ok := e.(time.Time); ok {
				e = d.Format(time.DateOnly)
			}
			out[k] = stringKeys(e)
		}
		return out
	case []any:
		out := []any{}
		for _, e := range v {
			out = append(out, stringKeys(e))
		}
		return out
	}
	return v
}

func walk(v any, visit func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(v)
		for _, e := range v {
			walk(e, visit)
		}
	case []any:
		for _, e := range v {
			walk(e, visit)
		}
	}
}

// names lists the names of all members below v.
func names(v any) []string {
	var list []string
	walk(v, func(m map[string]any) {
		for k := range m {
			if k != "mirror.example/hailbytes" {
				list = append(list, k)
			}
		}
	})
	slices.Sort(list)
	return slices.Compact(list)
}

// schemaMembers turns a schema into a tree with its properties as members.
func schemaMembers(v any) any {
	out := map[string]any{}
	walk(v, func(m map[string]any) {
		if p, ok := m["properties"].(map[string]any); ok {
			for k := range p {
				out[k] = nil
			}
		}
	})
	return out
}

// sample is the pack of a sample release: real evidence.
var sample = sync.OnceValues(func() ([]byte, error) { return buildSample("asm-1.482") })

func buildSample(name string) ([]byte, error) {
	config, files, err := samples.Release(name)
	if err != nil {
		return nil, err
	}
	sources, err := trustpack.Sources(files)
	if err != nil {
		return nil, err
	}
	sources = slices.DeleteFunc(sources, func(s trustpack.Source) bool { return strings.HasSuffix(s.Path, ".png") }) // most of the work
	var zip bytes.Buffer
	_, err = trustpack.Build(context.Background(), &zip, *config, sources, nil)
	return zip.Bytes(), err
}

// pack packs files as demo@1.7.
func pack(t testing.TB, files map[string][]byte) []byte {
	t.Helper()
	var sources []trustpack.Source
	for name, data := range files {
		sources = append(sources, trustpack.Source{Path: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }})
	}
	var zip bytes.Buffer
	if _, err := trustpack.Build(t.Context(), &zip, manifest.Config{Product: "demo", Version: "1.7", Release: manifest.Release{Created: later}}, sources, nil); err != nil {
		t.Fatal(err)
	}
	return zip.Bytes()
}

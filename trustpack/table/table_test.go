// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack"
)

// sample verifies the pack of the sample release.
func sample(t *testing.T) (*trustpack.Pack, *trustpack.Report) {
	t.Helper()
	dir := filepath.Join("..", "..", "testdata", "evidence")
	text, err := os.ReadFile(filepath.Join(dir, "asm-1.482.json"))
	if err != nil {
		t.Fatal(err)
	}
	config, err := manifest.ParseConfig(text)
	if err != nil {
		t.Fatal(err)
	}
	var zip bytes.Buffer
	if _, err := trustpack.BuildFS(context.Background(), &zip, *config, os.DirFS(filepath.Join(dir, "asm-1.482")), nil); err != nil {
		t.Fatal(err)
	}
	pack, err := trustpack.Open(bytes.NewReader(zip.Bytes()), int64(zip.Len()), nil)
	if err != nil {
		t.Fatal(err)
	}
	report, err := trustpack.Verify(context.Background(), pack, trustpack.Policy{KeepRelease: true})
	if err != nil {
		t.Fatal(err)
	}
	return pack, report
}

// TestRowsLeadBack: each row names a file of the pack with its digest, and a place that is there.
func TestRowsLeadBack(t *testing.T) {
	pack, report := sample(t)
	rows := Of(report)
	tables := reflect.ValueOf(*rows)
	for i := range tables.NumField() {
		list, name := tables.Field(i), tables.Type().Field(i).Name
		if list.Len() == 0 && name != "Gaps" {
			t.Errorf("no row of %s", name)
		}
		for j := range list.Len() {
			row := list.Index(j)
			key, at := row.FieldByName("Key").Interface().(Key), row.FieldByName("At").Interface().(At)
			if key.PackID != pack.ContentDigest().Hex() || key.Product != "asm" || key.Version != "1.482" || key.VersionNumber != 482 {
				t.Fatalf("%s %d: key %+v", name, j, key)
			}
			if name != "Checks" {
				leadsBack(t, pack, name+" "+strconv.Itoa(j), at)
			}
		}
	}
}

func leadsBack(t *testing.T, pack *trustpack.Pack, row string, at At) {
	t.Helper()
	data, err := fs.ReadFile(pack, at.SourcePath)
	if err != nil {
		t.Errorf("%s: %v", row, err)
		return
	}
	if got := evidence.Sum256(data).Hex(); got != at.SourceSHA256 {
		t.Errorf("%s: %s has SHA-256 %s, the row says %s", row, at.SourcePath, got, at.SourceSHA256)
	}
	if line, ok := strings.CutPrefix(at.SourcePointer, "line "); ok {
		if n, err := strconv.Atoi(line); err != nil || n < 1 || n > bytes.Count(data, []byte("\n"))+1 {
			t.Errorf("%s: %s has no %s", row, at.SourcePath, at.SourcePointer)
		}
		return
	}
	if at.SourcePointer == "" {
		return
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Errorf("%s: %v", row, err)
		return
	}
	for _, token := range strings.Split(at.SourcePointer[1:], "/") {
		switch node := v.(type) {
		case map[string]any:
			v = node[strings.NewReplacer("~1", "/", "~0", "~").Replace(token)]
		case []any:
			if i, err := strconv.Atoi(token); err == nil && i < len(node) {
				v = node[i]
				continue
			}
			v = nil
		default:
			v = nil
		}
	}
	if v == nil {
		t.Errorf("%s: %s has nothing at %s", row, at.SourcePath, at.SourcePointer)
	}
}

// TestColumns: names are those that every engine takes, and the tables begin and end alike.
func TestColumns(t *testing.T) {
	name := regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	rows := reflect.TypeFor[Rows]()
	for i := range rows.NumField() {
		var list []string
		columns(rows.Field(i).Type.Elem(), func(f reflect.StructField, _ []int) { list = append(list, f.Tag.Get("json")) }, nil)
		for _, c := range list {
			if !name.MatchString(c) {
				t.Errorf("%s: column %q", rows.Field(i).Name, c)
			}
		}
		sorted := slices.Sorted(slices.Values(list))
		if len(slices.Compact(sorted)) != len(list) {
			t.Errorf("%s: a column stands twice in %q", rows.Field(i).Name, list)
		}
		if !slices.Equal(list[:4], Columns[Key]()) || !slices.Equal(list[len(list)-3:], Columns[At]()) {
			t.Errorf("%s: %q", rows.Field(i).Name, list)
		}
	}
}

func TestWriteCSV(t *testing.T) {
	rows := []Gap{{Kind: "=cmd()", Reason: "two\nlines", Image: "+1", Target: "a,b"}, {}}
	var b bytes.Buffer
	if err := WriteCSV(&b, rows); err != nil {
		t.Fatal(err)
	}
	got, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(got) != 3 || !slices.Equal(got[0], Columns[Gap]()) {
		t.Fatalf("%q, %v", got, err)
	}
	if want := []string{"'=cmd()", "'+1", "two lines", "a,b"}; !slices.Equal(got[1][4:8], want) {
		t.Errorf("got %q, want %q", got[1][4:8], want)
	}
}

func TestLookup(t *testing.T) {
	_, report := sample(t)
	var any *trustpack.Finding
	for f := range report.Release.Findings() {
		if f.Component != nil {
			any = f
			break
		}
	}
	if any == nil {
		t.Fatal("no finding is joined to a component")
	}
	for _, term := range []string{any.ID, strings.ToLower(any.ID), any.Component.PURL, any.Component.Name} {
		matches := Lookup(report, term)
		if len(matches) == 0 || !slices.ContainsFunc(matches, func(m Match) bool { return m.PURL == any.Component.PURL && len(m.Findings) > 0 && len(m.SBOMs) > 0 }) {
			t.Errorf("%s: %+v", term, matches)
		}
	}
	for _, term := range []string{"", any.ID + "0", "pkg:deb", any.Component.Name[:1]} {
		if matches := Lookup(report, term); len(matches) > 0 {
			t.Errorf("%q: %+v", term, matches[0])
		}
	}
}

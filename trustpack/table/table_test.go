// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/HailBytes/evidence/internal/test/packtest"
	"github.com/HailBytes/evidence/internal/test/samples"
	"github.com/HailBytes/evidence/trustpack"
)

// sample verifies the pack of the sample release.
func sample(t *testing.T) (*trustpack.Pack, *trustpack.Report) {
	t.Helper()
	config, files, err := samples.Release("asm-1.482")
	if err != nil {
		t.Fatal(err)
	}
	var zip bytes.Buffer
	if _, err := trustpack.BuildFS(context.Background(), &zip, *config, files, nil); err != nil {
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
			if err := packtest.LeadsBack(pack, at.SourcePath, at.SourceSHA256, at.SourcePointer); err != nil {
				t.Errorf("%s %d: %v", name, j, err)
			}
		}
	}
}

// TestColumns: names are those that every engine takes, and the tables begin and end alike.
func TestColumns(t *testing.T) {
	name := regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	rows := reflect.TypeFor[Rows]()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, documented, _ := strings.Cut(string(text), "# Columns")
	documented = strings.ReplaceAll(documented, " (list)", "")
	for i := range rows.NumField() {
		var list []string
		for _, f := range Fields(rows.Field(i).Type.Elem()) {
			list = append(list, f.Tag.Get("json"))
			if name, _, _ := strings.Cut(f.Tag.Get("parquet"), ","); name != f.Tag.Get("json") {
				t.Errorf("%s: column %q is %q in Parquet", rows.Field(i).Name, f.Tag.Get("json"), name)
			}
		}
		for _, c := range list {
			if !name.MatchString(c) {
				t.Errorf("%s: column %q", rows.Field(i).Name, c)
			}
		}
		sorted := slices.Sorted(slices.Values(list))
		if len(slices.Compact(sorted)) != len(list) {
			t.Errorf("%s: a column stands twice in %q", rows.Field(i).Name, list)
		}
		_, of, _ := strings.Cut(documented, "\n//\t"+rows.Field(i).Tag.Get("json")+" ")
		if words := strings.Fields(strings.ReplaceAll(of, "//", "")); len(words) < len(list)-7 || strings.Join(words[:len(list)-7], " ") != strings.Join(list[4:len(list)-3], ", ") {
			t.Errorf("%s: doc.go does not list the columns %s", rows.Field(i).Name, strings.Join(list[4:len(list)-3], ", "))
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

// TestHostileCells: whatever stands in a text column of any table, no cell of the CSV is a
// formula or ends its line, and its text is not lost.
func TestHostileCells(t *testing.T) {
	for _, hostile := range []string{"=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\t=1", "\r\n=1", " =1", "\ufeff=1", "＝1", "a\x00b", "\"=1", "a,=1", "\u202e=1", "\xff=1"} {
		hostileIn(t, hostile, Pack{}, Image{}, File{}, Package{}, Finding{}, Test{}, Accessibility{}, Attestation{}, Check{}, Control{}, Gap{})
	}
}

func hostileIn(t *testing.T, text string, rows ...any) {
	t.Helper()
	for _, row := range rows {
		v := reflect.New(reflect.TypeOf(row)).Elem()
		for _, f := range Fields(v.Type()) {
			switch cell := v.FieldByIndex(f.Index); cell.Interface().(type) {
			case string:
				cell.SetString(text)
			case []string:
				cell.Set(reflect.ValueOf([]string{text, text}))
			}
		}
		var b bytes.Buffer
		var err error
		switch row := v.Interface().(type) {
		case Pack:
			err = WriteCSV(&b, []Pack{row})
		case Image:
			err = WriteCSV(&b, []Image{row})
		case File:
			err = WriteCSV(&b, []File{row})
		case Package:
			err = WriteCSV(&b, []Package{row})
		case Finding:
			err = WriteCSV(&b, []Finding{row})
		case Test:
			err = WriteCSV(&b, []Test{row})
		case Accessibility:
			err = WriteCSV(&b, []Accessibility{row})
		case Attestation:
			err = WriteCSV(&b, []Attestation{row})
		case Check:
			err = WriteCSV(&b, []Check{row})
		case Control:
			err = WriteCSV(&b, []Control{row})
		case Gap:
			err = WriteCSV(&b, []Gap{row})
		}
		lines, readErr := csv.NewReader(&b).ReadAll()
		if err != nil || readErr != nil || len(lines) != 2 {
			t.Fatalf("%T with %q: %d lines, %v, %v", row, text, len(lines), err, readErr)
		}
		for i, cell := range lines[1] {
			if strings.IndexAny(strings.TrimLeft(cell, " \u00a0\u3000\ufeff"), "=+-@＝＋－＠−") == 0 {
				t.Errorf("%T, column %s: %q", row, lines[0][i], cell)
			}
			if strings.ContainsAny(cell, "\r\n\t\x00") {
				t.Errorf("%T, column %s: %q has a control character", row, lines[0][i], cell)
			}
		}
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

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/trustpack/audit"
)

// formula is how a cell begins that some spreadsheet program runs.
var formula = regexp.MustCompile(`^[\s\x{feff}]*[=+\-@＝＋－＠−]`)

// inert reports whether a cell shows its text and does nothing else.
func inert(s string) bool { return !formula.MatchString(s) && !controlOrTurn.MatchString(s) }

// TestCSV: every file is a table with one name for each column, all of whose cells are inert,
// and no text of the evidence is lost.
func TestCSV(t *testing.T) {
	for name, r := range all(t) {
		files, err := r.Files(audit.FormatCSV)
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]int{}
		for _, f := range files {
			rows, err := csv.NewReader(bytes.NewReader(f.Data)).ReadAll()
			if err != nil {
				t.Fatalf("%s: %s: %v", name, f.Name, err)
			}
			found[f.Name] = len(rows) - 1
			for _, row := range rows {
				for i, cell := range row {
					if !inert(cell) {
						t.Errorf("%s: %s: %s %q", name, f.Name, rows[0][i], cell)
					}
				}
			}
		}
		if len(files) != 13 || found["controls.csv"] != len(r.Controls()) || found["summary.csv"] < 10 {
			t.Errorf("%s: rows %v", name, found)
		}
		if name == "hostile" && (found["findings.csv"] != len(hostile) || found["packages.csv"] == 0 || found["tests.csv"] != len(hostile)) {
			t.Errorf("%s: rows %v, want %d findings and tests", name, found, len(hostile))
		}
	}
}

// TestWorkbook: another reader finds the same tables, all text as text, and no formula.
func TestWorkbook(t *testing.T) {
	for name, r := range all(t) {
		data := write(t, r, audit.FormatXLSX)
		f, err := excelize.OpenReader(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		defer f.Close()
		files, err := r.Files(audit.FormatCSV)
		if err != nil {
			t.Fatal(err)
		}
		var sheets []string
		for _, file := range files {
			sheets = append(sheets, strings.TrimSuffix(file.Name, ".csv"))
			want, _ := csv.NewReader(bytes.NewReader(file.Data)).ReadAll()
			got, err := f.GetRows(sheets[len(sheets)-1])
			if err != nil || len(got) != len(want) {
				t.Fatalf("%s: %s: %d rows, %v, want %d", name, file.Name, len(got), err, len(want))
			}
			for i, row := range got {
				for j, cell := range row {
					if !inert(cell) || cell != want[i][j] && !strings.HasSuffix(cell, "… (cut: the CSV has all of it)") {
						t.Errorf("%s: %s %d:%d: %.80q, want %.80q", name, file.Name, i, j, cell, want[i][j])
					}
				}
			}
		}
		if got := f.GetSheetList(); !slices.Equal(got, sheets) {
			t.Errorf("%s: sheets %q, want %q", name, got, sheets)
		}
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range z.File {
			content, err := z.Open(entry.Name)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if _, err := b.ReadFrom(content); err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(b.Bytes(), []byte("<f>")) || bytes.Contains(b.Bytes(), []byte("<f ")) || strings.Contains(entry.Name, "externalLink") {
				t.Errorf("%s: %s holds a formula or a link", name, entry.Name)
			}
		}
	}
}

// TestPDF: the text can be taken out again, in all scripts that the fonts have; a character
// that they do not have is written as its number.
func TestPDF(t *testing.T) {
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext is not installed")
	}
	for name, r := range all(t) {
		file := filepath.Join(t.TempDir(), "release.pdf")
		if err := os.WriteFile(file, write(t, r, audit.FormatPDF), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), tool, "-enc", "UTF-8", file, "-").Output()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text := string(out)
		want := []string{"Findings", "Licences", "Tests", "Accessibility", "Controls", "Checks that did not pass", "Files of the pack", "Verification: "}
		switch name {
		case "hostile":
			want = append(want, "日本語パッケージ", "Привет мир", "שלום", "한국어", "<U+1F389>", "<script>", "=cmd|", `two\nlines`)
		case "asm-1.482":
			want = append(want, "asm 1.482", "critical", "sha256:")
		}
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("%s: the text lacks %q", name, part)
			}
		}
	}
}

// TestUpload: names are flat and differ, sizes are below the bound, and mapping.csv lists each file.
func TestUpload(t *testing.T) {
	flat := regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,189}$`)
	for name, r := range all(t) {
		files, err := r.Files(audit.FormatUpload)
		if err != nil {
			t.Fatal(err)
		}
		digests := map[string]string{}
		for _, f := range files {
			if !flat.MatchString(f.Name) || len(f.Data) >= 25_000_000 || digests[strings.ToLower(f.Name)] != "" {
				t.Errorf("%s: %q of %d bytes", name, f.Name, len(f.Data))
			}
			digests[strings.ToLower(f.Name)] = evidence.Sum256(f.Data).Hex()
			if ext := filepath.Ext(f.Name); ext != ".pdf" && ext != ".xlsx" && f.Name != "mapping.csv" {
				t.Errorf("%s: %s is of no type that they take", name, f.Name)
			}
		}
		rows, err := csv.NewReader(bytes.NewReader(files[len(files)-1].Data)).ReadAll()
		if err != nil || len(rows) != len(files) || files[len(files)-1].Name != "mapping.csv" {
			t.Fatalf("%s: mapping.csv has %d rows for %d files, %v", name, len(rows), len(files), err)
		}
		for _, row := range rows[1:] {
			if digests[strings.ToLower(row[0])] != row[1] || row[7] == "" {
				t.Errorf("%s: %q", name, row)
			}
		}
	}
}

// TestWriteFolder: a folder is written whole, never over what is there, and leaves nothing else behind.
func TestWriteFolder(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "out")
	files := []audit.File{{Name: "a", Data: []byte("1")}, {Name: "b", Data: []byte("2")}}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := audit.WriteFolder(dir, files); err != nil {
		t.Fatal(err)
	}
	if err := audit.WriteFolder(dir, files); err == nil {
		t.Error("wrote over a folder that is not empty")
	}
	if err := audit.WriteFolder(filepath.Join(top, "bad"), []audit.File{{Name: "a"}, {Name: "no/such/folder"}}); err == nil {
		t.Error("wrote a file into a folder that is not there")
	}
	if err := audit.WriteFile(filepath.Join(top, "none", "x"), nil); err == nil {
		t.Error("wrote into a folder that is not there")
	}
	entries, err := os.ReadDir(top)
	if err != nil || len(entries) != 1 || entries[0].Name() != "out" {
		t.Errorf("%v, %v", entries, err)
	}
	for _, f := range files {
		if data, err := os.ReadFile(filepath.Join(dir, f.Name)); err != nil || !bytes.Equal(data, f.Data) {
			t.Errorf("%s: %q, %v", f.Name, data, err)
		}
	}
}

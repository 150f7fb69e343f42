// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"

	"github.com/HailBytes/evidence/internal/test/fleetgen"
	"github.com/HailBytes/evidence/trustpack/table"
	"github.com/HailBytes/evidence/trustpack/table/fleet"
)

func TestMain(m *testing.M) { ptest.MainWithDefault(m, "prism") }

// TestSameAsOneMachine: the pipeline writes what trustpack-table writes, with one shard to
// the byte; a pack that is there twice counts once, a broken one is named.
func TestSameAsOneMachine(t *testing.T) {
	packs := os.Getenv("EVIDENCE_FLEET_PACKS")
	if packs == "" {
		packs = t.TempDir()
		bases, err := fleetgen.Bases()
		if err != nil {
			t.Fatal(err)
		}
		if err := fleetgen.Write(packs, bases, 10, 1); err != nil {
			t.Fatal(err)
		}
	}
	names, err := fleet.Find([]string{packs})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	folder, err := fleet.Open(dir, &fleet.Options{Settings: "read"})
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	one := t.TempDir() // the packs, one of them twice, and a broken one
	for i, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		copies := map[string][]byte{filepath.Base(name): data}
		if i == 0 {
			copies["twin.zip"], copies["broken.zip"] = data, data[:len(data)/2]
		}
		for name, data := range copies {
			if err := os.WriteFile(filepath.Join(one, name), data, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := folder.Land(t.Context(), names); err != nil {
		t.Fatal(err)
	}
	counts, err := folder.Compact(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := lines(t, dir)
	for _, shards := range []int{1, 3} {
		t.Run(fmt.Sprint(shards), func(t *testing.T) {
			out := t.TempDir()
			broken, err := run(t.Context(), one+"/*.zip", out, shards)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(broken, "broken.zip") || strings.Count(broken, "\n") != 1 {
				t.Errorf("broken: %q", broken)
			}
			if got := lines(t, out); !slices.Equal(got, want) {
				t.Errorf("%d rows, want %d; the first that differ: %s", len(got), len(want), firstDifferent(got, want))
			}
			files, err := filepath.Glob(filepath.Join(dir, "tables", "*", "*", "*"))
			if err != nil || len(files) == 0 {
				t.Fatal(files, err)
			}
			for _, name := range files {
				rel, _ := filepath.Rel(dir, name)
				a, _ := os.ReadFile(name)
				b, err := os.ReadFile(filepath.Join(out, rel))
				if shards == 1 && (err != nil || !bytes.Equal(a, b)) {
					t.Errorf("%s has other bytes: %v", rel, err)
				}
			}
			left, _ := filepath.Glob(filepath.Join(out, "tables", "*", "*", ".*"))
			if len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
			if _, err := run(t.Context(), one+"/*.zip", out, shards); err == nil {
				t.Error("wrote over tables that were there")
			}
		})
	}
	t.Log(len(names), "packs:", counts)
}

func firstDifferent(got, want []string) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return got[i] + want[i]
		}
	}
	return "none"
}

// lines returns all rows in a folder as text, sorted.
func lines(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	for _, name := range fleet.Tables() {
		files, err := filepath.Glob(filepath.Join(dir, "tables", name, "*", "*.parquet"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no files: %v", name, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			rows := &table.Rows{}
			if err := fleet.Read(bytes.NewReader(data), int64(len(data)), fleet.Parquet, name, rows); err != nil {
				t.Fatal(err)
			}
			var text bytes.Buffer
			if err := fleet.Write(&text, fleet.JSONLines, name, rows); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(text.String()) {
				all = append(all, name+" "+line)
			}
		}
	}
	slices.Sort(all)
	return all
}

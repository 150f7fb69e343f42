// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	gosarif "github.com/owenrumney/go-sarif/v2/sarif"

	"github.com/HailBytes/evidence/internal/test/corpus"
	"github.com/HailBytes/evidence/sarif"
)

func texts(findings []*sarif.Finding) []string {
	var list []string
	for _, f := range findings {
		p := f.Package
		if p == nil {
			p = &sarif.Package{}
		}
		place := ""
		if len(f.Locations) > 0 {
			place = fmt.Sprint(f.Locations[0].URI, f.Locations[0].StartLine)
		}
		list = append(list, fmt.Sprint(f.Class, f.ID, f.Aliases, f.Severity, f.Level, f.Kind, f.Suppressed, f.Reachability, p.Name, p.Versions, p.Fixed, place, f.Message))
	}
	slices.Sort(list)
	return list
}

// TestThroughGoSARIF: every report of the collection that is read here goes into
// go-sarif's types, and findings made of those are the same.
func TestThroughGoSARIF(t *testing.T) {
	root := corpus.Dir(t)
	parsed, refused := 0, 0
	for _, name := range corpus.Files(t, root, func(p string) bool {
		return strings.HasSuffix(p, ".sarif") && (strings.HasPrefix(p, "real/") || strings.HasPrefix(p, "sarif/")) && !strings.Contains(p, "utf16")
	}) {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		log, err := sarif.ReadSARIF(bytes.NewReader(data), nil)
		if err != nil {
			continue
		}
		report, err := Parse(data, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		parsed++
		if _, err := gosarif.FromBytes(data); err != nil {
			refused++
		}
		back, err := Read(report, nil)
		if err != nil {
			t.Errorf("%s: back: %v", name, err)
			continue
		}
		if diff := cmp.Diff(texts(log.Findings()), texts(back.Findings()), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	t.Logf("%d parsed, of which go-sarif alone refuses %d", parsed, refused)
	if parsed < 200 || refused < 8 {
		t.Error("too few")
	}
}

func TestReport(t *testing.T) {
	root := corpus.Dir(t)
	f, err := os.Open(filepath.Join(root, "real/sat-1.205/scans/govulncheck.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	log, err := sarif.Read(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	findings := sarif.Merge(log)
	report, err := Report(findings, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(report.Runs[0].Results); n != len(findings) {
		t.Errorf("%d results of %d findings", n, len(findings))
	}
	back, err := Read(report, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(texts(findings), texts(back.Findings())); diff != "" {
		t.Error(diff)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{`{"version": "2.1.0", "runs": [], "runs": []}`, `{"version": "2.0.0", "runs": []}`, `{"hello": 1}`} {
		if r, err := Parse([]byte(text), nil); err == nil {
			t.Errorf("%s: got %+v", text, r)
		}
	}
}

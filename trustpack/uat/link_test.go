// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package uat

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence/internal/test/corpus"
)

func TestLink(t *testing.T) {
	rep := &Report{Suites: []*Suite{{Name: "s", Cases: []*Case{
		{Name: "beside", Attachments: []Attachment{{Path: "../shots/a/1.png"}}},
		{Name: "moved", Attachments: []Attachment{{Path: "/home/x/test-results/b/1.png"}, {Path: `C:\x\c\1.png`}}},
		{Name: "twice", Attachments: []Attachment{{Path: "/home/x/d/1.png"}}},
		{Name: "below", Attachments: []Attachment{{Path: "/home/x/shots/firefox/e/1.png", Relative: "firefox/e/1.png"}, {Path: "/home/x/e/1.png", Relative: "e/1.png"}}},
		{Name: "outside", Attachments: []Attachment{{Path: "../../../etc/passwd"}, {Path: "/etc/passwd"}, {Path: "plain.png"}}},
		{Name: "late", Attachments: []Attachment{{Path: "../shots/a/1.png"}}},
	}}}}
	files := []string{"uat/shots/a/1.png", "uat/screenshots/b/1.png", "uat/c/1.png", "one/d/1.png", "two/d/1.png", "uat/other.png", "plain.png", "uat/chromium/e/1.png", "uat/firefox/e/1.png"}
	got := map[string]string{}
	for file, a := range Link(files, []Source{{"uat/results/junit.xml", rep}}) {
		got[file] = a.Name
		if a.Class != "s" || a.Report != "uat/results/junit.xml" {
			t.Errorf("%s: %+v", file, a)
		}
	}
	want := map[string]string{"uat/shots/a/1.png": "beside", "uat/screenshots/b/1.png": "moved", "uat/c/1.png": "moved", "uat/firefox/e/1.png": "below"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestLinkReal: both reports of a run give the same test for the screenshots that
// Playwright took. The JUnit reporter leaves out those of the one skipped test.
func TestLinkReal(t *testing.T) {
	root := corpus.Dir(t, "real", "asm-1.482")
	files := corpus.Files(t, root, func(p string) bool { return strings.HasSuffix(p, ".png") })
	taken := 0
	for _, f := range files {
		if strings.HasPrefix(f, "uat/test-results/") {
			taken++
		}
	}
	links := map[string]map[string]Attached{}
	for name, missing := range map[string]int{"junit-playwright.xml": 1, "playwright.json": 0} {
		rep := readCorpus(t, filepath.ToSlash(filepath.Join("real/asm-1.482/uat/results", name)))
		links[name] = Link(files, []Source{{"uat/results/" + name, rep}})
		if len(links[name]) != taken-missing || taken < 8 {
			t.Errorf("%s: %d of %d screenshots belong to a test, want all but %d", name, len(links[name]), taken, missing)
		}
	}
	for file, a := range links["junit-playwright.xml"] {
		if b := links["playwright.json"][file]; a.TestID != b.TestID {
			t.Errorf("%s: %+v and %+v", file, a, b)
		}
	}
}

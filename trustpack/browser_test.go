// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/HailBytes/evidence/internal/test/browser"
	"github.com/HailBytes/evidence/manifest"
)

// samplePage writes the page of a sample release, with everything on it that a page can have.
func samplePage(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "testdata", "evidence", "asm-1.482.json"))
	if err != nil {
		t.Fatal(err)
	}
	config, err := manifest.ParseConfig(text)
	if err != nil {
		t.Fatal(err)
	}
	config.Complete(&manifest.Config{
		Artifacts: []manifest.Artifact{{Kind: manifest.ArtifactAMI, Name: "eu-central-1", ID: "ami-0123456789abcdef0"}},
		Images:    []manifest.Image{{Name: "unsigned", Reference: "ghcr.io/hailbytes/unsigned", Digest: mustDigest(t, webDigest)}},
	})
	_, built := build(t, *config, os.DirFS(filepath.Join("..", "testdata", "evidence", "asm-1.482")), nil)
	page, err := renderIndex(built.Manifest, built.Summary)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), IndexName)
	if err := os.WriteFile(name, page, 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestIndexInBrowser: no WCAG 2.1 AA violation in any way of looking at the
// page, nothing is fetched, and the page's own policy stops nothing that it needs.
func TestIndexInBrowser(t *testing.T) {
	b := browser.Start(t)
	name := samplePage(t)
	for view, v := range map[string]*browser.View{
		"light": nil, "dark": {Dark: true}, "narrow": {Width: 360, Height: 640}, "print": {Media: "print"},
	} {
		t.Run(view, func(t *testing.T) {
			page := b.Load(t, name, v)
			for _, rule := range page.Axe(t, browser.WCAG21AA...).Violations {
				t.Errorf("%v", rule)
			}
			if dir := os.Getenv("SCREENSHOTS"); dir != "" {
				file := filepath.Join(dir, "index-"+strings.ReplaceAll(view, " ", "-")+".png")
				if err := os.WriteFile(file, page.Screenshot(t), 0o644); err != nil {
					t.Error(err)
				}
			}
			asked := slices.DeleteFunc(page.Requests(), func(url string) bool { return strings.HasPrefix(url, "data:image/png;base64,") })
			if len(asked) != 1 {
				t.Errorf("the page asked for %q", asked[1:])
			}
			var broken, shown int
			page.Eval(t, "[...document.images].filter(i => !i.complete || i.naturalWidth == 0).length", &broken)
			page.Eval(t, "document.images.length", &shown)
			if broken != 0 || shown != 15 {
				t.Errorf("%d of %d images are broken, want 0 of 15", broken, shown)
			}
			if got := page.Console(); len(got) != 0 {
				t.Errorf("console: %q", got)
			}
			var wide bool
			page.Eval(t, "document.documentElement.scrollWidth > document.documentElement.clientWidth", &wide)
			if wide && view != "print" {
				t.Error("the page scrolls sideways")
			}
		})
	}
}

// TestIndexByKeyboard: the first stop is the skip link, and every button copies.
func TestIndexByKeyboard(t *testing.T) {
	page := browser.Start(t).Load(t, samplePage(t), nil)
	page.Press(t, "Tab")
	var first string
	page.Eval(t, "document.activeElement.textContent", &first)
	if first != "Skip to content" {
		t.Errorf("the first stop is %q", first)
	}
	var hidden, buttons int
	page.Eval(t, "document.querySelectorAll('button.copy').length", &buttons)
	page.Eval(t, "document.querySelectorAll('button.copy[hidden]').length", &hidden)
	if buttons < 4 || hidden != 0 {
		t.Errorf("%d of %d copy buttons are hidden", hidden, buttons)
	}
	page.Eval(t, "document.querySelector('button.copy').focus()", nil)
	page.Press(t, "Enter")
	var said string
	page.Eval(t, "new Promise(done => setTimeout(() => done(document.getElementById('status').textContent), 300))", &said)
	if !strings.HasPrefix(said, "Command copied") && !strings.HasPrefix(said, "Copying failed") {
		t.Errorf("after copying, the page says %q", said)
	}
}

// TestIndexWithoutScript: everything can be read, and no button is offered that would do nothing.
func TestIndexWithoutScript(t *testing.T) {
	page := browser.Start(t).Load(t, samplePage(t), &browser.View{NoScript: true})
	dom := page.DOM(t)
	if shown := strings.Count(dom, `class="copy"`); shown == 0 || strings.Count(dom, `hidden=""`) != shown {
		t.Errorf("%d buttons, %d of them hidden", shown, strings.Count(dom, `hidden=""`))
	}
	if !strings.Contains(dom, "cosign verify") {
		t.Error("no command on the page")
	}
}

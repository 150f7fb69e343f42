// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package page_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/HailBytes/evidence/internal/test/pagedata"
	"github.com/HailBytes/evidence/trustpack/page"
)

// need skips a test where a tool is missing; under CI=true that is a failure.
func need(t *testing.T, tools ...string) {
	t.Helper()
	miss := t.Skipf
	if os.Getenv("CI") == "true" {
		miss = t.Fatalf
	}
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			miss("%s is not installed", tool)
		}
	}
	if _, err := os.Stat("web/node_modules"); err != nil {
		miss("the modules of the page's tests are not installed: cd trustpack/page/web && npm ci --ignore-scripts")
	}
}

func node(t *testing.T, env []string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", args...)
	cmd.Dir = "web"
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("node %q: %v\n%s", args, err, out)
	}
}

// TestBundle: script and style are what their sources give, and the sources have the types that they say.
func TestBundle(t *testing.T) {
	need(t, "node")
	dir := t.TempDir()
	node(t, nil, "build.mjs", "--out", dir)
	for _, name := range []string{"app.js", "app.css"} {
		want, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what web/ gives: cd trustpack/page/web && npm run build", name)
		}
	}
	node(t, nil, "node_modules/typescript/bin/tsc", "--noEmit")
}

// TestBrowser runs web/test in Chromium, on the pages of made-up releases.
func TestBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	need(t, "node", "chromium")
	dir := t.TempDir()
	firstRelease := pagedata.Sample()
	firstRelease.Changes = nil
	for name, d := range map[string]*page.Data{
		"sample": pagedata.Sample(), "first": firstRelease, "large": pagedata.Large(), "hostile": pagedata.Hostile(), "empty": {Product: "demo", Version: "1.0"},
	} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name, "index.html"), render(t, d), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	chromium, _ := exec.LookPath("chromium")
	node(t, []string{"PAGES=" + dir, "CHROMIUM=" + chromium}, "--test", "test/page.test.mjs", "test/axe.test.mjs")
}

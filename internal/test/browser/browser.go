// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package browser looks at a page as a person would, in headless Chromium: it
// renders, reads the live document, and runs axe-core. It is for tests.
//
//	page := browser.Start(t).Load(t, "index.html", nil)
//	if result := page.Axe(t, browser.WCAG21AA...); len(result.Violations) > 0 { ... }
//
// Chromium is $CHROMIUM, or chromium, chromium-browser or google-chrome of
// PATH. axe-core is installed by "npm ci" in .ci/web. Without them a test
// is skipped and says so, but under CI=true it fails: there a page must be looked at.
package browser

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Browser is a running Chromium without a window, a profile or a network. It ends with the test.
type Browser struct {
	conn *conn
}

// patience bounds each answer of the browser; a page of 10 MB takes a second.
const patience = 60 * time.Second

// Start starts Chromium, or skips the test.
func Start(t testing.TB) *Browser {
	t.Helper()
	binary := find(t)
	profile, err := os.MkdirTemp("", "browser")
	if err != nil {
		t.Fatal(err)
	}
	// Over a pipe no other process can reach the debugger: Chromium reads descriptor 3 and writes 4.
	theirIn, ourOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ourIn, theirOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	cmd := exec.Command(binary,
		"--remote-debugging-pipe", "--user-data-dir="+profile,
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
		"--host-resolver-rules=MAP * ~NOTFOUND", // a page that asks for something gets nothing
		"--hide-scrollbars", "about:blank")
	cmd.ExtraFiles, cmd.Stderr, cmd.WaitDelay = []*os.File{theirIn, theirOut}, &stderr, 5*time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirIn.Close()
	theirOut.Close()
	b := &Browser{conn: newConn(ourIn, ourOut)}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := b.conn.call(ctx, "", "Browser.close", nil, nil); err != nil {
			cmd.Process.Kill()
		}
		ourOut.Close()
		cmd.Wait()
		ourIn.Close()
		for range 50 { // helper processes may still write their last files
			if os.RemoveAll(profile) == nil {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		if t.Failed() && testing.Verbose() {
			t.Logf("%s: %s", binary, stderr.String())
		}
	})
	return b
}

func find(t testing.TB) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Chromium is driven over inherited descriptors, which Windows does not have")
	}
	names := []string{"chromium", "chromium-browser", "google-chrome"}
	if name := os.Getenv("CHROMIUM"); name != "" {
		names = []string{name}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	missing(t, "no Chromium: none of "+strings.Join(names, ", ")+" found; set CHROMIUM to look at pages")
	return ""
}

// missing skips the test, and fails it where skipping would hide that nothing was looked at.
func missing(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// axeSource returns axe-core.
func axeSource(t testing.TB) string {
	t.Helper()
	_, file, _, _ := runtime.Caller(0)
	path := filepath.Join(filepath.Dir(file), "..", "..", "..", ".ci", "web", "node_modules", "axe-core", "axe.min.js")
	source, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		missing(t, "no axe-core: run npm ci in .ci/web")
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// View is how a page is looked at. Nil and the zero value are a desktop window, light.
type View struct {
	Width, Height int    // CSS pixels; 0 is 1280 by 800
	Dark          bool   // the reader prefers a dark scheme
	Media         string // "screen", "print"; empty is "screen"
	NoScript      bool   // scripts are switched off
}

// Page is a loaded page. Its methods end the test on an error of the browser.
type Page struct {
	conn    *conn
	session string

	mu       sync.Mutex
	loaded   chan struct{}
	console  []string
	requests []string
}

// Load opens an HTML file and waits until it is loaded. The rules of file: URLs
// apply, and the page's own content security policy is in force.
func (b *Browser) Load(t testing.TB, path string, v *View) *Page {
	t.Helper()
	abs, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	if v == nil {
		v = &View{}
	}
	var target struct{ TargetID string }
	b.call(t, "", "Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call(t, "", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	p := &Page{conn: b.conn, session: attached.SessionID, loaded: make(chan struct{})}
	b.conn.handle(p.session, p.event)
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		p.call(t, domain+".enable", nil, nil)
	}
	p.look(t, v)
	var navigated struct{ ErrorText string }
	p.call(t, "Page.navigate", map[string]any{"url": (&url.URL{Scheme: "file", Path: filepath.ToSlash(abs)}).String()}, &navigated)
	if navigated.ErrorText != "" {
		t.Fatalf("%s: %s", path, navigated.ErrorText)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	select {
	case <-p.loaded:
	case <-ctx.Done():
		t.Fatalf("%s: not loaded: %v", path, ctx.Err())
	}
	return p
}

func (p *Page) look(t testing.TB, v *View) {
	t.Helper()
	width, height, media, scheme := v.Width, v.Height, v.Media, "light"
	if width == 0 || height == 0 {
		width, height = 1280, 800
	}
	if media == "" {
		media = "screen"
	}
	if v.Dark {
		scheme = "dark"
	}
	p.call(t, "Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}, nil)
	p.call(t, "Emulation.setEmulatedMedia", map[string]any{"media": media,
		"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
	p.call(t, "Emulation.setScriptExecutionDisabled", map[string]any{"value": v.NoScript}, nil)
}

// event keeps what the page did while nobody asked.
func (p *Page) event(method string, params json.RawMessage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch method {
	case "Page.loadEventFired":
		select {
		case <-p.loaded:
		default:
			close(p.loaded)
		}
	case "Network.requestWillBeSent":
		var e struct{ Request struct{ URL string } }
		if json.Unmarshal(params, &e) == nil {
			p.requests = append(p.requests, e.Request.URL)
		}
	case "Log.entryAdded": // what the browser says, violations of the content security policy among it
		var e struct{ Entry struct{ Level, Text string } }
		if json.Unmarshal(params, &e) == nil {
			p.console = append(p.console, e.Entry.Level+": "+e.Entry.Text)
		}
	case "Runtime.consoleAPICalled": // what a script says
		var e struct {
			Type string
			Args []struct{ Value any }
		}
		if json.Unmarshal(params, &e) == nil {
			var words []string
			for _, arg := range e.Args {
				words = append(words, fmt.Sprint(arg.Value))
			}
			p.console = append(p.console, e.Type+": "+strings.Join(words, " "))
		}
	case "Runtime.exceptionThrown":
		var e struct{ ExceptionDetails exception }
		if json.Unmarshal(params, &e) == nil {
			p.console = append(p.console, "exception: "+e.ExceptionDetails.String())
		}
	}
}

type exception struct {
	Text      string
	Exception struct{ Description string }
}

func (e exception) String() string { return strings.TrimSpace(e.Text + " " + e.Exception.Description) }

// Console returns what stands in the console so far, as "level: text": messages,
// exceptions, and what the content security policy stopped.
func (p *Page) Console() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.console...)
}

// Requests returns every URL that the page asked for so far, its own first, as
// written; data: and blob: URLs among them.
func (p *Page) Requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.requests...)
}

// Eval evaluates a JavaScript expression in the page, waits if it is a promise, and
// decodes the value, as JSON, into out (nil drops it). It is not bound by the page's policy.
func (p *Page) Eval(t testing.TB, expression string, out any) {
	t.Helper()
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *exception
	}
	p.call(t, "Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true}, &answer)
	if answer.ExceptionDetails != nil {
		t.Fatalf("evaluating %.80q: %s", expression, answer.ExceptionDetails)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(answer.Result.Value, out); err != nil {
		t.Fatalf("evaluating %.80q: %v", expression, err)
	}
}

// DOM returns the document as it stands now, after its scripts, as HTML.
func (p *Page) DOM(t testing.TB) string {
	t.Helper()
	var html string
	p.Eval(t, "document.documentElement.outerHTML", &html)
	return html
}

// Screenshot returns the whole page, not only the window, as PNG.
func (p *Page) Screenshot(t testing.TB) []byte {
	t.Helper()
	var shot struct{ Data []byte }
	p.call(t, "Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": true}, &shot)
	return shot.Data
}

// Press presses and releases a key, named as in KeyboardEvent.key: "Tab", "Enter", "ArrowDown", "a".
func (p *Page) Press(t testing.TB, key string) {
	t.Helper()
	event := map[string]any{"key": key, "code": key, "windowsVirtualKeyCode": keyCodes[key]}
	if key == "Enter" {
		event["text"] = "\r"
	}
	if len(key) == 1 {
		event["text"] = key
	}
	for _, kind := range []string{"keyDown", "keyUp"} {
		event["type"] = kind
		p.call(t, "Input.dispatchKeyEvent", event, nil)
	}
}

var keyCodes = map[string]int{"Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}

func (p *Page) call(t testing.TB, method string, params, result any) {
	t.Helper()
	call(t, p.conn, p.session, method, params, result)
}

func (b *Browser) call(t testing.TB, session, method string, params, result any) {
	t.Helper()
	call(t, b.conn, session, method, params, result)
}

func call(t testing.TB, c *conn, session, method string, params, result any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := c.call(ctx, session, method, params, result); err != nil {
		t.Fatal(err)
	}
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package browser_test

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/HailBytes/evidence/internal/test/browser"
)

// page is strict: only the script with this hash may run. It asks for a picture
// that the policy forbids.
const page = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Page</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-phKlmRc349MXTbHYWhMVhQzJ3QtTOk5lPtffIVA1YZg='">
<style>body { background: #fff; color: #000; margin: 0 } @media (prefers-color-scheme: dark) { body { background: #000; color: #fff } }
main { height: 3000px }</style></head>
<body><main><h1>Title</h1><p id="p">before</p><button id="b">Press</button>PLACE</main>
<script>document.getElementById("p").textContent = "after"</script>
<script>document.getElementById("p").textContent = "forbidden"</script>
</body></html>
`

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a page.html")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPage(t *testing.T) {
	b := browser.Start(t)
	p := b.Load(t, write(t, strings.Replace(page, "PLACE", `<img alt="x" src="https://example.com/x.png">`, 1)), nil)
	if dom := p.DOM(t); !strings.Contains(dom, `<p id="p">after</p>`) {
		t.Errorf("the page's script did not run, or the forbidden one did: %s", dom)
	}
	said := strings.Join(p.Console(), "\n")
	if !strings.Contains(said, "script-src") || !strings.Contains(said, "img-src") && !strings.Contains(said, "default-src") {
		t.Errorf("the console does not tell of what the policy stopped: %q", said)
	}
	if r := p.Requests(); len(r) == 0 || !strings.HasPrefix(r[0], "file:///") {
		t.Errorf("requests %q, want the page first", r)
	}
	shot, err := png.Decode(bytes.NewReader(p.Screenshot(t)))
	if err != nil {
		t.Fatal(err)
	}
	if size := shot.Bounds().Size(); size.X != 1280 || size.Y < 3000 {
		t.Errorf("screenshot is %v, want the whole page", size)
	}
	p.Press(t, "Tab")
	var focused string
	p.Eval(t, "Promise.resolve(document.activeElement.id)", &focused)
	if focused != "b" {
		t.Errorf("Tab focuses %q, want the button", focused)
	}
}

func TestView(t *testing.T) {
	b := browser.Start(t)
	path := write(t, strings.Replace(page, "PLACE", "", 1))
	background := func(v *browser.View) (color string) {
		b.Load(t, path, v).Eval(t, "getComputedStyle(document.body).backgroundColor + ' ' + innerWidth", &color)
		return color
	}
	if got := background(nil); got != "rgb(255, 255, 255) 1280" {
		t.Errorf("light: %s", got)
	}
	if got := background(&browser.View{Dark: true, Width: 400, Height: 300}); got != "rgb(0, 0, 0) 400" {
		t.Errorf("dark and narrow: %s", got)
	}
	var text string
	b.Load(t, path, &browser.View{NoScript: true}).Eval(t, "document.getElementById('p').textContent", &text)
	if text != "before" {
		t.Errorf("with scripts switched off: %s", text)
	}
	var print bool
	b.Load(t, path, &browser.View{Media: "print"}).Eval(t, "matchMedia('print').matches", &print)
	if !print {
		t.Error("print media not in force")
	}
}

func TestAxe(t *testing.T) {
	b := browser.Start(t)
	good := b.Load(t, write(t, strings.Replace(page, "PLACE", `<a href="x">more</a>`, 1)), nil).Axe(t, browser.WCAG21AA...)
	if len(good.Violations) > 0 || good.Passes == 0 || good.Version == "" {
		t.Errorf("good page: %+v", good)
	}
	bad := b.Load(t, write(t, strings.Replace(page, "PLACE", `<p style="color:#ccc">pale</p><input>`, 1)), nil).Axe(t, browser.WCAG21AA...)
	var ids []string
	for _, v := range bad.Violations {
		ids = append(ids, v.ID)
		if len(v.Nodes) != 1 || v.Nodes[0].Target == "" || v.Impact == "" {
			t.Errorf("%s: %+v", v, v)
		}
	}
	if !slices.Equal(ids, []string{"color-contrast", "label"}) {
		t.Errorf("bad page: %q", ids)
	}
}

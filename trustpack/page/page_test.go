// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package page_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/pagedata"
	"github.com/HailBytes/evidence/trustpack/page"
)

func render(t testing.TB, d *page.Data) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := page.Render(&out, d); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestRoundTrip: the data of a page are those that it was made of, packed or not, and the same data give the same bytes.
func TestRoundTrip(t *testing.T) {
	for name, d := range map[string]*page.Data{
		"empty": {Product: "demo", Version: "1.0"}, "sample": pagedata.Sample(), "large": pagedata.Large(), "hostile": pagedata.Hostile(),
	} {
		t.Run(name, func(t *testing.T) {
			text := render(t, d)
			if again := render(t, d); !bytes.Equal(text, again) {
				t.Error("the same data give other bytes")
			}
			got, err := page.Read(text)
			if err != nil {
				t.Fatal(err)
			}
			want := *d
			if want.Rules == 0 {
				want.Rules = page.Rules
			}
			if name == "hostile" {
				return // what JSON cannot hold, such as a broken character, is replaced
			}
			if !reflect.DeepEqual(got, &want) {
				t.Error("the page gives other data than it was made of")
			}
		})
	}
}

// TestSize: the pages stay small enough to send around.
func TestSize(t *testing.T) {
	if n := len(render(t, pagedata.Large())); n > 3_000_000 {
		t.Errorf("the page of 20,000 packages and 5,000 findings has %d bytes, want at most 3,000,000", n)
	}
	if n := len(render(t, &page.Data{Product: "demo", Version: "1.0"})); n > 200_000 {
		t.Errorf("the page of an empty release has %d bytes: script and style, want at most 200,000", n)
	}
}

// TestReadRefuses: nothing can stand in the block of data that is not compared.
func TestReadRefuses(t *testing.T) {
	d := &page.Data{Product: "demo", Version: "1.0"}
	text := string(render(t, d))
	const open = `<script type="application/json" id="data">`
	for _, tt := range []struct {
		name, old, new string
		class          error
	}{
		{"as it is", "", "", nil},
		{"no block", ` id="data"`, ` id="other"`, page.ErrNoData},
		{"an unknown member", `"product":"demo"`, `"product":"demo","extra":1`, evidence.ErrFormat},
		{"a member twice", `"product":"demo"`, `"product":"other","product":"demo"`, evidence.ErrFormat},
		{"a member in capitals", `"product":"demo"`, `"product":"demo","PRODUCT":"demo"`, evidence.ErrFormat},
		{"another order", `"product":"demo","version":"1.0"`, `"version":"1.0","product":"demo"`, evidence.ErrFormat},
		{"white space", `"product":"demo"`, `"product": "demo"`, evidence.ErrFormat},
		{"text after it", `"version":"1.0"}`, `"version":"1.0"} {}`, evidence.ErrFormat},
		{"another type", `"version":"1.0"`, `"version":1`, evidence.ErrFormat},
		{"no end", "</script>", "", evidence.ErrFormat},
		{"two blocks", open, open + "{}</script>" + open, evidence.ErrFormat},
		{"attributes", open, `<script type="application/json" id="data" data-encoding="gzip">`, evidence.ErrFormat},
		{"packed, but not base64", open, `<script type="application/json" id="data" data-encoding="deflate-base64">`, evidence.ErrFormat},
	} {
		t.Run(tt.name, func(t *testing.T) {
			edited := text
			if tt.old != "" {
				edited = strings.ReplaceAll(text, tt.old, tt.new)
				if edited == text {
					t.Fatal("the edit changes nothing")
				}
			}
			_, err := page.Read([]byte(edited))
			if !errors.Is(err, tt.class) {
				t.Errorf("got %v, want %v", err, tt.class)
			}
		})
	}
}

// TestReadRules: data of other rules are read as far as they are known.
func TestReadRules(t *testing.T) {
	text := bytes.Replace(render(t, &page.Data{Product: "demo", Version: "1.0"}), []byte(fmt.Sprintf(`{"rules":%d,`, page.Rules)), []byte(`{"rules":99,"new":[],`), 1)
	d, err := page.Read(text)
	if err != nil || d.Rules != 99 {
		t.Errorf("got %+v, %v, want rules 99", d, err)
	}
}

// TestPolicy: what runs and what styles is allowed by its hash, nothing else is there, and nothing is fetched.
func TestPolicy(t *testing.T) {
	for name, d := range map[string]*page.Data{"sample": pagedata.Sample(), "hostile": pagedata.Hostile()} {
		t.Run(name, func(t *testing.T) {
			doc, err := html.ParseWithOptions(bytes.NewReader(render(t, d)), html.ParseOptionEnableScripting(false))
			if err != nil {
				t.Fatal(err)
			}
			scripts, styles, policy := 0, 0, ""
			for n := range doc.Descendants() {
				if n.Type != html.ElementNode {
					continue
				}
				if n.Data == "style" || n.Data == "script" && attr(n, "type") == "" {
					sum := sha256.Sum256([]byte(n.FirstChild.Data))
					if !strings.Contains(policy, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
						t.Errorf("no hash in %q for %.40q", policy, n.FirstChild.Data)
					}
				}
				switch n.Data {
				case "meta":
					if attr(n, "http-equiv") == "Content-Security-Policy" {
						policy = attr(n, "content")
					}
				case "script":
					if scripts++; attr(n, "src") != "" {
						t.Errorf("a script from %q", attr(n, "src"))
					}
				case "style":
					styles++
				case "link", "iframe", "object", "embed", "form", "base", "img", "image", "use":
					t.Errorf("an element <%s>", n.Data)
				case "a":
					if to := attr(n, "href"); !strings.HasPrefix(to, "#") && !strings.HasPrefix(to, "./") {
						t.Errorf("a link to %q", to)
					}
				}
				for _, a := range n.Attr {
					if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
						t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
					}
				}
			}
			if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "'self'") {
				t.Errorf("policy %q", policy)
			}
			if scripts != 2 || styles != 1 {
				t.Errorf("%d scripts and %d styles, want 2 and 1", scripts, styles)
			}
		})
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/net/html"

	"github.com/HailBytes/evidence/manifest"
)

// walk calls f for every element of a page.
func walk(n *html.Node, f func(*html.Node)) {
	if n.Type == html.ElementNode {
		f(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, f)
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

// TestIndexPolicy: everything that runs or styles is allowed by its hash, and nothing else is there.
func TestIndexPolicy(t *testing.T) {
	_, built := build(t, smallRelease, smallEvidence(), nil)
	page, err := renderIndex(built.Manifest, built.Summary)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var policy string
	var inline []string
	walk(doc, func(n *html.Node) {
		switch n.Data {
		case "meta":
			if attr(n, "http-equiv") == "Content-Security-Policy" {
				policy = attr(n, "content")
			}
		case "script", "style":
			if attr(n, "src") != "" {
				t.Errorf("%s from outside", n.Data)
			}
			if attr(n, "type") != "application/json" {
				inline = append(inline, n.FirstChild.Data)
			}
		case "link", "iframe", "object", "embed", "base", "form", "img":
			t.Errorf("the page has a <%s>", n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
				t.Errorf("<%s> has the attribute %s", n.Data, a.Key)
			}
		}
	})
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "'self'") {
		t.Errorf("policy %q", policy)
	}
	for _, text := range inline {
		if !strings.Contains(policy, "'"+cspHash(text)+"'") {
			t.Errorf("no hash in %q for %.40q", policy, text)
		}
	}
	if len(inline) != 2 {
		t.Errorf("%d inline scripts and styles, want 2", len(inline))
	}
}

// TestIndexData: the block for programs is the manifest without the page's entry.
func TestIndexData(t *testing.T) {
	_, built := build(t, smallRelease, smallEvidence(), nil)
	page, err := renderIndex(built.Manifest, built.Summary)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	walk(doc, func(n *html.Node) {
		if attr(n, "id") == "release-data" {
			if err := json.Unmarshal([]byte(n.FirstChild.Data), &got); err != nil {
				t.Error(err)
			}
		}
	})
	if got["product"] != "demo" || got["version"] != "1.7" || len(got["files"].([]any)) != len(built.Manifest.Files)-1 {
		t.Errorf("got %v", got)
	}
}

// onePixel is the smallest screenshot.
func onePixel(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestIndexHostile: nothing in a manifest becomes markup, script or an active link.
func TestIndexHostile(t *testing.T) {
	const attack = `</script><script>alert(1)</script><img src=x onerror=alert(1)>"'&` + "`"
	fsys := fstest.MapFS{
		"a&amp;'b.json":          {Data: []byte("{}")},
		"uat/<b>x</b>.txt":       {Data: []byte("x")},
		"javascript/alert(1).md": {Data: []byte("x")},
		"report.html":            {Data: []byte("<script>alert(1)</script>")},
		"picture.svg":            {Data: []byte("<svg onload='alert(1)'/>")},
		"junit.xml":              {Data: []byte(`<testsuite name="` + html.EscapeString(attack) + `"><testcase classname="c" name="` + html.EscapeString(attack) + `"><failure message="` + html.EscapeString(attack) + `"/></testcase></testsuite>`)},
		"UPPER.HTM":              {Data: []byte("x")},
		"shot.png":               {Data: onePixel(t)},
		"100%25.txt":             {Data: []byte("x")},
	}
	delete(fsys, "uat/<b>x</b>.txt") // the name rules refuse it
	rel := smallRelease
	rel.Gaps = []manifest.Gap{{Kind: manifest.KindPenetrationTest, Reason: attack}}
	rel.Artifacts = []manifest.Artifact{{Kind: manifest.ArtifactOther, Name: attack, ID: attack}}
	rel.Release.Created = rel.Release.Created.AddDate(2000, 0, 0)
	_, built := build(t, rel, fsys, nil)
	page, err := renderIndex(built.Manifest, built.Summary)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	scripts := 0
	linked := map[string]string{}
	walk(doc, func(n *html.Node) {
		switch n.Data {
		case "script":
			scripts++
		case "img":
			if !strings.HasPrefix(attr(n, "src"), "data:image/png;base64,") {
				t.Errorf("an image from %q", attr(n, "src"))
			}
		case "b", "svg":
			t.Errorf("<%s> came in", n.Data)
		case "a":
			if href := attr(n, "href"); !strings.HasPrefix(href, "#") {
				linked[n.FirstChild.Data] = href
			}
		}
	})
	if scripts != 3 {
		t.Errorf("%d scripts, want 3", scripts)
	}
	if built.Summary.Tests == nil || len(built.Summary.Tests.Unwell) != 1 || built.Summary.Tests.Unwell[0].Name != attack {
		t.Errorf("the attack did not reach the page: %+v", built.Summary.Tests)
	}
	for name, want := range map[string]string{
		"a&amp;'b.json":              "./a&amp;%27b.json",
		"javascript/alert%281%29.md": "",
		"report.html":                "", "picture.svg": "", "junit.xml": "", "UPPER.HTM": "",
		"100%25.txt": "./100%2525.txt",
	} {
		if linked[name] != want {
			t.Errorf("%s links to %q, want %q", name, linked[name], want)
		}
	}
	if got := linked["javascript/alert(1).md"]; !strings.HasPrefix(got, "./javascript/") {
		t.Errorf("a folder called javascript links to %q", got)
	}
}

func TestFormatSize(t *testing.T) {
	for n, want := range map[int64]string{-1: "unknown", 0: "0 bytes", 1: "1 byte", 999: "999 bytes", 1000: "1.0 kB", 999_949: "999.9 kB", 999_950: "1.0 MB", 31_000_000: "31.0 MB", 1 << 40: "1.1 TB"} {
		if got := formatSize(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

// TestCommands: a shell reads back exactly the words that were meant.
func TestCommands(t *testing.T) {
	img := manifest.Image{
		Name: "web", Reference: "ghcr.io:443/x/web:1.7", Digest: mustDigest(t, webDigest),
		Signing: manifest.Signing{
			Status:                manifest.Signed,
			CertificateIdentity:   "https://github.com/HailBytes/a b'$(id)/.github/workflows/build.yml@refs/tags/v1.7",
			CertificateOIDCIssuer: "https://token.actions.githubusercontent.com",
		},
	}
	m := &manifest.Manifest{Product: "demo", Version: "1.7", Images: []manifest.Image{img}}
	exact := "https://github.com/HailBytes/a b'$(id)/.github/workflows/build.yml@refs/tags/v1.7"
	want := [][]string{
		{"verify", "--certificate-identity-regexp", documentedIdentity, "--certificate-oidc-issuer", githubIssuer, "ghcr.io:443/x/web@" + webDigest},
		{"verify", "--certificate-identity", exact, "--certificate-oidc-issuer", githubIssuer, "ghcr.io:443/x/web@" + webDigest},
		{"verify", "--certificate-identity-regexp", "^" + regexp.QuoteMeta(exact) + "$", "--certificate-oidc-issuer", githubIssuer, "ghcr.io:443/x/web@" + webDigest},
	}
	commands := VerifyCommands(m, &img)
	if len(commands) != len(want) {
		t.Fatalf("%d commands, want %d", len(commands), len(want))
	}
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh to read the commands back")
	}
	for i, c := range commands {
		out, err := exec.Command(sh, "-c", `cosign() { printf '%s\n' "$@"; }; `+c.Line).Output()
		if err != nil || string(out) != strings.Join(want[i], "\n")+"\n" {
			t.Errorf("%s\ngave %q, %v\nwant %q", c.Line, out, err, want[i])
		}
	}
	// The anchored pattern takes the tag, and neither a pull request nor a longer URL.
	re := regexp.MustCompile(want[2][2])
	for identity, match := range map[string]bool{
		exact: true, exact + "0": false, "https://evil.example/?" + exact: false,
		strings.Replace(exact, "refs/tags/v1.7", "refs/pull/9/merge", 1): false,
		strings.Replace(exact, "build.yml", "buildXyml", 1):              false,
	} {
		if re.MatchString(identity) != match {
			t.Errorf("%s: matches %v", identity, !match)
		}
	}
	img.Signing = manifest.Signing{Status: manifest.Unsigned}
	if got := VerifyCommands(m, &img); got != nil {
		t.Errorf("commands for an unsigned image: %v", got)
	}
}

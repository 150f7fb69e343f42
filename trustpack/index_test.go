// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"io/fs"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/net/html"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack/page"
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

// pageOf returns the page in a pack, and the data that stand in it.
func pageOf(t *testing.T, zip []byte) ([]byte, *page.Data) {
	t.Helper()
	text, err := fs.ReadFile(open(t, zip), IndexName)
	if err != nil {
		t.Fatal(err)
	}
	d, err := page.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	return text, d
}

// TestIndexData: the page holds what the evidence says, each fact with its place.
func TestIndexData(t *testing.T) {
	zip, built := sample(t, "asm-1.482")
	_, d := pageOf(t, zip)
	if d.Product != "asm" || d.Version != "1.482" || len(d.Files) != len(built.Manifest.Files)-1 || len(d.Images) != 1 || len(d.Attestations) == 0 {
		t.Errorf("%s %s, %d files, %d images, %d attestations", d.Product, d.Version, len(d.Files), len(d.Images), len(d.Attestations))
	}
	sum := built.Summary
	if len(d.Packages) < sum.SBOMs[0].Components || len(d.Tests) != sum.Tests.Counts.Tests || len(d.Pictures) != len(sum.Screenshots) || len(d.Pages) != len(sum.Accessibility.Pages) {
		t.Errorf("%d packages, %d tests, %d pictures, %d pages", len(d.Packages), len(d.Tests), len(d.Pictures), len(d.Pages))
	}
	severities, joined := map[string]int{}, 0
	for _, f := range d.Findings {
		severities[f.Severity]++
		if len(f.Sources) == 0 {
			t.Errorf("%s stands nowhere", f.ID)
		}
		if f.Component != nil {
			joined++
			if p := d.Packages[*f.Component]; p.Image != f.Image || len(p.Sources) == 0 {
				t.Errorf("%s is about %+v", f.ID, p)
			}
		}
	}
	if f := sum.Findings[0]; severities["critical"] != f.Critical || severities["high"] != f.High || severities["medium"] != f.Medium || joined == 0 {
		t.Errorf("findings %v, %d joined, want %+v", severities, joined, f)
	}
	if d.Findings[0].Severity != "critical" || d.Tests[0].Outcome == "passed" {
		t.Errorf("first are %s and %s, want the worst", d.Findings[0].Severity, d.Tests[0].Outcome)
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
	zip, built := build(t, rel, fsys, nil)
	text, _ := pageOf(t, zip)
	doc, err := html.ParseWithOptions(bytes.NewReader(text), html.ParseOptionEnableScripting(false))
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
			t.Errorf("<%s> came in", n.Data)
		case "a":
			if href := attr(n, "href"); !strings.HasPrefix(href, "#") {
				linked[n.FirstChild.Data] = href
			}
		}
	})
	if scripts != 2 {
		t.Errorf("%d scripts, want 2", scripts)
	}
	if built.Summary.Tests == nil || len(built.Summary.Tests.NotPassed) != 1 || built.Summary.Tests.NotPassed[0].Name != attack {
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
		{"verify", "--certificate-identity", exact, "--certificate-oidc-issuer", githubIssuer, "ghcr.io:443/x/web@" + webDigest},
		{"verify", "--certificate-identity-regexp", "^" + regexp.QuoteMeta(exact) + "$", "--certificate-oidc-issuer", githubIssuer, "ghcr.io:443/x/web@" + webDigest},
		{"verify", "--certificate-identity-regexp", documentedIdentity, "--certificate-oidc-issuer", githubIssuer, "ghcr.io:443/x/web@" + webDigest},
	}
	commands := verifyCommands(m, &img)
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
	re := regexp.MustCompile(want[1][2])
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
	if got := verifyCommands(m, &img); got != nil {
		t.Errorf("commands for an unsigned image: %v", got)
	}
}

// TestPrevious: the page says what changed since the previous release, and only the
// same older pack shows that it says so rightly.
func TestPrevious(t *testing.T) {
	older := smallEvidence()
	oldZip, _ := build(t, manifest.Config{Product: "demo", Version: "1.6"}, older, nil)
	old := open(t, oldZip)
	newer := smallEvidence()
	newer["sbom/web.spdx.json"].Data = bytes.Replace(newer["sbom/web.spdx.json"].Data, []byte(`}],"relationships":[`),
		[]byte(`},{"SPDXID":"SPDXRef-p","name":"leftpad","versionInfo":"1.3.0","downloadLocation":"NOASSERTION"}],"relationships":[`), 1)
	newer["scans/web.trivy.sarif"].Data = bytes.Replace(newer["scans/web.trivy.sarif"].Data, []byte(`"results":[]`),
		[]byte(`"results":[{"ruleId":"CVE-2026-0001","level":"error","message":{"text":"Package: leftpad\nInstalled Version: 1.3.0\nVulnerability CVE-2026-0001\nSeverity: HIGH\nFixed Version: 1.3.1\n"}}]`), 1)
	newer["pins/docker-compose.yml"] = &fstest.MapFile{Data: []byte("services:\n  redis:\n    image: redis:7.4.8\n")}
	zip, _ := build(t, smallRelease, newer, &BuildOptions{Previous: old})
	_, d := pageOf(t, zip)
	if d.Changes == nil || d.Changes.Version != "1.6" || d.Changes.ContentDigest != old.ContentDigest().String() {
		t.Fatalf("changes: %+v", d.Changes)
	}
	found := map[string]page.Change{}
	for _, row := range d.Changes.Rows {
		found[row.Kind+" "+row.What+" "+row.Name] = row
	}
	for _, want := range []string{"package added leftpad", "finding added CVE-2026-0001", "pin added pins/docker-compose.yml image redis"} {
		if _, ok := found[want]; !ok {
			t.Errorf("no row %q in %v", want, d.Changes.Rows)
		}
	}
	if len(d.Findings) != 1 || !d.Findings[0].New {
		t.Errorf("findings: %+v", d.Findings)
	}
	if again, _ := build(t, smallRelease, newer, &BuildOptions{Previous: old}); !bytes.Equal(zip, again) {
		t.Error("the same releases give other bytes")
	}

	other, _ := build(t, manifest.Config{Product: "demo", Version: "1.5"}, older, nil)
	forged := edit(t, zip, func(f map[string][]byte) {
		repage(t, f, func(d *page.Data) { d.Changes.Rows = d.Changes.Rows[:len(d.Changes.Rows)-1] })
		relist(t, f)
	})
	without, _ := build(t, smallRelease, newer, nil)
	for _, tt := range []struct {
		name     string
		zip      []byte
		previous *Pack
		status   evidence.Status
		message  string
	}{
		{"the same older pack", zip, old, evidence.StatusPass, "and what changed since 1.6"},
		{"none", zip, nil, evidence.StatusPass, `changes since "1.6" was not compared`},
		{"another older pack", zip, open(t, other), evidence.StatusFail, "the one given with -previous is of 1.5"},
		{"a row less", forged, old, evidence.StatusFail, "is not the one"},
		{"a row less, none to compare", forged, nil, evidence.StatusPass, "was not compared"},
		{"a page that compares nothing", without, old, evidence.StatusPass, "does not say what changed since 1.6"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := verify(t, open(t, tt.zip), Policy{Previous: tt.previous}).Check("index.agrees")
			if c.Status != tt.status || !strings.Contains(c.Message+c.Problems.Error(), tt.message) {
				t.Errorf("got %s %s %v, want %s %q", c.Status, c.Message, c.Problems, tt.status, tt.message)
			}
		})
	}
	sat, _ := build(t, manifest.Config{Product: "sat", Version: "1.6"}, older, nil)
	var out bytes.Buffer
	if _, err := BuildFS(t.Context(), &out, smallRelease, newer, &BuildOptions{Previous: open(t, sat)}); !errors.Is(err, evidence.ErrMismatch) {
		t.Errorf("the pack of another product: got %v", err)
	}
}

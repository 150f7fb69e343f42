// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package pagedata makes data for pages of releases that do not exist: an ordinary
// one, a large one, and one whose every string is an attack.
package pagedata

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"reflect"
	"strings"

	"github.com/HailBytes/evidence/trustpack/page"
)

// Sample is a release in which every view has something to show.
func Sample() *page.Data { return release(300, 60) }

// Large is a release of 20,000 packages and 5,000 findings.
func Large() *page.Data { return release(20_000, 5_000) }

// Sized is a release of so many packages and findings.
func Sized(packages, findings int) *page.Data { return release(packages, findings) }

var (
	images   = []string{"web", "celery", "nginx"}
	licenses = []struct{ id, category string }{
		{"MIT", "permissive"}, {"Apache-2.0", "notice"}, {"BSD-3-Clause", "permissive"}, {"GPL-2.0-or-later", "copyleft"},
		{"LGPL-2.1-only", "weak copyleft"}, {"MPL-2.0", "weak copyleft"}, {"", "unknown"},
	}
	severities = []string{"critical", "high", "high", "medium", "medium", "medium", "low", "low", "negligible", "unknown"}
	types      = []string{"deb", "deb", "deb", "npm", "pypi", "golang"}
)

func digest(r *rand.Rand) string {
	var b strings.Builder
	for range 4 {
		fmt.Fprintf(&b, "%016x", r.Uint64())
	}
	return b.String()
}

func release(packages, findings int) *page.Data {
	r := rand.New(rand.NewPCG(1, 2))
	const workflow = "https://github.com/HailBytes/hailbytes-asm/.github/workflows/build.yml@refs/tags/v1.482"
	d := &page.Data{
		Product: "asm", Version: "1.482", Tag: "v1.482", Commit: "678c4d52a6f1f2d0d9d0a2a4c7f36a7de2ad4f10",
		Repository: "https://github.com/HailBytes/hailbytes-asm", Created: "2026-11-22T21:28:35Z",
		Artifacts: []page.Artifact{{Name: "eu-central-1", Kind: "ami", ID: "ami-0123456789abcdef0"}},
		Gaps: []page.Gap{
			{Kind: "penetration-test", Reason: "The yearly test is booked.", Target: "2027-Q1"},
			{Kind: "slsa-provenance", Image: "nginx", Reason: "Taken over from the distributor."},
		},
		Notes: []string{"The scan of nginx used data that are 40 days older than the image."},
		Commands: []page.Command{
			{Label: "Signed by the expected workflow, with the statement that is published beside the pack:", Line: "trustpack-verify -expect asm@1.482 -require authentic -trusted-root trusted_root.json -certificate-identity IDENTITY hailbytes-asm-trust-pack-v1.482.zip"},
			{Label: "The very pack that was published (take the digest from the release, not from here):", Line: "trustpack-verify -expect asm@1.482 -sha256 DIGEST hailbytes-asm-trust-pack-v1.482.zip"},
		},
		Controls: []page.Control{
			{Framework: "NIST SSDF 1.1", ID: "PS.3.2", About: "Provenance data of each release", Status: "not assessed", Reason: "attest.provenance was not checked (no expected identity)",
				Checks: []string{"sbom.readable: pass"}, Files: []string{"sbom/web.spdx.json"}},
			{Framework: "EU CRA 2024/2847", ID: "Annex I Part II (1)", About: "Components are identified in an SBOM", Status: "satisfied", Reason: "2 files, 2 checks passed, among them sbom.readable",
				Checks: []string{"sbom.readable: pass"}, Files: []string{"sbom/web.spdx.json", "sbom/nginx.spdx.json"}},
			{Framework: "CSA CCM 4.1", ID: "TVM-07", About: "Penetration testing", Status: "declared gap", Reason: "The yearly test is booked.", Files: []string{"MANIFEST.json#/gaps/0"}},
			{Framework: "S2C2F 1", ID: "SCA-1", About: "Scan OSS for known vulnerabilities", Status: "not satisfied", Reason: "scan.health: the scan broke off",
				Checks: []string{"scan.readable: pass", "scan.health: fail"}, Files: []string{"scans/nginx.trivy.sarif"}},
		},
	}
	file := func(path, kind, format, image, tool string, size int64) string {
		d.Files = append(d.Files, page.File{Path: path, Kind: kind, Format: format, Image: image, Tool: tool, Size: size, SHA256: digest(r)})
		return path
	}
	for i, name := range images {
		dg := "sha256:" + digest(r)
		signed := i < 2
		img := page.Image{Name: name, Reference: "ghcr.io/hailbytes/hailbytes-asm-" + name + ":1.482", Digest: dg, Platform: "linux/amd64", Signed: signed}
		if signed {
			img.Identity, img.Issuer = workflow, "https://token.actions.githubusercontent.com"
			img.Commands = []page.Command{
				{Label: "Exactly this workflow at exactly this tag:", Line: "cosign verify --certificate-identity " + workflow + " --certificate-oidc-issuer https://token.actions.githubusercontent.com ghcr.io/hailbytes/hailbytes-asm-" + name + "@" + dg},
				{Label: "As the product documents it. The pattern also accepts runs of pull requests:", Line: "cosign verify --certificate-identity-regexp 'https://github.com/HailBytes/.+' ghcr.io/hailbytes/hailbytes-asm-" + name + "@" + dg, Weak: true},
			}
		}
		d.Images = append(d.Images, img)
		file("sbom/"+name+".spdx.json", "sbom", "spdx-json", name, "syft 1.19.0", 2_400_000)
		file("sbom/"+name+".cdx.json", "sbom", "cyclonedx-json", name, "syft 1.19.0", 1_100_000)
		scan := file("scans/"+name+".trivy.sarif", "scan", "sarif", name, "Trivy 0.64.1", 310_000)
		file("scans/"+name+".trivy.json", "scan", "trivy-json", name, "Trivy 0.64.1", 410_000)
		d.Scans = append(d.Scans, page.Scan{Image: name, Tool: "Trivy 0.64.1", Time: "2026-11-22T21:20:00Z", Database: "2026-11-22T06:12:00Z", Complete: name != "nginx", File: scan})
		if signed {
			for _, typ := range []string{"https://sigstore.dev/cosign/sign/v1", "https://spdx.dev/Document", "https://slsa.dev/provenance/v1"} {
				f := file(fmt.Sprintf("signatures/keyless/%s.%d.sigstore.json", name, len(d.Attestations)), "attestation", "sigstore-bundle", name, "", 9_000)
				d.Attestations = append(d.Attestations, page.Attestation{Image: name, Type: typ, Subject: dg, About: "image " + name, Identity: workflow, Issuer: img.Issuer, Time: "2026-11-22T21:28:36Z", File: f})
			}
		}
	}
	counts := map[string]int{}
	for i := range packages {
		image := images[i%len(images)]
		typ := types[r.IntN(len(types))]
		l := licenses[r.IntN(len(licenses))]
		name := fmt.Sprintf("%s-%s%d", []string{"lib", "python3", "node", "go", "perl"}[r.IntN(5)], []string{"ssl", "xml", "curl", "json", "yaml", "zip"}[r.IntN(6)], i)
		version := fmt.Sprintf("%d.%d.%d-%d", r.IntN(9), r.IntN(30), r.IntN(30), r.IntN(4))
		p := page.Package{
			Name: name, Version: version, Type: typ, PURL: fmt.Sprintf("pkg:%s/%s@%s?arch=amd64&distro=debian-12", typ, name, version), Image: image,
			License: l.id, Category: l.category,
			Sources: []string{fmt.Sprintf("sbom/%s.spdx.json#/packages/%d", image, i), fmt.Sprintf("sbom/%s.cdx.json#/components/%d", image, i)},
		}
		switch {
		case i < 12:
			p.Direct = true
		case r.IntN(10) > 0:
			via := i % len(images)
			if back := i - 3*(1+r.IntN(3)); back >= 12 {
				via = back
			}
			p.Via = &via
		}
		counts[l.id]++
		d.Packages = append(d.Packages, p)
	}
	for _, l := range licenses {
		e := page.License{ID: l.id, Category: l.category, Packages: counts[l.id]}
		if l.id == "MIT" {
			e.Modules = []string{"example.com/only/in/report@v1.2.3"}
		}
		d.Licenses = append(d.Licenses, e)
	}
	for i := range findings {
		at := r.IntN(packages)
		p := &d.Packages[at]
		s := severities[i*len(severities)/findings]
		f := page.Finding{
			ID: fmt.Sprintf("CVE-2026-%04d", 1000+i), Severity: s, Title: fmt.Sprintf("%s: a length that is not checked lets a server overwrite memory", p.Name),
			Image: p.Image, Component: &at, Package: p.Name, Installed: p.Version, New: i%4 == 0,
			Ratings:    []page.Rating{{By: "Trivy, debian", Severity: s}, {By: "Trivy, nvd", Severity: "medium", Score: 6.5}},
			References: []string{fmt.Sprintf("https://avd.aquasec.com/nvd/cve-2026-%04d", 1000+i)},
			Sources:    []string{fmt.Sprintf("scans/%s.trivy.sarif#/runs/0/results/%d", p.Image, i), fmt.Sprintf("scans/%s.trivy.json#/Results/0/Vulnerabilities/%d", p.Image, i)},
		}
		if s != "unknown" {
			f.Score = []float64{9.8, 8.1, 7.5, 6.5, 5.9, 5.3, 3.7, 3.1, 2.0}[min(8, i*len(severities)/findings)]
		}
		if i%3 > 0 {
			f.Fixed = []string{p.Version + "+deb12u2"}
		}
		if i%7 == 0 {
			f.Aliases = []string{fmt.Sprintf("GHSA-xxxx-%04d-yyyy", i)}
			f.Waivers = []page.Waiver{{Kind: "VEX", Text: "not affected by HailBytes: the vulnerable code is not in the image", Source: "scans/web.trivy.json"}}
			f.Reachable = "not called"
		}
		d.Findings = append(d.Findings, f)
	}
	for i := range 6 {
		shot := file(fmt.Sprintf("uat/screenshots/chromium/step %d.png", i), "screenshot", "png", "", "Playwright 1.65", 80_000)
		d.Pictures = append(d.Pictures, page.Picture{File: shot, Width: 1280, Height: 720, Thumbnail: thumbnail(uint8(40 * i))})
	}
	junit := file("uat/junit/playwright.xml", "test-report", "junit", "", "Playwright 1.65", 12_000)
	for i := range 14 {
		t := page.Test{Name: fmt.Sprintf("Dashboard › shows the assets of tenant %d", i), Suite: "dashboard.spec.ts, chromium", Outcome: "passed", Seconds: 1.25, Sources: []string{fmt.Sprintf("%s#/testsuites/0/testcase/%d", junit, i)}}
		switch i {
		case 0:
			t.Outcome, t.Message, t.Pictures = "failed", "expect(locator).toHaveText(expected)\n\nExpected: \"12 assets\"\nReceived: \"11 assets\"", []int{0, 1}
		case 1:
			t.Outcome, t.Pictures = "flaky", []int{2}
		case 2:
			t.Outcome = "skipped"
		}
		d.Tests = append(d.Tests, t)
	}
	axe := file("uat/axe/dashboard.json", "accessibility", "axe-json", "", "axe-core 4.11", 22_000)
	d.Pages = []page.WebPage{
		{URL: "https://asm.example/dashboard", Engine: "axe-core 4.11", Time: "2026-11-22T21:25:00Z", Sources: []string{axe}, Rules: []page.Rule{
			{ID: "color-contrast", Help: "Elements must meet minimum color contrast ratio thresholds", Outcome: "violation", Impact: "serious", Criteria: []string{"1.4.3"}, Elements: 2, Targets: []string{".legend > span:nth-child(2)", "#total"}},
			{ID: "region", Help: "All page content should be contained by landmarks", Outcome: "advice", Impact: "moderate", Elements: 1, Targets: []string{"div.toast"}},
		}},
		{URL: "https://asm.example/login", Engine: "axe-core 4.11", Time: "2026-11-22T21:25:10Z", Notes: []string{"only a part of WCAG 2.1 A and AA was tested"}},
	}
	d.Criteria = []page.Criterion{
		{ID: "1.1.1", Name: "Non-text Content", Level: "A", Status: "no failure found"},
		{ID: "1.4.3", Name: "Contrast (Minimum)", Level: "AA", Status: "violated", Elements: 2},
		{ID: "3.3.1", Name: "Error Identification", Level: "A", Status: "only a person can test"},
	}
	d.Changes = changes(d)
	return d
}

func changes(d *page.Data) *page.Changes {
	c := &page.Changes{
		Version: "1.481", Commit: "550ef83511111111111111111111111111111111",
		SHA256: strings.Repeat("ab", 32), ContentDigest: "sha256:" + strings.Repeat("cd", 32),
		NotCompared: []string{"licence reports: only the older pack has one"},
	}
	for _, i := range d.Images {
		c.Rows = append(c.Rows, page.Change{Kind: "image", What: "changed", Image: i.Name, Name: i.Name, Before: "sha256:" + strings.Repeat("0", 64), After: i.Digest})
	}
	for _, f := range d.Findings {
		if f.New {
			c.Rows = append(c.Rows, page.Change{Kind: "finding", What: "added", Image: f.Image, Name: f.ID, After: f.Package + " " + f.Installed, Severity: f.Severity})
		}
	}
	for i := range len(d.Packages) / 20 {
		p := d.Packages[i*20]
		row := page.Change{Kind: "package", What: "changed", Image: p.Image, Name: p.Name, Before: "0.9", After: p.Version}
		if i%5 == 0 {
			row.What, row.Before = "added", ""
		}
		c.Rows = append(c.Rows, row)
	}
	c.Rows = append(c.Rows,
		page.Change{Kind: "test", What: "changed", Name: "Dashboard › shows the assets of tenant 0", Before: "passed", After: "failed"},
		page.Change{Kind: "pin", What: "removed", Name: "pins/docker-compose.yml", Before: "image: redis:7-alpine"})
	return c
}

func thumbnail(shade uint8) []byte {
	img := image.NewPaletted(image.Rect(0, 0, 240, 135), color.Palette{color.Gray{Y: 245}, color.RGBA{R: 30, G: shade, B: 160, A: 255}, color.Gray{Y: 200}})
	for y := range 135 {
		for x := range 240 {
			switch {
			case y < 18:
				img.SetColorIndex(x, y, 1)
			case x > 20 && x < 220 && y%24 < 10:
				img.SetColorIndex(x, y, 2)
			}
		}
	}
	var out bytes.Buffer
	_ = png.Encode(&out, img)
	return out.Bytes()
}

// attacks are what evidence may hold to run in the page, to leave its place, or to break the layout.
var attacks = []string{
	`<script>window.attacked=1</script>`,
	`"><img src=x onerror="window.attacked=1">`,
	`</script><script>window.attacked=1</script>`,
	`</noscript></style><svg onload=window.attacked=1>`,
	`javascript:window.attacked=1`,
	`' onmouseover='window.attacked=1`,
	`{{.Product}}{{template "x"}}`,
	`<!--<script>`,
	"\u202egnp.exe\u2066 reversed\u200b",
	"=HYPERLINK(\"https://evil.example\",\"x\")",
	`https://evil.example/a?b=c&d=<i>#"`,
	`../../../etc/passwd`,
	"line\nbreak\ttab\u0000\u0007null",
}

// Hostile is the sample with an attack in every string, some of them very long.
func Hostile() *page.Data {
	d := Sample()
	n := 0
	long := strings.Repeat("W", 4000)
	var poison func(v reflect.Value)
	poison = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			n++
			text := fmt.Sprintf("%s %d", attacks[n%len(attacks)], n)
			if n%97 == 0 {
				text += long
			}
			v.SetString(text)
		case reflect.Pointer:
			if !v.IsNil() {
				poison(v.Elem())
			}
		case reflect.Struct:
			for i := range v.NumField() {
				poison(v.Field(i))
			}
		case reflect.Slice:
			if v.Type().Elem().Kind() == reflect.Uint8 {
				return // a picture, which the builder made itself
			}
			for i := range v.Len() {
				poison(v.Index(i))
			}
		}
	}
	poison(reflect.ValueOf(d).Elem())
	return d
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/HailBytes/evidence"
)

// TestIdentity plants one contradiction about product, version, source or time in
// real evidence, or an honest variation of it, and wants the check that sees it.
func TestIdentity(t *testing.T) {
	manyReadings(t)
	const (
		cdx        = "sbom/hailbytes-asm-celery.cdx.json"
		spdx       = "sbom/hailbytes-asm-celery.spdx.json"
		trivy      = "scans/hailbytes-asm-celery.trivy.json"
		sarif      = "scans/hailbytes-asm-celery.trivy.sarif"
		compose    = "pins/docker-compose.yml"
		packer     = "pins/hailbytes-asm.pkr.hcl"
		bundle     = "source/hailbytes-asm.bundle"
		junit      = "uat/results/junit-selenium.xml"
		playwright = "uat/results/playwright.json"
		provenance = `"versionControlProvenance": [{"repositoryUri": "https://github.com/HailBytes/hailbytes-asm", "revisionId": "%s"}], "results": [`
		commit     = "678c4d5240bab55a8a31af48cf83375da4255ea3"
		version    = `"name":"syft:image:labels:org.opencontainers.image.version","value":"1.482"`
		source     = `"name":"syft:image:labels:org.opencontainers.image.source","value":"https://github.com/HailBytes/hailbytes-asm"`
	)
	pass, warn, fail := evidence.StatusPass, evidence.StatusWarn, evidence.StatusFail
	replaced := func(name, old, new string) func(map[string][]byte) {
		return func(f map[string][]byte) { swap(t, f, name, old, new) }
	}
	everywhere := func(old, new string) func(map[string][]byte) {
		return func(f map[string][]byte) {
			for name := range f {
				if name != bundle && name != IndexName && name != "MANIFEST.json" {
					f[name] = bytes.ReplaceAll(f[name], []byte(old), []byte(new))
				}
			}
		}
	}
	const id = "release.identity"
	good := withoutPictures(t, "asm-1.482", "sbom", "scans", "pins", "source", "uat")
	now := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	report := func(pack []byte) *Report { return verify(t, open(t, pack), Policy{Now: now}) }
	before := report(good)
	for check, want := range map[string]evidence.Status{id: pass, "release.source": pass, "release.pins": warn, "release.time": pass, "sbom.time": pass, "scan.time": pass, "uat.time": pass} {
		if got := worst(before, check); got.Status != want {
			t.Errorf("before: %s %s: %s", check, got.Status, got.Message)
		}
	}
	for _, test := range []struct {
		name, id string
		want     evidence.Status
		message  string // of a problem
		edit     func(map[string][]byte)
	}{
		{"a label of another version in one file", id, fail, `image.version of image hailbytes-asm-celery is version "1.300"`, replaced(cdx, version, strings.Replace(version, "1.482", "1.300", 1))},
		{"a root of another version in one file", id, fail, `"1.481"`, replaced(spdx, `"versionInfo":"1.482"`, `"versionInfo":"1.481"`)},
		{"the tag of the scanned image", id, fail, "tag of the image that was scanned", replaced(trivy, `celery:1.482"`, `celery:1.300"`)},
		{"a label of another repository in one file", id, fail, "acme/fork", replaced(cdx, source, strings.Replace(source, "HailBytes/hailbytes-asm", "acme/fork", 1))},
		{"the repository written for SSH", id, pass, "", replaced(cdx, source, strings.Replace(source, "https://github.com/HailBytes/hailbytes-asm", "git@github.com:HailBytes/hailbytes-asm.git", 1))},
		{"labels of the image below, in every file", id, warn, "may have it from the image that it is built on", func(f map[string][]byte) {
			for _, name := range []string{cdx, trivy} {
				f[name] = bytes.ReplaceAll(f[name], []byte("https://github.com/HailBytes/hailbytes-asm"), []byte("https://github.com/debian/base"))
			}
			swap(t, f, cdx, version, strings.Replace(version, "1.482", "12.15", 1))
			swap(t, f, trivy, `"org.opencontainers.image.version": "1.482"`, `"org.opencontainers.image.version": "12.15"`)
		}},
		{"a version in another form", id, pass, "", replaced(cdx, version, strings.Replace(version, "1.482", "v1.482.0", 1))},
		{"a variant in the tag", id, pass, "", replaced(trivy, `celery:1.482"`, `celery:1.482-amd64"`)},
		{"a version before the release", id, fail, "1.482-rc1", replaced(trivy, `celery:1.482"`, `celery:1.482-rc1"`)},
		{"a tag that is no version", id, pass, "", replaced(trivy, `celery:1.482"`, `celery:main"`)},
		{"another version in compose", id, fail, `ASM_VERSION is version "1.300"`, replaced(compose, `ASM_VERSION: "1.482"`, `ASM_VERSION: "1.300"`)},
		{"the version of something else in compose", id, pass, "", replaced(compose, `ASM_VERSION: "1.482"`, `POSTGRES_VERSION: "1.300"`)},
		{"another release in Packer", id, fail, `release is version "1.300"`, replaced(packer, `"1.482"`, `"1.300"`)},
		{"another commit in Packer", id, fail, "commit is", replaced(packer, commit, strings.Repeat("1", 40))},
		{"a short commit in Packer", id, pass, "", replaced(packer, commit, commit[:12])},
		{"another product in Packer", id, fail, `names product "sat"`, replaced(packer, `Product = "hailbytes-asm"`, `Product = "hailbytes-sat"`)},
		{"the product in words", id, pass, "", replaced(packer, `Product = "hailbytes-asm"`, `Product = "HailBytes ASM"`)},
		{"a property of a test suite", id, fail, "property asm.version", replaced(junit, "</testsuite>", `<properties><property name="asm.version" value="1.300"/></properties></testsuite>`)},
		{"a property of a tool", id, pass, "", replaced(junit, "</testsuite>", `<properties><property name="pytest.version" value="8.1"/></properties></testsuite>`)},

		{"a commit of a test suite", id, fail, "property commit", replaced(junit, "</testsuite>", `<properties><property name="commit" value="`+strings.Repeat("1", 40)+`"/></properties></testsuite>`)},
		{"the commit of the release in a test suite", id, pass, "", replaced(junit, "</testsuite>", `<properties><property name="commit" value="`+commit+`"/></properties></testsuite>`)},
		{"a commit of Playwright", id, warn, "commit that Playwright ran at", replaced(playwright, `"metadata": {`, `"metadata": {"gitCommit": {"hash": "`+strings.Repeat("1", 40)+`"}, `)},
		{"a machine image of another version", id, fail, `ami_name is version "1.300"`, replaced(packer, "= local.image_name\n  instance_type", "= \"hailbytes-asm-1-300\"\n  instance_type")},
		{"a machine image of a day", id, pass, "", replaced(packer, "= local.image_name\n  instance_type", "= \"hailbytes-asm-2026-11-22\"\n  instance_type")},
		{"a revision that another scanner saw", id, fail, "revision that was scanned", replaced(sarif, `"results": [`, fmt.Sprintf(provenance, strings.Repeat("1", 40)))},
		{"the revision of the release", id, pass, "", replaced(sarif, `"results": [`, fmt.Sprintf(provenance, commit))},

		{"a bundle that is cut", "release.source", fail, "the file ends here", func(f map[string][]byte) { f[bundle] = f[bundle][:300] }},
		{"a bundle without the tag", "release.source", fail, "no tag v1.482", replaced(bundle, "refs/tags/v1.482", "refs/tags/v1.483")},
		{"a tag of another commit", "release.source", fail, "tag v1.482 names commit 550ef835", replaced(bundle, "92b3508f9cb117ec5592380bdeb85a88f7ad961a refs/tags/v1.482", "25e57c19371ef251ff1e3c49449550814f505763 refs/tags/v1.482")},
		{"a branch more", "release.source", pass, "", replaced(bundle, commit+" refs/heads/main\n", commit+" refs/heads/main\n"+commit+" refs/heads/next\n")},

		{"another digest in compose", "release.pins", fail, "with digest sha256:1111", func(f map[string][]byte) { swap(t, f, compose, celery(t, f), strings.Repeat("1", 64)) }},
		{"a mirror with the digest", "release.pins", warn, "", replaced(compose, "ghcr.io/hailbytes/hailbytes-asm-celery@", "mirror.example/x/hailbytes-asm-celery@")},
		{"a mirror with another digest", "release.pins", fail, "with digest sha256:1111", func(f map[string][]byte) {
			swap(t, f, compose, "ghcr.io/hailbytes/hailbytes-asm-celery@sha256:"+celery(t, f), "mirror.example/x/hailbytes-asm-celery@sha256:"+strings.Repeat("1", 64))
		}},
		{"a floating tag", "release.pins", warn, `the tag "latest", which moves`, replaced(compose, "redis:7.4.8-alpine", "redis:latest")},
		{"own image by tag only", "release.pins", warn, "as ghcr.io/hailbytes/hailbytes-asm-celery:1.482, which has no digest", func(f map[string][]byte) { swap(t, f, compose, "celery@sha256:"+celery(t, f), "celery:1.482") }},
		{"a plugin of any version", "release.pins", warn, `"~> 1.3"`, replaced(packer, `"= 1.3.6"`, `"~> 1.3"`)},
		{"no YAML", "release.pins", warn, "not YAML", func(f map[string][]byte) { f[compose] = []byte("services: [") }},

		{"an SBOM of tomorrow", "sbom.time", warn, "is to come", replaced(cdx, `"timestamp":"2026-11-22T`, `"timestamp":"2099-11-22T`)},
		{"an SBOM older than the image", "sbom.time", warn, "before the image of 2026-11-22", replaced(cdx, `"timestamp":"2026-11-22T`, `"timestamp":"2024-11-22T`)},
		{"an SBOM a week later", "sbom.time", pass, "", replaced(cdx, `"timestamp":"2026-11-22T`, `"timestamp":"2026-11-29T`)},
		{"a scan older than the image", "scan.time", warn, "before the image", replaced(trivy, `"CreatedAt": "2026`, `"CreatedAt": "2020`)},
		{"a scan without a date", "scan.time", warn, "does not say when", replaced(trivy, `"CreatedAt"`, `"Created"`)},
		{"images of no time", "release.time", pass, "", everywhere("2026-11-22T00:00:00Z", "0001-01-01T00:00:00Z")},
		{"tests older than the image", "uat.time", warn, "before the image", replaced(junit, `timestamp="2026-`, `timestamp="2019-`)},
	} {
		t.Run(test.name, func(t *testing.T) {
			after := report(edit(t, good, func(files map[string][]byte) {
				test.edit(files)
				relist(t, files)
			}))
			text := ""
			for _, c := range after.Checks {
				if c.ID == test.id {
					text += c.Message + "\n" + c.Problems.Error() + "\n"
				}
			}
			if got := worst(after, test.id); got.Status != test.want || !strings.Contains(text, test.message) {
				t.Errorf("%s %s:\n%s", test.id, got.Status, text)
			}
			for _, other := range []string{id, "release.source", "release.pins"} {
				if test.want != fail && worst(after, other).Status == fail {
					t.Errorf("%s fails too: %s", other, worst(after, other).Message)
				}
			}
		})
	}
}

// withoutPictures is sample without screenshots, which take most of its time.
func withoutPictures(t testing.TB, name string, folders ...string) []byte {
	t.Helper()
	pack, _ := sample(t, name, folders...)
	return edit(t, pack, func(files map[string][]byte) {
		maps.DeleteFunc(files, func(file string, _ []byte) bool { return strings.HasSuffix(file, ".png") })
		relist(t, files)
	})
}

func TestSameSource(t *testing.T) {
	for _, test := range []struct {
		a, b        string
		same, known bool
	}{
		{"https://github.com/HailBytes/hailbytes-asm", "git+https://github.com/hailbytes/hailbytes-asm.git@refs/tags/v1", true, true},
		{"git@github.com:HailBytes/hailbytes-asm.git", "https://github.com/HailBytes/hailbytes-asm/tree/main", true, true},
		{"ssh://git@github.com/a/b", "github.com/a/b/v2", true, true},
		{"https://github.com/a/b", "https://github.com/a/c", false, true},
		{"https://github.com/a/b", "go.example.com/b", false, false},
		{"https://github.com/a/b", "main", false, false},
		{"https://github.com/a/b", "", false, false},
	} {
		if same, known := sameSource(test.a, test.b); same != test.same || known != test.known {
			t.Errorf("%s and %s: %v, %v", test.a, test.b, same, known)
		}
	}
}

func TestSameReleaseVersion(t *testing.T) {
	for _, test := range []struct {
		value       string
		same, known bool
	}{
		{"1.482", true, true}, {"v1.482", true, true}, {"1.482.0", true, true}, {"1.482-amd64", true, true}, {"v1.482.0+build5", true, true},
		{"1.481", false, true}, {"v1.48", false, true}, {"1.482-rc1", false, true}, {"1.482-beta", false, true},
		{"latest", false, false}, {"2026.11.22", false, false}, {"sha256:abc", false, false}, {"", false, false}, {"1482", false, false},
	} {
		if same, known := sameReleaseVersion(test.value, "1.482"); same != test.same || known != test.known {
			t.Errorf("%s: %v, %v", test.value, same, known)
		}
	}
}

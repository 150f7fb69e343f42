// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/samples"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack/page"
)

// sample builds the pack of a sample release, of the files in some of its folders
// or of all.
func sample(t testing.TB, name string, folders ...string) ([]byte, *Built) {
	t.Helper()
	config, files, err := samples.Release(name)
	if err != nil {
		t.Fatal(err)
	}
	sources, err := Sources(files)
	if err != nil {
		t.Fatal(err)
	}
	if folders != nil {
		sources = slices.DeleteFunc(sources, func(s Source) bool {
			folder, _, _ := strings.Cut(s.Path, "/")
			return !slices.Contains(folders, folder)
		})
	}
	var zip bytes.Buffer
	built, err := Build(context.Background(), &zip, *config, sources, nil)
	if err != nil {
		t.Fatal(err)
	}
	return zip.Bytes(), built
}

// manyReadings skips tests that read the sample evidence many times where that takes
// minutes; they have no concurrency of their own.
func manyReadings(t testing.TB) {
	t.Helper()
	if underRace {
		t.Skip("reads the sample evidence many times: run without -race")
	}
}

var underRace bool

// swap replaces every old in a file by new; there must be one.
func swap(t testing.TB, files map[string][]byte, name, old, new string) {
	t.Helper()
	if !bytes.Contains(files[name], []byte(old)) {
		t.Fatalf("%s does not hold %q", name, old)
	}
	files[name] = bytes.ReplaceAll(files[name], []byte(old), []byte(new))
}

// TestAgreement plants one contradiction in real evidence, with digests that fit,
// and wants the check that sees it; the same check holds before.
func TestAgreement(t *testing.T) {
	const (
		spdx   = "sbom/hailbytes-asm-celery.spdx.json"
		cdx    = "sbom/hailbytes-asm-celery.cdx.json"
		trivy  = "scans/hailbytes-asm-celery.trivy.json"
		sarif  = "scans/hailbytes-asm-celery.trivy.sarif"
		junit  = "uat/results/junit-selenium.xml"
		axe    = "uat/results/axe/login.axe.json"
		shot   = "uat/results/screenshots/login.png"
		report = "licenses/go-licenses.csv"
	)
	digest := strings.Repeat("1", 64)
	type plant struct {
		name, id      string
		before, after evidence.Status
		message       string
		edit          func(files map[string][]byte)
	}
	for _, part := range []struct {
		pack    string
		folders []string
		plants  []plant
	}{
		{"asm-1.482", []string{"sbom"}, []plant{
			{"SBOM of another image", "sbom.image", evidence.StatusPass, evidence.StatusFail, "describes sha256:1111", func(f map[string][]byte) { swap(t, f, spdx, celery(t, f), digest) }},
			{"SBOM cut off", "sbom.readable", evidence.StatusPass, evidence.StatusFail, "document ends", func(f map[string][]byte) { f[spdx] = f[spdx][:len(f[spdx])/2] }},
			{"a version that only one SBOM has", "sbom.pair", evidence.StatusPass, evidence.StatusFail, "adduser", func(f map[string][]byte) { swap(t, f, spdx, `"versionInfo":"3.134"`, `"versionInfo":"3.133"`) }},
			{"an SBOM that the schema refuses", "sbom.schema", evidence.StatusPass, evidence.StatusWarn, "dataLicense", func(f map[string][]byte) { swap(t, f, spdx, `"dataLicense":"CC0-1.0",`, "") }},
			{"a package that is not in the evidence", "index.agrees", evidence.StatusPass, evidence.StatusFail, "the evidence give", func(f map[string][]byte) {
				repage(t, f, func(d *page.Data) { d.Packages[7].Version += "0" })
			}},
			{"a package less", "index.agrees", evidence.StatusPass, evidence.StatusFail, "the evidence give", func(f map[string][]byte) {
				repage(t, f, func(d *page.Data) { d.Packages = d.Packages[:len(d.Packages)-1] })
			}},
			{"changes that nobody can compare", "index.agrees", evidence.StatusPass, evidence.StatusPass, "was not compared", func(f map[string][]byte) {
				repage(t, f, func(d *page.Data) { setChanges(d, &page.Changes{Version: "1.481"}) })
			}},
			{"data by other rules", "index.agrees", evidence.StatusPass, evidence.StatusError, "rules of version 999", func(f map[string][]byte) { repage(t, f, func(d *page.Data) { d.Rules = 999 }) }},
			{"data by rules that never were", "index.agrees", evidence.StatusPass, evidence.StatusFail, "rules of version -1", func(f map[string][]byte) { repage(t, f, func(d *page.Data) { d.Rules = -1 }) }},
			{"data that cannot be read", "index.agrees", evidence.StatusPass, evidence.StatusFail, "block of data", func(f map[string][]byte) {
				swap(t, f, IndexName, `data-encoding="deflate-base64">`, `data-encoding="deflate-base64">!`)
			}},
			{"data that are not there", "index.agrees", evidence.StatusPass, evidence.StatusFail, "holds no data", func(f map[string][]byte) { swap(t, f, IndexName, `id="data"`, `id="other"`) }},
		}},
		{"asm-1.482", []string{"sbom", "scans"}, []plant{
			{"scan of another image", "scan.health", evidence.StatusPass, evidence.StatusFail, "image", func(f map[string][]byte) { swap(t, f, trivy, celery(t, f), digest) }},
			{"scan without results", "scan.health", evidence.StatusPass, evidence.StatusFail, "null", func(f map[string][]byte) {
				f[sarif] = []byte(`{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"Trivy"}},"results":null}]}`)
			}},
			{"scan that is no JSON", "scan.readable", evidence.StatusPass, evidence.StatusFail, "after", func(f map[string][]byte) { f[sarif] = append(f[sarif], '}') }},
			{"finding in a package that is not there", "scan.packages", evidence.StatusPass, evidence.StatusWarn, "no SBOM holds package", func(f map[string][]byte) {
				f[trivy] = bytes.Replace(f[trivy], []byte(`"perl-base`), []byte(`"perl-other`), -1)
				f[trivy] = bytes.Replace(f[trivy], []byte(`deb/debian/perl-base`), []byte(`deb/debian/perl-other`), -1)
			}},
		}},
		{"asm-1.482", []string{"uat"}, []plant{
			{"a test that fails", "uat.tests", evidence.StatusPass, evidence.StatusWarn, "failed: test_planted", func(f map[string][]byte) {
				swap(t, f, junit, "</testsuite>", `<testcase classname="c" name="test_planted"><failure message="no"/></testcase></testsuite>`)
			}},
			{"totals that do not add up", "uat.counts", evidence.StatusPass, evidence.StatusFail, "junit-selenium.xml", func(f map[string][]byte) { swap(t, f, junit, ` tests="9"`, ` tests="10"`) }},
			{"a report that is a page", "uat.readable", evidence.StatusPass, evidence.StatusFail, "1:1", func(f map[string][]byte) { f[junit] = []byte("<!DOCTYPE html><html></html>") }},
			{"a screenshot cut off", "uat.readable", evidence.StatusPass, evidence.StatusFail, "image", func(f map[string][]byte) { f[shot] = f[shot][:len(f[shot])-20] }},
			{"accessibility results cut off", "uat.readable", evidence.StatusPass, evidence.StatusFail, "ends", func(f map[string][]byte) { f[axe] = f[axe][:100] }},
		}},
		{"sat-1.205", []string{"sbom", "licenses", "source"}, []plant{
			{"a licence that is not known", "license.complete", evidence.StatusPass, evidence.StatusWarn, "github.com/gorilla/mux", func(f map[string][]byte) { unlicense(t, f, report, "github.com/gorilla/mux") }},
			{"a module that the SBOM does not hold", "license.sbom", evidence.StatusPass, evidence.StatusWarn, "the SBOM does not hold", func(f map[string][]byte) {
				f[report] = append(f[report], "example.com/other,https://example.com/LICENSE,MIT\n"...)
			}},
			{"a report that is no table", "license.readable", evidence.StatusPass, evidence.StatusFail, "quoted field has no end", func(f map[string][]byte) { f[report] = []byte("\"") }},
		}},
	} {
		good, _ := sample(t, part.pack, part.folders...)
		before := verify(t, open(t, good), Policy{})
		for _, tt := range part.plants {
			t.Run(tt.name, func(t *testing.T) {
				if got := worst(before, tt.id); got.Status != tt.before {
					t.Errorf("before: %s %s: %s", got.ID, got.Status, got.Message)
				}
				planted := edit(t, good, func(files map[string][]byte) {
					tt.edit(files)
					relist(t, files)
				})
				got := worst(verify(t, open(t, planted), Policy{}), tt.id)
				if got.Status != tt.after || !strings.Contains(got.Message, tt.message) {
					t.Errorf("planted: %s %s: %s", got.ID, got.Status, got.Message)
				}
			})
		}
	}
}

// worst returns the worst check of an id.
func worst(r *Report, id string) (found evidence.Check) {
	order := map[evidence.Status]int{evidence.StatusSkip: 1, evidence.StatusPass: 2, evidence.StatusWarn: 3, evidence.StatusFail: 4, evidence.StatusError: 5}
	for _, c := range r.Checks {
		if c.ID == id && order[c.Status] > order[found.Status] {
			found = c
		}
	}
	return found
}

// celery returns the digest of the sample's image in hex.
func celery(t testing.TB, files map[string][]byte) string {
	t.Helper()
	m, err := manifest.Parse(files[manifest.Name])
	if err != nil {
		t.Fatal(err)
	}
	return m.ImageByName("hailbytes-asm-celery").Digest.Hex()
}

// unlicense takes the licence from the row of a package.
func unlicense(t testing.TB, files map[string][]byte, name, pkg string) {
	t.Helper()
	var out []string
	for line := range strings.Lines(string(files[name])) {
		if strings.HasPrefix(line, pkg+",") {
			line = pkg + ",Unknown,Unknown\n"
		}
		out = append(out, line)
	}
	files[name] = []byte(strings.Join(out, ""))
}

// TestVerifyStructure: the checks are those of archive, manifest and version, and no other.
func TestVerifyStructure(t *testing.T) {
	zip, _ := sample(t, "sat-1.205")
	r, err := VerifyStructure(t.Context(), open(t, zip), "")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Checks {
		switch {
		case family(c.ID) == "archive", family(c.ID) == "manifest", c.ID == "release.version", c.ID == "release.tag":
		default:
			t.Errorf("%s: %s", c.ID, c.Status)
		}
	}
	if r.Summary != nil {
		t.Error("a summary of what was not read")
	}
}

// TestUnreadableWithoutProfile: nothing asks for the file where no profile does.
func TestUnreadableWithoutProfile(t *testing.T) {
	zip, _ := build(t, smallRelease, smallEvidence(), nil)
	c := worst(verify(t, open(t, zip), Policy{}), "uat.readable")
	if c.Status != evidence.StatusWarn || c.Subject != "uat/screens/a b#1.png" {
		t.Errorf("got %+v", c)
	}
}

// TestEvidence reads the sample releases as a program would.
func TestEvidence(t *testing.T) {
	zip, built := sample(t, "asm-1.482")
	p := open(t, zip)
	docs, err := p.Evidence(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, d := range docs {
		switch {
		case d.SBOM != nil:
			count["sbom"]++
		case d.Scan != nil:
			count["scan"]++
		case d.Tests != nil:
			count["tests"]++
		case d.Accessibility != nil:
			count["axe"]++
		case d.Screenshot != nil:
			count["shot"]++
		}
		for _, c := range d.Checks {
			if c.Status != evidence.StatusPass {
				t.Errorf("%s %s %s: %s", c.ID, c.Subject, c.Status, c.Message)
			}
		}
	}
	if len(docs) != 37 || count["sbom"] != 2 || count["scan"] != 2 || count["tests"] != 3 || count["axe"] != 3 || count["shot"] != 15 {
		t.Errorf("%d documents: %v", len(docs), count)
	}
	got, want := summarize(docs), built.Summary
	a, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Errorf("summary of the documents\n%s\nof the build\n%s", a, b)
	}
	if sum := built.Summary; sum.SBOMs[0].Components != 192 || sum.SBOMs[1].Components != 192 || sum.Tests.Counts.Tests != 18 || sum.Tests.Passed != 14 ||
		sum.Accessibility.Violations.Elements != 4 || len(sum.Findings) != 1 || sum.Findings[0].Critical != 1 || sum.Findings[0].Low != 32 {
		t.Errorf("got %s", b)
	}

	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := p.Evidence(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestEvidenceIsListed: a file that the manifest does not vouch for is not read.
func TestEvidenceIsListed(t *testing.T) {
	zip, _ := build(t, smallRelease, smallEvidence(), nil)
	bad := edit(t, zip, func(files map[string][]byte) { files["sbom/web.cdx.json"][20] ^= 1 })
	docs, err := open(t, bad).Evidence(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range docs {
		if d.File.Path == "sbom/web.cdx.json" && (d.SBOM != nil || len(d.Checks) != 1 || d.Checks[0].Status != evidence.StatusError) {
			t.Errorf("got %+v", d)
		}
	}
}

// TestPairsAreOfOneThing: SBOMs of the release as a whole are compared where they are
// named alike, and many of one image in linear time.
func TestPairsAreOfOneThing(t *testing.T) {
	files := smallEvidence()
	for _, name := range []string{"signatures/web.pem.txt", "uat/screens/a b#1.png", "scans/web.trivy.sarif"} {
		delete(files, name)
	}
	doc := func(name, version string) []byte {
		return []byte(`{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","creationInfo":{"created":"2026-01-02T03:04:05Z","creators":["Tool: t"]},"packages":[{"SPDXID":"SPDXRef-a","name":"` + name + `","versionInfo":"` + version + `"}]}`)
	}
	cdx := func(name, version string) []byte {
		return []byte(`{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"type":"library","name":"` + name + `","version":"` + version + `"}]}`)
	}
	files["sbom/server.spdx.json"] = &fstest.MapFile{Data: doc("a", "1")}
	files["sbom/server.cdx.json"] = &fstest.MapFile{Data: cdx("a", "1")}
	files["sbom/agent.cdx.json"] = &fstest.MapFile{Data: cdx("b", "2")}
	pairs := func() map[string]evidence.Status {
		zip, _ := build(t, smallRelease, files, nil)
		found := map[string]evidence.Status{}
		for _, c := range verify(t, open(t, zip), Policy{}).Checks {
			if c.ID == "sbom.pair" && !strings.Contains(c.Subject, "web") {
				found[c.Subject] = c.Status
			}
		}
		return found
	}
	const server = "sbom/server.spdx.json, sbom/server.cdx.json"
	if got := pairs(); len(got) != 1 || got[server] != evidence.StatusPass {
		t.Errorf("got %v", got)
	}
	files["sbom/server.cdx.json"] = &fstest.MapFile{Data: cdx("a", "2")}
	if got := pairs(); len(got) != 1 || got[server] != evidence.StatusFail {
		t.Errorf("another version: got %v", got)
	}
	for i := range 20 {
		files[fmt.Sprintf("sbom/server.%d.spdx.json", i)] = &fstest.MapFile{Data: doc("a", "2")}
		files[fmt.Sprintf("sbom/server.%d.cdx.json", i)] = &fstest.MapFile{Data: cdx("a", "2")}
	}
	if got := pairs(); len(got) != 41 {
		t.Errorf("%d comparisons of 21 documents with 21", len(got))
	}
}

// repage edits the data of a page.
func repage(t *testing.T, files map[string][]byte, edit func(*page.Data)) {
	t.Helper()
	d, err := page.Read(files[IndexName])
	if err != nil {
		t.Fatal(err)
	}
	edit(d)
	if files[IndexName], err = renderIndex(d); err != nil {
		t.Fatal(err)
	}
}

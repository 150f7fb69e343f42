// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/HailBytes/evidence/manifest"
)

func diff(t testing.TB, before, after []byte) *Changes {
	t.Helper()
	return Diff(release(t, before), release(t, after))
}

func release(t testing.TB, zip []byte) *Release {
	t.Helper()
	r, err := open(t, zip).Release(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// titles returns the headings of the sections, without the counts.
func titles(c *Changes) (list []string) {
	for _, s := range c.sections() {
		title, _, _ := strings.Cut(s.title, " (")
		list = append(list, title)
	}
	return list
}

// TestDiffOfOnePack: no pack differs from itself, nor from itself zipped again.
func TestDiffOfOnePack(t *testing.T) {
	manyReadings(t)
	for _, name := range []string{"asm-1.482", "sat-1.205"} {
		zip, _ := sample(t, name)
		for _, other := range [][]byte{zip, edit(t, zip, func(map[string][]byte) {})} {
			if c := diff(t, zip, other); !c.Empty() || len(c.sections()) != 0 {
				t.Errorf("%s: %v", name, titles(c))
			}
		}
	}
}

// TestDiff plants one change in real evidence and wants it told, alone.
func TestDiff(t *testing.T) {
	manyReadings(t)
	const (
		spdx   = "sbom/hailbytes-asm-celery.spdx.json"
		trivy  = "scans/hailbytes-asm-celery.trivy.json"
		sarif  = "scans/hailbytes-asm-celery.trivy.sarif"
		junit  = "uat/results/junit-selenium.xml"
		axe    = "uat/results/axe/login.axe.json"
		pins   = "pins/docker-compose.yml"
		report = "licenses/go-licenses.csv"
	)
	type plant struct {
		name  string
		want  []string // headings
		row   string   // cells of the first row of the first, joined by "|"
		plant func(files map[string][]byte)
	}
	for _, part := range []struct {
		pack    string
		folders []string
		plants  []plant
	}{
		{"asm-1.482", []string{"sbom", "scans", "pins"}, []plant{
			{"a package upgraded", []string{"Packages upgraded in hailbytes-asm-celery"}, "adduser|3.133|3.134", func(f map[string][]byte) {
				swap(t, f, spdx, `"versionInfo":"3.134"`, `"versionInfo":"3.133"`)
				swap(t, f, spdx, "adduser@3.134", "adduser@3.133")
				swap(t, f, spdx, "adduser:3.134", "adduser:3.133")
			}},
			{"no SBOM before", []string{"Not compared", "Packages added in hailbytes-asm-celery", "New modules that are not under a permissive licence"}, "1.482 has no SBOM of hailbytes-asm-celery that can be read: all that 1.482 has counts as new", func(f map[string][]byte) {
				f[spdx], f["sbom/hailbytes-asm-celery.cdx.json"] = []byte("{"), []byte("{")
			}},
			{"a pin", []string{"Pins"}, "pins/docker-compose.yml|||sha256:", func(f map[string][]byte) { f[pins] = append(f[pins], "\n  planted: true\n"...) }},
			{"findings", []string{"New findings in hailbytes-asm-celery"}, "", func(f map[string][]byte) {
				f[sarif] = []byte(`{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"Trivy"}},"results":[]}]}`)
				delete(f, trivy)
				m, err := manifest.Parse(f[manifest.Name])
				if err != nil {
					t.Fatal(err)
				}
				m.Files = slices.DeleteFunc(m.Files, func(l manifest.File) bool { return l.Path == trivy })
				if f[manifest.Name], err = m.Marshal(); err != nil {
					t.Fatal(err)
				}
			}},
			{"an image", []string{"Images"}, "hailbytes-asm-celery|sha256:" + strings.Repeat("1", 64) + "|", func(f map[string][]byte) {
				f[manifest.Name] = bytes.ReplaceAll(f[manifest.Name], []byte(celery(t, f)), []byte(strings.Repeat("1", 64)))
			}},
			{"a gap", []string{"Declared gaps"}, "penetration-test||opened|", func(f map[string][]byte) {
				m, err := manifest.Parse(f[manifest.Name])
				if err != nil {
					t.Fatal(err)
				}
				m.Gaps = slices.DeleteFunc(m.Gaps, func(g manifest.Gap) bool { return g.Kind == manifest.KindPenetrationTest })
				if f[manifest.Name], err = m.Marshal(); err != nil {
					t.Fatal(err)
				}
			}},
		}},
		{"asm-1.482", []string{"uat"}, []plant{
			{"a test fixed", []string{"Tests fixed"}, "test_title|", func(f map[string][]byte) {
				f[junit] = failing(f[junit], `name="test_title"`)
			}},
			{"a violation", []string{"New violations of WCAG 2.1 A and AA"}, "http://127.0.0.1:8099/login|", func(f map[string][]byte) {
				f[axe] = bytes.Replace(f[axe], []byte(`"violations"`), []byte(`"was"`), 1)
				f[axe] = bytes.Replace(f[axe], []byte(`{`), []byte(`{"violations":[],`), 1)
			}},
		}},
		{"sat-1.205", []string{"sbom", "licenses", "source"}, []plant{
			{"a licence", []string{"Licences changed"}, "github.com/gorilla/mux|", func(f map[string][]byte) { unlicense(t, f, report, "github.com/gorilla/mux") }},
		}},
	} {
		good, _ := sample(t, part.pack, part.folders...)
		for _, tt := range part.plants {
			t.Run(tt.name, func(t *testing.T) {
				before := edit(t, good, func(files map[string][]byte) {
					tt.plant(files)
					relist(t, files)
				})
				c := diff(t, before, good)
				if got := titles(c); !slices.Equal(got, tt.want) {
					t.Fatalf("got %q, want %q", got, tt.want)
				}
				if got := strings.Join(c.sections()[0].rows[0], "|"); !strings.HasPrefix(got, tt.row) {
					t.Errorf("got %q, want %q", got, tt.row)
				}
				if c.Empty() {
					t.Error("is empty")
				}
				if diff(t, good, before).Empty() {
					t.Error("is empty the other way round")
				}
				var out bytes.Buffer
				if err := c.WriteMarkdown(&out, nil); err != nil || !strings.Contains(out.String(), "\n## ") {
					t.Errorf("%v: %s", err, &out)
				}
			})
		}
	}
}

// failing puts a failure into the test case that has an attribute.
func failing(junit []byte, attribute string) []byte {
	at := bytes.Index(junit, []byte(attribute))
	end := at + bytes.IndexByte(junit[at:], '>')
	if junit[end-1] == '/' {
		return slices.Concat(junit[:end-1], []byte(`><failure message="no"/></testcase>`), junit[end+1:])
	}
	return slices.Concat(junit[:end+1], []byte(`<failure message="no"/>`), junit[end+1:])
}

// TestDiffOrder: of two packs with the same evidence nothing changed; that the later
// argument is the older release is said.
func TestDiffOrder(t *testing.T) {
	a, _ := build(t, smallRelease, smallEvidence(), nil)
	newer, _ := build(t, manifest.Config{Product: "demo", Version: "1.8"}, smallEvidence(), nil)
	if c := diff(t, newer, a); !slices.Equal(titles(c), []string{"Not compared"}) || !strings.Contains(c.NotCompared[0].Message, "1.7 is the older release") || c.NotCompared[0].Lost {
		t.Errorf("got %v %v", titles(c), c.NotCompared)
	}
	if c := diff(t, a, newer); !c.Empty() {
		t.Errorf("got %v", titles(c))
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := open(t, a).Release(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

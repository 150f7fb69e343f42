// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/corpus"
	"github.com/HailBytes/evidence/internal/test/sbomsample"
	"github.com/HailBytes/evidence/sbom"
)

// realPairs returns the SPDX and CycloneDX documents of each real image, by "release/image".
func realPairs(t testing.TB) map[string][2]string {
	dir := corpus.Dir(t, "real")
	names, err := filepath.Glob(filepath.Join(dir, "*", "sbom", "*.spdx.json"))
	if err != nil || len(names) < 6 {
		t.Fatal(names, err)
	}
	pairs := map[string][2]string{}
	for _, name := range names {
		var texts [2]string
		for i, file := range []string{name, strings.Replace(name, ".spdx.", ".cdx.", 1)} {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			texts[i] = string(data)
		}
		pairs[filepath.Base(filepath.Dir(filepath.Dir(name)))+"/"+strings.TrimSuffix(filepath.Base(name), ".spdx.json")] = texts
	}
	return pairs
}

func compare(t testing.TB, spdx, cdx string) *Comparison {
	t.Helper()
	c, err := Pair(read(t, spdx), read(t, cdx))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCompareReal(t *testing.T) {
	pairs := realPairs(t)
	for name, p := range pairs {
		c := compare(t, p[0], p[1])
		if !c.OK() || c.Check().Status != evidence.StatusPass || c.Matched < 100 || c.Matched != c.SPDX || c.Matched != c.CycloneDX {
			t.Errorf("%s: %d differences, %d matched of %d and %d", name, len(c.Differences), c.Matched, c.SPDX, c.CycloneDX)
			for _, d := range c.Differences[:min(5, len(c.Differences))] {
				t.Log(d)
			}
		}
		t.Logf("%s: %d packages, explained %v", name, c.Matched, c.explained)
	}
	// Another release of the same image is another subject.
	c := compare(t, pairs["asm-1.481/hailbytes-asm-web"][0], pairs["asm-1.482/hailbytes-asm-web"][1])
	codes := map[string]int{}
	for _, d := range c.Differences {
		codes[d.Code]++
	}
	if codes["root-version"] != 1 || codes["version"] != 23-1 || codes["package"] != 14 {
		t.Error(codes)
	}
}

// TestComparePlanted plants one difference in a real pair and wants it, and nothing else, named.
func TestComparePlanted(t *testing.T) {
	p := realPairs(t)["asm-1.482/hailbytes-asm-nginx"]
	spdx, cdx := p[0], p[1]
	for _, c := range []struct {
		name string
		edit func(spdx, cdx *sbom.Document)
		want []string // code and name
	}{
		{"nothing", func(_, _ *sbom.Document) {}, nil},
		{"version", func(_, cdx *sbom.Document) { named(cdx, "adduser").Version = sbom.NewText("3.135") }, []string{"version adduser"}},
		{"version in the package URL alone", func(_, cdx *sbom.Document) {
			id := &named(cdx, "adduser").Identifiers
			for i := range *id {
				(*id)[i].Value = strings.Replace((*id)[i].Value, "adduser@3.134", "adduser@3.135", 1)
			}
		}, []string{"purl adduser 3.134"}},
		{"removed", func(_, cdx *sbom.Document) {
			cdx.Components = slices.DeleteFunc(cdx.Components, func(c sbom.Component) bool { return c.Name.String() == "adduser" })
		}, []string{"package adduser 3.134"}},
		{"added", func(spdx, _ *sbom.Document) {
			spdx.Components = append(spdx.Components, sbom.Component{ID: "x", Name: sbom.NewText("backdoor"), Version: sbom.NewText("1")})
		}, []string{"package backdoor 1"}},
		{"licence", func(_, cdx *sbom.Document) { named(cdx, "adduser").Licenses[0].Expression = sbom.NewText("MIT") }, []string{"license adduser 3.134"}},
		{"licence left out", func(_, cdx *sbom.Document) { named(cdx, "adduser").Licenses = nil }, []string{"license adduser 3.134"}},
		{"renamed", func(_, cdx *sbom.Document) { named(cdx, "adduser").Name = sbom.NewText("deluser") }, []string{"name adduser 3.134"}},
		{"CPE", func(_, cdx *sbom.Document) {
			for i := range named(cdx, "adduser").Identifiers {
				if id := &named(cdx, "adduser").Identifiers[i]; id.Kind == sbom.IdentifierCPE23 {
					id.Value = strings.Replace(id.Value, "3.134", "3.135", 1)
				}
			}
		}, []string{"cpe adduser 3.134"}},
		{"subject", func(_, cdx *sbom.Document) { cdx.Components[0].Name = sbom.NewText("other") }, []string{"root-name ghcr.io/hailbytes/hailbytes-asm-nginx"}},
		{"subject's digest", func(_, cdx *sbom.Document) {
			cdx.Components[0].Version = sbom.NewText("sha256:" + strings.Repeat("1", 64))
		}, []string{"root-version ghcr.io/hailbytes/hailbytes-asm-nginx", "root-digest ghcr.io/hailbytes/hailbytes-asm-nginx 1.482"}},
		{"dependency", func(_, cdx *sbom.Document) {
			cdx.Relationships = append(cdx.Relationships, sbom.Relationship{
				From: named(cdx, "zlib1g").ID, Type: sbom.DependsOn, To: named(cdx, "adduser").ID, ToState: sbom.StateStated,
			})
		}, []string{"dependency zlib1g 1:1.2.13.dfsg-1"}},
		{"a digest of its own on each side", func(spdx, cdx *sbom.Document) {
			named(spdx, "adduser").Hashes = []sbom.Hash{{Algorithm: sbom.SHA1, Value: strings.Repeat("1", 40)}}
			named(cdx, "adduser").Hashes = []sbom.Hash{{Algorithm: sbom.SHA1, Value: strings.Repeat("2", 40)}}
		}, []string{"hash adduser 3.134"}},
		{"a package of CycloneDX alone", func(_, cdx *sbom.Document) {
			cdx.Components = append(cdx.Components, sbom.Component{ID: "x", Type: sbom.TypeLibrary, Name: sbom.NewText("backdoor"), Version: sbom.NewText("1")})
		}, []string{"package backdoor 1"}},
		{"a package of another package URL", func(_, cdx *sbom.Document) {
			c := named(cdx, "adduser")
			for i := range c.Identifiers {
				c.Identifiers[i].Value = strings.Replace(c.Identifiers[i].Value, "pkg:deb/debian/adduser", "pkg:deb/debian/rmuser", 1)
			}
		}, []string{"package adduser 3.134", "package adduser 3.134"}},
		{"package URL left out", func(_, cdx *sbom.Document) {
			c := named(cdx, "adduser")
			c.Identifiers = slices.DeleteFunc(c.Identifiers, func(id sbom.Identifier) bool { return id.Kind == sbom.IdentifierPURL })
		}, []string{"purl adduser 3.134"}},
		{"relationship left out", func(_, cdx *sbom.Document) {
			i := slices.IndexFunc(cdx.Relationships, func(r sbom.Relationship) bool { return r.Type == sbom.DependsOn && r.To == named(cdx, "debconf").ID })
			cdx.Relationships = slices.Delete(cdx.Relationships, i, i+1)
		}, []string{"dependency ca-certificates 20230311+deb12u1"}},
		{"distribution", func(_, cdx *sbom.Document) { systemOf(cdx).Version = sbom.NewText("13") }, []string{"distribution debian 13"}},
		{"distribution of another name", func(_, cdx *sbom.Document) { systemOf(cdx).Name = sbom.NewText("ubuntu") }, []string{"distribution ubuntu 12"}},
		{"distribution, told more precisely", func(_, cdx *sbom.Document) { systemOf(cdx).Version = sbom.NewText("12.5") }, nil},
		{"distribution of one package URL", func(_, cdx *sbom.Document) {
			c := named(cdx, "adduser")
			for i := range c.Identifiers {
				c.Identifiers[i].Value = strings.Replace(c.Identifiers[i].Value, "debian-12", "debian-13", 1)
			}
		}, []string{"purl adduser 3.134"}},
		{"version of the tool", func(_, cdx *sbom.Document) { cdx.Tools[0].Version = "1.20.0" }, []string{"tool syft"}},
		{"another tool", func(_, cdx *sbom.Document) { cdx.Tools[0].Name = "other" }, nil},
		{"time", func(_, cdx *sbom.Document) { cdx.Created = cdx.Created.Add(time.Hour) }, nil},
		{"subject's version", func(spdx, cdx *sbom.Document) { cdx.Components[0].Version = sbom.NewText("1.483") }, []string{"root-version ghcr.io/hailbytes/hailbytes-asm-nginx"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := read(t, spdx), read(t, cdx)
			c.edit(a, b)
			result, err := Pair(a, b)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range result.Differences {
				got = append(got, d.Code+" "+d.Name)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			want := evidence.StatusPass
			for _, d := range result.Differences {
				if want != evidence.StatusFail {
					want = evidence.StatusWarn
				}
				if d.Code != "tool" {
					want = evidence.StatusFail
				}
			}
			if check := result.Check(); check.Status != want || len(check.Problems) != len(c.want) {
				t.Errorf("want %v: %+v", want, check)
			}
		})
	}
}

func systemOf(d *sbom.Document) *sbom.Component {
	for i := range d.Components {
		if d.Components[i].Type == sbom.TypeOperatingSystem {
			return &d.Components[i]
		}
	}
	panic("no operating system")
}

func named(d *sbom.Document, name string) *sbom.Component {
	for i := range d.Components {
		if d.Components[i].Name.String() == name {
			return &d.Components[i]
		}
	}
	panic("no component " + name)
}

func TestCompareRefuses(t *testing.T) {
	doc := read(t, sbomsample.CycloneDX)
	if _, err := Pair(doc, doc); !errors.Is(err, evidence.ErrUnsupported) {
		t.Error(err)
	}
	var zero Comparison
	if zero.OK() || zero.Check().Status == evidence.StatusPass {
		t.Error("nothing was compared, and agrees")
	}
	empty, err := Pair(read(t, `{"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT"}`), read(t, `{"bomFormat": "CycloneDX", "specVersion": "1.6"}`))
	if err != nil || empty.Check().Status != evidence.StatusWarn {
		t.Error(empty, err)
	}
}

func read(t testing.TB, text string) *sbom.Document {
	t.Helper()
	doc, err := sbom.Read(strings.NewReader(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

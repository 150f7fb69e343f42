// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package license

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence/internal/test/corpus"
	"github.com/HailBytes/evidence/sbom"
	"github.com/HailBytes/evidence/sbom/spdxexpr"
)

// TestReal joins the SAT report with go.mod and with the SBOM of the same build,
// and compares with what the SBOM alone says. The differences were checked by hand:
// Syft found no licence of a module, as the image has the program and no module
// cache; it names the standard library, which go-licenses leaves out; go.mod names
// one module more, which is compiled on Windows only.
func TestReal(t *testing.T) {
	mod := goMod(t)
	f, err := os.Open(filepath.Join(corpus.Dir(t, "real", "sat-1.205", "sbom"), "hailbytes-sat.cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := sbom.Read(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	alone := FromComponents(goComponents(doc), mod.Module)
	names := func(inv *Inventory) (list []string) {
		for _, m := range inv.Modules {
			list = append(list, m.String())
		}
		return list
	}
	for _, name := range []string{"go-licenses.csv", "go-licenses-v2.csv"} {
		rep := corpusReport(t, "real/sat-1.205/licenses/"+name)
		byMod := Join(rep, &JoinOptions{Components: slices.Values(mod.Requirements), Main: mod.Module})
		bySBOM := Join(rep, &JoinOptions{Components: goComponents(doc), Main: mod.Module})
		if diff := cmp.Diff(names(byMod), names(bySBOM)); diff != "" {
			t.Errorf("go.mod and SBOM: %s", diff)
		}
		for _, inv := range []*Inventory{byMod, bySBOM} {
			if len(inv.Problems) != 0 {
				t.Errorf("problems %v", inv.Problems)
			}
			for _, m := range inv.Modules {
				if m.FirstParty != (m.Name == mod.Module) || (m.Version == "") != m.FirstParty {
					t.Errorf("%+v", m)
				}
			}
			sum := Summarize(inv)
			want := []CategoryCount{{Unknown, 1}, {WeakCopyleft, 1}, {Permissive, 18}} // own, golang-lru, the rest
			if diff := cmp.Diff(want, sum.Categories); diff != "" || !sum.OK() || sum.Worst != WeakCopyleft {
				t.Errorf("summary %+v%s", sum, diff)
			}
			c := Compare(inv, alone)
			if len(c.OnlyFirst)+len(c.OnlySecond)+len(c.Licenses)+len(c.Versions) != 0 || len(c.Silent) != 19 || c.Agree != 1 || !c.OK() {
				t.Errorf("comparison %+v", c)
			}
			for _, ch := range c.Silent {
				if !ch.After.silent() || ch.Before.silent() {
					t.Errorf("%+v", ch)
				}
			}
		}
	}
	sum := Summarize(alone)
	if sum.OK() || sum.Modules != 21 || len(sum.Unknown) != 19 || slices.Contains(sum.Unknown, mod.Module) {
		t.Errorf("the SBOM alone: %+v", sum)
	}
	var listed []string
	for _, c := range mod.Requirements {
		listed = append(listed, c.Name+"@"+c.Version)
	}
	for _, m := range alone.Modules {
		if i := slices.Index(listed, m.String()); i >= 0 {
			listed = slices.Delete(listed, i, i+1)
		} else if m.Name != mod.Module && m.Name != "stdlib" {
			t.Errorf("go.mod has not %s", m)
		}
	}
	if !slices.Equal(listed, []string{"github.com/konsorten/go-windows-terminal-sequences@v1.0.1"}) {
		t.Errorf("only go.mod has %v", listed)
	}
}

// TestJoinVersions has a module in several versions, other ecosystems, and modules
// under the main one. Each case is rows, components, and what comes of them.
func TestJoinVersions(t *testing.T) {
	at := func(name, version string) Component {
		return Component{Name: name, Version: version, PURL: "pkg:golang/" + strings.ToLower(name) + "@" + version}
	}
	const x = "x.y/m,https://github.com/x/m/blob/v1.2.0/LICENSE,MIT\n"
	for name, test := range map[string]struct {
		rows       string
		components []Component
		modules    []string // name@version, with "own"
		problems   []string
	}{
		"one":                           {x, []Component{at("x.y/m", "v1.2.0")}, []string{"x.y/m@v1.2.0"}, nil},
		"one, another":                  {x, []Component{at("x.y/m", "v1.3.0")}, []string{"x.y/m@v1.3.0"}, []string{"license.version"}},
		"the URL tells":                 {x, []Component{at("x.y/m", "v1.1.0"), at("x.y/m", "v1.2.0")}, []string{"x.y/m@v1.2.0"}, nil},
		"the URL tells none of them":    {x, []Component{at("x.y/m", "v1.1.0"), at("x.y/m", "v1.3.0")}, []string{"x.y/m"}, []string{"license.ambiguous"}},
		"no URL":                        {"x.y/m,Unknown,MIT\n", []Component{at("x.y/m", "v1.1.0"), at("x.y/m", "v1.2.0")}, []string{"x.y/m"}, []string{"license.ambiguous"}},
		"another row's URL tells":       {"x.y/m/sub,Unknown,ISC\n" + x, []Component{at("x.y/m", "v1.1.0"), at("x.y/m", "v1.2.0")}, []string{"x.y/m@v1.2.0"}, nil},
		"the rows' URLs tell two":       {x + "x.y/m/sub,https://github.com/x/m/blob/v1.1.0/LICENSE,ISC\n", []Component{at("x.y/m", "v1.1.0"), at("x.y/m", "v1.2.0")}, []string{"x.y/m@v1.1.0", "x.y/m@v1.2.0"}, nil},
		"one version twice":             {x, []Component{at("x.y/m", "v1.2.0"), at("x.y/m", "1.2.0")}, []string{"x.y/m@v1.2.0"}, nil},
		"with and without a version":    {x, []Component{{Name: "x.y/m"}, at("x.y/m", "v1.2.0")}, []string{"x.y/m@v1.2.0"}, nil},
		"a column tells":                {"name,version,license\nx.y/m,v1.1.0,MIT\n", []Component{at("x.y/m", "v1.1.0"), at("x.y/m", "v1.2.0")}, []string{"x.y/m@v1.1.0"}, nil},
		"a column tells another":        {"name,version,license\nx.y/m,v1.1.0,MIT\n", []Component{at("x.y/m", "v1.2.0")}, []string{"x.y/m@v1.2.0"}, []string{"license.version"}},
		"the commit tells":              {"x.y/m,https://github.com/x/m/blob/fd8a7622303e/L,MIT\n", []Component{at("x.y/m", "v0.0.0-20200602115436-fd8a7622303e"), at("x.y/m", "v0.0.0-20200602115436-fd8a76223fff")}, []string{"x.y/m@v0.0.0-20200602115436-fd8a7622303e"}, nil},
		"a short commit tells not":      {"x.y/m,https://github.com/x/m/blob/fd8a762/L,MIT\n", []Component{at("x.y/m", "v0.0.0-20200602115436-fd8a7622303e"), at("x.y/m", "v0.0.0-20200602115436-fd8a76223fff")}, []string{"x.y/m"}, []string{"license.ambiguous"}},
		"spelled exactly":               {"x.y/M,Unknown,MIT\n", []Component{at("x.y/m", "v1.1.0"), at("x.y/M", "v1.2.0")}, []string{"x.y/M@v1.2.0"}, nil},
		"in lower case":                 {"x.y/M/p,Unknown,MIT\n", []Component{at("x.y/m", "v1.1.0")}, []string{"x.y/M@v1.1.0"}, nil},
		"another ecosystem":             {x, []Component{{Name: "x.y/m", Version: "v1.2.0", PURL: "pkg:npm/x.y/m@v1.2.0"}}, []string{"x.y/m"}, []string{"license.module"}},
		"another ecosystem beside":      {x, []Component{{Name: "x.y/m", Version: "v9.0.0", PURL: "pkg:deb/debian/x.y"}, at("x.y/m", "v1.2.0")}, []string{"x.y/m@v1.2.0"}, nil},
		"no package URL":                {x, []Component{{Name: "x.y/m", Version: "v1.2.0"}}, []string{"x.y/m@v1.2.0"}, nil},
		"a longer name is no prefix":    {x, []Component{at("x.y/m2", "v1.2.0"), at("x.y", "v0.1.0")}, []string{"x.y@v0.1.0"}, []string{"license.version"}},
		"the longest":                   {"x.y/m/n/o,Unknown,MIT\n", []Component{at("x.y/m", "v1.0.0"), at("x.y/m/n", "v2.0.0"), at("x.y/m-n", "v3.0.0"), at("x.y/m/n/p", "v4.0.0")}, []string{"x.y/m/n@v2.0.0"}, nil},
		"own":                           {"x.y/app/cmd,Unknown,Unknown\n", []Component{at("x.y/app", "(devel)")}, []string{"x.y/app own"}, nil},
		"own, not named":                {"x.y/app/cmd,Unknown,Unknown\n", []Component{}, []string{"x.y/app own"}, nil},
		"own, in a tagged build":        {"x.y/app/cmd,Unknown,Unknown\n", []Component{at("x.y/app", "v1.0.0")}, []string{"x.y/app@v1.0.0 own"}, nil},
		"not own, with a version":       {"x.y/app/lib,Unknown,MIT\n", []Component{at("x.y/app/lib", "v1.0.0")}, []string{"x.y/app/lib@v1.0.0"}, nil},
		"not own, with versions":        {"x.y/app/lib,Unknown,MIT\n", []Component{at("x.y/app/lib", "v1.0.0"), at("x.y/app/lib", "v1.1.0")}, []string{"x.y/app/lib"}, []string{"license.ambiguous"}},
		"own, replaced by a folder":     {"x.y/app/lib,Unknown,MIT\n", []Component{{Name: "x.y/app/lib"}}, []string{"x.y/app/lib own"}, nil},
		"own, of a go.work":             {"x.y/app/lib,Unknown,MIT\n", []Component{at("x.y/app/lib", "(devel)")}, []string{"x.y/app/lib own"}, nil},
		"not own, begins alike":         {"x.y/application,Unknown,MIT\n", []Component{at("x.y/application", "v1.0.0")}, []string{"x.y/application@v1.0.0"}, nil},
		"a branch is no version":        {"x.y/m,https://github.com/x/m/blob/master/LICENSE,MIT\n", []Component{at("x.y/m", "v1.2.0")}, []string{"x.y/m@v1.2.0"}, nil},
		"a commit of a tag is accepted": {"x.y/m,https://github.com/x/m/blob/0123456789ab/LICENSE,MIT\n", []Component{at("x.y/m", "v1.2.0")}, []string{"x.y/m@v1.2.0"}, nil},
	} {
		inv := Join(report(t, test.rows), &JoinOptions{Components: slices.Values(test.components), Main: "x.y/app"})
		var modules, problems []string
		for _, m := range inv.Modules {
			text := m.String()
			if m.FirstParty {
				text += " own"
			}
			modules = append(modules, text)
		}
		for _, p := range inv.Problems {
			problems = append(problems, p.Code)
		}
		if diff := cmp.Diff([][]string{test.modules, test.problems}, [][]string{modules, problems}); diff != "" {
			t.Errorf("%s: %s\n%v", name, diff, inv.Problems)
		}
	}
}

// TestURLVersion has addresses as the sites write them, for module x.y/m or the one named.
func TestURLVersion(t *testing.T) {
	for _, test := range []struct{ url, module, want string }{
		{"https://github.com/fsnotify/fsnotify/blob/v1.4.9/LICENSE", "", "v1.4.9"},
		{"https://github.com/x/m/tree/v1.4.9", "", "v1.4.9"},
		{"https://github.com/x/m/raw/1.4.9-rc.1+meta/LICENSE", "", "1.4.9-rc.1+meta"},
		{"https://github.com/x/m/blob/refs/tags/v1.4.9/LICENSE", "", "v1.4.9"},
		{"https://github.com/Azure/go-autorest/blob/autorest/adal/v0.9.23/autorest/adal/LICENSE", "github.com/Azure/go-autorest/autorest/adal", "v0.9.23"},
		{"https://github.com/x/m/blob/sub/v2.1.0/sub/v2/LICENSE", "github.com/x/m/sub/v2", "v2.1.0"},
		{"https://github.com/x/m/blob/v2.1.0/LICENSE", "github.com/x/m/v2", "v2.1.0"},
		{"https://github.com/x/m/blob/sub/v2.1.0/LICENSE", "github.com/x/m", ""}, // a branch "sub", or the tag of another module
		{"https://github.com/jordan-wright/email/blob/fd8a7622303e/LICENSE", "", "fd8a7622303e"},
		{"https://github.com/x/m/blob/master/LICENSE", "", ""},
		{"https://github.com/x/m/blob/main/third_party/v1.2.3/LICENSE", "", ""},
		{"https://github.com/x/m/blob/HEAD/LICENSE", "", ""},
		{"https://github.com/x/m/blob/v2/LICENSE", "", ""}, // a branch
		{"https://github.com/x/m/blob/release-1.2.3/LICENSE", "", ""},
		{"https://raw.githubusercontent.com/x/m/v1.4.9/LICENSE", "", "v1.4.9"},
		{"https://raw.githubusercontent.com/x/m/main/LICENSE", "", ""},
		{"https://cs.opensource.google/go/x/net/+/v0.10.0:LICENSE", "", "v0.10.0"},
		{"https://cs.opensource.google/go/x/sys/+/977fb726:LICENSE", "", "977fb726"},
		{"https://cs.opensource.google/go/x/sys/+/master:unix/v1.2.3/LICENSE", "", ""},
		{"https://cs.opensource.google/go/x/sys/+/refs/tags/v0.10.0:LICENSE", "", "v0.10.0"},
		{"https://go.googlesource.com/text/+/refs/tags/v0.3.5/LICENSE", "", "v0.3.5"},
		{"https://go.googlesource.com/text/+/v0.3.5/LICENSE", "", "v0.3.5"},
		{"https://go.googlesource.com/text/+/refs/heads/master/LICENSE", "", ""},
		{"https://gitlab.com/group/sub/m/-/blob/v1.4.9/LICENSE?ref_type=tags", "", "v1.4.9"},
		{"https://gitlab.com/group/m/-/raw/main/LICENSE", "", ""},
		{"https://gitea.com/x/m/src/tag/v1.4.9/LICENSE", "", "v1.4.9"},
		{"https://codeberg.org/x/m/src/commit/0123456789abcdef0123456789abcdef01234567/LICENSE", "", "0123456789abcdef0123456789abcdef01234567"},
		{"https://codeberg.org/x/m/src/branch/v1.4.9/LICENSE", "", ""},
		{"https://bitbucket.org/x/m/src/v1.4.9/LICENSE", "", "v1.4.9"},
		{"https://bitbucket.org/x/m/src/default/LICENSE", "", ""},
		{"https://pkg.go.dev/golang.org/x/net@v0.10.0?tab=licenses", "", "v0.10.0"},
		{"https://pkg.go.dev/golang.org/x/net@v0.10.0/html?tab=licenses", "", "v0.10.0"},
		{"https://pkg.go.dev/golang.org/x/net?tab=licenses", "", ""},
		{"https://example.com/LICENSE", "", ""},
		{"https://example.com/v1.2.3/LICENSE", "", ""},
		{"https://[::1/blob/v1.2.3/L", "", ""},
		{"", "", ""},
	} {
		if test.module == "" {
			test.module = "x.y/m"
		}
		got, ok := urlVersion(test.url, test.module)
		if !ok {
			got = ""
		}
		if got != test.want {
			t.Errorf("%s of %s: got %q, want %q", test.url, test.module, got, test.want)
		}
	}
	for _, test := range []struct {
		ref, version string
		same, other  bool
	}{
		{"v1.2.3", "v1.2.3", true, false},
		{"1.2.3", "v1.2.3", true, false},
		{"v1.2.3", "1.2.3", true, false},
		{"v1.2.3", "v1.2.4", false, true},
		{"v1.2.3", "v1.2.3-rc.1", false, true},
		{"v3.2.0", "v3.2.0+incompatible", true, false},
		{"fd8a7622303e", "v0.0.0-20200602115436-fd8a7622303e", true, false},
		{"fd8a7622", "v0.0.0-20200602115436-fd8a7622303e", true, false},
		{"fd8a7622303e0123456789abcdef0123456789ab", "v1.2.4-0.20200602115436-fd8a7622303e", true, false},
		{"0123456789ab", "v0.0.0-20200602115436-fd8a7622303e", false, true},
		{"v1.2.3", "v0.0.0-20200602115436-fd8a7622303e", false, true},
		{"0123456789ab", "v1.2.3", false, false},
		{"v1.2.3", "", false, false},
		{"v1.2.3", "latest", false, false},
	} {
		raw := "https://github.com/x/m/blob/" + test.ref + "/LICENSE"
		if same, other := test.version != "" && sameVersion(test.ref, test.version), otherVersion(raw, "x.y/m", test.version); same != test.same || other != test.other {
			t.Errorf("%s of %s: same %v, other %v", test.ref, test.version, same, other)
		}
	}
}

// TestPathIndex compares with a search of each prefix in a map.
func TestPathIndex(t *testing.T) {
	names := []string{"a", "a/b", "a/b/c", "a-b", "a-b/c", "a.b/c", "A/B", "b", "a/b0", "a/b-", "a/b/c/d/e", "z/z", "a/b/C"}
	numbers := make([]int, len(names))
	byName := map[string][]int{}
	for i, name := range names {
		numbers[i] = i
		byName[lower(name)] = append(byName[lower(name)], i)
	}
	index := newPathIndex(names, numbers)
	elements := []string{"a", "b", "c", "a-b", "a.b", "b0", "b-", "d", "e", "z", "B", "0"}
	var walk func(path string, depth int)
	walk = func(path string, depth int) {
		var got, want [][]int
		for g := range index.prefixes(path) {
			got = append(got, g.values)
		}
		for p := lower(path); ; p = p[:strings.LastIndexByte(p, '/')] {
			if v := byName[p]; v != nil {
				want = append(want, v)
			}
			if !strings.Contains(p, "/") {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s: %s", path, diff)
		}
		if depth > 0 {
			for _, e := range elements {
				walk(path+"/"+e, depth-1)
			}
		}
	}
	for _, e := range elements {
		walk(e, 3)
	}
	if _, ok := newPathIndex[int](nil, nil).longest("a"); ok {
		t.Error("an index of nothing finds something")
	}
}

// TestJoinCost joins 20,000 packages with 20,000 modules, and 5,000 where paths
// have 500 elements. Ten times the work takes about ten times the memory.
func TestJoinCost(t *testing.T) {
	deep := strings.Repeat("a/", 500)
	for name, of := range map[string]func(i int) (pkg, module string){
		"plain":         func(i int) (string, string) { return fmt.Sprintf("x.y/m%d/p", i), fmt.Sprintf("x.y/m%d", i) },
		"deep packages": func(i int) (string, string) { return fmt.Sprintf("x.y/%sp%d", deep, i), fmt.Sprintf("x.y/m%d", i) },
		"deep modules": func(i int) (string, string) {
			return fmt.Sprintf("x.y/%sp%d", deep, i), fmt.Sprintf("x.y/%sm%d", deep, i)
		},
		"nested modules":  func(i int) (string, string) { return fmt.Sprintf("x.y/%sp%d", deep, i), "x.y/" + deep[:2*(i%500)+1] },
		"many of one":     func(i int) (string, string) { return fmt.Sprintf("x.y/m/p%d", i), "x.y/m" },
		"many versions":   func(i int) (string, string) { return fmt.Sprintf("x.y/m/p%d", i), "x.y/m" },
		"nothing matches": func(i int) (string, string) { return fmt.Sprintf("%sp%d", deep, i), fmt.Sprintf("%sp%d/q", deep, i) },
	} {
		version := func(i int) string {
			if name == "many versions" {
				return fmt.Sprintf("v1.%d.0", i)
			}
			return "v1.0.0"
		}
		run := func(n int) uint64 {
			rep := &Report{}
			var list []Component
			for i := range n {
				pkg, module := of(i)
				rep.Rows = append(rep.Rows, Row{Package: pkg, URL: "https://github.com/x/y/blob/" + version(i) + "/LICENSE", Line: i + 1, Expression: noAssertion})
				list = append(list, Component{Name: module, Version: version(i)})
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if inv := Join(rep, &JoinOptions{Components: slices.Values(list)}); len(inv.Modules) == 0 {
				t.Fatal("no module")
			}
			runtime.ReadMemStats(&after)
			return after.TotalAlloc - before.TotalAlloc
		}
		most := 20_000
		if pkg, _ := of(0); len(pkg) > 1000 {
			most = 5_000
		}
		if small, large := run(most/10), run(most); large > 20*small { // 10 times the size; a square would be 100
			t.Errorf("%s: %d bytes for %d, %d bytes for %d", name, small, most/10, large, most)
		}
	}
}

func TestFromComponents(t *testing.T) {
	inv := FromComponents(slices.Values([]Component{
		{Name: "x.y/m", Version: "v1", PURL: "pkg:golang/x.y/m@v1?type=module", License: "MIT"},
		{Name: "x.y/m", Version: "v1", PURL: "pkg:golang/x.y/m@v1"}, // of another program, without a licence
		{Name: "x.y/n", Version: "v1", License: "MIT OR Apache-2.0"},
		{Name: "x.y/n", Version: "v1", License: "ISC"},
		{Name: "x.y/o", Version: "v1", License: "see the file"},
		{Name: "x.y/app", Version: "(devel)"},
		{Name: "x.y/app/lib", Version: "v1"},
		{Name: "x.y/app", Version: "1", PURL: "pkg:deb/debian/app@1"},
	}), "x.y/app")
	var got []string
	for _, m := range inv.Modules {
		got = append(got, fmt.Sprint(m.String(), " ", m.License, " ", m.FirstParty))
	}
	want := []string{
		"x.y/app NOASSERTION true", "x.y/app@1 NOASSERTION false", "x.y/app/lib@v1 NOASSERTION false",
		"x.y/m@v1 MIT false", "x.y/n@v1 ISC AND (Apache-2.0 OR MIT) false", "x.y/o@v1 NOASSERTION false",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(inv.Problems) != 1 || inv.Problems[0].Code != "license.expression" {
		t.Errorf("problems %v", inv.Problems)
	}
	if !spdxexpr.Equal(inv.Modules[3].License, expr(t, "MIT")) {
		t.Error("a component that says nothing took a licence away")
	}
}

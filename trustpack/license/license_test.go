// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package license

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/module"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/corpus"
	"github.com/HailBytes/evidence/sbom"
	"github.com/HailBytes/evidence/sbom/spdxexpr"
)

func report(t *testing.T, text string) *Report {
	t.Helper()
	rep, err := ReadReport(strings.NewReader(text), nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return rep
}

func corpusReport(t *testing.T, name string) *Report {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(corpus.Dir(t), filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return report(t, string(data))
}

func goMod(t *testing.T) *GoMod {
	t.Helper()
	f, err := os.Open(filepath.Join(corpus.Dir(t, "real", "sat-1.205", "source"), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	mod, err := ReadGoMod(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	return mod
}

// TestReports has rows, modules and unknown licences, counted by hand where the
// file has fewer than fifty lines, and checks every row against encoding/csv.
func TestReports(t *testing.T) {
	for name, want := range map[string][3]int{
		"licenses/go-licenses/cli02.csv":               {19, 18, 0},
		"licenses/go-licenses/complex.csv":             {140, 137, 0},
		"licenses/go-licenses/hello01.csv":             {1, 1, 0},
		"licenses/go-licenses/portal-1.1.0-v1.6.0.csv": {5, 5, 1},
		"licenses/go-licenses/template01.csv":          {2, 2, 0},
		"real/sat-1.205/licenses/go-licenses.csv":      {20, 20, 1},
		"real/sat-1.205/licenses/go-licenses-v2.csv":   {20, 20, 1},
	} {
		rep := corpusReport(t, name)
		inv := Join(rep, nil)
		unknown := 0
		for _, m := range inv.Modules {
			if m.License.String() == spdxexpr.NoAssertion {
				unknown++
			}
		}
		if got := [3]int{len(rep.Rows), len(inv.Modules), unknown}; got != want || len(rep.Problems) != 0 {
			t.Errorf("%s: got %v, want %v; problems %v", name, got, want, rep.Problems)
		}
		f, err := os.Open(filepath.Join(corpus.Dir(t), filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(f).ReadAll()
		f.Close()
		if err != nil || len(rows) != len(rep.Rows) {
			t.Fatalf("%s: encoding/csv: %d rows, %v", name, len(rows), err)
		}
		known := func(s string) string {
			if s == "Unknown" {
				return ""
			}
			return s
		}
		for i, row := range rows {
			if r := rep.Rows[i]; r.Package != row[0] || r.URL != known(row[1]) || r.License != known(row[2]) {
				t.Errorf("%s: row %d: got %+v, want %q", name, i, r, row)
			}
		}
	}
}

func TestReadReport(t *testing.T) {
	want := []Row{
		{Package: "example.com/a", URL: "https://x/y,z", License: `M"IT`, Line: 1, Expression: noAssertion},
		{Package: "example.com/b", Line: 2, Expression: noAssertion},
	}
	const text = "\"example.com/a\",\"https://x/y,z\",\"M\"\"IT\"\r\nexample.com/b,Unknown,Unknown"
	for name, in := range map[string]io.Reader{
		"CRLF":            strings.NewReader(text),
		"byte order mark": strings.NewReader("\ufeff" + text),
		"empty lines":     strings.NewReader(text + "\r\n\r\n\n"),
		"one byte":        iotest.OneByteReader(strings.NewReader(text + "\n")),
	} {
		rep, err := ReadReport(in, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, rep.Rows, cmp.Comparer(func(a, b spdxexpr.Expression) bool { return a.String() == b.String() })); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if len(rep.Problems) != 1 || rep.Problems[0].Code != "license.expression" || rep.Problems[0].Line != 1 {
			t.Errorf("%s: problems %v", name, rep.Problems)
		}
	}
	var wide []byte
	for _, c := range []byte("\ufeffexample.com/a,Unknown,MIT\r\n"[3:]) {
		wide = append(wide, c, 0)
	}
	if rep, err := ReadReport(strings.NewReader("\xff\xfe"+string(wide)), nil); err != nil || len(rep.Rows) != 1 || rep.Rows[0].License != "MIT" {
		t.Errorf("UTF-16: %v, %v", rep, err)
	}
	for _, test := range []struct {
		code         string
		class        error
		line, column int
		in           string
		o            *ReadOptions
	}{
		{"license.empty", evidence.ErrFormat, 1, 1, "", nil},
		{"license.empty", evidence.ErrFormat, 3, 1, "\n\n", nil},
		{"license.row", evidence.ErrFormat, 2, 1, "a.b/c,Unknown,MIT\na.b/c,MIT\n", nil},
		{"license.row", evidence.ErrFormat, 1, 1, "a.b/c,Unknown,MIT,x\n", nil},
		{"license.empty", evidence.ErrFormat, 2, 1, "name,url,license\n", nil},
		{"license.row", evidence.ErrFormat, 1, 1, "name,url\n", nil},
		{"license.row", evidence.ErrFormat, 1, 1, "name,url,license,name\n", nil},
		{"license.row", evidence.ErrFormat, 2, 1, "name,url,license\nname,url,license\n", nil},
		{"license.row", evidence.ErrFormat, 2, 1, "name,license\na.b/c,Unknown,MIT\n", nil},
		{"license.path", evidence.ErrFormat, 1, 1, ",Unknown,MIT\n", nil},
		{"license.path", evidence.ErrFormat, 1, 1, "a b,Unknown,MIT\n", nil},
		{"license.path", evidence.ErrFormat, 1, 1, "a.b/<c>,Unknown,MIT\n", nil},
		{"license.path", evidence.ErrFormat, 1, 1, "/abs,Unknown,MIT\n", nil},
		{"license.path", evidence.ErrFormat, 1, 1, "a.b/../c,Unknown,MIT\n", nil},
		{"license.path", evidence.ErrFormat, 1, 1, "a.b/./c,Unknown,MIT\n", nil},
		{"license.path", evidence.ErrFormat, 1, 1, "a.b//c,Unknown,MIT\n", nil},
		{"license.path", evidence.ErrFormat, 1, 1, "a.b/c/,Unknown,MIT\n", nil},
		{"license.path", evidence.ErrFormat, 1, 1, "a.b\\c,Unknown,MIT\n", nil},
		{"license.path", evidence.ErrFormat, 1, 1, "a.b/\u00e9,Unknown,MIT\n", nil},
		{"license.path", evidence.ErrFormat, 2, 1, "a.b/c,Unknown,MIT\n\ufeffa.b/d,Unknown,MIT\n", nil},
		{"license.path", evidence.ErrFormat, 2, 1, "a.b/c,Unknown,MIT\nE0102 read,Unknown,MIT\n", nil},
		{"license.path", evidence.ErrLimit, 1, 1, "a.b/" + strings.Repeat("c", 1021) + ",Unknown,MIT\n", nil},
		{"license.path", evidence.ErrLimit, 1, 1, "a.b/cde,Unknown,MIT\n", &ReadOptions{Limits: evidence.Limits{ImportPath: 6}}},
		{"license.html", evidence.ErrFormat, 1, 1, "<!DOCTYPE html>\n<html>", nil},
		{"license.html", evidence.ErrFormat, 1, 1, "\ufeff \r\n\t<html lang=en>", nil},
		{"license.json", evidence.ErrFormat, 1, 1, "{\"message\": \"Not Found\"}", nil},
		{"license.json", evidence.ErrFormat, 1, 1, "\n[]", nil},
		{"license.empty", evidence.ErrFormat, 2, 1, "E0102 15:04:05.000000    4711 library.go:122] Failed to find license\n", nil},
		{"csv.syntax", evidence.ErrFormat, 1, 43, "F0102 15:04:05.000000    4711 main.go:74] \x00\n", nil},
		{"license.rows", evidence.ErrLimit, 3, 1, strings.Repeat("I0102 15:04:05.000000 1 a.go:1] b\n", 3), &ReadOptions{Limits: evidence.Limits{Elements: 2}}},
		{"license.row", evidence.ErrFormat, 1, 1, "a.b/c,javascript:x,MIT\n", nil},
		{"csv.syntax", evidence.ErrFormat, 1, 3, "ab\"c,Unknown,MIT\n", nil},
		{"csv.syntax", evidence.ErrFormat, 1, 4, "\"a\"b,,", nil},
		{"csv.syntax", evidence.ErrFormat, 2, 1, "\"a\n", nil},
		{"csv.syntax", evidence.ErrFormat, 1, 2, "a\rb,,\n", nil},
		{"csv.syntax", evidence.ErrFormat, 1, 2, "a\x00,,\n", nil},
		{"csv.utf8", evidence.ErrFormat, 1, 2, "a\xff,,\n", nil},
		{"csv.field", evidence.ErrLimit, 1, 65537, strings.Repeat("a", 70_000) + ",,", nil},
		{"csv.syntax", evidence.ErrFormat, 1, 16, strings.Repeat(",", 20), nil},
		{"csv.size", evidence.ErrLimit, 1, 11, "a.b/c,Unknown,MIT\n", &ReadOptions{Limits: evidence.Limits{DocumentBytes: 10}}},
		{"license.rows", evidence.ErrLimit, 4, 1, strings.Repeat("a.b/c,Unknown,MIT\n", 3), &ReadOptions{Limits: evidence.Limits{Elements: 2}}},
	} {
		_, err := ReadReport(strings.NewReader(test.in), test.o)
		p, _ := errors.AsType[*evidence.Problem](err)
		if p == nil || p.Code != test.code || !errors.Is(err, test.class) || p.Line != test.line || p.Column != test.column {
			t.Errorf("%.60q: got %v (%v), want %s at %d:%d", test.in, err, p, test.code, test.line, test.column)
		}
	}
	for in, want := range map[string]string{
		strings.Repeat("c", 1020): "", "x.y/~user/a_b+c-d.e": "", "m": "", // the near neighbours of what is refused
	} {
		if rep, err := ReadReport(strings.NewReader("a.b/"+in+",Unknown,MIT\n"), nil); err != nil || rep.Rows[0].Version != want {
			t.Errorf("%.40q: %v", in, err)
		}
	}
	if _, err := ReadReport(iotest.ErrReader(io.ErrClosedPipe), nil); err != io.ErrClosedPipe {
		t.Errorf("error of the reader: got %v", err)
	}
}

// TestTemplates has reports with columns of a template's own.
func TestTemplates(t *testing.T) {
	for _, in := range []string{
		"name,url,license\na.b/c,https://x/y,MIT\n",
		"Name,LicenseURL,LicenseName\na.b/c,https://x/y,MIT\n",
		"license name,version,module,license_url\nMIT,v1.2.3,a.b/c,https://x/y\n",
		"package,license\na.b/c,MIT\n",
	} {
		rep := report(t, in)
		want := Row{Package: "a.b/c", License: "MIT", Line: 2}
		if strings.Contains(strings.ToLower(in), "url") {
			want.URL = "https://x/y"
		}
		if strings.Contains(in, "v1.2.3") {
			want.Version = "v1.2.3"
		}
		got := rep.Rows[0]
		got.Expression = spdxexpr.Expression{}
		if len(rep.Rows) != 1 || got != want {
			t.Errorf("%q: got %+v", in, rep.Rows)
		}
	}
}

// TestLog has rows amid the log that go-licenses writes to standard error.
func TestLog(t *testing.T) {
	rep := report(t, `W0102 15:04:05.123456    4711 library.go:101] "a.b/c" contains non-Go code that can't be inspected for further dependencies:
a.b/c,Unknown,MIT
E0102 15:04:06.123456    4711 library.go:122] Failed to find license for a.b/d: cannot find a known open source license for "a.b/d" whose name matches regexp ^(?i)((UN)?LICEN(S|C)E|COPYING|README|NOTICE).*$
a.b/d,Unknown,Unknown
F0102 15:04:07.123456    4711 main.go:77] some errors occurred`)
	var got []string
	for _, p := range rep.Problems {
		got = append(got, p.Code+" "+p.Severity.String()+" "+place(p))
	}
	if diff := cmp.Diff([]string{"license.log warning 1:1", "license.log warning 3:1", "license.log error 5:1"}, got); diff != "" || len(rep.Rows) != 2 {
		t.Errorf("%d rows, %v%s", len(rep.Rows), rep.Problems, diff)
	}
}

func TestJoin(t *testing.T) {
	rep := report(t, `example.com/app/cmd,Unknown,Unknown
golang.org/x/net/html,https://cs.opensource.google/go/x/net/+/v0.10.0:LICENSE,BSD-3-Clause
golang.org/x/net/idna,Unknown,MIT
golang.org/x/network,Unknown,MIT
github.com/azure/sdk/v2/storage,https://github.com/Azure/sdk/blob/v2.0.0/LICENSE,MIT
github.com/x/y/sub/pkg,https://github.com/x/y/blob/sub/v1.2.3/LICENSE,Apache-2.0
github.com/x/y,https://github.com/x/y/blob/v0.9.0/LICENSE,MIT
github.com/p/q,https://github.com/p/q/blob/fd8a7622303e/LICENSE,MIT
github.com/i/j,https://github.com/i/j/blob/v3.0.0/LICENSE,MIT OR Apache-2.0
`)
	components := []Component{
		{Name: "golang.org/x/net", Version: "v0.10.0", PURL: "pkg:golang/golang.org/x/net@v0.10.0"},
		{Name: "github.com/Azure/sdk/v2", Version: "v2.0.0"},
		{Name: "github.com/x/y", Version: "v1.0.0"},
		{Name: "github.com/x/y/sub", Version: "v1.2.3"},
		{Name: "github.com/p/q", Version: "v0.0.0-20200602115436-fd8a7622303e"},
		{Name: "github.com/i/j", Version: "v3.0.0+incompatible"},
	}
	inv := Join(rep, &JoinOptions{Components: slices.Values(components), Main: "example.com/app"})
	var got []string
	for _, m := range inv.Modules {
		line := m.String() + " " + m.License.String() + " " + m.Category.String()
		if m.FirstParty {
			line += " own"
		}
		got = append(got, line)
	}
	want := []string{
		"example.com/app NOASSERTION unknown own",
		"github.com/azure/sdk/v2@v2.0.0 MIT permissive",
		"github.com/i/j@v3.0.0+incompatible Apache-2.0 OR MIT permissive",
		"github.com/p/q@v0.0.0-20200602115436-fd8a7622303e MIT permissive",
		"github.com/x/y@v1.0.0 MIT permissive",
		"github.com/x/y/sub@v1.2.3 Apache-2.0 permissive",
		"golang.org/x/net@v0.10.0 BSD-3-Clause AND MIT permissive",
		"golang.org/x/network MIT permissive",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var codes []string
	for _, p := range inv.Problems {
		codes = append(codes, p.Code)
	}
	if diff := cmp.Diff([]string{"license.module", "license.version"}, codes); diff != "" {
		t.Errorf("%s\n%v", diff, inv.Problems)
	}
}

// goComponents gives the Go modules of an SBOM, as a caller does it.
func goComponents(doc *sbom.Document) iter.Seq[Component] {
	return func(yield func(Component) bool) {
		for i := range doc.Components {
			c := &doc.Components[i]
			if !strings.HasPrefix(c.PURL(), "pkg:golang/") {
				continue
			}
			one := Component{Name: c.Name.String(), Version: c.Version.String(), PURL: c.PURL()}
			if len(c.Licenses) > 0 {
				one.License = c.Licenses[0].Expression.String()
			}
			if !yield(one) {
				return
			}
		}
	}
}

func expr(t *testing.T, s string) spdxexpr.Expression {
	t.Helper()
	e, err := spdxexpr.Parse(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestCategories(t *testing.T) {
	for in, want := range map[string]Category{
		"MIT": Permissive, "Apache-2.0 WITH LLVM-exception": Permissive, "MPL-2.0": WeakCopyleft, "LGPL-2.1+": WeakCopyleft,
		"GPL-2.0": StrongCopyleft, "GPL-3.0-or-later": StrongCopyleft, "AGPL-3.0-only": NetworkCopyleft, "SSPL-1.0": NetworkCopyleft,
		"BUSL-1.1": Proprietary, "CC-BY-NC-4.0": Proprietary, "NOASSERTION": Unknown, "NONE": Unknown, "LicenseRef-x": Unknown,
		"GPL-2.0-only WITH Classpath-exception-2.0": WeakCopyleft, "GPL-2.0-with-classpath-exception": WeakCopyleft,
		"MIT OR GPL-2.0-only": Permissive, "MIT AND GPL-2.0-only": StrongCopyleft,
		"(AGPL-3.0-only OR MPL-2.0) AND (BUSL-1.1 OR MIT)": WeakCopyleft, "MIT AND NOASSERTION": Unknown,
	} {
		if got := CategoryOfExpression(expr(t, in)); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
	if got := CategoryOfExpression(spdxexpr.Expression{}); got != Unknown {
		t.Errorf("no expression: got %s", got)
	}
}

func entry(t *testing.T, name, version, license string) Module {
	e := expr(t, license)
	return Module{Name: name, Version: version, License: e, Category: CategoryOfExpression(e)}
}

func TestPolicy(t *testing.T) {
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	p, err := NewPolicy(PolicyRules{
		Allow: []string{"GPL-2.0-only"}, Review: []string{"BSD-4-Clause"}, Deny: []string{"WTFPL"},
		Categories: map[Category]Verdict{Permissive: Allowed, WeakCopyleft: NeedsReview, NetworkCopyleft: Denied},
		Exceptions: []Exception{
			{Module: "a.b/mpl", License: "MPL-2.0", Decision: evidence.Decision{Owner: "o", Reason: "r", Expires: now.AddDate(0, 0, 1)}},
			{Module: "a.b/agpl/...", Version: "v1.0.0", License: "AGPL-3.0", Decision: evidence.Decision{Owner: "o", Reason: "r", Expires: now.AddDate(0, 0, 1)}},
			{Module: "a.b/old", License: "MPL-2.0", Decision: evidence.Decision{Owner: "o", Reason: "r", Expires: now}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	own := entry(t, "a.b/own", "", "NOASSERTION")
	own.FirstParty = true
	ownAGPL := entry(t, "a.b/own/agpl", "", "AGPL-3.0-only")
	ownAGPL.FirstParty = true
	for _, test := range []struct {
		m         Module
		want      Verdict
		exception bool
	}{
		{entry(t, "m", "", "MIT"), Allowed, false},
		{entry(t, "m", "", "GPL-2.0"), Allowed, false},
		{entry(t, "m", "", "GPL-3.0-only"), NeedsReview, false},
		{entry(t, "m", "", "BSD-4-Clause"), NeedsReview, false},
		{entry(t, "m", "", "WTFPL"), Denied, false},
		{entry(t, "m", "", "WTFPL OR MIT"), Allowed, false},
		{entry(t, "m", "", "WTFPL AND MIT"), Denied, false},
		{entry(t, "m", "", "NOASSERTION"), NeedsReview, false},
		{own, Allowed, false},
		{ownAGPL, Denied, false},
		{entry(t, "a.b/mpl", "v9", "MPL-2.0"), Allowed, true},
		{entry(t, "a.b/mpl/sub", "v9", "MPL-2.0"), NeedsReview, false},
		{entry(t, "a.b/mpl", "v9", "LGPL-3.0-only"), NeedsReview, false},
		{entry(t, "a.b/agpl/sub", "v1.0.0", "AGPL-3.0-only"), Allowed, true},
		{entry(t, "a.b/agpl", "v1.0.1", "AGPL-3.0-only"), Denied, false},
		{entry(t, "a.b/agplx", "v1.0.0", "AGPL-3.0-only"), Denied, false},
		{entry(t, "a.b/old", "", "MPL-2.0"), NeedsReview, true},
	} {
		f := decide(t, p, &Inventory{Modules: []Module{test.m}}, now).Findings[0]
		if f.Verdict != test.want || (f.Exception != nil) != test.exception || f.Why == "" {
			t.Errorf("%s %s: got %+v, want %v", test.m, test.m.License, f, test.want)
		}
	}
	zero, err := NewPolicy(PolicyRules{})
	if err != nil {
		t.Fatal(err)
	}
	if got := decide(t, zero, &Inventory{Modules: []Module{entry(t, "m", "", "MIT")}}, now).Worst(); got != NeedsReview {
		t.Errorf("the policy without a rule: got %v", got)
	}
	if got := new(Judgment).Worst(); got != VerdictInvalid {
		t.Errorf("nothing judged: got %v", got)
	}
	_, err = NewPolicy(PolicyRules{Deny: []string{"GLP-2.0"}, Categories: map[Category]Verdict{9: Allowed}, Exceptions: []Exception{{Module: "m", License: "MIT"}}})
	var list evidence.Problems
	if !errors.As(err, &list) || len(list) != 5 || !errors.Is(err, evidence.ErrFormat) {
		t.Errorf("rules with mistakes: got %v", err)
	}
}

func TestDiff(t *testing.T) {
	before := &Inventory{Modules: []Module{entry(t, "gone", "v1", "MIT"), entry(t, "re", "v1", "MIT"), entry(t, "same", "v1", "GPL-2.0"), entry(t, "two", "v1", "MIT"), entry(t, "two", "v2", "MIT"), entry(t, "up", "v1", "MIT")}}
	after := &Inventory{Modules: []Module{entry(t, "new", "v1", "MIT"), entry(t, "re", "v2", "BUSL-1.1"), entry(t, "same", "v1", "GPL-2.0-only"), entry(t, "two", "v2", "MIT"), entry(t, "two", "v3", "MIT"), entry(t, "up", "v2", "MIT")}}
	ch := Diff(before, after)
	names := func(list []Change) (s []string) {
		for _, c := range list {
			s = append(s, c.Name)
		}
		return s
	}
	got := map[string][]string{"added": names(ch.Added), "removed": names(ch.Removed), "relicensed": names(ch.Relicensed), "versions": names(ch.Versions)}
	want := map[string][]string{"added": {"new"}, "removed": {"gone"}, "relicensed": {"re"}, "versions": {"two", "up"}}
	if diff := cmp.Diff(want, got); diff != "" || ch.Unchanged != 2 || ch.Empty() {
		t.Errorf("%s, unchanged %d", diff, ch.Unchanged)
	}
	if same := Diff(before, before); !same.Empty() || same.Unchanged != 6 {
		t.Errorf("an inventory against itself: %+v", same)
	}
}

// TestDiffAbove has, for each step from one licence to another, whether the new
// terms are stricter than a limit and than before; and the step back.
func TestDiffAbove(t *testing.T) {
	at := func(license string) *Inventory {
		if license == "" {
			return &Inventory{}
		}
		return &Inventory{Modules: []Module{entry(t, "m", "v1", license)}}
	}
	for _, test := range []struct {
		before, after string
		there, back   bool // above WeakCopyleft
	}{
		{"", "MIT", false, false},
		{"", "MPL-2.0", false, false},
		{"", "GPL-3.0-only", true, false},
		{"", "NOASSERTION", true, false},
		{"MIT", "MPL-2.0", false, false},
		{"MPL-2.0", "BUSL-1.1", true, false},
		{"MIT", "GPL-2.0-only OR MIT", false, false},
		{"GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only", true, false},
		{"GPL-2.0-only", "AGPL-3.0-only", true, false},
		{"GPL-2.0-only", "GPL-3.0-only", false, false}, // another licence, the same kind
		{"GPL-2.0", "GPL-2.0-only", false, false},      // another name
		{"SSPL-1.0", "BUSL-1.1", true, false},
		{"BUSL-1.1", "NOASSERTION", true, false},
	} {
		there, back := Diff(at(test.before), at(test.after)).Above(WeakCopyleft), Diff(at(test.after), at(test.before)).Above(WeakCopyleft)
		if (len(there) == 1) != test.there || (len(back) == 1) != test.back {
			t.Errorf("%s to %s: there %+v, back %+v", test.before, test.after, there, back)
		}
	}
	if got := Diff(at("MIT"), at("MPL-2.0")).Above(Permissive); len(got) != 1 || got[0].Before.Category != Permissive {
		t.Errorf("above permissive: %+v", got)
	}
}

// TestDiffPairs has names that differ in case and versions with and without "v".
func TestDiffPairs(t *testing.T) {
	purl := entry(t, "github.com/azure/sdk", "68.0.0", "MIT")
	purl.PURL = "pkg:golang/github.com/azure/sdk@68.0.0"
	deb := entry(t, "Foo", "1", "MIT")
	deb.PURL = "pkg:deb/debian/Foo@1"
	other := entry(t, "foo", "1", "MIT")
	other.PURL = "pkg:deb/debian/foo@1"
	before := &Inventory{Modules: []Module{deb, entry(t, "github.com/Azure/sdk", "v68.0.0", "MIT")}}
	after := &Inventory{Modules: []Module{other, purl}}
	ch := Diff(before, after)
	if len(ch.Added) != 1 || len(ch.Removed) != 1 || ch.Unchanged != 1 || len(ch.Versions)+len(ch.Relicensed) != 0 {
		t.Errorf("got %+v", ch)
	}
	if c := Compare(before, after); c.Agree != 1 || len(c.OnlyFirst) != 1 || len(c.OnlySecond) != 1 {
		t.Errorf("got %+v", c)
	}
	std := entry(t, "stdlib", "go1.26.8", "BSD-3-Clause")
	withStd := &Inventory{Modules: append(slices.Clone(after.Modules), std)}
	if c := Compare(after, withStd); !c.OK() || c.Agree != 2 {
		t.Errorf("with the standard library: %+v", c)
	}
}

func TestCompare(t *testing.T) {
	first := &Inventory{Modules: []Module{entry(t, "a", "v1", "MIT"), entry(t, "b", "v1", "MIT"), entry(t, "c", "v1", "MIT"), entry(t, "d", "v1", "MIT"), entry(t, "e", "v1", "MIT")}}
	deb := entry(t, "a", "1", "GPL-2.0-only")
	deb.PURL = "pkg:deb/debian/a@1"
	second := &Inventory{Modules: []Module{entry(t, "a", "1", "MIT"), deb, entry(t, "b", "v1", "NOASSERTION"), entry(t, "c", "v1", "BSD-3-Clause"), entry(t, "d", "v2", "MIT")}}
	c := Compare(first, second)
	if len(c.OnlyFirst) != 1 || len(c.OnlySecond) != 1 || len(c.Silent) != 1 || len(c.Licenses) != 1 || len(c.Versions) != 1 || c.Agree != 1 || c.OK() {
		t.Errorf("got %+v", c)
	}
	if !Compare(first, first).OK() || Compare(&Inventory{}, &Inventory{}).OK() {
		t.Error("equal inventories agree, empty ones say nothing")
	}
}

func TestSummary(t *testing.T) {
	own := entry(t, "own", "", "NOASSERTION")
	own.FirstParty = true
	s := Summarize(&Inventory{Modules: []Module{entry(t, "a", "v1", "MIT"), entry(t, "b", "v1", "MIT"), entry(t, "c", "v1", "MPL-2.0"), own}})
	want := &Summary{
		Modules: 4, Worst: WeakCopyleft, Unknown: []string{},
		Categories: []CategoryCount{{Unknown, 1}, {WeakCopyleft, 1}, {Permissive, 2}},
		Licenses:   []LicenseCount{{"MIT", Permissive, 2}, {"MPL-2.0", WeakCopyleft, 1}, {"NOASSERTION", Unknown, 1}},
	}
	if diff := cmp.Diff(want, s); diff != "" || !s.OK() {
		t.Error(diff)
	}
	s = Summarize(&Inventory{Modules: []Module{entry(t, "a", "v1", "NOASSERTION")}})
	if s.OK() || s.Worst != Unknown || !slices.Equal(s.Unknown, []string{"a@v1"}) {
		t.Errorf("unknown: %+v", s)
	}
	if Summarize(&Inventory{}).OK() {
		t.Error("an empty inventory is complete")
	}
}

// TestJSON fixes the shapes of what is written into reports.
func TestJSON(t *testing.T) {
	empty := &Inventory{}
	before := &Inventory{Modules: []Module{entry(t, "a.b/m", "v1.0.0", "MIT")}}
	after := &Inventory{Modules: []Module{entry(t, "a.b/m", "v1.1.0", "MPL-2.0")}}
	sum := Summarize(after)
	sum.Policy = decide(t, new(Policy), after, time.Time{}).Summary()
	const was, is = `{"name":"a.b/m","version":"v1.0.0","license":"MIT","category":"permissive"}`, `{"name":"a.b/m","version":"v1.1.0","license":"MPL-2.0","category":"weak-copyleft"}`
	for _, test := range []struct {
		value any
		want  string
	}{
		{Join(&Report{}, nil), `{"modules":[]}`},
		{FromComponents(slices.Values([]Component{}), ""), `{"modules":[]}`},
		{after, `{"modules":[` + is + `]}`},
		{Summarize(empty), `{"modules":0,"worst":"unknown","categories":[],"licenses":[],"unknown":[]}`},
		{sum, `{"modules":1,"worst":"weak-copyleft","categories":[{"category":"weak-copyleft","modules":1}],"licenses":[{"license":"MPL-2.0","category":"weak-copyleft","modules":1}],"unknown":[],` +
			`"policy":{"worst":"needs-review","allowed":0,"excepted":0,"needsReview":1,"denied":0,"unused":0,"unneeded":0,"expired":0}}`},
		{Diff(before, after), `{"added":[],"removed":[],"relicensed":[{"name":"a.b/m","before":` + was + `,"after":` + is + `}],"versions":[],"unchanged":0}`},
		{Compare(before, after), `{"onlyFirst":[],"onlySecond":[],"licenses":[{"name":"a.b/m","before":` + was + `,"after":` + is + `}],"silent":[],"versions":[{"name":"a.b/m","before":` + was + `,"after":` + is + `}],"agree":0}`},
	} {
		got, err := json.Marshal(test.value)
		if err != nil || string(got) != test.want {
			t.Errorf("%T: %v\n got %s\nwant %s", test.value, err, got, test.want)
		}
	}
}

func FuzzReadReport(f *testing.F) {
	f.Add([]byte("name,license,version\na.b/c,MIT,v1\n"))
	f.Add([]byte("a.b/c,Unknown,MIT\nE0102 15:04:06.123456    4711 library.go:122] \"a.b/d\"\n"))
	f.Add([]byte("a.b/c,https://x/blob/v1.0.0/L,MIT\na.b/c,Unknown,Apache-2.0\r\n\"q\",,\"a\"\"b\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rep, err := ReadReport(strings.NewReader(string(data)), nil)
		if err != nil {
			if _, ok := errors.AsType[*evidence.Problem](err); !ok {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		// What is read here, encoding/csv reads alike.
		if !strings.HasPrefix(string(data), "\ufeff") && !strings.HasPrefix(string(data), "\xff\xfe") && !strings.HasPrefix(string(data), "\xfe\xff") {
			r := csv.NewReader(strings.NewReader(string(data)))
			rows, err := r.ReadAll()
			logged := slices.ContainsFunc(rep.Problems, func(p *evidence.Problem) bool { return p.Code == "license.log" })
			if !logged && (err != nil || len(rows) != len(rep.Rows) && len(rows) != len(rep.Rows)+1) {
				t.Fatalf("encoding/csv: %d rows, not %d: %v", len(rows), len(rep.Rows), err)
			}
		}
		for _, row := range rep.Rows {
			if module.CheckImportPath(row.Package) != nil || len(row.Package) > 1024 || row.License == "" && row.Expression.String() != spdxexpr.NoAssertion {
				t.Fatalf("row %+v", row)
			}
		}
		inv := Join(rep, nil)
		packages := 0
		for _, m := range inv.Modules {
			packages += len(m.Packages)
		}
		if packages == 0 || packages > len(rep.Rows) || !Diff(inv, inv).Empty() {
			t.Fatalf("%d packages of %d rows", packages, len(rep.Rows))
		}
	})
}

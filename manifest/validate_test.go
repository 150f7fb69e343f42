// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package manifest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/version"
)

// TestValidateBuilt checks values that no document can hold: Marshal writes none
// of them, and says where it would stand.
func TestValidateBuilt(t *testing.T) {
	sha512, err := evidence.ParseDigest("sha512:" + strings.Repeat("0", 128))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		change        func(m *manifest.Manifest)
		code, pointer string
		class         error
	}{
		"fraction of a second": {func(m *manifest.Manifest) { m.Release.Created = m.Release.Created.Add(1) }, "manifest.created", "/release/created", evidence.ErrFormat},
		"no time":              {func(m *manifest.Manifest) { m.Release.Created = time.Time{} }, "manifest.required", "/release/created", evidence.ErrFormat},
		"year 10000":           {func(m *manifest.Manifest) { m.Release.Created = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }, "manifest.created", "/release/created", evidence.ErrFormat},
		"no digest":            {func(m *manifest.Manifest) { m.Files[1].SHA256 = evidence.Digest{} }, "manifest.required", "/files/1/sha256", evidence.ErrFormat},
		"another algorithm":    {func(m *manifest.Manifest) { m.Files[1].SHA256 = sha512 }, "manifest.digest", "/files/1/sha256", evidence.ErrFormat},
		"artifact's algorithm": {func(m *manifest.Manifest) {
			m.Artifacts = []manifest.Artifact{{Kind: "vhd", Name: "x", SHA256: sha512}}
		}, "manifest.digest", "/artifacts/0/sha256", evidence.ErrFormat},
		"unknown size":             {func(m *manifest.Manifest) { m.Files[1].Size = manifest.SizeUnknown }, "manifest.required", "/files/1/size", evidence.ErrFormat},
		"negative size":            {func(m *manifest.Manifest) { m.Files[1].Size = -2 }, "manifest.size", "/files/1/size", evidence.ErrFormat},
		"size beyond 2^53":         {func(m *manifest.Manifest) { m.Files[1].Size = manifest.MaxSize + 1 }, "manifest.size", "/files/1/size", evidence.ErrFormat},
		"text that is not UTF-8":   {func(m *manifest.Manifest) { m.Gaps[0].Reason = "\xff" }, "manifest.text", "/gaps/0/reason", evidence.ErrFormat},
		"path that is not UTF-8":   {func(m *manifest.Manifest) { m.Files[1].Path = "licenses/\xff" }, "manifest.path", "/files/1/path", evidence.ErrUnsafe},
		"known member as extra":    {func(m *manifest.Manifest) { m.Extra = extra("product", `"x"`) }, "manifest.member-duplicate", "/product", evidence.ErrFormat},
		"extra member, twice":      {func(m *manifest.Manifest) { m.Extra = append(extra("x", `1`), extra("x", `1`)...) }, "manifest.member-duplicate", "/x", evidence.ErrFormat},
		"extra member, other case": {func(m *manifest.Manifest) { m.Files[1].Extra = extra("Size", `1`) }, "manifest.member-case", "/files/1/Size", evidence.ErrFormat},
		"extra name not UTF-8":     {func(m *manifest.Manifest) { m.Extra = extra("\xff", `1`) }, "manifest.text", "/\xff", evidence.ErrFormat},
		"extra value not JSON":     {func(m *manifest.Manifest) { m.Extra = extra("x", `{`) }, "manifest.type", "/x", evidence.ErrFormat},
		"extra value, two":         {func(m *manifest.Manifest) { m.Extra = extra("x", `1 2`) }, "manifest.type", "/x", evidence.ErrFormat},
		"extra value, none":        {func(m *manifest.Manifest) { m.Extra = extra("x", ``) }, "manifest.type", "/x", evidence.ErrFormat},
		"extra number too large":   {func(m *manifest.Manifest) { m.Extra = extra("x", `[1e400]`) }, "manifest.number", "/x", evidence.ErrFormat},
		"extra number too fine":    {func(m *manifest.Manifest) { m.Extra = extra("x", `{"y":0.1000000000000000055511151231257827}`) }, "manifest.number", "/x", evidence.ErrFormat},
		"tool without a name":      {func(m *manifest.Manifest) { m.Files[1].Tool = manifest.Tool{Version: "1"} }, "manifest.required", "/files/1/tool/name", evidence.ErrFormat},
		"nothing at all":           {func(m *manifest.Manifest) { *m = manifest.Manifest{} }, "manifest.required", "/product", evidence.ErrFormat},
	} {
		t.Run(name, func(t *testing.T) {
			m := parse(t, golden(t)["sat.json"])
			if err := m.Validate(); err != nil {
				t.Fatalf("before the change: %v", err)
			}
			test.change(m)
			text, err := m.Marshal()
			if err == nil {
				t.Fatalf("written:\n%s", text)
			}
			var problems evidence.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("got %T %v, want Problems", err, err)
			}
			found := false
			for _, p := range problems {
				found = found || p.Code == test.code && p.Pointer == test.pointer && errors.Is(p, test.class)
			}
			if !found {
				t.Errorf("got %v, want %s at %s", err, test.code, test.pointer)
			}
		})
	}
}

func extra(name, value string) manifest.Extra {
	return manifest.Extra{{Name: name, Value: json.RawMessage(value)}}
}

// TestLocalTime: a time in another zone is the same time.
func TestLocalTime(t *testing.T) {
	text := golden(t)["sat.json"]
	m := parse(t, text)
	m.Release.Created = m.Release.Created.In(time.FixedZone("", -5*3600))
	if out, err := m.Marshal(); err != nil || string(out) != string(text) {
		t.Errorf("got %v\n%s", err, out)
	}
}

// TestCheckPlaces: problems of a value have the places of its canonical form.
func TestCheckPlaces(t *testing.T) {
	text := golden(t)["asm.json"]
	m := parse(t, text)
	m.Files[3].Format = "later"
	m.Extra = extra("addendum", `{"x":1}`)
	problems := m.Check()
	if len(problems) != 2 || m.Validate() != nil {
		t.Fatalf("got %v", problems)
	}
	out, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(out), "\n")
	for _, p := range problems {
		if p.Severity != evidence.SeverityInfo {
			t.Errorf("%v is of severity %v", p, p.Severity)
		}
		rest := lines[p.Line-1][p.Column-1:]
		if p.Code == "manifest.format-unknown" && rest != `"later",` || p.Code == "manifest.member-unknown" && rest != `{` {
			t.Errorf("%v stands at %q", p, rest)
		}
	}
}

// TestLaterMinor: what a later minor version adds is read, reported, kept, and
// written back with changes of what is known.
func TestLaterMinor(t *testing.T) {
	later := golden(t)["asm.json"]
	for _, insert := range []struct{ before, member string }{
		{`  "product": "asm"`, "  \"notice\": {\n    \"text\": \"x\"\n  },\n"},
		{"      \"kind\": \"sbom\",\n      \"mediaType\": \"application/vnd.cyclonedx+json\",\n      \"path\": \"sbom/web", "      \"importance\": 5,\n"},
		{`      "reference": "ghcr.io/hailbytes/hailbytes-asm-web`, "      \"provenance\": [\n        null\n      ],\n"},
	} {
		if !strings.Contains(string(later), insert.before) {
			t.Fatalf("%s is not there", insert.before)
		}
		later = []byte(strings.Replace(string(later), insert.before, insert.member+insert.before, 1))
	}
	m := parse(t, later)
	problems := m.Check()
	if len(problems) != 3 || problems.Err() != nil {
		t.Fatalf("got %v, want three members told", problems)
	}
	_, lenient, err := manifest.ParseLenient(later)
	if err != nil || fmt.Sprint(lenient) != fmt.Sprint(problems) {
		t.Errorf("lenient: %v, %v; want %v", lenient, err, problems)
	}
	m.Product = "asm-edge"
	out, err := m.Marshal()
	if want := strings.Replace(string(later), `"product": "asm"`, `"product": "asm-edge"`, 1); err != nil || string(out) != want {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestVersionsAgree holds the rule for versions against package version, which
// this package does not import.
func TestVersionsAgree(t *testing.T) {
	for _, s := range []string{
		"1.482", "1.1", "1.0", "0.1", "2.7", "1.482.3", "1.482.0", "v1.482", "1", "1.2.3.4", "1.02", "01.2", "1.", ".1", "", "1.482-rc1", "1.482+x", "1. 2", "1,2",
		"1.9007199254740991", "1.9007199254740992", "9007199254740991.1", "9007199254740992.1", "1.1.9007199254740992", "1.99999999999999999999", "١.٢",
	} {
		v, err := version.Parse(s)
		want := err == nil && v.String() == s
		m := parse(t, golden(t)["sat.json"])
		m.Version = s
		if got := m.Validate() == nil; got != want {
			t.Errorf("%q: %v, package version says %v (%v)", s, m.Validate(), want, err)
		}
	}
}

func TestCheckPath(t *testing.T) {
	for path, want := range map[string]error{
		"sbom/web.spdx.json": nil, "uat/login “quotes” 日本.png": nil, "a": nil, "a b": nil, "...a": nil,
		"": evidence.ErrUnsafe, "/a": evidence.ErrUnsafe, "a/": evidence.ErrUnsafe, "a//b": evidence.ErrUnsafe, "../a": evidence.ErrUnsafe, "a/./b": evidence.ErrUnsafe,
		`a\b`: evidence.ErrUnsafe, "a:b": evidence.ErrUnsafe, "C:/a": evidence.ErrUnsafe, "nul.txt": evidence.ErrUnsafe, "a.": evidence.ErrUnsafe, "a\u202eb": evidence.ErrUnsafe, "a\x00": evidence.ErrUnsafe,
		strings.Repeat("a/", 512) + "a": evidence.ErrLimit, strings.Repeat("a", 256): evidence.ErrLimit,
	} {
		err := manifest.CheckPath(path)
		if want == nil && err != nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", path, err, want)
		}
		if p := firstProblem(err); err != nil && (p == nil || p.Code != "manifest.path") {
			t.Errorf("%q: got %#v", path, err)
		}
	}
}

func TestTarget(t *testing.T) {
	at := func(s string) time.Time {
		tm, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return tm
	}
	for _, test := range []struct{ text, end string }{
		{"2027-03-31", "2027-04-01T00:00:00Z"}, {"2027-Q1", "2027-04-01T00:00:00Z"}, {"2027-Q4", "2028-01-01T00:00:00Z"}, {"2028-02-29", "2028-03-01T00:00:00Z"}, {"2027-12-31", "2028-01-01T00:00:00Z"},
	} {
		target, err := manifest.ParseTarget(test.text)
		if err != nil {
			t.Fatal(err)
		}
		end := at(test.end)
		if target.String() != test.text || !target.End().Equal(end) || target.IsZero() {
			t.Errorf("%s: got %s, end %s", test.text, target, target.End())
		}
		if target.Passed(end.Add(-1)) || !target.Passed(end) || !target.Passed(end.In(time.FixedZone("", 3600))) {
			t.Errorf("%s passes at another time than %s", test.text, end)
		}
		text, err := json.Marshal(target)
		var back manifest.Target
		if err == nil {
			err = json.Unmarshal(text, &back)
		}
		if err != nil || back != target {
			t.Errorf("%s through JSON: %v, %v", test.text, back, err)
		}
	}
	var zero manifest.Target
	if zero.Passed(at("9999-01-01T00:00:00Z")) || zero.String() != "" || !zero.End().IsZero() {
		t.Error("the zero Target passes")
	}
	for _, text := range []string{"", "2027", "2027-Q0", "2027-Q5", "2027-q1", "2027-02-29", "2027-13-01", "2027-1-1", "0000-Q1", " 2027-Q1", "2027-Q1\n", "2027-Q11"} {
		if got, err := manifest.ParseTarget(text); !errors.Is(err, evidence.ErrFormat) || !got.IsZero() {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
}

// TestManyProblems: a document of nothing but problems costs no more than it must.
func TestManyProblems(t *testing.T) {
	text := golden(t)["sat.json"]
	m := parse(t, text)
	f := m.Files[0]
	m.Files = nil
	for i := range 5000 {
		f.Path = fmt.Sprintf("con/%05d", i)
		f.Format = manifest.Format(fmt.Sprint("later", i))
		m.Files = append(m.Files, f)
	}
	problems := m.Check()
	if len(problems) > 2100 || problems.Err() == nil || problems[0].Code != "manifest.more" {
		t.Errorf("%d problems, first %v", len(problems), problems[0])
	}
	// Notes must not crowd out an error.
	for i := range m.Files {
		m.Files[i].Path = fmt.Sprintf("ok/%05d", i)
	}
	m.Gaps[0].Image = "none"
	if err := m.Validate(); !errors.Is(err, evidence.ErrMismatch) {
		t.Errorf("got %v", err)
	}
	braces := `{"schema":"` + manifest.SchemaV1 + `","files":[` + strings.Repeat("{},", 1_000_000) + `{}]}`
	for _, parse := range []func([]byte) error{
		func(b []byte) error { _, err := manifest.Parse(b); return err },
		func(b []byte) error { _, _, err := manifest.ParseLenient(b); return err },
	} {
		if err := parse([]byte(braces)); err == nil || !strings.Contains(err.Error(), "elements without the members") {
			t.Errorf("got %.200v", err)
		}
	}
}

// TestMembersBounded: a document that is full of members that nobody knows is
// refused early, by every reader; one with a few is read and keeps them.
func TestMembersBounded(t *testing.T) {
	with := func(n int) []byte {
		var b bytes.Buffer
		b.WriteString(`{"schema":"` + manifest.SchemaV1 + `","product":"demo","version":"1.7","release":{"tag":"v1.7","created":"2026-01-02T03:04:05Z"},"images":[],"artifacts":[],"files":[],"gaps":[]`)
		for i := range n {
			fmt.Fprintf(&b, `,"k%d":1`, i)
		}
		b.WriteString("}")
		return b.Bytes()
	}
	m, _, err := manifest.ParseLenient(with(2000))
	if err != nil || len(m.Extra) != 2000 {
		t.Fatalf("2,000 members: %v", err)
	}
	_, strict := manifest.Parse(with(100_001))
	_, _, lenient := manifest.ParseLenient(with(100_001))
	for _, err := range []error{strict, lenient} {
		p, _ := errors.AsType[*evidence.Problem](err)
		if p == nil || p.Code != "manifest.members" || !errors.Is(err, evidence.ErrLimit) {
			t.Errorf("got %v, want manifest.members", err)
		}
	}
}

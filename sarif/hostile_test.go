// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence"
)

// repeated is a document with a part that stands in it many times, without
// being in memory.
func repeated(head, part string, n int, tail string) io.Reader {
	return io.MultiReader(strings.NewReader(head), &repeater{part: []byte(part), left: n * len(part)}, strings.NewReader(tail))
}

type repeater struct {
	part []byte
	at   int
	left int
}

func (r *repeater) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := 0
	for n < len(p) && r.left > 0 {
		c := copy(p[n:min(len(p), n+r.left)], r.part[r.at:])
		r.at = (r.at + c) % len(r.part)
		n += c
		r.left -= c
	}
	return n, nil
}

// TestHostile reads what nobody writes by mistake: each is refused with the right
// class, in bounded time and memory.
func TestHostile(t *testing.T) {
	const head = `{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": [`
	const tail = `{"message": {"text": "x"}}]}]}`
	tests := []struct {
		name  string
		doc   func() io.Reader
		code  string
		class error
	}{
		{"a string of 100 MB", func() io.Reader {
			return repeated(head+`{"message": {"text": "`, strings.Repeat("x", 1000), 100_000, `"}}]}]}`)
		}, "json.string", evidence.ErrLimit},
		{"depth 100,000", func() io.Reader {
			return repeated(`{"version": "2.1.0", "runs": [], "properties": `, `[`, 100_000, ``)
		}, "json.depth", evidence.ErrLimit},
		{"10 million empty results", func() io.Reader { return repeated(head, `{},`, 10_000_000, tail) }, "sarif.findings", evidence.ErrLimit},
		{"10 million rules", func() io.Reader {
			return repeated(`{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x", "rules": [`, `{},`, 10_000_000, `{}]}}}]}`)
		}, "sarif.findings", evidence.ErrLimit},
		{"10 million artifacts", func() io.Reader {
			return repeated(`{"version": "2.1.0", "runs": [{"artifacts": [`, `{},`, 10_000_000, `{}]}]}`)
		}, "sarif.findings", evidence.ErrLimit},
		{"10 million tags", func() io.Reader {
			return repeated(`{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x", "rules": [{"id": "a", "properties": {"tags": [`, `"",`, 10_000_000, `""]}}]}}}]}`)
		}, "json.elements", evidence.ErrLimit},
		{"bases in a circle", func() io.Reader {
			return strings.NewReader(`{"version": "2.1.0", "runs": [{"originalUriBaseIds": {"A": {"uriBaseId": "B"}, "B": {"uriBaseId": "C"}, "C": {"uriBaseId": "A"}}}]}`)
		}, "sarif.uri-base-cycle", evidence.ErrFormat},
		{"a base that is its own", func() io.Reader {
			return strings.NewReader(`{"version": "2.1.0", "runs": [{"originalUriBaseIds": {"A": {"uri": "x/", "uriBaseId": "A"}}}]}`)
		}, "sarif.uri-base-cycle", evidence.ErrFormat},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var err error
			bytes := allocated(func() { _, err = ReadSARIF(tt.doc(), nil) })
			p, ok := errors.AsType[*evidence.Problem](err)
			if !ok || p.Code != tt.code || !errors.Is(err, tt.class) {
				t.Errorf("got %v, want %s", err, tt.code)
			}
			if mb := bytes >> 20; mb > 1500 {
				t.Errorf("took %d MB", mb)
			}
		})
	}
}

// allocated returns how many bytes a call allocates.
func allocated(call func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	call()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestLinear reads documents whose parts refer to each other as often as they can:
// twice the size takes about twice the memory.
func TestLinear(t *testing.T) {
	docs := map[string]func(n int) string{
		"overrides": func(n int) string {
			return `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x","rules":[{"id":"a"}]}},"invocations":[{"ruleConfigurationOverrides":[` +
				strings.TrimSuffix(strings.Repeat(`{"descriptor":{"id":"a"},"configuration":{"level":"note"}},`, n), ",") + `]}],"results":[` +
				strings.TrimSuffix(strings.Repeat(`{"ruleId":"a","message":{"text":"x"},"provenance":{"invocationIndex":0}},`, n), ",") + `]}]}`
		},
		"extensions": func(n int) string {
			return `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"},"extensions":[` +
				strings.TrimSuffix(strings.Repeat(`{"name":"e","rules":[{"id":"a"}]},`, n), ",") + `]},"results":[` +
				strings.TrimSuffix(strings.Repeat(`{"rule":{"id":"b","toolComponent":{"name":"f"}},"message":{"text":"x"}},`, n), ",") + `]}]}`
		},
		"tags": func(n int) string {
			return `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"govulncheck","rules":[{"id":"GO-2024-0001","properties":{"tags":[` +
				strings.TrimSuffix(strings.Repeat(`"CVE-2024-0001",`, n), ",") + `]}}]}},"results":[` +
				strings.TrimSuffix(strings.Repeat(`{"ruleId":"GO-2024-0001","message":{"text":"Your code depends on 1 vulnerable module (x.example/m)."}},`, n), ",") + `]}]}`
		},
		"slashes": func(n int) string {
			return `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x","rules":[{"id":"q"}]}},"results":[{"ruleId":"` + strings.Repeat("a/", 20*n) + `","message":{"text":"x"}}]}]}`
		},
	}
	for name, doc := range docs {
		t.Run(name, func(t *testing.T) {
			cost := func(n int) uint64 {
				text := doc(n)
				return allocated(func() {
					log, err := ReadSARIF(strings.NewReader(text), nil)
					if err != nil {
						t.Fatal(err)
					}
					Merge(log)
				})
			}
			small, large := cost(4000), cost(32000)
			if large > 16*small { // 8 times the size; a square would be 64
				t.Errorf("%d bytes for 4,000, %d for 32,000", small, large)
			}
		})
	}
}

func seeds(f *testing.F) {
	for _, text := range []string{
		`{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Trivy", "rules": [{"id": "CVE-2024-0001", "name": "OsPackageVulnerability", "properties": {"security-severity": "8.0", "tags": ["vulnerability", "CWE-79"]}}]}},
		 "results": [{"ruleId": "CVE-2024-0001", "ruleIndex": 0, "level": "error", "message": {"text": "Package: a\nInstalled Version: 1\nVulnerability CVE-2024-0001\nSeverity: HIGH\nFixed Version: 2, 3\nLink: [x](http://y)"},
		 "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a/b", "uriBaseId": "R"}, "region": {"startLine": 1}}, "message": {"text": "a/b: a@1"}}], "suppressions": [{"kind": "external"}]}],
		 "originalUriBaseIds": {"R": {"uri": "file:///"}}, "properties": {"imageName": "x:1", "repoDigests": ["x@sha256:aa"]}}]}`,
		`{"version": "2.1.0", "runs": [{"results": [{"rule": {"index": 0, "toolComponent": {"index": 0}}, "message": {"id": "m", "arguments": ["a"]}, "stacks": [{"frames": [{"module": "m@v1"}]}], "kind": "review"}],
		 "tool": {"driver": {"name": "govulncheck", "properties": {"scan_mode": "binary"}}, "extensions": [{"name": "e", "rules": [{"id": "r", "messageStrings": {"m": {"text": "{0}{{"}}}]}]}}]}`,
		`{"SchemaVersion": 2, "ArtifactName": "x", "Results": [{"Target": "t", "Class": "lang-pkgs", "Type": "npm", "Vulnerabilities": [{"VulnerabilityID": "CVE-2024-0001", "PkgName": "@a/b", "InstalledVersion": "1", "Status": "fixed", "CVSS": {"nvd": {"V3Vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}}], "Secrets": [{"RuleID": "r"}]}]}`,
		`{"config": {"protocol_version": "v1.0.0", "scan_mode": "source"}} {"osv": {"id": "GO-2024-0001", "aliases": ["CVE-2024-0001"]}} {"finding": {"osv": "GO-2024-0001", "trace": [{"module": "m", "version": "v1", "package": "m/p", "function": "F", "position": {"line": 1}}]}}`,
		`null`, `[]`, `[{"Target": "x"}]`,
	} {
		f.Add([]byte(text))
	}
}

// FuzzRead: whatever is read can be merged, judged and written; merging is
// idempotent and does not depend on order; a report differs from itself in
// nothing; what is written is schema-valid, and reads back to the same findings.
func FuzzRead(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		log, err := Read(bytes.NewReader(data), nil)
		if err != nil {
			if p, ok := errors.AsType[*evidence.Problem](err); !ok || p.Code == "" || p.Err == nil {
				t.Fatalf("an error without code or class: %v", err)
			}
			return
		}
		log.Health(nil)
		merged := Merge(log)
		if diff := cmp.Diff(merged, mergeFindings(merged), ignoreIdentity); diff != "" {
			t.Fatalf("merging again changes: %s", diff)
		}
		if twice := Merge(log, log); len(twice) != len(merged) {
			t.Fatalf("%d findings, merged with itself %d", len(merged), len(twice))
		}
		if c := Diff(log, log); !c.Empty() {
			t.Fatalf("differs from itself: %+v", c.Summary())
		}
		d, err := (&Gate{}).Evaluate(merged)
		if err != nil || len(d.Outcomes) != len(merged) {
			t.Fatalf("%d outcomes: %v", len(d.Outcomes), err)
		}
		var out bytes.Buffer
		for _, write := range []func(io.Writer, []*Finding) error{WriteCSV, WriteMarkdown, WriteJSON} {
			if err := write(&out, merged); err != nil {
				t.Fatal(err)
			}
		}
		out.Reset()
		for _, m := range merged {
			m.Baseline = BaselineNone
		}
		if err := WriteSARIF(&out, merged, nil); err != nil {
			t.Fatal(err)
		}
		if problems, err := ValidateSchema(out.Bytes(), evidence.Limits{}); err != nil || len(problems) > 0 {
			t.Fatalf("written log is not valid: %v %v\n%s", problems, err, out.Bytes())
		}
		back, err := ReadSARIF(bytes.NewReader(out.Bytes()), nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := sameFindings(merged, back.Findings()); diff != "" {
			t.Fatalf("read back: %s", diff)
		}
	})
}

// FuzzValidate: the verdicts never panic, and each problem has its place.
func FuzzValidate(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, validate := range []func([]byte, evidence.Limits) (evidence.Problems, error){ValidateSchema, ValidateSemantics} {
			problems, err := validate(data, evidence.Limits{})
			for _, p := range problems {
				if err == nil && p.Line == 0 && p.Code != "schema.more" {
					t.Fatalf("no place: %+v", p)
				}
			}
		}
		Inspect(data, nil)
	})
}

// FuzzPolicy: exceptions and VEX are read or refused, and match without panic.
func FuzzPolicy(f *testing.F) {
	f.Add([]byte("exceptions:\n  - vulnerability: CVE-2024-0001" + who + "2026-12-31\n    purl: pkg:deb/debian/apt\n    versions: '>=1, <2'\n"))
	f.Add([]byte(`{"exceptions": [{"vulnerability": "x", "owner": "o", "reason": "y", "expires": "2026-12-31", "versions": "vers:npm/1|>2"}]}`))
	f.Add([]byte(openVEX(`{"vulnerability": {"name": "CVE-2024-0001"}, "products": [{"@id": "pkg:oci/web?repository_url=x"}], "status": "fixed"}`)))
	f.Add([]byte(`{"bomFormat": "CycloneDX", "vulnerabilities": [{"id": "CVE-2024-0001", "analysis": {"state": "resolved"}, "affects": [{"ref": "urn:cdx:a/1#b", "versions": [{"version": "1"}]}]}], "components": [{"bom-ref": "b", "purl": "pkg:npm/x"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		g := Gate{Now: now}
		list, err := ParseExceptions(data, "", "")
		for _, e := range list {
			if e.Vulnerability == "" || e.Owner == "" || e.Reason == "" || e.Expires.IsZero() {
				t.Fatalf("incomplete: %+v", e)
			}
		}
		if err != nil && !errors.Is(err, evidence.ErrFormat) && !errors.Is(err, evidence.ErrLimit) {
			t.Fatalf("an error without class: %v", err)
		}
		g.Exceptions = list
		if doc, err := ReadVEX(bytes.NewReader(data), nil); err == nil {
			g.VEX = []*VEX{doc}
			for _, s := range doc.Statements {
				if s.Status == VEXNotAffected && s.Justification == "" {
					t.Fatalf("honoured without justification: %+v", s)
				}
			}
		}
		if _, err := g.Evaluate([]*Finding{finding(nil)}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestRepeater(t *testing.T) {
	data, err := io.ReadAll(repeated("a", "bc", 3, "d"))
	if err != nil || string(data) != "abcbcbcd" {
		t.Error(fmt.Sprint(string(data), err))
	}
}

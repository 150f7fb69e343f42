package trustpack

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/HailBytes/evidence/manifest"
)

// rezip writes files with Go's ZIP writer.
func rezip(t testing.TB, order []string, files map[string][]byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, name := range order {
		data, ok := files[name]
		if !ok {
			continue
		}
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err == nil {
			_, err = f.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestFS(t *testing.T) {
	zip, built := build(t, smallRelease, smallEvidence(), nil)
	var names []string
	for _, f := range built.Manifest.Files {
		names = append(names, f.Path)
	}
	if err := fstest.TestFS(open(t, zip), append(names, manifest.Name)...); err != nil {
		t.Error(err)
	}
}

func TestReadFailsOnMismatch(t *testing.T) {
	good, _ := build(t, smallRelease, smallEvidence(), nil)
	bad := edit(t, good, func(files map[string][]byte) {
		files["sbom/web.cdx.json"][20] ^= 1
		files["extra.txt"] = []byte("x")
	})
	p := open(t, bad)
	f, err := p.Open("sbom/web.cdx.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, err = io.ReadAll(f)
	wantProblem(t, err, "manifest.digest", ErrMismatch)
	if _, again := f.Read(make([]byte, 1)); !errors.Is(again, ErrMismatch) {
		t.Errorf("reading on: got %v", again)
	}
	_, err = p.Open("extra.txt")
	wantProblem(t, err, "manifest.inventory", ErrMismatch)
	if f, err := p.Open("sbom/nginx.spdx.json"); err != nil {
		t.Error(err)
	} else if _, err := io.ReadAll(f); err != nil {
		t.Error(err)
	}
}

func TestVerify(t *testing.T) {
	good, built := build(t, smallRelease, smallEvidence(), nil)
	other := mustDigest(t, webDigest)
	gone := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name   string
		zip    []byte
		pol    Policy
		status map[string]Status // by check id
		want   Verdicts
	}{
		{"nothing asked", good, Policy{},
			map[string]Status{"archive.canonical": StatusPass, "release.completeness": StatusSkip, "attest.statement": StatusSkip},
			Verdicts{StatusPass, StatusSkip, StatusSkip}},
		{"pinned by ZIP", good, Policy{SHA256: built.SHA256, Require: []string{VerdictPinned}},
			map[string]Status{"archive.sha256": StatusPass, "policy.required": StatusPass}, Verdicts{StatusPass, StatusPass, StatusSkip}},
		{"pinned by content", good, Policy{ContentDigest: built.ContentDigest},
			map[string]Status{"manifest.content-digest": StatusPass}, Verdicts{StatusPass, StatusPass, StatusSkip}},
		{"another ZIP digest", good, Policy{SHA256: other}, map[string]Status{"archive.sha256": StatusFail}, Verdicts{StatusPass, StatusFail, StatusSkip}},
		{"another content digest", good, Policy{ContentDigest: other}, map[string]Status{"manifest.content-digest": StatusFail}, Verdicts{StatusPass, StatusFail, StatusSkip}},
		{"one pin holds, one does not", good, Policy{SHA256: built.SHA256, ContentDigest: other}, map[string]Status{"archive.sha256": StatusPass, "manifest.content-digest": StatusFail}, Verdicts{StatusPass, StatusFail, StatusSkip}},
		{"pin required, none given", good, Policy{Require: []string{VerdictPinned}}, map[string]Status{"policy.required": StatusFail}, Verdicts{StatusPass, StatusSkip, StatusSkip}},
		{"authenticity required", good, Policy{Require: []string{VerdictAuthentic}}, map[string]Status{"policy.required": StatusFail}, Verdicts{StatusPass, StatusSkip, StatusSkip}},
		{"no such verdict", good, Policy{Require: []string{"nice"}}, map[string]Status{"policy.required": StatusError}, Verdicts{StatusPass, StatusSkip, StatusSkip}},
		{"expected release", good, Policy{Product: "demo", Version: "1.7"}, map[string]Status{"release.expected": StatusPass}, Verdicts{StatusPass, StatusSkip, StatusSkip}},
		{"older release", good, Policy{Product: "demo", Version: "1.8"}, map[string]Status{"release.expected": StatusFail}, Verdicts{StatusPass, StatusSkip, StatusSkip}},
		{"other product", good, Policy{Product: "sat"}, map[string]Status{"release.expected": StatusFail}, Verdicts{StatusPass, StatusSkip, StatusSkip}},
		{"renamed", good, Policy{FileName: "x.zip", Now: gone}, map[string]Status{"manifest.filename": StatusWarn}, Verdicts{StatusPass, StatusSkip, StatusSkip}},
		{"named well", good, Policy{FileName: "hailbytes-demo-trust-pack-v1.7.zip"}, map[string]Status{"manifest.filename": StatusPass}, Verdicts{StatusPass, StatusSkip, StatusSkip}},
		{"zipped again", edit(t, good, func(map[string][]byte) {}), Policy{ContentDigest: built.ContentDigest},
			map[string]Status{"archive.canonical": StatusWarn, "manifest.content-digest": StatusPass, "archive.structure": StatusPass}, Verdicts{StatusPass, StatusPass, StatusSkip}},
		{"zipped again, ZIP pinned", edit(t, good, func(map[string][]byte) {}), Policy{SHA256: built.SHA256},
			map[string]Status{"archive.sha256": StatusFail}, Verdicts{StatusPass, StatusFail, StatusSkip}},
		{"entry added", edit(t, good, func(f map[string][]byte) { f["x"] = nil }), Policy{}, map[string]Status{"manifest.inventory": StatusFail, "manifest.digest": StatusPass}, Verdicts{StatusFail, StatusSkip, StatusSkip}},
		{"entry removed", edit(t, good, func(f map[string][]byte) { delete(f, "sbom/web.cdx.json") }), Policy{}, map[string]Status{"manifest.inventory": StatusFail}, Verdicts{StatusFail, StatusSkip, StatusSkip}},
		{"entry renamed", edit(t, good, func(f map[string][]byte) { f["sbom/w.json"] = f["sbom/web.cdx.json"]; delete(f, "sbom/web.cdx.json") }), Policy{}, map[string]Status{"manifest.inventory": StatusFail}, Verdicts{StatusFail, StatusSkip, StatusSkip}},
		{"entries swapped", edit(t, good, func(f map[string][]byte) {
			f["sbom/web.spdx.json"], f["sbom/nginx.spdx.json"] = f["sbom/nginx.spdx.json"], f["sbom/web.spdx.json"]
		}), Policy{}, map[string]Status{"manifest.digest": StatusFail, "manifest.inventory": StatusPass}, Verdicts{StatusFail, StatusSkip, StatusSkip}},
		{"entry truncated", edit(t, good, func(f map[string][]byte) { f["sbom/web.cdx.json"] = f["sbom/web.cdx.json"][:50] }), Policy{}, map[string]Status{"manifest.digest": StatusFail, "manifest.size": StatusFail}, Verdicts{StatusFail, StatusSkip, StatusSkip}},
		{"page edited", edit(t, good, func(f map[string][]byte) {
			f[IndexName] = bytes.Replace(f[IndexName], []byte("v1.7"), []byte("v1.8"), 1)
			relist(t, f)
		}), Policy{}, map[string]Status{"index.agrees": StatusWarn, "manifest.digest": StatusPass}, Verdicts{StatusPass, StatusSkip, StatusSkip}},
		{"page of another release", edit(t, good, func(f map[string][]byte) {
			f[IndexName] = bytes.ReplaceAll(f[IndexName], []byte("v1.7"), []byte("v1.8"))
			relist(t, f)
		}), Policy{}, map[string]Status{"index.agrees": StatusFail, "manifest.digest": StatusPass}, Verdicts{StatusFail, StatusSkip, StatusSkip}},
		{"page without data", edit(t, good, func(f map[string][]byte) { f[IndexName] = []byte("<!DOCTYPE html>"); relist(t, f) }), Policy{}, map[string]Status{"index.agrees": StatusSkip}, Verdicts{StatusPass, StatusSkip, StatusSkip}},
		{"edited consistently", edit(t, good, func(f map[string][]byte) { f["sbom/web.cdx.json"][30] ^= 2; relist(t, f) }), Policy{ContentDigest: built.ContentDigest},
			map[string]Status{"manifest.digest": StatusPass, "manifest.content-digest": StatusFail}, Verdicts{StatusFail, StatusFail, StatusSkip}},
		{"content of another kind", edit(t, good, func(f map[string][]byte) { f["sbom/web.cdx.json"] = f["scans/web.trivy.sarif"]; relist(t, f) }), Policy{},
			map[string]Status{"manifest.kind": StatusWarn}, Verdicts{StatusFail, StatusSkip, StatusSkip}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := verify(t, open(t, tt.zip), tt.pol)
			for id, want := range tt.status {
				if c := r.Check(id); c == nil || c.Status != want {
					t.Errorf("%s: got %+v, want %s", id, c, want)
				}
			}
			if r.Verdicts != tt.want {
				t.Errorf("verdicts %v, want %v", r.Verdicts, tt.want)
			}
			holds := true
			for _, c := range r.Checks {
				holds = holds && c.Status != StatusFail && c.Status != StatusError
			}
			if r.OK() != holds || (r.Err() == nil) != holds {
				t.Errorf("OK %v, Err %v, but the checks hold: %v", r.OK(), r.Err(), holds)
			}
		})
	}
}

// relist gives the manifest the digests of the files, as a forger would.
func relist(t testing.TB, files map[string][]byte) {
	t.Helper()
	m, err := manifest.Parse(files[manifest.Name])
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.Files {
		data := files[m.Files[i].Path]
		m.Files[i].SHA256, m.Files[i].Size = manifest.Sum256(data), int64(len(data))
	}
	if files[manifest.Name], err = m.Marshal(); err != nil {
		t.Fatal(err)
	}
}

func TestZeroReport(t *testing.T) {
	var r Report
	if r.OK() || r.Err() == nil || (*Report)(nil).OK() {
		t.Error("a report of no checks holds")
	}
	r.add(CheckResult{ID: "x.y", Status: StatusSkip})
	if r.OK() || r.Err() == nil {
		t.Error("a report of skips holds")
	}
}

// TestEveryBit flips each bit of a small pack. It must be refused, or carry no
// content: then every file is as it was, and a warning says that Build would not
// have written this. With the ZIP pinned all are refused.
func TestEveryBit(t *testing.T) {
	fsys := fstest.MapFS{"a.txt": {Data: []byte("hello, hello, hello")}, "b.png": {Data: []byte("\x89PNG\r\n\x1a\nx")}}
	rel := smallRelease
	rel.Created = time.Unix(1e9, 0)
	good, built := build(t, rel, fsys, nil)
	want, err := contents(open(t, good))
	if err != nil {
		t.Fatal(err)
	}
	step := 1
	if testing.Short() {
		step = 7
	}
	var refused, carried atomic.Int64
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Go(func() {
			bad := bytes.Clone(good)
			for i := w * step; i < 8*len(good); i += step * workers {
				bad[i/8] ^= 1 << (i % 8)
				if holds, reason := tolerates(bad, want); reason != "" {
					t.Errorf("bit %d: %s", i, reason)
				} else if holds {
					carried.Add(1)
				} else {
					refused.Add(1)
				}
				bad[i/8] ^= 1 << (i % 8)
			}
		})
	}
	wg.Wait()
	t.Logf("%d bits: %d refused, %d without content", refused.Load()+carried.Load(), refused.Load(), carried.Load())
	bad := bytes.Clone(good)
	bad[len(bad)/2] ^= 1
	if manifest.Sum256(bad) == built.SHA256 {
		t.Error("a flipped bit keeps the SHA-256")
	}
}

// tolerates reports whether the pack with a flipped bit holds, and what is wrong
// with that if something is.
func tolerates(zip []byte, want string) (holds bool, reason string) {
	p, err := Open(bytes.NewReader(zip), int64(len(zip)), nil)
	if err != nil {
		if !isVerdict(err) {
			reason = fmt.Sprintf("%v is no verdict", err)
		}
		return false, reason
	}
	r, err := Verify(context.Background(), p, Policy{Workers: 1, UnsafeStructureOnly: true})
	if err != nil {
		return false, err.Error()
	}
	if !r.OK() {
		return false, ""
	}
	switch got, err := contents(p); {
	case err != nil:
		reason = err.Error()
	case got != want:
		reason = "other content was accepted"
	case r.Check("archive.canonical").Status != StatusWarn:
		reason = "accepted without a warning"
	}
	return true, reason
}

// contents returns every file of a pack, read through the file system.
func contents(p *Pack) (string, error) {
	var b strings.Builder
	for _, f := range p.Manifest().Files {
		data, err := readAll(p, f.Path)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%s %x\n", f.Path, manifest.Sum256(data).Bytes())
	}
	return b.String() + p.ContentDigest().String(), nil
}

func readAll(p *Pack, name string) ([]byte, error) {
	f, err := p.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

func TestTruncated(t *testing.T) {
	good, _ := build(t, smallRelease, smallEvidence(), nil)
	for n := range good {
		_, err := Open(bytes.NewReader(good[:n]), int64(n), nil)
		if !isVerdict(err) {
			t.Fatalf("%d of %d bytes: got %v", n, len(good), err)
		}
		r, err := Check(bytes.NewReader(good[:n]), int64(n), nil)
		if err != nil || r.OK() || r.Verdicts.Consistent != StatusFail {
			t.Fatalf("%d of %d bytes: Check holds: %v", n, len(good), err)
		}
	}
}

// TestCheckClaimsNothing: a check that was not made is not a pass.
func TestCheckClaimsNothing(t *testing.T) {
	good, _ := build(t, smallRelease, smallEvidence(), nil)
	r, err := Check(bytes.NewReader(good), int64(len(good)), nil)
	if err != nil || !r.OK() {
		t.Fatal(err, r.Err())
	}
	if c := r.Check("archive.content"); c.Status != StatusSkip {
		t.Errorf("the content was not read, yet %+v", c)
	}
	r, err = Check(strings.NewReader("not a pack"), 10, nil)
	if err != nil || r.OK() || !errors.Is(r.Err(), ErrFormat) {
		t.Fatal(err, r.Err())
	}
	for _, id := range []string{"archive.names", "archive.limits", "archive.content", "archive.canonical"} {
		if c := r.Check(id); c.Status != StatusSkip {
			t.Errorf("%s was not decided, yet %+v", id, c)
		}
	}
}

func TestCancelled(t *testing.T) {
	good, _ := build(t, smallRelease, smallEvidence(), nil)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if r, err := Verify(ctx, open(t, good), Policy{}); !errors.Is(err, context.Canceled) || r != nil {
		t.Errorf("got %v, %v", r, err)
	}
}

func TestNotAPack(t *testing.T) {
	zip := rezip(t, []string{"a"}, map[string][]byte{"a": []byte("x")})
	_, err := Open(bytes.NewReader(zip), int64(len(zip)), nil)
	wantProblem(t, err, "manifest.missing", ErrFormat)
	zip = rezip(t, []string{manifest.Name}, map[string][]byte{manifest.Name: []byte(`{"product":"a","product":"b"}`)})
	_, err = Open(bytes.NewReader(zip), int64(len(zip)), nil)
	wantProblem(t, err, "json.duplicate-name", ErrFormat)
}

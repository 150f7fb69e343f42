// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/HailBytes/evidence"
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
	wantProblem(t, err, "manifest.digest", evidence.ErrMismatch)
	if _, again := f.Read(make([]byte, 1)); !errors.Is(again, evidence.ErrMismatch) {
		t.Errorf("reading on: got %v", again)
	}
	_, err = p.Open("extra.txt")
	wantProblem(t, err, "manifest.inventory", evidence.ErrMismatch)
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
		status map[string]evidence.Status // by check id
		want   Verdicts
	}{
		{"nothing asked", good, Policy{},
			map[string]evidence.Status{"archive.canonical": evidence.StatusPass, "release.completeness": evidence.StatusSkip, "attest.statement": evidence.StatusSkip},
			Verdicts{evidence.StatusPass, evidence.StatusSkip, evidence.StatusSkip}},
		{"pinned by ZIP", good, Policy{SHA256: built.SHA256, Require: []Verdict{VerdictPinned}},
			map[string]evidence.Status{"archive.sha256": evidence.StatusPass, "policy.required": evidence.StatusPass}, Verdicts{evidence.StatusPass, evidence.StatusPass, evidence.StatusSkip}},
		{"pinned by content", good, Policy{ContentDigest: built.ContentDigest},
			map[string]evidence.Status{"manifest.content-digest": evidence.StatusPass}, Verdicts{evidence.StatusPass, evidence.StatusPass, evidence.StatusSkip}},
		{"another ZIP digest", good, Policy{SHA256: other}, map[string]evidence.Status{"archive.sha256": evidence.StatusFail}, Verdicts{evidence.StatusPass, evidence.StatusFail, evidence.StatusSkip}},
		{"another content digest", good, Policy{ContentDigest: other}, map[string]evidence.Status{"manifest.content-digest": evidence.StatusFail}, Verdicts{evidence.StatusPass, evidence.StatusFail, evidence.StatusSkip}},
		{"one pin holds, one does not", good, Policy{SHA256: built.SHA256, ContentDigest: other}, map[string]evidence.Status{"archive.sha256": evidence.StatusPass, "manifest.content-digest": evidence.StatusFail}, Verdicts{evidence.StatusPass, evidence.StatusFail, evidence.StatusSkip}},
		{"pin required, none given", good, Policy{Require: []Verdict{VerdictPinned}}, map[string]evidence.Status{"policy.required": evidence.StatusFail}, Verdicts{evidence.StatusPass, evidence.StatusSkip, evidence.StatusSkip}},
		{"authenticity required", good, Policy{Require: []Verdict{VerdictAuthentic}}, map[string]evidence.Status{"policy.required": evidence.StatusFail}, Verdicts{evidence.StatusPass, evidence.StatusSkip, evidence.StatusSkip}},
		{"no such verdict", good, Policy{Require: []Verdict{VerdictInvalid}}, map[string]evidence.Status{"policy.required": evidence.StatusFail}, Verdicts{evidence.StatusPass, evidence.StatusSkip, evidence.StatusSkip}},
		{"expected release", good, Policy{Product: "demo", Version: "1.7"}, map[string]evidence.Status{"release.expected": evidence.StatusPass}, Verdicts{evidence.StatusPass, evidence.StatusSkip, evidence.StatusSkip}},
		{"older release", good, Policy{Product: "demo", Version: "1.8"}, map[string]evidence.Status{"release.expected": evidence.StatusFail}, Verdicts{evidence.StatusPass, evidence.StatusSkip, evidence.StatusSkip}},
		{"other product", good, Policy{Product: "sat"}, map[string]evidence.Status{"release.expected": evidence.StatusFail}, Verdicts{evidence.StatusPass, evidence.StatusSkip, evidence.StatusSkip}},
		{"renamed", good, Policy{FileName: "x.zip", Now: gone}, map[string]evidence.Status{"manifest.filename": evidence.StatusWarn}, Verdicts{evidence.StatusPass, evidence.StatusSkip, evidence.StatusSkip}},
		{"named well", good, Policy{FileName: "hailbytes-demo-trust-pack-v1.7.zip"}, map[string]evidence.Status{"manifest.filename": evidence.StatusPass}, Verdicts{evidence.StatusPass, evidence.StatusSkip, evidence.StatusSkip}},
		{"zipped again", edit(t, good, func(map[string][]byte) {}), Policy{ContentDigest: built.ContentDigest},
			map[string]evidence.Status{"archive.canonical": evidence.StatusWarn, "manifest.content-digest": evidence.StatusPass, "archive.structure": evidence.StatusPass}, Verdicts{evidence.StatusPass, evidence.StatusPass, evidence.StatusSkip}},
		{"zipped again, ZIP pinned", edit(t, good, func(map[string][]byte) {}), Policy{SHA256: built.SHA256},
			map[string]evidence.Status{"archive.sha256": evidence.StatusFail}, Verdicts{evidence.StatusPass, evidence.StatusFail, evidence.StatusSkip}},
		{"entry added", edit(t, good, func(f map[string][]byte) { f["x"] = nil }), Policy{}, map[string]evidence.Status{"manifest.inventory": evidence.StatusFail, "manifest.digest": evidence.StatusPass}, Verdicts{evidence.StatusFail, evidence.StatusSkip, evidence.StatusSkip}},
		{"entry removed", edit(t, good, func(f map[string][]byte) { delete(f, "sbom/web.cdx.json") }), Policy{}, map[string]evidence.Status{"manifest.inventory": evidence.StatusFail}, Verdicts{evidence.StatusFail, evidence.StatusSkip, evidence.StatusSkip}},
		{"entry renamed", edit(t, good, func(f map[string][]byte) { f["sbom/w.json"] = f["sbom/web.cdx.json"]; delete(f, "sbom/web.cdx.json") }), Policy{}, map[string]evidence.Status{"manifest.inventory": evidence.StatusFail}, Verdicts{evidence.StatusFail, evidence.StatusSkip, evidence.StatusSkip}},
		{"entries swapped", edit(t, good, func(f map[string][]byte) {
			f["sbom/web.spdx.json"], f["sbom/nginx.spdx.json"] = f["sbom/nginx.spdx.json"], f["sbom/web.spdx.json"]
		}), Policy{}, map[string]evidence.Status{"manifest.digest": evidence.StatusFail, "manifest.inventory": evidence.StatusPass}, Verdicts{evidence.StatusFail, evidence.StatusSkip, evidence.StatusSkip}},
		{"entry truncated", edit(t, good, func(f map[string][]byte) { f["sbom/web.cdx.json"] = f["sbom/web.cdx.json"][:50] }), Policy{}, map[string]evidence.Status{"manifest.digest": evidence.StatusFail, "manifest.size": evidence.StatusFail}, Verdicts{evidence.StatusFail, evidence.StatusSkip, evidence.StatusSkip}},
		{"page edited", edit(t, good, func(f map[string][]byte) {
			f[IndexName] = bytes.Replace(f[IndexName], []byte("v1.7"), []byte("v1.8"), 1)
			relist(t, f)
		}), Policy{}, map[string]evidence.Status{"index.agrees": evidence.StatusFail, "manifest.digest": evidence.StatusPass}, Verdicts{evidence.StatusFail, evidence.StatusSkip, evidence.StatusSkip}},
		{"page of another release", edit(t, good, func(f map[string][]byte) {
			f[IndexName] = bytes.ReplaceAll(f[IndexName], []byte("v1.7"), []byte("v1.8"))
			relist(t, f)
		}), Policy{}, map[string]evidence.Status{"index.agrees": evidence.StatusFail, "manifest.digest": evidence.StatusPass}, Verdicts{evidence.StatusFail, evidence.StatusSkip, evidence.StatusSkip}},
		{"page without data", edit(t, good, func(f map[string][]byte) { f[IndexName] = []byte("<!DOCTYPE html>"); relist(t, f) }), Policy{}, map[string]evidence.Status{"index.agrees": evidence.StatusFail}, Verdicts{evidence.StatusFail, evidence.StatusSkip, evidence.StatusSkip}},
		{"page dropped", edit(t, good, func(f map[string][]byte) { delete(f, IndexName); relist(t, f) }), Policy{}, map[string]evidence.Status{"index.agrees": evidence.StatusFail, "manifest.inventory": evidence.StatusPass}, Verdicts{evidence.StatusFail, evidence.StatusSkip, evidence.StatusSkip}},
		{"no page, of another tool", edit(t, good, func(f map[string][]byte) { foreign(t, f, "demo") }), Policy{}, map[string]evidence.Status{"index.agrees": evidence.StatusWarn, "manifest.schema": evidence.StatusWarn}, Verdicts{evidence.StatusPass, evidence.StatusSkip, evidence.StatusSkip}},
		{"no page, of another tool, of a product with a profile", edit(t, good, func(f map[string][]byte) { foreign(t, f, "sat") }), Policy{UnsafeNoProfile: true}, map[string]evidence.Status{"index.agrees": evidence.StatusFail}, Verdicts{evidence.StatusFail, evidence.StatusSkip, evidence.StatusSkip}},
		{"nothing in it", edit(t, good, func(f map[string][]byte) { clear(f); f[manifest.Name] = []byte(`{"files":{}}`) }), Policy{}, map[string]evidence.Status{"manifest.inventory": evidence.StatusFail}, Verdicts{evidence.StatusFail, evidence.StatusSkip, evidence.StatusSkip}},
		{"a page alone", edit(t, good, func(f map[string][]byte) {
			maps.DeleteFunc(f, func(name string, _ []byte) bool { return name != IndexName && name != manifest.Name })
			relist(t, f)
		}), Policy{}, map[string]evidence.Status{"manifest.inventory": evidence.StatusFail}, Verdicts{evidence.StatusFail, evidence.StatusSkip, evidence.StatusSkip}},
		{"edited consistently", edit(t, good, func(f map[string][]byte) { f["sbom/web.cdx.json"][30] ^= 2; relist(t, f) }), Policy{ContentDigest: built.ContentDigest},
			map[string]evidence.Status{"manifest.digest": evidence.StatusPass, "manifest.content-digest": evidence.StatusFail}, Verdicts{evidence.StatusFail, evidence.StatusFail, evidence.StatusSkip}},
		{"content of another kind", edit(t, good, func(f map[string][]byte) { f["sbom/web.cdx.json"] = f["scans/web.trivy.sarif"]; relist(t, f) }), Policy{},
			map[string]evidence.Status{"manifest.kind": evidence.StatusWarn}, Verdicts{evidence.StatusFail, evidence.StatusSkip, evidence.StatusSkip}},
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
				holds = holds && c.Status != evidence.StatusFail && c.Status != evidence.StatusError
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
	m.Files = slices.DeleteFunc(m.Files, func(f manifest.File) bool { _, there := files[f.Path]; return !there })
	for i := range m.Files {
		data := files[m.Files[i].Path]
		m.Files[i].SHA256, m.Files[i].Size = evidence.Sum256(data), int64(len(data))
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
	r.add(evidence.Check{ID: "x.y", Status: evidence.StatusSkip})
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
	rel.Release.Created = time.Unix(1e9, 0)
	good, built := build(t, rel, fsys, nil)
	want, err := contents(open(t, good))
	if err != nil {
		t.Fatal(err)
	}
	// Every bit takes minutes: EVIDENCE_EVERY_BIT asks for all but those of the page,
	// which is most of the pack and guarded as all content is.
	every := os.Getenv("EVIDENCE_EVERY_BIT") != ""
	from, to := pageBytes(t, good)
	flip := func(i int) bool { return i%37 == 0 || every && (i < 8*from || i >= 8*to) }
	var refused, carried atomic.Int64
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Go(func() {
			bad := bytes.Clone(good)
			for i := w; i < 8*len(good); i += workers {
				if !flip(i) {
					continue
				}
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
	if evidence.Sum256(bad) == built.SHA256 {
		t.Error("a flipped bit keeps the SHA-256")
	}
}

// pageBytes returns where the data of the page begins and ends in a pack.
func pageBytes(t *testing.T, pack []byte) (from, to int) {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(pack), int64(len(pack)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.File {
		if f.Name == IndexName {
			offset, err := f.DataOffset()
			if err != nil {
				t.Fatal(err)
			}
			return int(offset), int(offset) + int(f.CompressedSize64)
		}
	}
	t.Fatal("the pack has no page")
	return 0, 0
}

// tolerates reports whether the pack with a flipped bit holds, and what is wrong
// with that if something is.
func tolerates(zip []byte, want string) (holds bool, reason string) {
	p, err := Open(bytes.NewReader(zip), int64(len(zip)), nil)
	if err != nil {
		if !evidence.IsVerdict(err) {
			reason = fmt.Sprintf("%v is no verdict", err)
		}
		return false, reason
	}
	r, err := VerifyStructure(context.Background(), p, "")
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
	case r.Check("archive.canonical").Status != evidence.StatusWarn:
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
		fmt.Fprintf(&b, "%s %x\n", f.Path, evidence.Sum256(data).Bytes())
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
		if !evidence.IsVerdict(err) {
			t.Fatalf("%d of %d bytes: got %v", n, len(good), err)
		}
		r, err := Check(bytes.NewReader(good[:n]), int64(n), nil)
		if err != nil || r.OK() || r.Verdicts.Consistent != evidence.StatusFail {
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
	if c := r.Check("archive.content"); c.Status != evidence.StatusSkip {
		t.Errorf("the content was not read, yet %+v", c)
	}
	r, err = Check(strings.NewReader("not a pack"), 10, nil)
	if err != nil || r.OK() || !errors.Is(r.Err(), evidence.ErrFormat) {
		t.Fatal(err, r.Err())
	}
	for _, id := range []string{"archive.names", "archive.limits", "archive.content", "archive.canonical"} {
		if c := r.Check(id); c.Status != evidence.StatusSkip {
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
	wantProblem(t, err, "manifest.missing", evidence.ErrFormat)
	zip = rezip(t, []string{manifest.Name}, map[string][]byte{manifest.Name: []byte(`{"product":"a","product":"b"}`)})
	_, err = Open(bytes.NewReader(zip), int64(len(zip)), nil)
	wantProblem(t, err, "json.duplicate-name", evidence.ErrFormat)
}

// foreign makes the files of a pack those that another tool would zip, without a page.
func foreign(t testing.TB, f map[string][]byte, product string) {
	t.Helper()
	delete(f, IndexName)
	delete(f, manifest.Name)
	digests := map[string]string{}
	for name, data := range f {
		digests[name] = evidence.Sum256(data).Hex()
	}
	text, err := json.Marshal(map[string]any{"product": product, "version": "1.7", "files": digests})
	if err != nil {
		t.Fatal(err)
	}
	f[manifest.Name] = text
}

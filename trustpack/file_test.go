// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence"
)

func names(t testing.TB, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			out = append(out, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestBuildFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, FileName("demo", "1.7"))
	src, err := Sources(smallEvidence())
	if err != nil {
		t.Fatal(err)
	}
	// What a killed build left behind is gone afterwards.
	left := filepath.Join(dir, "."+filepath.Base(name)+".ABCDEFGH.partial")
	if err := os.WriteFile(left, []byte("half a pack"), 0o644); err != nil {
		t.Fatal(err)
	}
	built, report, err := BuildFile(context.Background(), name, smallRelease, src, nil)
	if err != nil || !report.OK() {
		t.Fatal(err)
	}
	data, err := os.ReadFile(name)
	if err != nil || evidence.Sum256(data) != built.SHA256 {
		t.Errorf("%v: the file is not what was reported", err)
	}
	if got := names(t, dir); len(got) != 1 {
		t.Errorf("left behind: %v", got)
	}
	// Again, over the old one.
	if _, _, err := BuildFile(context.Background(), name, smallRelease, src, nil); err != nil {
		t.Error(err)
	}
}

func TestBuildFileFails(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "x.zip")
	broken := []Source{{Path: "x.json", Open: func() (io.ReadCloser, error) { return nil, fs.ErrPermission }}}
	if _, _, err := BuildFile(context.Background(), name, smallRelease, broken, nil); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("got %v", err)
	}
	if got := names(t, dir); got != nil {
		t.Errorf("left behind: %v", got)
	}
	if _, _, err := BuildFile(context.Background(), filepath.Join(dir, "no", "x.zip"), smallRelease, nil, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such folder: got %v", err)
	}
}

// TestBuildFileTwice: of two builds of one pack at a time, one says so.
func TestBuildFileTwice(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.zip")
	nested := false
	src := []Source{{Path: "x.txt", Open: func() (io.ReadCloser, error) {
		if !nested {
			nested = true
			inner, _ := Sources(smallEvidence())
			if _, _, err := BuildFile(context.Background(), name, smallRelease, inner, nil); err != nil {
				t.Error(err)
			}
		}
		return io.NopCloser(strings.NewReader("x")), nil
	}}}
	rel := smallRelease
	rel.Release.Created = time.Unix(1e9, 0)
	if _, _, err := BuildFile(context.Background(), name, rel, src, nil); err == nil {
		t.Error("both builds succeeded")
	}
	p, err := OpenFile(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if p.Manifest().File("sbom/web.cdx.json") == nil {
		t.Error("the finished pack was replaced by the other build's")
	}
}

// TestUnzip has an independent reader take the pack apart.
func TestUnzip(t *testing.T) {
	unzip, err := exec.LookPath("unzip")
	if err != nil {
		t.Skip("no unzip to compare with")
	}
	dir := t.TempDir()
	zip, built := build(t, smallRelease, smallEvidence(), nil)
	if err := os.WriteFile(filepath.Join(dir, "x.zip"), zip, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(unzip, "-q", "x.zip", "-d", "out")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, f := range built.Manifest.Files {
		data, err := os.ReadFile(filepath.Join(dir, "out", f.Path))
		if err != nil || evidence.Sum256(data) != f.SHA256 {
			t.Errorf("%s: %v", f.Path, err)
		}
	}
}

func TestExtract(t *testing.T) {
	good, built := build(t, smallRelease, smallEvidence(), nil)
	var all []string
	for _, f := range built.Manifest.Files {
		all = append(all, f.Path)
	}
	for _, tt := range []struct {
		name     string
		patterns []string
		want     []string
	}{
		{"all", nil, append([]string{"MANIFEST.json"}, all...)},
		{"one", []string{"sbom/web.cdx.json"}, []string{"sbom/web.cdx.json"}},
		{"star stays in its folder", []string{"*.html", "sbom/*.spdx.json"}, []string{"index.html", "sbom/nginx.spdx.json", "sbom/web.spdx.json"}},
		{"any depth", []string{"**/*.png"}, []string{"uat/screens/a b#1.png"}},
		{"no folder too", []string{"**/index.html"}, []string{"index.html"}},
	} {
		dir := filepath.Join(t.TempDir(), "out")
		got, err := Extract(context.Background(), open(t, good), dir, tt.patterns...)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
		if diff := cmp.Diff(tt.want, names(t, dir)); diff != "" {
			t.Errorf("%s on disk: %s", tt.name, diff)
		}
	}
}

// TestExtractRefuses: nothing appears when anything is wrong, chosen or not.
func TestExtractRefuses(t *testing.T) {
	good, _ := build(t, smallRelease, smallEvidence(), nil)
	for _, tt := range []struct {
		name     string
		zip      []byte
		patterns []string
		code     string
		class    error
	}{
		{"changed file", edit(t, good, func(f map[string][]byte) { f["sbom/web.cdx.json"][3] ^= 1 }), nil, "manifest.digest", evidence.ErrMismatch},
		{"changed file, another chosen", edit(t, good, func(f map[string][]byte) { f["sbom/web.cdx.json"][3] ^= 1 }), []string{"index.html"}, "manifest.digest", evidence.ErrMismatch},
		{"file added", edit(t, good, func(f map[string][]byte) { f["x"] = nil }), nil, "manifest.inventory", evidence.ErrMismatch},
		{"file missing", edit(t, good, func(f map[string][]byte) { delete(f, "sbom/web.cdx.json") }), nil, "manifest.inventory", evidence.ErrMismatch},
		{"nothing matches", good, []string{"index.html", "*.exe"}, "extract.pattern", evidence.ErrPolicy},
	} {
		parent := t.TempDir()
		_, err := Extract(context.Background(), open(t, tt.zip), filepath.Join(parent, "out"), tt.patterns...)
		wantProblem(t, err, tt.code, tt.class)
		if got := names(t, parent); got != nil {
			t.Errorf("%s: left behind %v", tt.name, got)
		}
	}
	parent := t.TempDir()
	if err := os.WriteFile(filepath.Join(parent, "mine"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Extract(context.Background(), open(t, good), parent); !errors.Is(err, fs.ErrExist) {
		t.Errorf("into a folder that is not empty: got %v", err)
	}
	if _, err := Extract(context.Background(), open(t, good), filepath.Join(parent, "out"), "["); err == nil {
		t.Error("a malformed pattern was accepted")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Extract(ctx, open(t, good), filepath.Join(parent, "out")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
	if got := names(t, parent); len(got) != 1 {
		t.Errorf("left behind: %v", got)
	}
}

func TestVerifyFile(t *testing.T) {
	dir := t.TempDir()
	good, _ := build(t, smallRelease, smallEvidence(), nil)
	write := func(name string, data []byte) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
		return name
	}
	ctx := context.Background()
	r, err := VerifyFile(ctx, write("good.zip", good), Policy{}, nil)
	if err != nil || !r.OK() {
		t.Error(err, r.Err())
	}
	for name, data := range map[string][]byte{"empty": nil, "text": []byte("hello"), "behind": append(bytes.Clone(good), 0), "before": append([]byte{0}, good...)} {
		r, err := VerifyFile(ctx, write(name, data), Policy{Require: []Verdict{VerdictPinned}}, nil)
		if err != nil || r.OK() || r.Verdicts.Consistent != evidence.StatusFail || r.Check("policy.required").Status != evidence.StatusFail {
			t.Errorf("%s: %v %+v", name, err, r)
		}
	}
	if _, err := VerifyFile(ctx, filepath.Join(dir, "none"), Policy{}, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: got %v", err)
	}
	if _, err := VerifyFile(ctx, dir, Policy{}, nil); err == nil || evidence.IsVerdict(err) {
		t.Errorf("a folder: got %v", err)
	}
}

func TestSourcesKeepEverything(t *testing.T) {
	src, err := Sources(fstest.MapFS{"b/.hidden": {}, "a": {}, "empty": {Mode: fs.ModeDir}})
	if err != nil || len(src) != 2 || src[0].Path != "a" || src[1].Path != "b/.hidden" {
		t.Errorf("%v %v", src, err)
	}
}

// TestBuildsAtOnce: builds of one pack into one folder all finish, and leave one
// whole pack and nothing else.
func TestBuildsAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, FileName("demo", "1.7"))
	var wg sync.WaitGroup
	digests := make([]evidence.Digest, 4)
	for i := range digests {
		wg.Go(func() {
			src, _ := Sources(smallEvidence())
			built, _, err := BuildFile(context.Background(), name, smallRelease, src, nil)
			if err != nil {
				t.Error(err)
				return
			}
			digests[i] = built.SHA256
		})
	}
	wg.Wait()
	data, err := os.ReadFile(name)
	for _, d := range digests {
		if err != nil || evidence.Sum256(data) != d {
			t.Errorf("%v: the pack is not what a build reported", err)
		}
	}
	if got := names(t, dir); len(got) != 1 {
		t.Errorf("left behind: %v", got)
	}
}

func TestExtractFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "x.zip")
	src, err := Sources(smallEvidence())
	if err != nil {
		t.Fatal(err)
	}
	built, _, err := BuildFile(context.Background(), name, smallRelease, src, nil)
	if err != nil {
		t.Fatal(err)
	}
	other := evidence.Sum256([]byte("another pack"))
	for i, tt := range []struct {
		o    *ExtractOptions
		code string // empty: it is extracted
	}{
		{nil, ""},
		{&ExtractOptions{SHA256: built.SHA256}, ""},
		{&ExtractOptions{ContentDigest: built.ContentDigest}, ""},
		{&ExtractOptions{SHA256: built.SHA256, ContentDigest: built.ContentDigest}, ""},
		{&ExtractOptions{SHA256: other}, "archive.sha256"},
		{&ExtractOptions{ContentDigest: other}, "manifest.content-digest"},
		{&ExtractOptions{SHA256: built.ContentDigest, ContentDigest: built.ContentDigest}, "archive.sha256"},
		{&ExtractOptions{SHA256: built.SHA256, ContentDigest: built.SHA256}, "manifest.content-digest"},
	} {
		parent := filepath.Join(t.TempDir(), "p")
		if err := os.Mkdir(parent, 0o755); err != nil {
			t.Fatal(err)
		}
		files, err := ExtractFile(context.Background(), name, filepath.Join(parent, "out"), tt.o)
		left := names(t, parent)
		if tt.code == "" {
			if err != nil || len(files) == 0 || len(left) != len(files) {
				t.Errorf("%d: %v, %d files extracted, %d there", i, err, len(files), len(left))
			}
			continue
		}
		p, _ := errors.AsType[*evidence.Problem](err)
		if p == nil || p.Code != tt.code || !errors.Is(err, evidence.ErrMismatch) || len(left) != 0 {
			t.Errorf("%d: got %v, want %s; left behind: %v", i, err, tt.code, left)
		}
	}
}

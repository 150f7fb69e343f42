// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
)

// The digests of the two images of the small release.
const (
	webDigest   = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
	nginxDigest = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
)

// smallEvidence is a release in a few hundred bytes: enough to have images, a
// stored and several deflated entries, and a file that nothing places.
func smallEvidence() fstest.MapFS {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	spdx := func(name, digest string) *fstest.MapFile {
		return file(`{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","creationInfo":{"created":"2026-01-02T03:04:05Z","creators":["Tool: syft-1.19.0"]},` +
			`"packages":[{"SPDXID":"SPDXRef-image","name":"ghcr.io/hailbytes/` + name + `","primaryPackagePurpose":"CONTAINER","checksums":[{"algorithm":"SHA256","checksumValue":"` + digest[7:] + `"}]}],` +
			`"relationships":[{"spdxElementId":"SPDXRef-DOCUMENT","relatedSpdxElement":"SPDXRef-image","relationshipType":"DESCRIBES"}]}`)
	}
	return fstest.MapFS{
		"sbom/web.spdx.json":     spdx("web", webDigest),
		"sbom/nginx.spdx.json":   spdx("nginx", nginxDigest),
		"sbom/web.cdx.json":      file(`{"bomFormat":"CycloneDX","specVersion":"1.5","metadata":{"timestamp":"2026-01-02T03:04:04Z","component":{"type":"container","name":"ghcr.io/hailbytes/web"}},"components":[]}`),
		"scans/web.trivy.sarif":  file(`{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"Trivy","version":"0.64.1"}},"properties":{"imageName":"ghcr.io/hailbytes/web:1.7","repoDigests":["ghcr.io/hailbytes/web@` + webDigest + `"]},"results":[]}]}`),
		"uat/screens/a b#1.png":  file("\x89PNG\r\n\x1a\nnot really"),
		"signatures/web.pem.txt": file("nothing to see"),
	}
}

var smallRelease = manifest.Config{Product: "demo", Version: "1.7"}

func build(t testing.TB, rel manifest.Config, fsys fs.FS, o *BuildOptions) ([]byte, *Built) {
	t.Helper()
	var buf bytes.Buffer
	built, err := BuildFS(context.Background(), &buf, rel, fsys, o)
	if err != nil {
		t.Fatal(err)
	}
	return buf.Bytes(), built
}

func open(t testing.TB, zip []byte) *Pack {
	t.Helper()
	p, err := Open(bytes.NewReader(zip), int64(len(zip)), nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func verify(t testing.TB, p *Pack, pol Policy) *Report {
	t.Helper()
	r, err := Verify(context.Background(), p, pol)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// wantProblem asserts code and class of the first problem of err.
func wantProblem(t testing.TB, err error, code string, class error) {
	t.Helper()
	p, ok := errors.AsType[*evidence.Problem](err)
	if !ok {
		t.Fatalf("got error %v, want a problem %s", err, code)
	}
	if p.Code != code || !errors.Is(err, class) {
		t.Errorf("got %s (%v), want %s (%v)", p.Code, err, code, class)
	}
}

// edit returns the pack with the entries changed by f, written by Go's own ZIP
// writer: what anyone with a ZIP tool can do.
func edit(t testing.TB, zip []byte, f func(files map[string][]byte)) []byte {
	t.Helper()
	p := open(t, zip)
	files := map[string][]byte{}
	var order []string
	for i := range p.archive.Entries() {
		e := &p.archive.Entries()[i]
		data, err := e.Bytes(context.Background(), 16<<20)
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name] = data
		order = append(order, e.Name)
	}
	f(files)
	for name := range files {
		if p.archive.Entry(name) == nil {
			order = append(order, name)
		}
	}
	return rezip(t, order, files)
}

var update = flag.Bool("update", false, "rewrite testdata/golden with what is built now")

// golden compares a pack with the digests that every machine and every Go
// version must reach. A change of them is a change of what a rebuild of any release
// gives, and must be meant; where the summary is what changed, summaryRules grows.
func golden(t testing.TB, name string, built *Built) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name+".txt")
	got := fmt.Sprintf("zip      %s\ncontent  %s\n", built.SHA256, built.ContentDigest)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%swant\n%s", name, got, want)
	}
}

func TestBuildManifest(t *testing.T) {
	_, built := build(t, smallRelease, smallEvidence(), nil)
	m := built.Manifest
	if got := m.Release.Created.Format(time.RFC3339); got != "2026-01-02T03:04:05Z" || m.Release.Tag != "v1.7" {
		t.Errorf("created %s, tag %s: want the newest stated time and the tag of the version", got, m.Release.Tag)
	}
	for path, want := range map[string]struct {
		kind   manifest.Kind
		format manifest.Format
		image  string
		tool   string
	}{
		"sbom/web.spdx.json":     {manifest.KindSBOM, manifest.FormatSPDXJSON, "web", "syft"},
		"sbom/nginx.spdx.json":   {manifest.KindSBOM, manifest.FormatSPDXJSON, "nginx", "syft"},
		"sbom/web.cdx.json":      {manifest.KindSBOM, manifest.FormatCycloneDXJSON, "web", ""},
		"scans/web.trivy.sarif":  {manifest.KindScan, manifest.FormatSARIF, "web", "Trivy"},
		"uat/screens/a b#1.png":  {manifest.KindScreenshot, manifest.FormatPNG, "", ""},
		"signatures/web.pem.txt": {manifest.KindOther, "", "", ""},
		"index.html":             {manifest.KindIndex, manifest.FormatHTML, "", ""},
	} {
		f := m.File(path)
		if f == nil || f.Kind != want.kind || f.Format != want.format || f.Image != want.image || f.Tool.Name != want.tool {
			t.Errorf("%s: got %+v, want %+v", path, f, want)
		}
	}
	var images []string
	for _, img := range m.Images {
		images = append(images, img.Name+" "+img.Reference+" "+img.Digest.String()+" "+string(img.Signing.Status))
	}
	if got, want := strings.Join(images, "\n"), "nginx ghcr.io/hailbytes/nginx "+nginxDigest+" unsigned\nweb ghcr.io/hailbytes/web "+webDigest+" unsigned"; got != want {
		t.Errorf("images:\n%s\nwant:\n%s", got, want)
	}
	if len(built.Warnings) != 1 || built.Warnings[0].Code != "build.unplaced" || built.Warnings[0].Path != "signatures/web.pem.txt" {
		t.Errorf("warnings: %v", built.Warnings)
	}
}

func TestBuildIsReproducible(t *testing.T) {
	first, built := build(t, smallRelease, smallEvidence(), nil)
	golden(t, "small", built)
	if got := evidence.Sum256(first); got != built.SHA256 || int64(len(first)) != built.Size {
		t.Errorf("said %s, %d bytes; wrote %s, %d bytes", built.SHA256, built.Size, got, len(first))
	}
	src, err := Sources(smallEvidence())
	if err != nil {
		t.Fatal(err)
	}
	for i := range src { // another order, and other workers
		src[i], src[len(src)-1-i] = src[len(src)-1-i], src[i]
	}
	var second bytes.Buffer
	if _, err := Build(context.Background(), &second, smallRelease, src, &BuildOptions{Workers: 1}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second.Bytes()) {
		t.Error("another order of sources gives other bytes")
	}
	third, other := build(t, smallRelease, smallEvidence(), &BuildOptions{ModTime: time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)})
	if bytes.Equal(first, third) || other.ContentDigest != built.ContentDigest {
		t.Error("ModTime must change the ZIP and not the content digest")
	}
}

func TestBuildRefuses(t *testing.T) {
	with := func(change func(fstest.MapFS)) fstest.MapFS {
		fsys := smallEvidence()
		change(fsys)
		return fsys
	}
	add := func(name, content string) fstest.MapFS {
		return with(func(f fstest.MapFS) { f[name] = &fstest.MapFile{Data: []byte(content)} })
	}
	good := manifest.Config{Product: "demo", Version: "1.7"}
	for name, tt := range map[string]struct {
		fsys  fs.FS
		rel   manifest.Config
		o     *BuildOptions
		code  string
		class error
	}{
		"manifest in the evidence": {add("MANIFEST.json", "{}"), good, nil, "build.reserved", evidence.ErrFormat},
		"page in the evidence":     {add("index.html", ""), good, nil, "build.reserved", evidence.ErrFormat},
		"symbolic link":            {with(func(f fstest.MapFS) { f["link"] = &fstest.MapFile{Mode: fs.ModeSymlink} }), good, nil, "build.type", evidence.ErrUnsafe},
		"private key":              {add("k", "-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n"), good, nil, "build.private-key", evidence.ErrUnsafe},
		"unsafe name":              {add("aux.txt", ""), good, nil, "manifest.path", evidence.ErrUnsafe},
		"names alike":              {add("SBOM/web.spdx.json", ""), good, nil, "archive.name-collision", evidence.ErrUnsafe},
		"two digests":              {add("x.image-ref.txt", "ghcr.io/hailbytes/web@"+nginxDigest), good, nil, "build.image-digest", evidence.ErrMismatch},
		"caller and evidence": {smallEvidence(), manifest.Config{Product: "demo", Version: "1.7", Images: []manifest.Image{
			{Name: "w", Reference: "ghcr.io/hailbytes/web", Digest: mustDigest(t, nginxDigest)}}}, nil, "build.image-digest", evidence.ErrMismatch},
		"image manifest":  {add("web.manifest.json", `{"schemaVersion":2,"config":{},"layers":[]}`), good, nil, "build.image-digest", evidence.ErrMismatch},
		"no version":      {smallEvidence(), manifest.Config{Product: "demo"}, nil, "manifest.required", evidence.ErrFormat},
		"unknown product": {smallEvidence(), manifest.Config{Product: "Demo!", Version: "1.7"}, nil, "manifest.product", evidence.ErrFormat},
	} {
		t.Run(name, func(t *testing.T) {
			var buf bytes.Buffer
			_, err := BuildFS(context.Background(), &buf, tt.rel, tt.fsys, tt.o)
			wantProblem(t, err, tt.code, tt.class)
			if _, err := Open(bytes.NewReader(buf.Bytes()), int64(buf.Len()), nil); err == nil {
				t.Error("a pack was written")
			}
		})
	}
	// Near neighbours that are accepted.
	build(t, good, add("sub/MANIFEST.json", "{}"), nil)
	build(t, good, add("x.image-ref.txt", "ghcr.io/hailbytes/web@"+webDigest), nil)
	build(t, good, add("k", "-----BEGIN PUBLIC KEY-----\nMA==\n-----END PUBLIC KEY-----\n"), nil)
}

func mustDigest(t testing.TB, s string) evidence.Digest {
	t.Helper()
	d, err := evidence.ParseDigest(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestBuildMisleadingName: content decides which image a file is about, and the builder says so.
func TestBuildMisleadingName(t *testing.T) {
	fsys := smallEvidence()
	fsys["sbom/web.extra.json"] = fsys["sbom/nginx.spdx.json"]
	_, built := build(t, smallRelease, fsys, nil)
	if f := built.Manifest.File("sbom/web.extra.json"); f.Image != "nginx" {
		t.Errorf("image %q, want nginx", f.Image)
	}
	found := false
	for _, w := range built.Warnings {
		found = found || w.Code == "build.image" && w.Path == "sbom/web.extra.json"
	}
	if !found {
		t.Errorf("warnings: %v", built.Warnings)
	}
}

// TestBuildSourceChanges: a file that changes between two reads gives no pack.
func TestBuildSourceChanges(t *testing.T) {
	for _, second := range []string{"bbbb", "aaa", "aaaaa"} {
		reads := 0
		src := []Source{{Path: "x.txt", Open: func() (io.ReadCloser, error) {
			if reads++; reads == 1 {
				return io.NopCloser(strings.NewReader("aaaa")), nil
			}
			return io.NopCloser(strings.NewReader(second)), nil
		}}}
		rel := smallRelease
		rel.Release.Created = time.Unix(1e9, 0)
		_, err := Build(context.Background(), io.Discard, rel, src, nil)
		wantProblem(t, err, "archive.source", evidence.ErrMismatch)
	}
}

func TestBuildCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := BuildFS(ctx, io.Discard, smallRelease, smallEvidence(), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

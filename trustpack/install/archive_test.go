// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/trustpack"
	"github.com/HailBytes/evidence/trustpack/policy"
)

func sum(data string) string { return evidence.Sum256([]byte(data)).String() }

func blobName(data string) string { return "blobs/sha256/" + strings.TrimPrefix(sum(data), "sha256:") }

// sample is an image in the two forms in which an archive can have it.
type sample struct{ layer, config, manifest string }

func newSample(word string) sample {
	s := sample{layer: "layer of " + word}
	s.config = `{"os":"linux","rootfs":{"type":"layers","diff_ids":["` + sum(s.layer) + `"]}}`
	s.manifest = manifestOf(s.config, s.layer)
	return s
}

func manifestOf(config, layer string) string {
	return fmt.Sprintf(`{"schemaVersion":2,"config":{"digest":"%s","size":%d},"layers":[{"digest":"%s","size":%d}]}`, sum(config), len(config), sum(layer), len(layer))
}

// saved is what docker save writes of it.
func (s sample) saved(tag string) map[string]string {
	return map[string]string{
		"manifest.json":    `[{"Config":"` + blobName(s.config) + `","RepoTags":["` + tag + `"],"Layers":["` + blobName(s.layer) + `"]}]`,
		blobName(s.config): s.config, blobName(s.layer): s.layer,
	}
}

// layout is the OCI image layout of it.
func (s sample) layout() map[string]string {
	return map[string]string{
		"oci-layout":       `{"imageLayoutVersion":"1.0.0"}`,
		"index.json":       `{"schemaVersion":2,"manifests":[{"digest":"` + sum(s.manifest) + `"}]}`,
		blobName(s.config): s.config, blobName(s.layer): s.layer, blobName(s.manifest): s.manifest,
	}
}

func tarOf(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for n := range files {
			if !yield(n) {
				return
			}
		}
	}) {
		h := &tar.Header{Name: name, Mode: 0o644, Size: int64(len(files[name])), Typeflag: tar.TypeReg}
		if to, ok := strings.CutPrefix(files[name], "-> "); ok {
			h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, to, 0
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			if _, err := w.Write([]byte(files[name])); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// archiveGate is the gate of a release with the images web and worker.
func archiveGate(t testing.TB) (g *Gate, web, worker, third sample) {
	web, worker, third = newSample("web"), newSample("worker"), newSample("postgres")
	digest := func(text string) evidence.Digest { return evidence.Sum256([]byte(text)) }
	r := &trustpack.Report{Product: "asm", Version: "1.482", Checks: evidence.Checks{{ID: "x", Status: evidence.StatusPass}}}
	for name, s := range map[string]sample{"web": web, "worker": worker} {
		r.Images = append(r.Images, trustpack.ImageDigests{
			Name: name, Reference: "ghcr.io/hailbytes/asm-" + name + ":1.482", Digest: digest(s.manifest),
			Platforms: []trustpack.PlatformDigests{{Config: digest(s.config), Layers: []evidence.Digest{digest(s.layer)}}},
		})
	}
	g, err := New(r, &Options{Rules: policy.Install{ThirdParty: []string{"postgres@" + sum(third.manifest)}, UnsafeThirdPartyTags: []string{"redis:7.4"}}})
	if err != nil {
		t.Fatal(err)
	}
	return g, web, worker, third
}

// TestArchive: an archive is what its bytes are, whatever its lists and names say.
func TestArchive(t *testing.T) {
	g, web, worker, third := archiveGate(t)
	evil := newSample("evil")
	with := func(files map[string]string, more ...string) map[string]string {
		out := map[string]string{}
		for k, v := range files {
			out[k] = v
		}
		for i := 0; i < len(more); i += 2 {
			out[more[i]] = more[i+1]
		}
		return out
	}
	const tag = "ghcr.io/hailbytes/asm-web:1.482"
	anew := manifestOf(web.config, "another layer")
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  string // reasons
	}{
		{"docker save", web.saved(tag), ""},
		{"docker save of an image that is named otherwise", web.saved("local/web:latest"), ""},
		{"with the name of another image of the release", web.saved("ghcr.io/hailbytes/asm-worker:1.482"), CodeOtherImage},
		{"of another image", evil.saved(tag), CodeUnknown},
		{"with another layer", with(web.saved(tag), blobName(web.layer), "another layer"), CodeArchive},
		{"with one layer more", with(web.saved(tag), "manifest.json", `[{"Config":"`+blobName(web.config)+`","Layers":["`+blobName(web.layer)+`","`+blobName(web.layer)+`"]}]`), CodeArchive},
		{"without its layer", with(web.saved(tag), "manifest.json", `[{"Config":"`+blobName(web.config)+`","Layers":["nowhere"]}]`), CodeArchive},
		{"without a configuration", with(web.saved(tag), "manifest.json", `[{"Layers":[]}]`), CodeArchive},
		{"with a linked layer", with(web.saved(tag), "a/layer.tar", "-> ../"+blobName(web.layer), "manifest.json", `[{"Config":"`+blobName(web.config)+`","Layers":["a/layer.tar"]}]`), ""},
		{"with links in a circle", with(web.saved(tag), "a", "-> b", "b", "-> a", "manifest.json", `[{"Config":"`+blobName(web.config)+`","Layers":["a"]}]`), CodeArchive},
		{"layout", web.layout(), ""},
		{"layout of another image", evil.layout(), CodeUnknown},
		{"layout with another layer", with(web.layout(), blobName(web.layer), "another layer"), CodeArchive},
		{"layout with another configuration", with(web.layout(), blobName(web.config), evil.config), CodeArchive},
		{"layout with another manifest", with(web.layout(), blobName(web.manifest), evil.manifest), CodeArchive},
		{"layout with a manifest that was written anew", with(web.layout(), "index.json", `{"manifests":[{"digest":"`+sum(anew)+`"}]}`, blobName(anew), anew, blobName("another layer"), "another layer"), CodeArchive},
		{"layout of nothing", with(web.layout(), "index.json", `{"manifests":[]}`), CodeArchive},
		{"both lists", with(web.layout(), "manifest.json", web.saved(tag)["manifest.json"]), ""},
		{"a good list beside another image's", with(with(web.layout(), blobName(evil.config), evil.config, blobName(evil.layer), evil.layer), "manifest.json", evil.saved(tag)["manifest.json"]), CodeUnknown},
		{"two images of the release", with(with(web.layout(), "index.json", `{"manifests":[{"digest":"`+sum(web.manifest)+`"},{"digest":"`+sum(worker.manifest)+`"}]}`), blobName(worker.config), worker.config, blobName(worker.layer), worker.layer, blobName(worker.manifest), worker.manifest), ""},
		{"a third party", third.layout(), ""},
		{"an index that lists itself", with(web.layout(), "index.json", "[]"), CodeArchive},
		{"neither list", map[string]string{"a": "b"}, CodeArchive},
		{"an empty one", nil, CodeArchive},
		{"not JSON", with(web.saved(tag), "manifest.json", "x"), CodeArchive},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			plain := tarOf(t, tt.files)
			var zipped bytes.Buffer
			z := gzip.NewWriter(&zipped)
			z.Write(plain)
			z.Close()
			folder := filepath.Join(dir, "layout")
			forms := map[string][]byte{"plain.tar": plain, "zipped.tar.gz": zipped.Bytes()}
			os.MkdirAll(folder, 0o755)
			for name, text := range tt.files {
				file := filepath.Join(folder, name)
				os.MkdirAll(filepath.Dir(file), 0o755)
				if strings.HasPrefix(text, "-> ") {
					folder = ""
					break
				}
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			names := []string{}
			for name, data := range forms {
				if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
					t.Fatal(err)
				}
				names = append(names, filepath.Join(dir, name))
			}
			if folder != "" {
				names = append(names, folder)
			}
			for _, name := range names {
				checks, err := g.Archive(t.Context(), name)
				if err != nil {
					t.Fatal(err)
				}
				if got := strings.Join(reasons(checks), " "); got != tt.want || checks.OK() != (tt.want == "") {
					t.Errorf("%s: got %q, want %q: %v", filepath.Base(name), got, tt.want, checks.Err())
				}
			}
		})
	}
	if _, err := g.Archive(t.Context(), filepath.Join(t.TempDir(), "nowhere")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	// An archive that ends early, or is none.
	whole := tarOf(t, web.saved(tag))
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	z.Write(tarOf(t, map[string]string{"zeros": strings.Repeat("\x00", 64<<20)}))
	z.Close()
	for _, data := range [][]byte{whole[:700], []byte("not a tar file at all"), {0x1f, 0x8b, 0, 0}, bomb.Bytes(), sparse(t)} {
		name := filepath.Join(t.TempDir(), "cut")
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if checks, err := g.Archive(t.Context(), name); err != nil || !slices.Equal(reasons(checks), []string{CodeArchive}) {
			t.Errorf("%d bytes: %v, %q", len(data), err, reasons(checks))
		}
	}
}

// sparse is a tar file of some hundred bytes with a file of 1 EiB.
func sparse(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	records := "512\n0\n"
	body := records + strings.Repeat("\x00", 512-len(records))
	pax := func(key, value string) string {
		line := " " + key + "=" + value + "\n"
		n := len(line) + 2
		return fmt.Sprint(n) + line
	}
	if err := w.WriteHeader(&tar.Header{Name: "plain", Mode: 0o644, Size: 0, Typeflag: tar.TypeReg}); err != nil {
		t.Fatal(err)
	}
	head := pax("GNU.sparse.major", "1") + pax("GNU.sparse.minor", "0") + pax("GNU.sparse.name", "zeros") + pax("GNU.sparse.realsize", "1152921504606846976")
	raw := func(name string, kind byte, data string) {
		b := make([]byte, 512)
		copy(b, name)
		copy(b[100:], "0000644\x00")
		copy(b[124:], fmt.Sprintf("%011o\x00", len(data)))
		copy(b[136:], "00000000000\x00")
		b[156] = kind
		copy(b[257:], "ustar\x0000")
		copy(b[148:], "        ")
		total := 0
		for _, c := range b {
			total += int(c)
		}
		copy(b[148:], fmt.Sprintf("%06o\x00 ", total))
		out.Write(b)
		out.WriteString(data)
		out.Write(make([]byte, (512-len(data)%512)%512))
	}
	raw("PaxHeaders", 'x', head)
	raw("zeros", '0', body)
	out.Write(make([]byte, 1024))
	return out.Bytes()
}

// TestLocal: images and containers of a store, as docker inspect prints them.
func TestLocal(t *testing.T) {
	g, web, _, third := archiveGate(t)
	evil := newSample("evil")
	for _, tt := range []struct{ name, data, want string }{
		{"by image id", `[{"Id":"` + sum(web.config) + `","RepoTags":["ghcr.io/hailbytes/asm-web:1.482"],"RepoDigests":[]}]`, ""},
		{"by manifest, in the containerd store", `[{"Id":"` + sum(web.manifest) + `","RepoTags":null,"RepoDigests":null}]`, ""},
		{"by descriptor", `[{"Id":"` + sum("some index") + `","Descriptor":{"digest":"` + sum(web.manifest) + `"}}]`, ""},
		{"with the tag of another image", `[{"Id":"` + sum(web.config) + `","RepoTags":["ghcr.io/hailbytes/asm-worker:1.482"]}]`, CodeOtherImage},
		{"another image", `[{"Id":"` + sum(evil.config) + `","RepoTags":["ghcr.io/hailbytes/asm-web:1.482"]}]`, CodeUnknown},
		{"another image that says where it was pulled", `[{"Id":"` + sum(evil.config) + `","RepoDigests":["ghcr.io/hailbytes/asm-web@` + sum(web.manifest) + `"]}]`, CodeDigest},
		{"a third party by the digest that was pulled", `[{"Id":"` + sum(third.config) + `","RepoDigests":["postgres@` + sum(third.manifest) + `"]}]`, ""},
		{"that digest of another repository", `[{"Id":"` + sum(third.config) + `","RepoDigests":["evil/postgres@` + sum(third.manifest) + `"]}]`, CodeUnknown},
		{"a third party by its tag", `[{"Id":"` + sum(evil.config) + `","RepoTags":["redis:7.4"]}]`, ""},
		{"another tag", `[{"Id":"` + sum(evil.config) + `","RepoTags":["redis:7"]}]`, CodeUnknown},
		{"a container", `[{"Id":"` + strings.Repeat("a", 64) + `","Name":"/web","Image":"` + sum(web.config) + `","State":{"Status":"running"}}]`, ""},
		{"a container of another image", `[{"Id":"` + strings.Repeat("a", 64) + `","Name":"/web","Image":"` + sum(evil.config) + `"}]`, CodeUnknown},
		{"one of two", `[{"Id":"` + sum(web.config) + `"},{"Id":"` + sum(evil.config) + `"}]`, CodeUnknown},
		{"nothing", `[]`, CodeEmpty},
		{"a volume", `[{"Name":"data","Driver":"local"}]`, CodeLocal},
		{"not a list", `{}`, CodeLocal},
		{"not JSON", `[`, CodeLocal},
		{"an id that is none", `[{"Id":"x","Image":"y"}]`, CodeLocal},
		{"Id twice", `[{"Id":"` + sum(evil.config) + `","Id":"` + sum(web.config) + `"}]`, CodeLocal},
	} {
		checks := g.Local("local.json", []byte(tt.data))
		if got := strings.Join(reasons(checks), " "); got != tt.want || checks.OK() != (tt.want == "") {
			t.Errorf("%s: got %q, want %q: %v", tt.name, got, tt.want, checks.Err())
		}
	}
}

// FuzzLocal: whatever the file says, there is a verdict.
func FuzzLocal(f *testing.F) {
	g, web, _, _ := archiveGate(f)
	f.Add([]byte(`[{"Id":"` + sum(web.config) + `","RepoTags":["a:1"],"RepoDigests":["b@` + sum(web.manifest) + `"]}]`))
	f.Add([]byte(`[{"Id":"a","Name":"/web","Image":"` + sum(web.config) + `"}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if checks := g.Local("f", data); len(checks) == 0 {
			t.Errorf("%q: no check", data)
		}
	})
}

// FuzzArchive: whatever the archive holds, there is a verdict.
func FuzzArchive(f *testing.F) {
	g, web, _, _ := archiveGate(f)
	f.Add(tarOf(f, web.saved("a:1")))
	f.Add(tarOf(f, web.layout()))
	f.Fuzz(func(t *testing.T, data []byte) {
		a := &archive{ctx: t.Context(), entries: map[string]*entry{}}
		checks, err := a.check(g, "f", a.readPacked(bytes.NewReader(data)))
		if err != nil || len(checks) == 0 {
			t.Errorf("%v, %v", checks, err)
		}
	})
}

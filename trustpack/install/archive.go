// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/trustpack"
)

// Bounds of an archive: an image has some hundred layers at most, and its documents are
// small. The layers themselves are hashed as they stream by.
const (
	mostEntries   = 20_000
	documentBytes = 4 << 20
	keptBytes     = 64 << 20 // of all documents of one archive
	mostRatio     = 200      // of a compressed archive, above 1 MiB
)

// Archive holds an archive of images against the release: a tar file that docker save or
// another tool has written, compressed by gzip or not, or an OCI image layout in a tar file
// or a folder. Each image in it, by whatever list of the archive, must be one of the
// release or named by the policy, and every layer must be what the image's manifest or
// configuration says: all digests are computed from the bytes.
//
// The checks are gate.archive, one for each image. An error means that the archive could
// not be read.
func (g *Gate) Archive(ctx context.Context, name string) (evidence.Checks, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	a := &archive{ctx: ctx, entries: map[string]*entry{}}
	if info.IsDir() {
		err = a.readDir(name)
	} else {
		err = a.readFile(name)
	}
	return a.check(g, name, err)
}

// check judges what was read; err is what ended the reading.
func (a *archive) check(g *Gate, name string, err error) (evidence.Checks, error) {
	if a.ctx.Err() != nil {
		return nil, a.ctx.Err()
	}
	if err != nil && !evidence.IsVerdict(err) {
		return nil, err
	}
	if err == nil {
		var images []archived
		if images, err = a.images(); err == nil {
			return a.judge(g, name, images), nil
		}
	}
	return evidence.Checks{fail("gate.archive", name, CodeArchive, "%v", err)}, nil
}

// archive is what an archive holds: of each file the digest, of small ones that may be
// documents the bytes.
type archive struct {
	ctx     context.Context
	entries map[string]*entry
	kept    int64
}

type entry struct {
	digest evidence.Digest
	data   []byte // nil for what is no document
	link   string // path of the file that it stands for
}

func bad(format string, args ...any) error {
	return &evidence.Problem{Code: CodeArchive, Severity: evidence.SeverityError, Message: fmt.Sprintf(format, args...), Err: evidence.ErrFormat}
}

func (a *archive) readFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return a.readPacked(f)
}

// readPacked reads a tar file, compressed or not.
func (a *archive) readPacked(f io.Reader) error {
	packed := &counted{r: f}
	r := bufio.NewReaderSize(packed, 64<<10)
	var in io.Reader = r
	if head, _ := r.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(r)
		if err != nil {
			return bad("not a gzip file: %v", err)
		}
		in = &counted{r: z, packed: packed}
	}
	return a.readTar(tar.NewReader(in))
}

// counted counts what is read. What unpacks beyond mostRatio ends with an error.
type counted struct {
	r      io.Reader
	n      int64
	packed *counted // nil for what is not compressed
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if c.packed != nil && c.n > 1<<20 && c.n/mostRatio > c.packed.n {
		return 0, &evidence.Problem{Code: CodeArchive, Severity: evidence.SeverityError, Message: fmt.Sprintf("unpacks to more than %d times its size", mostRatio), Err: evidence.ErrLimit}
	}
	return n, err
}

func (a *archive) readTar(r *tar.Reader) error {
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return unreadable(err)
		}
		name := path.Clean(h.Name)
		for key := range h.PAXRecords {
			if strings.HasPrefix(key, "GNU.sparse.") { // some bytes that stand for any number of zeros
				return bad("%s is a sparse file", textfmt.Quote(name))
			}
		}
		switch h.Typeflag {
		case tar.TypeGNUSparse:
			return bad("%s is a sparse file", textfmt.Quote(name))
		case tar.TypeReg:
			if err := a.add(name, h.Size, r); err != nil {
				return err
			}
		case tar.TypeSymlink: // docker save of old wrote a layer once, and links to it
			if err := a.put(name, &entry{link: path.Join(path.Dir(name), h.Linkname)}); err != nil {
				return err
			}
		case tar.TypeLink:
			if err := a.put(name, &entry{link: path.Clean(h.Linkname)}); err != nil {
				return err
			}
		}
	}
	if len(a.entries) == 0 {
		return bad("not a tar file, or an empty one")
	}
	return nil
}

// unreadable tells what is wrong with an archive from a disk that cannot be read.
func unreadable(err error) error {
	var p *fs.PathError
	if evidence.IsVerdict(err) {
		return err
	}
	if errors.As(err, &p) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return bad("cannot be followed to its end: %s", textfmt.Clip(textfmt.Printable(err.Error()), 200))
}

func (a *archive) readDir(name string) error {
	root, err := os.OpenRoot(name)
	if err != nil {
		return err
	}
	defer root.Close()
	return fs.WalkDir(root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if !d.Type().IsRegular() {
			return bad("%s is neither a file nor a folder", textfmt.Quote(p))
		}
		f, err := root.Open(p)
		if err != nil {
			return err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return err
		}
		return a.add(p, info.Size(), f)
	})
}

func (a *archive) put(name string, e *entry) error {
	switch {
	case a.ctx.Err() != nil:
		return a.ctx.Err()
	case a.entries[name] != nil:
		return bad("%s is there twice", textfmt.Quote(name))
	case len(a.entries) == mostEntries:
		return &evidence.Problem{Code: CodeArchive, Severity: evidence.SeverityError, Message: fmt.Sprintf("more than %d files", mostEntries), Err: evidence.ErrLimit}
	}
	a.entries[name] = e
	return nil
}

// add hashes a file, and keeps it if it may be a document.
func (a *archive) add(name string, size int64, r io.Reader) error {
	e := &entry{}
	if err := a.put(name, e); err != nil {
		return err
	}
	b := bufio.NewReader(&stopping{a.ctx, r})
	head, _ := b.Peek(64)
	var kept *bytes.Buffer
	h := evidence.SHA256.New()
	var w io.Writer = h
	if head = bytes.TrimLeft(head, " \t\r\n"); len(head) > 0 && (head[0] == '{' || head[0] == '[') && size <= documentBytes {
		if a.kept += size; a.kept > keptBytes {
			return &evidence.Problem{Code: CodeArchive, Severity: evidence.SeverityError, Message: "more than " + textfmt.Size(keptBytes) + " of documents", Err: evidence.ErrLimit}
		}
		kept = &bytes.Buffer{}
		w = io.MultiWriter(h, kept)
	}
	n, err := io.Copy(w, io.LimitReader(b, size))
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return unreadable(err)
	}
	if kept != nil {
		e.data = kept.Bytes()
	}
	e.digest, err = evidence.NewDigest(evidence.SHA256, h.Sum(nil))
	return err
}

// stopping is a reader that ends with its context.
type stopping struct {
	ctx context.Context
	r   io.Reader
}

func (s *stopping) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

// get returns the file of that name, through links; nil if there is none.
func (a *archive) get(name string) *entry {
	for range 8 {
		e := a.entries[path.Clean(name)]
		if e == nil || e.link == "" {
			return e
		}
		name = e.link
	}
	return nil
}

// archived is one image as a list of the archive names it.
type archived struct {
	where    string            // "manifest.json, image 1"
	names    []string          // references that it is given
	manifest evidence.Digest   // zero in the list of docker save
	config   evidence.Digest   // of the bytes
	layers   []evidence.Digest // of the bytes
	want     []evidence.Digest // of the layers, by the manifest; nil in the list of docker save
	diffs    []evidence.Digest // of the layers without compression, by the configuration
}

// images returns the images that both lists name: docker load reads the one or the other,
// by the store that it loads into.
func (a *archive) images() ([]archived, error) {
	var images []archived
	if e := a.get("manifest.json"); e != nil {
		list, err := a.saved(e.data)
		if err != nil {
			return nil, err
		}
		images = append(images, list...)
	}
	if e := a.get("index.json"); e != nil {
		list, err := a.index("index.json", e.data, nil, 0)
		if err != nil {
			return nil, err
		}
		images = append(images, list...)
	}
	if len(images) == 0 {
		return nil, bad("neither manifest.json nor index.json names an image")
	}
	return images, nil
}

// saved reads the list of docker save: [{"Config", "RepoTags", "Layers"}].
func (a *archive) saved(data []byte) ([]archived, error) {
	if data == nil {
		return nil, bad("manifest.json is no JSON document of at most %s", textfmt.Size(documentBytes))
	}
	var images []archived
	d := jsonstrict.NewBytes(data, jsonstrict.Options{})
	var failed error
	for d.Array(); d.Next(); {
		img := archived{where: fmt.Sprintf("manifest.json, image %d", len(images)+1)}
		for d.Object(); d.Next(); {
			switch string(d.Key()) {
			case "Config":
				if e := a.get(d.String()); e != nil {
					img.config, img.diffs = e.digest, diffIDs(e.data)
				}
			case "RepoTags":
				if d.Kind() == jsonstrict.Null {
					d.Null()
					break
				}
				for d.Array(); d.Next(); {
					img.names = append(img.names, d.String())
				}
			case "Layers":
				for d.Array(); d.Next(); {
					name := d.String()
					e := a.get(name)
					if e == nil {
						failed = bad("%s: layer %s is missing", img.where, textfmt.Quote(name))
						continue
					}
					img.layers = append(img.layers, e.digest)
				}
			default:
				d.Skip()
			}
		}
		images = append(images, img)
	}
	if err := d.End(); err != nil {
		return nil, bad("manifest.json: %v", err)
	}
	return images, failed
}

// diffIDs returns the digests of the layers without compression that a configuration
// states; nil for what is none.
func diffIDs(data []byte) (list []evidence.Digest) {
	d := jsonstrict.NewBytes(data, jsonstrict.Options{})
	for d.Object(); d.Next(); {
		if string(d.Key()) != "rootfs" {
			d.Skip()
			continue
		}
		for d.Object(); d.Next(); {
			if string(d.Key()) != "diff_ids" {
				d.Skip()
				continue
			}
			for d.Array(); d.Next(); {
				digest, _ := evidence.ParseDigest(d.String())
				list = append(list, digest)
			}
		}
	}
	if d.End() != nil {
		return nil
	}
	return list
}

// index reads an index (OCI image specification v1.1, image-index.md) and what it lists.
// Descriptors of what is no image, as BuildKit writes beside images, are followed like
// any other: what is loaded is what was compared.
func (a *archive) index(where string, data []byte, names []string, depth int) ([]archived, error) {
	if data == nil || depth > 4 {
		return nil, bad("%s is no index that can be read", where)
	}
	doc, err := readDescriptors(data)
	if err != nil {
		return nil, bad("%s: %v", where, err)
	}
	var images []archived
	for _, m := range doc.manifests {
		e := a.blob(m.digest)
		if e == nil {
			continue // an index may list platforms that the archive leaves out; what is not there is not loaded
		}
		if e.digest != m.digest {
			return nil, bad("%s: the bytes of manifest %s have digest %s", where, m.digest, e.digest)
		}
		inner, err := readDescriptors(e.data)
		if err != nil || e.data == nil {
			return nil, bad("%s: manifest %s: cannot be read", where, m.digest)
		}
		called := append(slices.Clip(names), m.names...)
		if inner.config.IsZero() {
			list, err := a.index("index "+m.digest.String(), e.data, called, depth+1)
			if err != nil {
				return nil, err
			}
			images = append(images, list...)
			continue
		}
		img := archived{where: "manifest " + m.digest.String(), names: called, manifest: m.digest, want: inner.layers}
		for i, l := range append([]evidence.Digest{inner.config}, inner.layers...) {
			b := a.blob(l)
			switch {
			case b == nil:
				return nil, bad("%s: blob %s is missing", img.where, l)
			case i == 0:
				img.config, img.diffs = b.digest, diffIDs(b.data)
			default:
				img.layers = append(img.layers, b.digest)
			}
			if b.digest != l {
				return nil, bad("%s: the bytes of blob %s have digest %s", img.where, l, b.digest)
			}
		}
		if len(images) == mostEntries {
			return nil, bad("%s: more than %d images", where, mostEntries)
		}
		images = append(images, img)
	}
	return images, nil
}

// blob returns the file in which a layout has the bytes of a digest.
func (a *archive) blob(d evidence.Digest) *entry {
	algorithm, digits, _ := strings.Cut(d.String(), ":")
	if _, err := hex.DecodeString(digits); err != nil {
		return nil
	}
	return a.get("blobs/" + algorithm + "/" + digits)
}

// descriptors is what a manifest or index names.
type descriptors struct {
	config    evidence.Digest
	layers    []evidence.Digest
	manifests []described
}

type described struct {
	digest evidence.Digest
	names  []string // by annotation
}

func readDescriptors(data []byte) (*descriptors, error) {
	out := &descriptors{}
	d := jsonstrict.NewBytes(data, jsonstrict.Options{})
	one := func() (v described) {
		for d.Object(); d.Next(); {
			switch string(d.Key()) {
			case "digest":
				var err error
				if v.digest, err = evidence.ParseDigest(d.String()); err != nil {
					d.Fail(d.Problem(CodeArchive, evidence.SeverityError, evidence.ErrFormat, "%v", err))
				}
			case "annotations":
				for d.Object(); d.Next(); {
					if key := string(d.Key()); key == "io.containerd.image.name" {
						v.names = append(v.names, d.String())
					} else {
						d.Skip()
					}
				}
			default:
				d.Skip()
			}
		}
		return v
	}
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "config":
			out.config = one().digest
		case "layers":
			for d.Array(); d.Next(); {
				out.layers = append(out.layers, one().digest)
			}
		case "manifests":
			for d.Array(); d.Next(); {
				out.manifests = append(out.manifests, one())
			}
		default:
			d.Skip()
		}
	}
	return out, d.End()
}

// judge makes one check of each image.
func (a *archive) judge(g *Gate, name string, images []archived) evidence.Checks {
	checks := make(evidence.Checks, len(images))
	for i := range images {
		checks[i] = g.archived(name, &images[i])
	}
	return checks
}

func (g *Gate) archived(name string, a *archived) evidence.Check {
	const id = "gate.archive"
	digest := a.manifest
	img := g.byDigest[digest]
	if digest.IsZero() || img == nil { // saved from a store that keeps no manifest: the configuration is the image
		digest = a.config
		img = g.byConfig[digest]
	}
	if digest.IsZero() {
		return fail(id, name, CodeArchive, "%s has no configuration", a.where)
	}
	if img == nil {
		for _, t := range g.third {
			if !t.ref.Digest.IsZero() && (t.ref.Digest == a.manifest || t.ref.Digest == a.config) {
				if why := a.wrongLayer(t.ref.Digest == a.manifest, nil); why != "" {
					return fail(id, name, CodeArchive, "%s: %s", a.where, why)
				}
				return pass(id, name, "%s: %s, named by the policy", a.where, t.ref.Familiar())
			}
		}
		return fail(id, name, CodeUnknown, "%s%s is neither an image of %s nor named by the policy: digest %s", a.where, called(a.names), g.release, digest)
	}
	if why := a.wrongLayer(digest == a.manifest, img); why != "" {
		return fail(id, name, CodeArchive, "%s: %s", a.where, why)
	}
	for _, ref := range a.names {
		if c := g.loadedAs(img, ref); c != "" {
			return fail(id, name, CodeOtherImage, "%s: %s", a.where, c)
		}
	}
	return pass(id, name, "%s%s: image %s of %s", a.where, called(a.names), img.Name, g.release)
}

func called(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return " (" + textfmt.Clip(textfmt.Printable(strings.Join(names, ", ")), 200) + ")"
}

// wrongLayer says which layer is not what the manifest or the configuration names; "" for
// none. A manifest counts if it is known; one that a tool wrote anew is not. Where layers
// are compressed, the release's own manifest of the platform says what they are.
func (a *archived) wrongLayer(manifest bool, img *trustpack.ImageDigests) string {
	if manifest {
		if !slices.Equal(a.layers, a.want) {
			return "its layers are not those of its manifest"
		}
		return ""
	}
	if len(a.diffs) == 0 || len(a.layers) != len(a.diffs) {
		return fmt.Sprintf("%s, but its configuration names %d", textfmt.Count(len(a.layers), "layer"), len(a.diffs))
	}
	var packed []evidence.Digest
	if img != nil {
		for _, p := range img.Platforms {
			if p.Config == a.config && len(p.Layers) == len(a.layers) {
				packed = p.Layers
			}
		}
	}
	for i, l := range a.layers {
		if l != a.diffs[i] && (packed == nil || l != packed[i]) {
			return fmt.Sprintf("layer %d has digest %s, its configuration names %s", i+1, l, a.diffs[i])
		}
	}
	return ""
}

// loadedAs says why an image must not get a name: it is that of another image.
func (g *Gate) loadedAs(img *trustpack.ImageDigests, name string) string {
	for i := range g.images {
		other := &g.images[i]
		if ref, ok := parse(name); ok && g.own(ref) == other && other != img {
			return fmt.Sprintf("image %s is named %s, the name of image %s", img.Name, textfmt.Quote(name), other.Name)
		}
	}
	return ""
}

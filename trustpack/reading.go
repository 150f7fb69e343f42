// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack/uat"
)

// evidenceReader reads the documents of one release, each once, from a pack or from
// the files that one is made of.
type evidenceReader struct {
	m       *manifest.Manifest
	open    func(context.Context, *manifest.File) ([]byte, error)
	size    func(*manifest.File) int64 // nil means what the manifest says
	limits  evidence.Limits
	workers int  // 0 means one for each CPU
	judge   bool // schema and semantics too
	skim    bool // screenshots are not decoded
	keep    bool // the bytes of SBOMs, to hold them against attestations

	once   sync.Once
	group  map[string][]*manifest.File // documents by image, "" for the release
	images map[string]*manifest.Image  // by name
	pixels int64                       // that a screenshot may have to be decoded
	thumbs map[*manifest.File]bool     // the screenshots whose thumbnails the page shows

	ids map[string][]string // by image: other digests that its own manifest gives it
}

// about returns the documents about an image, or those about the release as a
// whole for the empty name.
func (r *evidenceReader) about(image string) []*manifest.File {
	r.arrange()
	return r.group[image]
}

// image returns the image of that name, nil if there is none.
func (r *evidenceReader) image(name string) *manifest.Image {
	r.arrange()
	return r.images[name]
}

func (r *evidenceReader) arrange() {
	r.once.Do(func() {
		r.group, r.images = map[string][]*manifest.File{}, map[string]*manifest.Image{}
		for i := range r.m.Images {
			r.images[r.m.Images[i].Name] = &r.m.Images[i]
		}
		shots := int64(0)
		for i := range r.m.Files {
			f := &r.m.Files[i]
			if isDocument(f) {
				r.group[f.Image] = append(r.group[f.Image], f)
			}
			if f.Format == manifest.FormatPNG {
				shots++
			}
		}
		r.pixels = max(r.limits.OrDefault().TotalPixels/max(shots, 1), 1)
		r.thumbs = map[*manifest.File]bool{}
		for _, name := range r.arranged() {
			for _, f := range r.group[name] {
				if f.Format == manifest.FormatPNG && len(r.thumbs) < mostThumbnails {
					r.thumbs[f] = true
				}
			}
		}
	})
}

// screenshot reads one screenshot. It may have an equal share of the pixels that all
// of them may have to be decoded, so that the result does not depend on the order
// in which they are read. Thumbnails are made of those that the page shows: they
// are most of the work.
func (r *evidenceReader) screenshot(f *manifest.File, data []byte) (shot *uat.Screenshot, pixels int64, err error) {
	r.arrange()
	shot, err = uat.ReadScreenshot(bytes.NewReader(data), &uat.ScreenshotOptions{Limits: r.limits, DecodePixels: r.pixels, NoThumbnail: !r.thumbs[f]})
	return shot, r.pixels, err
}

// batchBytes is the size of the documents that are read at once, unless those of
// one image are more: enough to keep all CPUs busy, and a small part of the memory
// that one large SBOM takes.
const batchBytes = 8 << 20

// subjects reads the documents about each image of the manifest, about images that it
// does not list, and about the release as a whole, in this order. It calls judge for
// several subjects at once, and then visit in order. The documents of a batch of
// subjects are in memory at once, not those of all.
func (r *evidenceReader) subjects(ctx context.Context, judge func(*Subject), visit func(*Subject)) error {
	var batch []*Subject
	size := int64(0) // of the batch
	flush := func() error {
		err := r.readSubjects(ctx, batch)
		if err == nil && judge != nil {
			err = r.each(ctx, len(batch), func(i int) error { judge(batch[i]); return nil })
		}
		if err != nil {
			return err
		}
		for _, s := range batch {
			visit(s)
		}
		batch, size = nil, 0
		return nil
	}
	for _, name := range r.names() {
		more := int64(0)
		for _, f := range r.about(name) {
			more += r.sizeOf(f)
		}
		if len(batch) > 0 && size+more > batchBytes {
			if err := flush(); err != nil {
				return err
			}
		}
		batch = append(batch, &Subject{Name: name, Image: r.image(name)})
		size += more
	}
	return flush()
}

func (r *evidenceReader) sizeOf(f *manifest.File) int64 {
	if r.size != nil {
		return r.size(f)
	}
	return max(f.Size, 0)
}

// names returns the names of all subjects, in order.
func (r *evidenceReader) names() []string {
	r.arrange()
	return r.arranged()
}

func (r *evidenceReader) arranged() []string {
	var names []string
	left := maps.Clone(r.group)
	delete(left, "")
	for i := range r.m.Images {
		names = append(names, r.m.Images[i].Name)
		delete(left, r.m.Images[i].Name)
	}
	names = append(names, slices.Sorted(maps.Keys(left))...)
	return append(names, "")
}

// readSubjects reads the documents of several subjects.
func (r *evidenceReader) readSubjects(ctx context.Context, subjects []*Subject) error {
	var files []*manifest.File
	for _, s := range subjects {
		files = append(files, r.about(s.Name)...)
	}
	docs, err := r.read(ctx, files)
	if err != nil {
		return err
	}
	for _, s := range subjects {
		n := len(r.about(s.Name))
		s.Documents, docs = docs[:n:n], docs[n:]
		s.otherDigests = r.ids[s.Name]
	}
	return nil
}

// read reads files, as many at once as there are workers. The images' own manifests
// come first: they say by which other digests the documents may name an image.
func (r *evidenceReader) read(ctx context.Context, files []*manifest.File) ([]*Document, error) {
	docs := make([]*Document, len(files))
	var first, rest []int
	for i, f := range files {
		if f.Format == manifest.FormatOCIManifest || f.Format == manifest.FormatOCIIndex {
			first = append(first, i)
		} else {
			rest = append(rest, i)
		}
	}
	for _, part := range [][]int{first, rest} {
		err := r.each(ctx, len(part), func(k int) (err error) {
			docs[part[k]], err = r.document(ctx, files[part[k]])
			return err
		})
		if err != nil {
			return nil, err
		}
		if r.ids == nil {
			r.ids = map[string][]string{}
		}
		for _, i := range first {
			d := docs[i]
			if img := r.image(d.File.Image); img != nil && d.File.SHA256 == img.Digest && d.data != nil {
				r.ids[img.Name] = describedBy(d.data, r.limits)
			}
		}
	}
	return docs, nil
}

// each calls do for 0 to n-1, for as many at once as there are workers, and returns
// the first error, or that of the context.
func (r *evidenceReader) each(outer context.Context, n int, do func(int) error) error {
	workers := r.workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	var once sync.Once
	var failed error
	ctx, cancel := context.WithCancel(outer)
	defer cancel()
	for range min(workers, n) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := do(i); err != nil {
					once.Do(func() { failed = err; cancel() })
					return
				}
			}
		})
	}
	wg.Wait()
	return cmp.Or(outer.Err(), failed)
}

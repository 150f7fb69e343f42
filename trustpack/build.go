// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/privatekey"
	"github.com/HailBytes/evidence/internal/recognize"
	"github.com/HailBytes/evidence/internal/safezip"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack/page"
)

// IndexName is the path of the page that shows a pack to a person.
const IndexName = "index.html"

// BuildOptions say how Build works. Nil and the zero value are good for most.
type BuildOptions struct {
	// Profile is what the pack must hold: what it misses is an error. With nil, the
	// product's own profile is held against the pack and Built.Complete says
	// what it misses.
	Profile *Profile

	// ModTime is the time of every entry of the ZIP; zero means
	// Release.Created. It is clamped to what a ZIP can hold, 1980 to 2107.
	ModTime time.Time

	Limits  evidence.Limits
	Workers int    // files read or compressed at once; 0 means one for each CPU
	TempDir string // where large compressed entries wait; empty means os.TempDir

	// Previous is the pack of an older release of the product; nil for none. The page
	// then opens on what changed since, and names its digests.
	Previous *Pack

	// Progress, if not nil, is called with the bytes of evidence packed so far
	// and in all. It is called by one goroutine at a time.
	Progress func(done, total int64)
}

// Built is what Build made.
type Built struct {
	Manifest      *manifest.Manifest
	ContentDigest evidence.Digest   // SHA-256 of the MANIFEST.json bytes
	SHA256        evidence.Digest   // of the ZIP
	Size          int64             // of the ZIP, bytes
	Summary       *Summary          // what the evidence comes to, as index.html shows it
	Complete      evidence.Checks   // the checks of the profile; none where the product has no profile
	Warnings      evidence.Problems // files that nothing placed or that were left out, evidence that could not be read, names that mislead
}

// Build writes a pack of the given files to w. The same release, options and
// contents give the same bytes, in whatever order the sources are.
//
// Product and Version of rel are required. Other empty fields are filled: Tag with
// "v" and the version, Created with the newest time that the evidence itself
// states, Images from the evidence; see the package comment. An image without a
// Signing status gets one from the signatures in the evidence. Each source is read twice; one
// that changes in between is an error of class ErrMismatch. Problems with the
// release or its evidence come all at once as a Problems value; after any error
// w holds no pack.
func Build(ctx context.Context, w io.Writer, rel manifest.Config, src []Source, o *BuildOptions) (*Built, error) {
	if o == nil {
		o = &BuildOptions{}
	}
	b := builder{BuildOptions: *o, Config: rel, src: slices.Clone(src)}
	b.Limits = o.Limits.OrDefault()
	if b.Workers <= 0 {
		b.Workers = runtime.GOMAXPROCS(0)
	}
	b.applyRules()
	return b.build(ctx, w)
}

// BuildFS is Build over every file of fsys, as Sources lists them.
func BuildFS(ctx context.Context, w io.Writer, rel manifest.Config, fsys fs.FS, o *BuildOptions) (*Built, error) {
	src, err := Sources(fsys)
	if err != nil {
		return nil, err
	}
	return Build(ctx, w, rel, src, o)
}

// FileName returns the name that a pack of this product and version has.
func FileName(product, version string) string {
	return "hailbytes-" + product + "-trust-pack-v" + version + ".zip"
}

type builder struct {
	BuildOptions
	manifest.Config
	src      []Source
	files    []examined
	warnings evidence.Problems
}

// applyRules gives each source what the rules of the release say of its path, where the
// source itself does not say otherwise.
func (b *builder) applyRules() {
	for i := range b.Config.Files {
		rule := &b.Config.Files[i]
		if !slices.ContainsFunc(b.src, func(s Source) bool { return rule.Match(s.Path) }) {
			b.warnings = append(b.warnings, &evidence.Problem{
				Code: "build.rule", Severity: evidence.SeverityWarning, Path: "release.json", Pointer: fmt.Sprintf("/files/%d/glob", i), Err: evidence.ErrPolicy,
				Message: "pattern " + textfmt.Quote(rule.Glob) + " matches no file",
			})
		}
	}
	for i := range b.src {
		src := &b.src[i]
		rule, _ := b.Rule(src.Path)
		src.Kind, src.Format = cmp.Or(src.Kind, rule.Kind), cmp.Or(src.Format, rule.Format)
		src.Image = cmp.Or(src.Image, rule.Image)
		if src.Tool.IsZero() {
			src.Tool = rule.Tool
		}
	}
}

func (b *builder) build(ctx context.Context, w io.Writer) (*Built, error) {
	b.leaveOut()
	if err := b.checkSources(); err != nil {
		return nil, err
	}
	if err := b.examine(ctx); err != nil {
		return nil, err
	}
	images, err := resolveImages(b.Images, b.files)
	if err != nil {
		return nil, err
	}
	images.sign(b.files)
	b.warnings = append(b.warnings, images.warnings...)
	b.warnings.Sort()

	m := b.manifest(images.images)
	if err := withoutPlaces(m.Validate()); err != nil {
		return nil, err
	}
	of, err := b.read(ctx, m)
	if err != nil {
		return nil, err
	}
	complete, err := b.complete(m, of.notRead)
	if err != nil {
		return nil, err
	}
	index, err := renderIndex(of.page)
	if err != nil {
		return nil, err
	}
	m.Files = append(m.Files, indexFile(index))
	m.Sort()
	text, err := m.Marshal()
	if err != nil {
		return nil, err
	}
	built, err := b.write(ctx, w, m, text, index)
	if err != nil {
		return nil, err
	}
	built.Summary, built.Complete = of.summary, complete
	return built, nil
}

// complete holds the manifest against the profile.
func (b *builder) complete(m *manifest.Manifest, notRead map[string]string) (evidence.Checks, error) {
	p := b.Profile
	if p == nil {
		p, _ = ProfileNamed(m.Product)
	}
	if p == nil {
		return nil, nil
	}
	checks := p.check(m, time.Time{}, notRead)
	if b.Profile == nil || checks.OK() {
		return checks, nil
	}
	var problems evidence.Problems
	for _, c := range checks {
		problems = append(problems, c.Problems...)
	}
	return nil, problems.Err()
}

// checkSources refuses what the builder itself writes. Everything else about
// names is the rule of the archive.
func (b *builder) checkSources() error {
	slices.SortFunc(b.src, func(x, y Source) int { return cmp.Compare(x.Path, y.Path) })
	var problems evidence.Problems
	if len(b.src) == 0 {
		return evidence.Problems{{Code: "build.empty", Severity: evidence.SeverityError, Err: evidence.ErrFormat, Message: "no evidence: there is no file to pack"}}
	}
	for i := range b.src {
		switch b.src[i].Path {
		case manifest.Name, IndexName:
			problems = append(problems, &evidence.Problem{
				Code: "build.reserved", Severity: evidence.SeverityError, Path: b.src[i].Path, Err: evidence.ErrFormat,
				Message: "is a name that the builder writes itself; remove the file or pack it under another name",
			})
		}
	}
	return problems.Err()
}

// examine reads every source once: its digest, its size, and what it is.
func (b *builder) examine(ctx context.Context) error {
	b.files = make([]examined, len(b.src))
	outer := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(b.Workers, len(b.src)) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(b.src) {
					return
				}
				f, err := examine(ctx, b.src[i], b.Limits)
				if err != nil {
					cancel(err)
					return
				}
				b.files[i] = f
			}
		})
	}
	wg.Wait()
	if err := cmp.Or(outer.Err(), context.Cause(ctx)); err != nil {
		return err
	}
	var problems evidence.Problems
	for i := range b.files {
		if p := b.files[i].judge(); p != nil && p.Severity == evidence.SeverityError {
			problems = append(problems, p)
		} else if p != nil {
			b.warnings = append(b.warnings, p)
		}
	}
	return problems.Err()
}

// examine reads one source.
func examine(ctx context.Context, src Source, l evidence.Limits) (examined, error) {
	f := examined{src: src, path: src.Path, about: src.Image}
	r, err := src.Open()
	if err != nil {
		return f, err
	}
	defer r.Close()
	sum := sha256.New()
	tee := io.TeeReader(&contextReader{ctx, r}, sum)
	keys, head := &privatekey.Scanner{}, &headWriter{}
	counted := &countReader{r: io.TeeReader(tee, io.MultiWriter(keys, head))}
	if f.says, err = recognize.File(src.Path, counted, l); err != nil {
		return f, fmt.Errorf("%s: %w", src.Path, err)
	}
	if _, err = io.Copy(io.Discard, counted); err != nil {
		return f, fmt.Errorf("%s: %w", src.Path, err)
	}
	f.size, f.key, f.hint = counted.n, keys.Found(), hint(src.Path, head.b)
	if f.sum, err = evidence.NewDigest(evidence.SHA256, sum.Sum(nil)); err != nil {
		return f, err
	}
	if src.Format != "" {
		f.says.Format, f.says.MediaType = src.Format, src.Format.MediaType()
	}
	if src.Kind != "" {
		f.says.Kind = src.Kind
	}
	if !src.Tool.IsZero() {
		f.says.ToolName, f.says.ToolVersion = src.Tool.Name, src.Tool.Version
	}
	return f, nil
}

// judge returns what a person should know of how the file was placed.
func (f *examined) judge() *evidence.Problem {
	p := &evidence.Problem{Code: "build.unplaced", Severity: evidence.SeverityWarning, Path: f.path, Err: evidence.ErrFormat}
	switch {
	case f.key != "":
		p.Code, p.Severity, p.Err = "build.private-key", evidence.SeverityError, evidence.ErrUnsafe
		p.Message = "holds a private key (" + f.key + "), which must not be published"
	case f.says.Problem != "" && f.says.Kind != manifest.KindOther:
		p.Code, p.Message = "build.unreadable", "looks like "+string(f.says.Format)+", but: "+f.says.Problem
	case f.size == 0 && f.says.Kind != manifest.KindSource:
		p.Code, p.Message = "build.unreadable", "is empty"
	case f.says.Kind == manifest.KindOther && f.src.Kind == "" && besideReports(f.path):
		if f.hint == "" {
			return nil
		}
		p.Code, p.Message, p.Err = "build.last-run", f.hint, evidence.ErrPolicy
	case f.says.Kind == manifest.KindOther && f.src.Kind == "":
		p.Message = "is of no kind that content or path shows; listed as other"
		if why := cmp.Or(f.hint, f.says.Problem); why != "" {
			p.Message += ": " + why
		}
	default:
		return nil
	}
	return p
}

// manifest makes the manifest, but for index.html.
func (b *builder) manifest(images []manifest.Image) *manifest.Manifest {
	m := &manifest.Manifest{
		Product: b.Product, Version: b.Version, Release: b.Release,
		Images: images, Artifacts: b.Artifacts, Gaps: b.Gaps,
	}
	if m.Release.Tag == "" {
		m.Release.Tag = "v" + m.Version
	}
	stated := m.Release.Created.IsZero()
	for i := range b.files {
		f := &b.files[i]
		var tool manifest.Tool
		if f.says.ToolName != "" {
			tool = manifest.Tool{Name: f.says.ToolName, Version: f.says.ToolVersion}
		}
		m.Files = append(m.Files, manifest.File{
			Path: f.path, SHA256: f.sum, Size: f.size, MediaType: f.says.MediaType,
			Kind: f.says.Kind, Format: f.says.Format, Image: f.about, Tool: tool,
		})
		if stated && f.says.Time.After(m.Release.Created) {
			m.Release.Created = f.says.Time
		}
	}
	m.Release.Created = m.Release.Created.UTC().Truncate(time.Second)
	return m
}

// readEvidence is what reading the evidence once gives.
type readEvidence struct {
	summary *Summary
	page    *page.Data
	notRead map[string]string // why, by path
}

// read reads the evidence for the page.
func (b *builder) read(ctx context.Context, m *manifest.Manifest) (*readEvidence, error) {
	sources := make(map[string]*examined, len(b.files))
	for i := range b.files {
		sources[b.files[i].path] = &b.files[i]
	}
	open := func(ctx context.Context, f *manifest.File) ([]byte, error) {
		return sources[f.Path].bytes(ctx, b.Limits)
	}
	r := evidenceReader{m: m, limits: b.Limits, workers: b.Workers, open: open}
	all, shown := newSummarizer(), newPageData(m)
	notRead := map[string]string{}
	var licenses []*Document
	err := r.subjects(ctx, (*Subject).join, func(s *Subject) {
		all.add(s)
		shown.add(s)
		for _, d := range s.Documents {
			if d.refused != "" {
				notRead[d.File.Path] = d.refused
			} else if d.Licenses != nil {
				licenses = append(licenses, &Document{File: d.File, Licenses: d.Licenses})
			}
		}
		s.release()
	})
	if err != nil {
		return nil, err
	}
	for _, d := range licenses {
		if !all.covers(d) {
			notRead[d.File.Path] = coversNothing
		}
	}
	out := &readEvidence{summary: all.summary(), page: shown.finish(all), notRead: notRead}
	if b.Previous == nil {
		return out, nil
	}
	changes, err := changesSince(ctx, b.Previous, &evidenceReader{m: m, open: open, limits: b.Limits})
	if err != nil {
		return nil, err
	}
	setChanges(out.page, changes)
	return out, nil
}

// bytes returns the content of a source that was examined.
func (f *examined) bytes(ctx context.Context, l evidence.Limits) ([]byte, error) {
	if f.size > l.DocumentBytes {
		return nil, &evidence.Problem{Code: "build.size", Severity: evidence.SeverityError, Path: f.path, Err: evidence.ErrLimit, Message: fmt.Sprintf("has %d bytes, more than the %d of a document", f.size, l.DocumentBytes)}
	}
	r, err := f.src.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data := make([]byte, 0, f.size+1)
	buf := bytes.NewBuffer(data)
	if _, err := io.Copy(buf, io.LimitReader(&contextReader{ctx, r}, f.size+1)); err != nil {
		return nil, fmt.Errorf("%s: %w", f.path, err)
	}
	if got := evidence.Sum256(buf.Bytes()); got != f.sum {
		return nil, &evidence.Problem{Code: "build.changed", Severity: evidence.SeverityError, Path: f.path, Err: evidence.ErrMismatch, Message: "changed while the pack was built"}
	}
	return buf.Bytes(), nil
}

// withoutPlaces takes line and column out of problems of a manifest that nobody
// has seen. The pointer says which member is wrong.
func withoutPlaces(err error) error {
	problems, ok := errors.AsType[evidence.Problems](err)
	if !ok {
		return err
	}
	var out evidence.Problems
	for _, p := range problems {
		q := p.At(manifest.Name)
		q.Line, q.Column = 0, 0
		out = append(out, q)
	}
	return out
}

// write packs MANIFEST.json, index.html and the sources, in the order of the archive.
func (b *builder) write(ctx context.Context, w io.Writer, m *manifest.Manifest, text, page []byte) (*Built, error) {
	inMemory := func(name string, data []byte) safezip.File {
		return safezip.File{
			Name: name, Size: int64(len(data)), SHA256: sha256.Sum256(data),
			Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil },
		}
	}
	files := []safezip.File{inMemory(manifest.Name, text), inMemory(IndexName, page)}
	total := int64(len(text) + len(page))
	for i := range b.files {
		f := &b.files[i]
		files = append(files, safezip.File{Name: f.path, Size: f.size, SHA256: [sha256.Size]byte(f.sum.Bytes()), Open: f.src.Open})
		total += f.size
	}
	modified := b.ModTime
	if modified.IsZero() {
		modified = m.Release.Created
	}
	sum := sha256.New()
	out := &countWriter{w: io.MultiWriter(w, sum)}
	var done int64
	_, err := safezip.Write(ctx, out, files, &safezip.WriteOptions{
		Modified: modified, Workers: b.Workers, TempDir: b.TempDir, Limits: b.Limits,
		Each: func(_ string, c safezip.Content) {
			if done += c.Size; b.Progress != nil {
				b.Progress(done, total)
			}
		},
	})
	if err != nil {
		return nil, err
	}
	built := &Built{Manifest: m, ContentDigest: evidence.Sum256(text), Size: out.n, Warnings: b.warnings}
	built.SHA256, err = evidence.NewDigest(evidence.SHA256, sum.Sum(nil))
	return built, err
}

// BuildFile builds a pack at name and verifies it before it appears there: it is
// written to a hidden file beside it, synced, checked as VerifyStructure does,
// and renamed. Whatever interrupts it, there is never a part of a pack under that
// name; what a killed build left behind is removed by the next one. Builds of the
// same name at the same time do not disturb each other: the first to finish stays,
// and one that made another pack fails.
//
// The Report is that of the finished pack. A file that is at name already is replaced.
func BuildFile(ctx context.Context, name string, rel manifest.Config, src []Source, o *BuildOptions) (*Built, *Report, error) {
	p, err := createPartial(name)
	if err != nil {
		return nil, nil, err
	}
	built, report, err := buildInto(ctx, p.File, filepath.Base(name), rel, src, o)
	if err == nil {
		err = p.publish(built.SHA256)
	}
	if err != nil {
		p.discard()
		return nil, report, err
	}
	return built, report, nil
}

// buildInto builds, syncs and verifies.
func buildInto(ctx context.Context, f *os.File, name string, rel manifest.Config, src []Source, o *BuildOptions) (*Built, *Report, error) {
	built, err := Build(ctx, f, rel, src, o)
	if err != nil {
		return nil, nil, err
	}
	if err := f.Sync(); err != nil {
		return nil, nil, err
	}
	var limits evidence.Limits
	if o != nil {
		limits = o.Limits
	}
	pack, err := Open(f, built.Size, &OpenOptions{Limits: limits})
	if err != nil {
		return nil, nil, fmt.Errorf("the pack that was just written: %w", err)
	}
	report, err := VerifyStructure(ctx, pack, name)
	if err != nil {
		return nil, nil, err
	}
	if err := report.Err(); err != nil {
		return nil, report, fmt.Errorf("the pack that was just written: %w", err)
	}
	return built, report, nil
}

// contextReader stops a long read when its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

type countReader struct {
	r io.Reader
	n int64
}

func (c *countReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

type countWriter struct {
	w io.Writer
	n int64
}

func (c *countWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

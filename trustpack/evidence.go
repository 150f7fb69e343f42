// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/recognize"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/sarif"
	"github.com/HailBytes/evidence/sbom"
	"github.com/HailBytes/evidence/trustpack/license"
	"github.com/HailBytes/evidence/trustpack/uat"
)

// Document is one file of evidence, read into the model of its kind. At most one
// of the models is there; none where the file could not be read, or is of a
// format that this module has no reader for: Checks say which.
type Document struct {
	File manifest.File

	SBOM          *sbom.Document
	Scan          *sarif.Log
	VEX           *sarif.VEX
	Licenses      *license.Report
	Modules       *license.GoMod // the go.mod of the product
	Tests         *uat.Report
	Accessibility *uat.Accessibility
	Screenshot    *uat.Screenshot

	// Checks are what reading the file alone found: sbom.readable, scan.readable,
	// scan.health, scan.vex, license.readable or uat.readable. Those that Verify
	// reports hold schema and semantics too.
	Checks evidence.Checks
}

// Evidence reads the documents of the pack into the models of packages sbom,
// sarif, license and uat, in the order of the manifest: SBOMs, scans, VEX, licence
// reports, test reports, accessibility results, screenshots, and the product's
// go.mod. Signatures and attestations are package attest's to read.
//
// All of them are in memory at once, at two to three times their size. A file
// whose bytes are not those that the manifest lists is not read.
//
// It returns an error only if reading the pack failed or ctx ended.
func (p *Pack) Evidence(ctx context.Context) ([]*Document, error) {
	r := evidenceReader{m: p.m, open: p.fileBytes, limits: p.limits}
	var files []*manifest.File
	for i := range p.m.Files {
		if f := &p.m.Files[i]; isDocument(f) {
			files = append(files, f)
		}
	}
	return r.read(ctx, files)
}

// fileBytes returns the content of a file, if it is what the manifest lists.
func (p *Pack) fileBytes(ctx context.Context, f *manifest.File) ([]byte, error) {
	e := p.archive.Entry(f.Path)
	if e == nil {
		return nil, missing(f.Path)
	}
	data, err := e.Bytes(ctx, p.limits.DocumentBytes)
	if err != nil {
		return nil, err
	}
	if got := evidence.Sum256(data); got != f.SHA256 {
		return nil, wrongDigest(f.Path, got, f.SHA256)
	}
	return data, nil
}

// evidenceReader reads documents of one release, from a pack or from the files
// that one is made of.
type evidenceReader struct {
	m       *manifest.Manifest
	open    func(context.Context, *manifest.File) ([]byte, error)
	limits  evidence.Limits
	workers int  // 0 means one for each CPU
	judge   bool // schema and semantics too

	once  sync.Once
	group map[string][]*manifest.File // documents by image, "" for the release

	mu  sync.Mutex
	ids map[string][]string // see imageIDs
}

// about returns the documents about an image, or those about the release as a
// whole for the empty name.
func (r *evidenceReader) about(image string) []*manifest.File {
	r.once.Do(func() {
		r.group = map[string][]*manifest.File{}
		for i := range r.m.Files {
			if f := &r.m.Files[i]; isDocument(f) {
				r.group[f.Image] = append(r.group[f.Image], f)
			}
		}
	})
	return r.group[image]
}

// subjects reads the documents about each image, those about images that the
// manifest does not name, and then those about the release as a whole, whose name is empty. The documents of one subject are in memory at
// once, not those of all.
func (r *evidenceReader) subjects(ctx context.Context, visit func(about string, docs []*Document)) error {
	r.about("")
	names := []string{}
	left := maps.Clone(r.group)
	for i := range r.m.Images {
		names = append(names, r.m.Images[i].Name)
		delete(left, r.m.Images[i].Name)
	}
	delete(left, "")
	names = append(names, slices.Sorted(maps.Keys(left))...)
	for _, about := range append(names, "") {
		docs, err := r.read(ctx, r.about(about))
		if err != nil {
			return err
		}
		visit(about, docs)
	}
	return nil
}

// isDocument reports whether a file is one that Evidence reads.
func isDocument(f *manifest.File) bool {
	switch f.Kind {
	case manifest.KindSBOM, manifest.KindScan, manifest.KindVEX, manifest.KindLicenseReport,
		manifest.KindTestReport, manifest.KindAccessibility, manifest.KindScreenshot:
		return true
	case manifest.KindSource:
		return isGoMod(f)
	}
	return false
}

func isGoMod(f *manifest.File) bool {
	return f.Path == "go.mod" || strings.HasSuffix(f.Path, "/go.mod")
}

// read reads files, as many at once as there are workers.
func (r *evidenceReader) read(outer context.Context, files []*manifest.File) ([]*Document, error) {
	docs := make([]*Document, len(files))
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
	for range min(workers, len(files)) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(files) {
					return
				}
				d, err := r.document(ctx, files[i])
				if err != nil {
					once.Do(func() { failed = err; cancel() })
					return
				}
				docs[i] = d
			}
		})
	}
	wg.Wait()
	if err := cmp.Or(outer.Err(), failed); err != nil {
		return nil, err
	}
	return docs, nil
}

// document reads one file.
func (r *evidenceReader) document(ctx context.Context, f *manifest.File) (*Document, error) {
	d := &Document{File: *f}
	data, err := r.open(ctx, f)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil && !evidence.IsVerdict(err):
		return nil, err
	case err != nil:
		d.add(readable(f.Kind), evidence.StatusError, "was not read: "+err.Error())
		return d, nil
	}
	format := f.Format
	if format == "" {
		res, err := recognize.File(f.Path, bytes.NewReader(data[:min(len(data), headBytes)]), evidence.Limits{})
		if err != nil {
			return nil, err
		}
		format = res.Format
	}
	if err := d.read(ctx, data, format, r); err != nil {
		return nil, err
	}
	return d, nil
}

// readable is the id of the check that files of a kind can be read.
func readable(k manifest.Kind) string {
	switch k {
	case manifest.KindSBOM:
		return "sbom.readable"
	case manifest.KindScan:
		return "scan.readable"
	case manifest.KindVEX:
		return "scan.vex"
	case manifest.KindLicenseReport, manifest.KindSource:
		return "license.readable"
	}
	return "uat.readable"
}

func (d *Document) add(id string, s evidence.Status, message string) {
	d.Checks = append(d.Checks, evidence.Check{ID: id, Status: s, Subject: d.File.Path, Message: message})
}

// judge adds a check of a document that was read, or err says why it was not.
func (d *Document) judge(id string, problems evidence.Problems, err error, ok string) error {
	if err != nil {
		if !evidence.IsVerdict(err) {
			return err
		}
		problems = problemsOf(err)
	}
	c := evidence.Judge(id, d.File.Path, d.located(problems), ok)
	c.Problems = slices.Clip(c.Problems[:min(len(c.Problems), mostProblems)])
	d.Checks = append(d.Checks, c)
	return nil
}

// located returns problems with the path of the file in them.
func (d *Document) located(problems evidence.Problems) evidence.Problems {
	out := make(evidence.Problems, len(problems))
	for i, p := range problems {
		out[i] = p.At(d.File.Path)
	}
	return out
}

// read reads data with the reader of the file's kind and format.
func (d *Document) read(ctx context.Context, data []byte, format manifest.Format, r *evidenceReader) (err error) {
	id := readable(d.File.Kind)
	switch {
	case d.File.Kind == manifest.KindSBOM && isSBOM(format):
		return d.readSBOM(data, r)
	case d.File.Kind == manifest.KindScan && (format == manifest.FormatSARIF || format == manifest.FormatTrivyJSON || format == manifest.FormatGovulncheckJSON):
		return d.readScan(ctx, data, r)
	case d.File.Kind == manifest.KindVEX && (format == manifest.FormatOpenVEX || format == manifest.FormatCycloneDXJSON):
		d.VEX, err = sarif.ReadVEX(bytes.NewReader(data), &sarif.ReadOptions{Name: d.File.Path, Limits: r.limits})
		var problems evidence.Problems
		if err == nil {
			problems = d.VEX.Problems
		}
		return d.judge(id, problems, err, "is a statement about vulnerabilities that can be read")
	case format == manifest.FormatGoLicensesCSV:
		d.Licenses, err = license.ReadReport(bytes.NewReader(data), &license.ReadOptions{Limits: r.limits})
		var problems evidence.Problems
		if err == nil {
			problems = d.Licenses.Problems
		}
		return d.judge(id, problems, err, "is a licence report that can be read")
	case isGoMod(&d.File):
		d.Modules, err = license.ReadGoMod(bytes.NewReader(data), &license.ReadOptions{Limits: r.limits})
		return d.judge(id, nil, err, "is a go.mod that can be read")
	case format == manifest.FormatJUnitXML:
		d.Tests, err = uat.ReadJUnit(bytes.NewReader(data), &uat.ReadOptions{Limits: r.limits})
		if err == nil {
			d.Tests.Problems = d.located(d.Tests.Problems)
		}
		return d.judge(id, nil, err, "is a test report that can be read")
	case format == manifest.FormatPlaywrightJSON:
		d.Tests, err = uat.ReadPlaywright(bytes.NewReader(data), &uat.ReadOptions{Limits: r.limits})
		if err == nil {
			d.Tests.Problems = d.located(d.Tests.Problems)
		}
		return d.judge(id, nil, err, "is a test report that can be read")
	case format == manifest.FormatAxeJSON:
		d.Accessibility, err = uat.ReadAxe(bytes.NewReader(data), &uat.ReadOptions{Limits: r.limits})
		if err == nil {
			d.Accessibility.Problems = d.located(d.Accessibility.Problems)
		}
		return d.judge(id, nil, err, "is a result of axe-core that can be read")
	case format == manifest.FormatPNG:
		d.Screenshot, err = uat.ReadScreenshot(bytes.NewReader(data), &uat.ScreenshotOptions{Limits: r.limits})
		return d.judge(id, nil, err, "is an image to its last pixel")
	}
	what := "a format that is not told"
	if format != "" {
		what = "format " + string(format)
	}
	d.add(id, evidence.StatusSkip, fmt.Sprintf("%s is not one that evidence of kind %s is read from", what, d.File.Kind))
	return nil
}

func isSBOM(f manifest.Format) bool {
	switch f {
	case manifest.FormatSPDXJSON, manifest.FormatSPDXTagValue, manifest.FormatCycloneDXJSON, manifest.FormatCycloneDXXML:
		return true
	}
	return false
}

// readSBOM reads an SBOM. What its format's schema and rules say against it is a
// warning, as for scans: honest producers write such documents, and they can be
// read. Package sbom judges them strictly for whoever asks.
func (d *Document) readSBOM(data []byte, r *evidenceReader) (err error) {
	if !r.judge {
		d.SBOM, err = sbom.Read(bytes.NewReader(data), &sbom.ReadOptions{Limits: r.limits})
		return d.judge("sbom.readable", nil, err, "can be read")
	}
	v, err := sbom.Validate(bytes.NewReader(data), &sbom.ValidateOptions{Limits: r.limits, UnsafeSemantics: true})
	if err != nil {
		return err
	}
	d.SBOM = v.Document
	for i := range v.Checks {
		if c := &v.Checks[i]; c.ID == sbom.CheckSchema && c.Status == evidence.StatusFail {
			c.Status = evidence.StatusWarn
		}
	}
	d.take(v.Checks, "sbom.")
	return nil
}

// readScan reads a scan, and judges whether the tool ran, and on the image that
// the manifest says. Rules of the format that honest producers break are warnings.
func (d *Document) readScan(ctx context.Context, data []byte, r *evidenceReader) (err error) {
	var health sarif.HealthOptions
	if img := r.m.ImageByName(d.File.Image); img != nil {
		health = sarif.HealthOptions{Image: img.Digest.String(), ImageIDs: r.imageIDs(ctx, img)}
	}
	if r.judge {
		report := sarif.Inspect(data, &sarif.InspectOptions{Name: d.File.Path, Limits: r.limits, Health: health, UnsafeWarnInvalid: true})
		d.Scan = report.Log
		d.take(report.Checks, "scan.")
		return nil
	}
	d.Scan, err = sarif.ReadAny(bytes.NewReader(data), &sarif.ReadOptions{Name: d.File.Path, Limits: r.limits})
	if err := d.judge("scan.readable", nil, err, "can be read"); err != nil || d.Scan == nil {
		return err
	}
	d.take(evidence.Checks{d.Scan.Health(&health)}, "scan.")
	return nil
}

// mostProblems is how many problems of one document a check keeps: its message
// counts them all.
const mostProblems = 20

// take adds the checks of another package under a family's name, but for those
// that the format has no rules for.
func (d *Document) take(checks evidence.Checks, family string) {
	for _, c := range checks {
		if c.Status == evidence.StatusSkip {
			continue
		}
		_, name, _ := strings.Cut(c.ID, ".")
		c.ID, c.Subject = family+name, d.File.Path
		c.Problems = slices.Clip(c.Problems[:min(len(c.Problems), mostProblems)])
		d.Checks = append(d.Checks, c)
	}
}

// imageIDs returns the digests by which a document may also name an image: those
// of its configuration and of the manifests behind an index, as far as the
// release holds the image's own manifest.
func (r *evidenceReader) imageIDs(ctx context.Context, img *manifest.Image) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	list, known := r.ids[img.Name]
	if known {
		return list
	}
	for f := range r.m.FilesAbout(img.Name) {
		if f.Format != manifest.FormatOCIManifest && f.Format != manifest.FormatOCIIndex {
			continue
		}
		data, err := r.open(ctx, f)
		if err != nil || f.SHA256 != img.Digest {
			continue // the manifest's checks say so
		}
		list = append(list, describedBy(data, r.limits)...)
	}
	if r.ids == nil {
		r.ids = map[string][]string{}
	}
	r.ids[img.Name] = list
	return list
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/internal/gitbundle"
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
	Screenshot    *uat.Screenshot  // with a thumbnail where the page shows one: the first 24
	Attestations  []*attest.Bundle // signatures and attestations in the file, not verified
	Pins          []Pin            // of a compose file or Packer template

	// Checks are what reading the file alone found: sbom.readable, scan.readable,
	// scan.health, scan.vex, license.readable or uat.readable. Those that Verify
	// reports hold schema and semantics too.
	Checks evidence.Checks

	data    []byte // the content, where more than the model is asked of it later
	refused string // why it is not the evidence that it is declared to be; see whyNotCounted

	sums    *license.GoSum    // of a go.sum
	history *gitbundle.Bundle // of a git bundle
	pinned  bool              // Pins was read
	loose   evidence.Problems // what a deployment file leaves open
	named   []Pin             // names that it gives to what it builds
	scanned bool              // Scan was read
	tools   []sarif.Tool      // that Scan names
	states  []stated          // what the file states of the release
	times   []happened        // and when
	image   *oci              // of an image manifest or index
	golang  *goFacts          // what an SBOM or scan states of Go modules
	serial  string            // of an SBOM: its serial number or namespace
	labels  map[string]string // of the image, as the file states them

	licensed *sarif.Log // a report of licences that a scanner wrote

	lastRun    *lastRun // of a .last-run.json
	failedTest string   // of an error-context.md

	once  sync.Once
	graph *dependencies
}

// Source says which file it is.
func (d *Document) Source() evidence.Source {
	return evidence.Source{Path: d.File.Path, SHA256: d.File.SHA256}
}

// Evidence reads the documents of the pack into the models of packages sbom, sarif,
// license, uat and attest, in the order of the manifest. All of them are in memory
// at once, at two to three times their size. A file whose bytes are not those that
// the manifest lists is not read.
//
// It returns an error only if reading the pack failed or ctx ended.
func (p *Pack) Evidence(ctx context.Context) ([]*Document, error) {
	r := &evidenceReader{m: p.m, open: p.fileBytes, limits: p.limits}
	var files []*manifest.File
	for i := range p.m.Files {
		if f := &p.m.Files[i]; isDocument(f) && f.Kind != manifest.KindOther {
			files = append(files, f)
		}
	}
	docs, err := r.read(ctx, files)
	for _, d := range docs {
		d.data = nil
	}
	return docs, err
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

// isDocument reports whether a file is one that is read into memory.
func isDocument(f *manifest.File) bool {
	switch f.Kind {
	case manifest.KindOther:
		return besideReports(f.Path)
	case manifest.KindIndex, "":
		return false
	case manifest.KindSource:
		return isGoMod(f) || isGoSum(f) || isBundle(f)
	}
	return true
}

func isGoMod(f *manifest.File) bool {
	return f.Path == "go.mod" || strings.HasSuffix(f.Path, "/go.mod")
}

func isGoSum(f *manifest.File) bool {
	return f.Path == "go.sum" || strings.HasSuffix(f.Path, "/go.sum")
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
	if err := d.read(f, data, format, r); err != nil {
		return nil, err
	}
	return d, nil
}

// readable is the id of the check that files of a kind can be read.
func readable(k manifest.Kind) string {
	switch k {
	case manifest.KindSignature, manifest.KindCertificate, manifest.KindAttestation, manifest.KindTrustRoot, manifest.KindImageManifest:
		return "attest.readable"
	case manifest.KindPins:
		return "release.pins"
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
func (d *Document) read(f *manifest.File, data []byte, format manifest.Format, r *evidenceReader) (err error) {
	id := readable(d.File.Kind)
	switch {
	case d.File.Kind == manifest.KindOther:
		return d.readBeside(data, r.limits)
	case d.File.Kind == manifest.KindSBOM && isSBOM(format):
		if r.keep {
			d.data = data
		}
		return d.readSBOM(data, r)
	case isSigned(d.File.Kind):
		return d.readSigned(data, format, r)
	case d.File.Kind == manifest.KindScan && (format == manifest.FormatSARIF || format == manifest.FormatTrivyJSON || format == manifest.FormatGovulncheckJSON):
		return d.readScan(data, r)
	case d.File.Kind == manifest.KindLicenseReport && format == manifest.FormatTrivyJSON:
		d.licensed, err = sarif.Read(bytes.NewReader(data), &sarif.ReadOptions{Name: d.File.Path, Limits: r.limits})
		return d.judge(id, nil, err, "is a licence report that can be read")
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
	case isBundle(&d.File):
		return d.readHistory(data, r.limits)
	case isGoMod(&d.File):
		d.Modules, err = license.ReadGoMod(bytes.NewReader(data), &license.ReadOptions{Limits: r.limits})
		return d.judge(id, nil, err, "is a go.mod that can be read")
	case d.File.Kind == manifest.KindSource && isGoSum(&d.File):
		d.sums, err = license.ReadGoSum(bytes.NewReader(data), &license.ReadOptions{Limits: r.limits})
		return d.judge(id, nil, err, "is a go.sum that can be read")
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
	case format == manifest.FormatPNG && r.skim:
		return nil
	case format == manifest.FormatPNG:
		shot, pixels, err := r.screenshot(f, data)
		d.Screenshot = shot
		var problems evidence.Problems
		if err == nil && !shot.Decoded {
			problems = evidence.Problems{{
				Code: "uat.pixels", Severity: evidence.SeverityWarning, Err: evidence.ErrLimit,
				Message: fmt.Sprintf("image has %d x %d pixels and was not decoded: of so many screenshots, one may have %d", shot.Width, shot.Height, pixels),
			}}
		}
		return d.judge(id, problems, err, "is an image to its last pixel")
	}
	if d.File.Kind == manifest.KindPins {
		return d.readPins(data, format)
	}
	what := "no stated format"
	if format != "" {
		what = "format " + string(format)
	}
	d.add(id, evidence.StatusSkip, fmt.Sprintf("%s is not one that evidence of kind %s is read from", what, d.File.Kind))
	return nil
}

// isSigned reports whether files of a kind hold signatures, or what belongs to them.
// What they say of an image is judged by the checks attest.*.
func isSigned(k manifest.Kind) bool { return readable(k) == "attest.readable" }

// readSigned keeps the bytes, and reads what may be a signature or attestation.
func (d *Document) readSigned(data []byte, format manifest.Format, r *evidenceReader) error {
	d.data = data
	switch format {
	case manifest.FormatSigstoreBundle, manifest.FormatDSSE, manifest.FormatCosignSignature:
		bundles, err := attest.ParseBundles(bytes.TrimSpace(data), &attest.ParseOptions{Limits: r.limits})
		if err != nil && !evidence.IsVerdict(err) {
			return err
		}
		d.Attestations = bundles
	case manifest.FormatOCIManifest, manifest.FormatOCIIndex:
		d.image, _ = readOCI(data, r.limits) // that it cannot be read is for the checks of the image to say
	}
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
		d.SBOM, err = sbom.Read(bytes.NewBuffer(data), &sbom.ReadOptions{Limits: r.limits})
		return d.judge("sbom.readable", nil, err, "can be read")
	}
	v, err := sbom.Validate(bytes.NewBuffer(data), &sbom.ValidateOptions{Limits: r.limits, UnsafeSemantics: true})
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
func (d *Document) readScan(data []byte, r *evidenceReader) (err error) {
	var health sarif.HealthOptions
	if img := r.image(d.File.Image); img != nil {
		health = sarif.HealthOptions{Image: img.Digest.String(), ImageIDs: r.ids[img.Name]}
	}
	if r.judge {
		report := sarif.Inspect(data, &sarif.InspectOptions{Name: d.File.Path, Limits: r.limits, Health: health, UnsafeWarnInvalid: true})
		d.Scan = report.Log
		d.take(report.Checks, "scan.")
		return nil
	}
	d.Scan, err = sarif.Read(bytes.NewReader(data), &sarif.ReadOptions{Name: d.File.Path, Limits: r.limits})
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

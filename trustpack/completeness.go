// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"crypto/x509"
	"encoding/pem"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/sarif"
)

// A profile asks for evidence, not for names: a file counts only if it was read as what
// the manifest declares it to be, and says something. What is wrong with it otherwise
// is for the checks of its family.

// notRead returns, by path, why files are not the evidence that they are declared to be.
// It is for the end of a sentence that begins with "it".
func (r *Release) notRead() map[string]string {
	out := map[string]string{}
	for d := range r.Documents() {
		if d.refused == "" && d.Licenses != nil && !r.sum.covers(d) {
			d.refused = coversNothing
		}
		if d.refused != "" {
			out[d.File.Path] = d.refused
		}
	}
	return out
}

const coversNothing = "states the licence of none of the Go modules that the SBOM lists"

// covers reports whether a licence report states a licence of one of the Go modules
// that the SBOMs list; it does if they list none. A module without a version is the
// product itself.
func (s *summarizer) covers(d *Document) bool {
	modules := s.goModules()
	for i := range d.Licenses.Rows {
		row := &d.Licenses.Rows[i]
		if row.License == "" {
			continue
		}
		if under(modules, row.Package) {
			return true
		}
	}
	return len(modules) == 0
}

// goModules returns the paths of the Go modules with a version that the SBOMs list.
func (s *summarizer) goModules() map[string]bool {
	if s.modulePaths == nil {
		s.modulePaths = map[string]bool{}
		for c := range golang(s.components()) {
			if c.Version != "" && c.Version != "UNKNOWN" && c.Version != "(devel)" {
				s.modulePaths[c.Name] = true
			}
		}
	}
	return s.modulePaths
}

// count decides, while the documents of the subject are at hand, which of its files
// count as evidence.
func (s *Subject) count() {
	for _, d := range s.Documents {
		d.refused = d.whyNotCounted(s)
	}
}

// whyNotCounted returns why a file is not the evidence that it is declared to be, empty
// if it is.
func (d *Document) whyNotCounted(s *Subject) string {
	switch d.File.Kind {
	case manifest.KindSBOM:
		switch {
		case d.SBOM == nil:
			return "was not read as an SBOM"
		case len(s.Findings) > 0 && emptySBOM(d) && namesPackage(s.Findings):
			return "lists no package, and the scans name some"
		}
	case manifest.KindScan:
		switch {
		case d.Scan == nil:
			return "was not read as a scan"
		case len(d.Scan.Runs) == 0:
			return "reports no run of a tool"
		case d.failed("scan.health"):
			return "is of a scan that did not do its work"
		case !ranAs(d.Scan, d.File.Tool.Name):
			return "is not of " + textfmt.Quote(d.File.Tool.Name) + ", as the manifest declares, but of " + textfmt.Quote(d.Scan.Runs[0].Tool.Name)
		}
	case manifest.KindVEX:
		if d.VEX == nil {
			return "was not read as a VEX document"
		}
	case manifest.KindLicenseReport:
		return d.whyNoLicences()
	case manifest.KindTestReport:
		switch {
		case d.Tests == nil:
			return "was not read as a test report"
		case d.Tests.Counts().Tests == 0:
			return "holds no test"
		}
	case manifest.KindAccessibility:
		switch {
		case d.Accessibility == nil:
			return "was not read as a result of axe-core"
		case len(d.Accessibility.Pages) == 0:
			return "is about no page"
		}
	case manifest.KindScreenshot:
		if d.Screenshot == nil {
			return "was not read as an image"
		}
	case manifest.KindSignature:
		if len(d.Attestations) == 0 && d.File.Format != manifest.FormatCosignVerify {
			return "holds no signature"
		}
	case manifest.KindAttestation:
		if !d.attests() {
			return "holds no signed statement"
		}
	case manifest.KindCertificate:
		if !holdsCertificate(d.data) {
			return "holds no certificate"
		}
	}
	return ""
}

func (d *Document) failed(id string) bool {
	c := d.Checks.Find(id)
	return c != nil && c.Status != evidence.StatusPass && c.Status != evidence.StatusWarn && c.Status != evidence.StatusSkip
}

// whyNoLicences is whyNotCounted of a licence report.
func (d *Document) whyNoLicences() string {
	switch {
	case d.Scan != nil || d.SBOM != nil:
		return ""
	case d.Licenses == nil && d.File.Format == manifest.FormatGoLicensesCSV:
		return "was not read as a licence report"
	case d.Licenses != nil && len(d.Licenses.Rows) == 0:
		return "names no module"
	}
	return ""
}

func emptySBOM(d *Document) bool {
	for range packagesOf(d.SBOM) {
		return false
	}
	return true
}

// namesPackage reports whether one of the findings is about a package.
func namesPackage(findings []*Finding) bool {
	for _, f := range findings {
		if f.Package != nil && f.Package.Name != "" {
			return true
		}
	}
	return false
}

// ranAs reports whether a run of the scan is of the named tool; any is for the empty name.
func ranAs(l *sarif.Log, tool string) bool {
	for i := range l.Runs {
		if tool == "" || strings.EqualFold(l.Runs[i].Tool.Name, tool) {
			return true
		}
	}
	return false
}

// attests reports whether the file holds a signed in-toto statement.
func (d *Document) attests() bool {
	for _, b := range d.Attestations {
		if st, err := b.UnverifiedStatement(); err == nil && st != nil {
			return true
		}
	}
	return false
}

// holdsCertificate reports whether data are X.509 certificates, as PEM or DER.
func holdsCertificate(data []byte) bool {
	if _, err := x509.ParseCertificate(data); err == nil {
		return true
	}
	for len(data) > 0 {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			return false
		}
		if _, err := x509.ParseCertificate(block.Bytes); err == nil && block.Type == "CERTIFICATE" {
			return true
		}
	}
	return false
}

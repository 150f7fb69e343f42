// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package controls

import (
	"fmt"
	"slices"
	"strings"

	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/manifest"
)

// kind is one kind of evidence, and the checks that say whether it is good.
type kind struct {
	files  []manifest.Kind      // what it is in a pack; the first of them must be there
	only   func(*File) bool     // nil for all files of these kinds
	each   []string             // checks that each of the files must have passed
	images bool                 // each image must have a file of the kind, if the release has images
	some   []string             // checks that one file of each image must have passed, or of the release if it has no images
	needs  []string             // checks about the release that must have passed
	family func(id string) bool // checks that must not have failed
	gaps   []manifest.Kind      // that declare it absent

	manifest []string      // the evidence is MANIFEST.json itself: pointers into it
	never    string        // why a pack alone says nothing of it
	gap      manifest.Kind // the evidence is that a gap of this kind is declared
}

// byGovulncheck reports whether a scan is one of Go's own scanner.
func byGovulncheck(f *File) bool {
	return slices.ContainsFunc(f.Tools, func(tool string) bool { return strings.EqualFold(tool, "govulncheck") })
}

// says reports whether a file holds a statement whose predicate type contains one of some words.
func says(words ...string) func(*File) bool {
	return func(f *File) bool {
		return slices.ContainsFunc(f.Predicates, func(p string) bool {
			return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(strings.ToLower(p), w) })
		})
	}
}

// starts makes a family of all checks whose ids begin with one of some texts.
func starts(prefixes ...string) func(string) bool {
	return func(id string) bool {
		return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(id, p) })
	}
}

// aboutImages are the checks attest.* about images and their files; attest.statement is
// about the pack.
func aboutImages(id string) bool {
	return strings.HasPrefix(id, "attest.") && id != "attest.statement"
}

// signed are the checks of a signature that counts: it verifies, an expected signer made
// it, and it is about the image.
var signed = []string{"attest.signature", "attest.identity", "attest.subject"}

var (
	anyScan = kind{
		files: []manifest.Kind{manifest.KindScan}, each: []string{"scan.readable", "scan.health"}, family: starts("scan."), gaps: []manifest.Kind{manifest.KindScan},
	}
	anyAttestation = kind{
		files: []manifest.Kind{manifest.KindAttestation, manifest.KindSignature}, some: signed, family: aboutImages,
		gaps: []manifest.Kind{manifest.KindAttestation, manifest.KindImageSigning},
	}
	sbom = kind{
		files: []manifest.Kind{manifest.KindSBOM}, each: []string{"sbom.readable"}, images: true, family: starts("sbom."), gaps: []manifest.Kind{manifest.KindSBOM},
	}
	pack = kind{
		manifest: []string{""}, needs: []string{"manifest.inventory", "manifest.digest", "attest.statement"}, family: starts("archive.", "manifest."),
	}

	// kinds are those of the column kinds.
	kinds = map[string]kind{
		"sbom": sbom,
		"scan": anyScan,
		"vex": {
			files: []manifest.Kind{manifest.KindVEX}, each: []string{"scan.vex"}, family: starts("scan.vex"), gaps: []manifest.Kind{manifest.KindVEX},
		},
		"license-report": {
			files: []manifest.Kind{manifest.KindLicenseReport}, each: []string{"license.readable"}, needs: []string{"license.complete"},
			family: starts("license."), gaps: []manifest.Kind{manifest.KindLicenseReport},
		},
		"test-report, screenshot": {
			files: []manifest.Kind{manifest.KindTestReport, manifest.KindScreenshot}, each: []string{"uat.readable"}, needs: []string{"uat.tests"},
			family: starts("uat.readable", "uat.counts", "uat.tests", "uat.time", "uat.reports", "uat.screenshots"),
			gaps:   []manifest.Kind{manifest.KindTestReport},
		},
		"accessibility": {
			files: []manifest.Kind{manifest.KindAccessibility}, each: []string{"uat.readable"}, needs: []string{"uat.accessibility"},
			family: starts("uat.axe"), gaps: []manifest.Kind{manifest.KindAccessibility},
		},
		"signature, certificate": {
			files: []manifest.Kind{manifest.KindSignature, manifest.KindCertificate}, images: true, some: signed, family: aboutImages,
			gaps: []manifest.Kind{manifest.KindImageSigning, manifest.KindSignature, manifest.KindCertificate},
		},
		"attestation":      anyAttestation,
		"index":            {files: []manifest.Kind{manifest.KindIndex}, needs: []string{"index.agrees"}},
		"pins":             {files: []manifest.Kind{manifest.KindPins}, each: []string{"release.pins"}, gaps: []manifest.Kind{manifest.KindPins}},
		"(release fields)": {manifest: []string{"/version", "/release"}, needs: []string{"release.version", "release.tag"}, family: starts("release.identity", "release.source", "release.repository")},
		"(pack)":           pack,
		"(computed)":       {never: "it takes the packs of two releases: trustpack-diff compares them"},
		"(computed, VSA)":  {never: "it takes an installation: trustpack-gate verifies before the start"},
		"gap":              {},
	}

	// sorts are narrower than a kind: the beginning of the column evidence names them.
	sorts = map[string][]sort{
		"scan": {
			{"container scan", func(k kind) kind {
				k.images, k.only = true, func(f *File) bool { return !byGovulncheck(f) }
				return k
			}},
			{"Go scan", func(k kind) kind { k.only = byGovulncheck; return k }},
			{"scan", same},
		},
		"attestation": {
			{"SBOM attestation", func(k kind) kind {
				k.images, k.some, k.only = true, []string{"attest.signature", "attest.predicate"}, says("spdx.dev", "cyclonedx.org")
				return k
			}},
			{"provenance attestation", func(k kind) kind {
				k.images, k.some, k.only = true, []string{"attest.signature", "attest.provenance"}, says("slsa.dev/provenance")
				k.gaps = append(slices.Clone(k.gaps), manifest.KindSLSAProvenance)
				return k
			}},
			{"attestation", func(k kind) kind { k.images = true; return k }},
		},
	}
)

type sort struct {
	name   string
	narrow func(kind) kind
}

func same(k kind) kind { return k }

// sbomProfile begins the evidence that a quality profile is met; its name follows.
const sbomProfile = "SBOM profile "

// kindOf returns the kind that the columns kinds and evidence name.
func kindOf(name, text string) (*kind, error) {
	k, known := kinds[name]
	if !known {
		return nil, fmt.Errorf("unknown kind of evidence %s; want one of %s", textfmt.Quote(name), strings.Join(names(kinds), "; "))
	}
	if name == "gap" {
		declared, ok := strings.CutPrefix(text, "declared gap: ")
		if k.gap = manifest.Kind(declared); !ok || !k.gap.OfGap() {
			return nil, fmt.Errorf("the evidence of a gap is \"declared gap: KIND\", not %s", textfmt.Quote(text))
		}
		return &k, nil
	}
	if profile, ok := strings.CutPrefix(text, sbomProfile); ok && name == "sbom" {
		k.needs = []string{"sbom.profile." + profile}
		return &k, nil
	}
	list := sorts[name]
	for _, s := range list {
		if rest, ok := strings.CutPrefix(text, s.name); ok && (rest == "" || rest[0] == ' ' || rest[0] == ',') {
			k = s.narrow(k)
			return &k, nil
		}
	}
	if list != nil {
		var known []string
		for _, s := range list {
			known = append(known, s.name)
		}
		return nil, fmt.Errorf("unknown sort of %s %s; the evidence begins with one of %s", name, textfmt.Quote(text), strings.Join(known, ", "))
	}
	return &k, nil
}

func names(m map[string]kind) []string {
	var list []string
	for name := range m {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// refNames says how a format names its objects in JSON: the members that give an
// object its name, and those that name another by a string or a list of strings.
type refNames struct {
	names, uses map[string]bool
	unique      string // the name of which each is used once
	skip        string // a member that holds neither
}

func nameSet(s string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		set[w] = true
	}
	return set
}

// cdxRefs are the uses of refType and refLinkType in the schemas of CycloneDX 1.2 to 1.7.
var cdxRefs = refNames{
	names: nameSet("bom-ref"),
	uses: nameSet(`ref dependsOn provides assemblies dependencies vulnerabilities subjects tools
		signatureAlgorithmRef subjectPublicKeyRef algorithmRef algorithm algorithms cryptoRefArray encr prf integ ke auth
		assessor requirement requirements claims counterClaims target evidence counterEvidence parent
		attributedTo process patentRefs asserter`),
	unique: "bom-ref",
	skip:   "signature",
}

// spdx3Refs are the properties of SPDX 3.0 whose value is an element. The ends of
// relationships are looked at when a document is read.
var spdx3Refs = refNames{
	names: nameSet("spdxId @id externalSpdxId"),
	uses: nameSet(`creationInfo createdBy createdUsing suppliedBy originatedBy rootElement element subject software_snippetFromFile
		security_assessedElement definingArtifact expandedlicensing_member expandedlicensing_subjectLicense
		expandedlicensing_subjectAddition expandedlicensing_subjectExtendableLicense`),
	unique: "spdxId",
}

// textReferences checks the names of objects, and what refers to them, everywhere
// in the JSON text: much of it the model keeps as it is. What reading has
// reported already is left out.
func (s *semantics) textReferences(form refNames) {
	w := &refWalk{s: s, form: form, named: map[string]bool{}, reported: map[string]bool{}}
	for _, p := range s.doc.Problems {
		if p.Code == "sbom.duplicate-id" || p.Code == "sbom.dangling" {
			w.reported[p.Pointer] = true
		}
	}
	w.walk((*refWalk).name)
	w.walk((*refWalk).use)
}

// refWalk is one walk over the text after another.
type refWalk struct {
	s        *semantics
	form     refNames
	d        *jsonstrict.Decoder
	named    map[string]bool
	reported map[string]bool // pointers of what reading has reported
}

// walk gives every member with a string, or a list of them, to visit.
func (w *refWalk) walk(visit func(w *refWalk, name string)) {
	w.d = jsonstrict.NewBytes(w.s.data, jsonstrict.Options{Limits: unlimited, Share: true})
	w.value("", visit)
}

// value looks at the next value, which is a member of that name or in a list that is.
// Nesting is bounded: the document was read before.
func (w *refWalk) value(name string, visit func(w *refWalk, name string)) {
	d := w.d
	switch d.Kind() {
	case jsonstrict.Object:
		for d.Object(); d.Next(); {
			member := string(d.Key())
			if member == w.form.skip || d.Depth() == 1 && member == "dependencies" {
				d.Skip() // the model has the dependencies
				continue
			}
			w.value(member, visit)
		}
	case jsonstrict.Array:
		for d.Array(); d.Next(); {
			w.value(name, visit)
		}
	case jsonstrict.String:
		if w.form.names[name] || w.form.uses[name] {
			visit(w, name)
			return
		}
		d.Skip()
	default:
		d.Skip()
	}
}

func (w *refWalk) name(name string) {
	if !w.form.names[name] {
		w.d.Skip()
		return
	}
	ref := w.d.String()
	if w.named[ref] && ref != "" && name == w.form.unique && !w.isReported(1) {
		w.report("sbom.duplicate-id", "identifier %s is used more than once", ref)
	}
	w.named[ref] = true
}

func (w *refWalk) use(name string) {
	if !w.form.uses[name] {
		w.d.Skip()
		return
	}
	ref := w.d.String()
	if ref == "" || w.named[ref] || isExternal(ref) || w.s.doc.Format == FormatSPDX3JSON && strings.Contains(ref, "spdx.org/") || w.isReported(3) {
		return
	}
	w.report("sbom.dangling", "%s names nothing in the document", ref)
}

func (w *refWalk) report(code, format, ref string) {
	w.s.report(Position{Pointer: w.d.Pointer()}, code, evidence.SeverityError, "", format, textfmt.Quote(ref))
}

// isReported reports whether reading has reported the value that was read last, or
// what it stands in, up to so many levels.
func (w *refWalk) isReported(levels int) bool {
	if len(w.reported) == 0 {
		return false
	}
	p := w.d.Pointer()
	for range levels {
		p = p[:max(strings.LastIndexByte(p, '/'), 0)]
		if w.reported[p] {
			return true
		}
	}
	return false
}

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
	path     jsonstrict.Path
	named    map[string]bool
	reported map[string]bool // pointers of what reading has reported
}

// walk gives every member with a string, or a list of them, to visit.
func (w *refWalk) walk(visit func(w *refWalk, name, ref string)) {
	w.value("", w.s.index.Root(), visit)
}

// value looks at v, which is a member of that name or in a list that is.
// Nesting is bounded: the document was read before.
func (w *refWalk) value(name string, v jsonstrict.Value, visit func(w *refWalk, name, ref string)) {
	if v.Kind() == jsonstrict.String && (w.form.names[name] || w.form.uses[name]) {
		visit(w, name, v.String())
	}
	for n, value := range v.Members() {
		member := n.String()
		if member == w.form.skip || len(w.path) == 0 && member == "dependencies" {
			continue // the model has the dependencies
		}
		w.below(jsonstrict.Step{Name: n, Index: -1}, member, value, visit)
	}
	for i, e := range v.Elements() {
		w.below(jsonstrict.Step{Index: i}, name, e, visit)
	}
}

func (w *refWalk) below(s jsonstrict.Step, name string, v jsonstrict.Value, visit func(w *refWalk, name, ref string)) {
	w.path = append(w.path, s)
	w.value(name, v, visit)
	w.path = w.path[:len(w.path)-1]
}

func (w *refWalk) name(name, ref string) {
	if !w.form.names[name] {
		return
	}
	if w.named[ref] && ref != "" && name == w.form.unique && !w.isReported(1) {
		w.report("sbom.duplicate-id", "identifier %s is used more than once", ref)
	}
	w.named[ref] = true
}

func (w *refWalk) use(name, ref string) {
	if !w.form.uses[name] {
		return
	}
	if ref == "" || w.named[ref] || isExternal(ref) || w.s.doc.Format == FormatSPDX3JSON && strings.Contains(ref, "spdx.org/") || w.isReported(3) {
		return
	}
	w.report("sbom.dangling", "%s names nothing in the document", ref)
}

func (w *refWalk) report(code, format, ref string) {
	w.s.report(Position{Pointer: w.path.Pointer()}, code, evidence.SeverityError, "", format, textfmt.Quote(ref))
}

// isReported reports whether reading has reported the value at hand, or what it stands
// in, up to so many levels.
func (w *refWalk) isReported(levels int) bool {
	if len(w.reported) == 0 {
		return false
	}
	p := w.path.Pointer()
	for range levels {
		p = p[:max(strings.LastIndexByte(p, '/'), 0)]
		if w.reported[p] {
			return true
		}
	}
	return false
}

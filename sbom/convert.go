// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/sbomterm"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sbom/spdxexpr"
)

// Target is a format and version that Convert writes.
type Target struct {
	Format  Format
	Version string // as SpecVersion has it
}

// String returns the name of the standard and its version, such as "SPDX 2.3".
func (t Target) String() string {
	if t.Format.SPDX() {
		return "SPDX " + strings.TrimPrefix(t.Version, "SPDX-")
	}
	return "CycloneDX " + t.Version
}

// The targets.
var (
	TargetSPDX23      = Target{FormatSPDXJSON, "SPDX-2.3"}
	TargetCycloneDX15 = Target{FormatCycloneDXJSON, "1.5"}
	TargetCycloneDX16 = Target{FormatCycloneDXJSON, "1.6"}
)

// LossReason says why a value is not in the converted document as it was:
//
//	"no-field"     the target has no place for it
//	"not-allowed"  the target's schema does not allow it there
//	"changed"      it is there in another form
//	"assumed"      the target requires a value that the source does not state
type LossReason string

const (
	lossNoField    LossReason = "no-field"
	lossNotAllowed LossReason = "not-allowed"
	lossChanged    LossReason = "changed"
	lossAssumed    LossReason = "assumed"
)

// Loss is one value that a conversion did not carry over as it was.
type Loss struct {
	Pointer  string            `json:"pointer"` // of the value in the source, or of the nearest that is there; into the JSON form for XML and tag-value
	Reason   LossReason        `json:"reason"`
	Severity evidence.Severity `json:"severity"` // a warning if something is gone, else info
	Message  string            `json:"message"`
}

// Convert returns doc in another format or version, and what is not in it as it
// was: every text, number, truth value and relationship of the source is in the
// result, or at or below the pointer of a loss. Between SPDX and CycloneDX,
// identifiers and each format's own words are rewritten, and NOASSERTION and NONE
// become silence; these are no losses. The result is valid by the official schema of
// the target, and the same for the same document on every machine: what the target
// requires and the source does not state is assumed from the source alone.
//
// What CycloneDX has no field for becomes properties whose names begin with "spdx:",
// of which a conversion to SPDX makes fields again. Components that others contain stand
// inside them; what the described component contains stands in the list of all. A LicenseRef
// becomes a licence with name and text, and the reverse; each text keeps its own.
//
// It takes several times as long as reading: the result is written, checked by the schema of
// the target, and read again, and both documents are compared value by value.
//
// The error matches ErrUnsupported for a target that is none of the above, and
// ErrFormat for a document that no valid one can be made of.
func Convert(doc *Document, target Target) (*Document, []Loss, error) {
	if target != TargetSPDX23 && target != TargetCycloneDX15 && target != TargetCycloneDX16 {
		return nil, nil, &evidence.Problem{
			Code: "sbom.target", Severity: evidence.SeverityError, Err: evidence.ErrUnsupported,
			Message: "documents are not converted to " + target.Format.String() + " " + textfmt.Quote(target.Version),
		}
	}
	c := &converter{
		doc: doc, target: target, out: &Document{}, losses: []Loss{},
		ids: map[string]string{}, used: map[string]bool{}, needs: map[string]need{}, listed: map[string]int{},
	}
	spdx2 := doc.Format == FormatSPDXJSON || doc.Format == FormatSPDXTagValue
	switch {
	case target == TargetSPDX23 && spdx2, target != TargetSPDX23 && doc.Format.CycloneDX():
		c.sameFamily()
	case target == TargetSPDX23:
		c.crossed = true
		c.toSPDX()
	default:
		c.crossed = true
		c.toCycloneDX()
	}
	out, err := c.valid()
	return out, c.losses, err
}

type converter struct {
	doc, out *Document
	target   Target
	losses   []Loss
	crossed  bool              // from one family to the other
	ids      map[string]string // identifiers of the source, in the form of the target
	used     map[string]bool

	// To SPDX.
	references references
	kept       map[string]ExtractedLicense // by ID: see readKeptTexts
	optional   map[string]bool             // IDs of what is only needed optionally
	depended   map[string]bool             // see dependedOn

	// To CycloneDX.
	root       string          // ID of what the document describes
	texts      map[string]int  // index of an extracted licence by its ID
	written    []bool          // which of them stand in the result
	asProperty map[int]bool    // which of them as properties
	repeated   int             // bytes of licence texts that stand there more than once
	parents    map[string]int  // see contain
	needs      map[string]need // by ID
	listed     map[string]int  // see inventory
}

func (c *converter) lose(pointer string, reason LossReason, format string, args ...any) {
	severity := evidence.SeverityWarning
	if reason == lossChanged || reason == lossAssumed {
		severity = evidence.SeverityInfo
	}
	c.losses = append(c.losses, Loss{pointer, reason, severity, fmt.Sprintf(format, args...)})
}

// gone reports a member that the target has no field for, if it says anything.
func (c *converter) gone(at Position, member string, stated bool) {
	c.goneAt(at.Pointer+"/"+member, member, stated)
}

// goneAt is gone for a value that is named otherwise than by its member.
func (c *converter) goneAt(pointer, what string, stated bool) {
	if stated {
		c.lose(pointer, lossNoField, "%s has no %s", c.target, what)
	}
}

func jsonPointerToken(s string) string {
	if !strings.ContainsAny(s, "~/") {
		return s
	}
	return tokenEscapes.Replace(s)
}

var tokenEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// sameFamily keeps the model as it is: what the version does not allow is found by its schema.
func (c *converter) sameFamily() {
	out := *c.doc
	out.Format, out.SpecVersion = c.target.Format, c.target.Version
	if out.wrapper != "" {
		for name := range out.outer.All() {
			c.goneAt("/"+jsonPointerToken(name), name, true)
		}
		out.wrapper, out.outer = "", Extras{}
	}
	out.Extras = Extras{}
	for name, value := range c.doc.Extras.All() {
		if name != "$schema" {
			out.Extras.add(name, value)
		}
	}
	c.out = &out
	if c.target == TargetSPDX23 {
		c.required()
		c.respell()
	}
}

// respell writes in the words of the SPDX 2.3 schema what earlier versions and
// several tools spell in another way: PACKAGE_MANAGER, "sha256", OPERATING-SYSTEM.
// A member that is null says nothing and is left out.
func (c *converter) respell() {
	for i := range c.out.Components { // a copy, made by required
		p := &c.out.Components[i]
		p.Identifiers = slices.Clone(p.Identifiers)
		for j := range p.Identifiers {
			if p.Identifiers[j].spelling == spellingUnderscore {
				p.Identifiers[j].spelling = spellingCanonical
			}
		}
		p.ExternalReferences = slices.Clone(p.ExternalReferences)
		for j := range p.ExternalReferences {
			switch r := &p.ExternalReferences[j]; r.Category {
			case "PACKAGE_MANAGER", "PERSISTENT_ID":
				r.Category = strings.Replace(r.Category, "_", "-", 1)
			}
		}
		drop := spelledHashes(p.Hashes)
		if p.Type != "" && p.Type.spdxPurpose() != string(p.Type) {
			drop = append(drop, "primaryPackagePurpose")
		}
		p.Extras = withoutExtras(p.Extras, drop)
	}
	c.out.Files = slices.Clone(c.out.Files)
	for i := range c.out.Files {
		f := &c.out.Files[i]
		f.Extras = withoutExtras(f.Extras, spelledHashes(f.Hashes))
	}
}

// spelledHashes names the extra that keeps how checksums are spelled, if the model says them all.
func spelledHashes(list []Hash) []string {
	if len(list) == 0 || slices.ContainsFunc(list, func(h Hash) bool { return !slices.Contains(spdxHashes, h.Algorithm) }) {
		return nil
	}
	return []string{"checksums"}
}

// withoutExtras returns extras but for those named, and those that are null.
func withoutExtras(e Extras, names []string) Extras {
	var out Extras
	for name, value := range e.All() {
		if !slices.Contains(names, name) && string(value) != "null" {
			out.add(name, value)
		}
	}
	return out
}

// required assumes what SPDX 2.3 requires of a document.
func (c *converter) required() {
	out := c.out
	assume := func(member, value string) {
		c.lose("/"+member, lossAssumed, "not stated; assumed to be %s", textfmt.Quote(value))
	}
	if out.Ref == "" {
		out.Ref = "SPDXRef-DOCUMENT"
		assume("SPDXID", out.Ref)
	}
	if out.DataLicense == "" {
		out.DataLicense = "CC0-1.0"
		assume("dataLicense", out.DataLicense)
	}
	if out.Name.IsZero() {
		out.Name = NewText(c.subject())
		assume("name", out.Name.Written())
	}
	if out.Created.IsZero() && out.MetadataExtras.Get("created") == nil {
		out.Created = time.Unix(0, 0).UTC()
		assume("creationInfo/created", "1970-01-01T00:00:00Z")
	}
	if len(out.Authors)+len(out.Tools) == 0 {
		out.MetadataExtras = cloneExtras(out.MetadataExtras)
		out.MetadataExtras.remove("creators")
		out.Tools = []Tool{{Name: "unknown"}}
		assume("creationInfo/creators", "Tool: unknown")
	}
	out.Extras.remove("creationInfo")
	components := slices.Clone(out.Components)
	assumed, where := 0, "/"+c.packages()
	for i := range components {
		p := &components[i]
		if p.DownloadLocation.IsZero() {
			if assumed++; assumed == 1 && len(components) == 1 {
				where = c.doc.Components[i].Position().Pointer
			}
			p.DownloadLocation = unstated(StateNoAssertion)
			p.Extras = cloneExtras(p.Extras)
			p.Extras.remove("downloadLocation")
		}
		if p.Name.IsZero() {
			p.Name = NewText("")
		}
		if p.Ref == "" {
			p.Ref = p.ID
		}
	}
	if assumed > 0 {
		c.lose(where, lossAssumed, "%d of %d state no download location; assumed to be NOASSERTION", assumed, len(components))
	}
	out.Components = components
}

// packages is the member in which the source has its components.
func (c *converter) packages() string {
	switch {
	case c.doc.Format.CycloneDX():
		return "components"
	case c.doc.Format == FormatSPDX3JSON:
		return "@graph"
	}
	return "packages"
}

func cloneExtras(e Extras) Extras {
	var out Extras
	for name, value := range e.All() {
		out.add(name, value)
	}
	return out
}

// subject is what the document is about, in a word.
func (c *converter) subject() string {
	roots := c.doc.Roots()
	for i := range c.doc.Components {
		if p := &c.doc.Components[i]; slices.Contains(roots, p.ID) && p.Name.Stated() {
			return p.Name.String()
		}
	}
	return "unnamed"
}

// claim returns an identifier that nothing else in the target has.
func (c *converter) claim(id, want string) string {
	name := want
	for n := 2; c.used[name]; n++ {
		name = want + "-" + strconv.Itoa(n)
	}
	c.used[name] = true
	if _, ok := c.ids[id]; !ok {
		c.ids[id] = name
	}
	return name
}

// spdxID returns an identifier of SPDX 2 for one of another format.
func (c *converter) spdxID(id, name string) string {
	base := strings.TrimPrefix(id, "SPDXRef-")
	if strings.HasPrefix(id, "#") {
		base = cmp.Or(name, "element")
	}
	b := []byte(base)
	for i, x := range b {
		if !sbomterm.IsIDByte(x) {
			b[i] = '-'
		}
	}
	return c.claim(id, "SPDXRef-"+cmp.Or(strings.Trim(string(b), "-"), "element"))
}

// edges carries relationships over, each once. as makes of one what the target
// has for it, and reports whether that is anything.
func (c *converter) edges(as func(*Relationship) bool) {
	type key struct {
		from, to string
		typ      RelationshipType
		scope    Scope
		state    State
		comment  string
	}
	seen := map[key]bool{}
	for i := range c.doc.Relationships {
		r := c.doc.Relationships[i]
		from, ok := c.ids[r.From]
		to, okTo := c.ids[r.To]
		license := r.Type == hasDeclaredLicense || r.Type == hasConcludedLicense
		if !license && (!ok || r.To != "" && !okTo || r.To == "" && r.ToState == StateEmpty) {
			c.lose(r.Position().Pointer, lossNoField, "a relationship of type %s with an end that the result does not hold", relationLabel(&r))
			continue
		}
		if !as(&r) {
			continue
		}
		r = Relationship{From: from, To: to, Type: r.Type, ToState: r.ToState, Scope: r.Scope, Comment: r.Comment, Origin: r.Origin}
		k := key{from, to, r.Type, r.Scope, r.ToState, r.Comment}
		if !seen[k] {
			seen[k] = true
			c.out.Relationships = append(c.out.Relationships, r)
		}
	}
}

// plainParty is a party without what belongs to one format.
func plainParty(p *Party) *Party {
	if p == nil || !p.Stated() {
		return nil
	}
	return &Party{Kind: p.Kind, Name: p.Name, Email: p.Email}
}

// said returns what t says: the value, NONE, a word for a withheld value, or
// nothing. Absent, empty and NOASSERTION all leave the reader without an answer.
func said(t Text) string {
	switch t.State() {
	case StateStated:
		return t.String()
	case StateNone:
		return spdxexpr.None
	case StateRedacted:
		return "[redacted]"
	}
	return ""
}

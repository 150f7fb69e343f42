// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"strings"

	"github.com/HailBytes/evidence/internal/jsonstrict"
)

// pack reads a package, or another software artifact that is no file or snippet.
func (g *graph3) pack(c *Component) {
	r, d, ex := g.reader, g.d, &c.Extras
	ids := r.identifiers.mark()
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "spdxId":
			r.str(&c.Ref, ex, "spdxId")
		case "@id":
			start := d.Offset()
			c.Ref = d.String()
			ex.add("@id", r.from(start))
		case "name":
			r.text(&c.Name, ex, "name")
		case "software_packageVersion":
			r.text(&c.Version, ex, "software_packageVersion")
		case "software_primaryPurpose":
			r.purpose3(&c.Type, ex)
		case "software_additionalPurpose":
			r.purposes3(&c.Types, ex)
		case "software_packageUrl":
			var s string
			r.str(&s, ex, "software_packageUrl")
			if s != "" {
				r.identifiers.push(Identifier{Kind: IdentifierPURL, Value: s, spelling: spellingField})
			}
		case "externalIdentifier", "externalIdentifiers":
			r.identifiers3(ex, string(d.Key()))
		case "software_copyrightText":
			r.assertable(&c.Copyright, ex, "software_copyrightText")
		case "software_downloadLocation":
			r.assertable(&c.DownloadLocation, ex, "software_downloadLocation")
		case "software_homePage":
			r.assertable(&c.Homepage, ex, "software_homePage")
		case "software_sourceInfo":
			r.str(&c.SourceInfo, ex, "software_sourceInfo")
		case "summary":
			r.str(&c.Summary, ex, "summary")
		case "description":
			r.str(&c.Description, ex, "description")
		case "comment":
			r.str(&c.Comment, ex, "comment")
		case "verifiedUsing":
			r.verifiedUsing(&c.Hashes, &c.VerificationCode, ex)
		case "externalRef":
			r.references3(&c.ExternalReferences, ex)
		case "suppliedBy":
			g.party3(&c.Supplier, ex, "suppliedBy")
		case "originatedBy":
			g.party3(&c.Originator, ex, "originatedBy")
		case "releaseTime":
			r.time(&c.detail().Released, ex, "releaseTime")
		case "builtTime":
			r.time(&c.detail().Built, ex, "builtTime")
		case "validUntilTime":
			r.time(&c.detail().ValidUntil, ex, "validUntilTime")
		case "software_attributionText":
			r.strings(&c.detail().AttributionTexts, ex, "software_attributionText")
		default:
			r.extra(ex) // type, creationInfo, standardName, supportLevel, ai_..., dataset_...
		}
	}
	c.Identifiers = r.identifiers.take(ids)
}

// party3 reads one agent or several; the model holds the first. It is a
// reference at this point, which resolve replaces.
func (g *graph3) party3(dst **Party, ex *Extras, name string) {
	if g.null(ex, name) {
		return
	}
	start := g.d.Offset()
	if ids := g.agentReferences(); len(ids) > 0 {
		*dst = &Party{Ref: ids[0]}
	}
	if g.d.Err() == nil {
		ex.add(name, g.from(start))
	}
}

func (r *reader) purpose3(dst *ComponentType, ex *Extras) {
	if r.null(ex, "software_primaryPurpose") {
		return
	}
	start := r.d.Offset()
	s := r.d.String()
	*dst = purpose3(s)
	if dst.spdx3() != s {
		ex.add("software_primaryPurpose", r.from(start))
	}
}

func (r *reader) purposes3(dst *[]ComponentType, ex *Extras) {
	r.array(ex, "software_additionalPurpose", func() {
		s := r.d.String()
		t := purpose3(s)
		r.odd = r.odd || t.spdx3() != s
		*add(r, dst) = t
	})
}

// purpose3 returns the type that SPDX 3 calls s (SPDX 3.0 Software, SoftwarePurpose).
func purpose3(s string) ComponentType {
	switch s {
	case "deviceDriver":
		return "device-driver"
	case "diskImage":
		return "disk-image"
	case "filesystemImage":
		return "filesystem-image"
	case "operatingSystem":
		return TypeOperatingSystem
	case "model":
		return "machine-learning-model"
	}
	return ComponentType(s)
}

// spdx3 returns the word of SPDX 3 for t.
func (t ComponentType) spdx3() string {
	switch t {
	case "device-driver":
		return "deviceDriver"
	case "disk-image":
		return "diskImage"
	case "filesystem-image":
		return "filesystemImage"
	case TypeOperatingSystem:
		return "operatingSystem"
	case "machine-learning-model":
		return "model"
	}
	return string(t)
}

// spdx3 returns the word of SPDX 3 for a.
func (a HashAlgorithm) spdx3() string {
	s := foldHashName(string(a))
	if rest, ok := strings.CutPrefix(s, "sha3"); ok && len(rest) == 3 && strings.HasPrefix(string(a), "SHA3-") {
		return "sha3_" + rest
	}
	return s
}

// identifiers3 reads external identifiers. Those that few components have, and
// those that say more than type and value, are kept as they are.
func (r *reader) identifiers3(ex *Extras, name string) {
	d := r.d
	start := d.Offset()
	r.array(ex, name, func() {
		var typ string
		id := Identifier{}
		for d.Object(); d.Next(); {
			switch string(d.Key()) {
			case "type":
				r.odd = d.String() != "ExternalIdentifier" || r.odd
			case "externalIdentifierType":
				typ = d.String()
			case "identifier":
				id.Value = d.String()
			default:
				r.oddMember()
			}
		}
		id.Kind = identifier3Kinds[typ]
		if id.Kind == IdentifierOther || id.Value == "" {
			r.odd = true
			return
		}
		r.identifiers.push(id)
	})
	if name == "externalIdentifiers" && d.Err() == nil {
		ex.set(name, r.from(start)) // a name that SPDX 3.0 does not have
	}
}

var identifier3Kinds = map[string]IdentifierKind{
	"packageUrl": IdentifierPURL, "cpe22": IdentifierCPE22, "cpe23": IdentifierCPE23,
	"swid": IdentifierSWID, "swhid": IdentifierSWHID, "gitoid": IdentifierGitoid,
}

// verifiedUsing reads integrity methods: hashes, and a package verification code.
func (r *reader) verifiedUsing(dst *[]Hash, code **VerificationCode, ex *Extras) {
	d := r.d
	mark := r.hashes.mark()
	r.array(ex, "verifiedUsing", func() {
		var h Hash
		typ, excluded := "", []string(nil)
		for d.Object(); d.Next(); {
			switch string(d.Key()) {
			case "type":
				typ = d.String()
			case "algorithm":
				s := d.String()
				h.Algorithm = hashAlgorithm(s)
				r.odd = r.odd || h.Algorithm.spdx3() != s
			case "hashValue":
				r.oddStr(&h.Value)
			case "packageVerificationCodeExcludedFile":
				r.odd = true
				var none Extras
				r.strings(&excluded, &none, "")
				r.odd = true
			default:
				r.oddMember()
			}
		}
		switch {
		case typ == "Hash":
			r.hashes.push(h)
		case typ == "PackageVerificationCode" && code != nil && *code == nil:
			*code = &VerificationCode{Value: h.Value, Excluded: excluded}
			r.odd = true
		default:
			r.odd = true
		}
	})
	*dst = r.hashes.take(mark)
}

func (r *reader) references3(dst *[]ExternalReference, ex *Extras) {
	d := r.d
	mark := r.references.mark()
	r.array(ex, "externalRef", func() {
		var ref ExternalReference
		for d.Object(); d.Next(); {
			switch string(d.Key()) {
			case "type":
				r.odd = d.String() != "ExternalRef" || r.odd
			case "externalRefType":
				r.oddStr(&ref.Type)
			case "locator":
				if d.Kind() == jsonstrict.String {
					r.odd = true
					ref.Locator = d.String()
					break
				}
				n := 0
				for d.Array(); d.Next(); n++ {
					if s := d.String(); n == 0 {
						ref.Locator = s
					}
				}
				r.odd = r.odd || n != 1
			case "comment":
				r.oddStr(&ref.Comment)
			default:
				r.oddMember()
			}
		}
		r.odd = r.odd || ref.Locator == ""
		r.references.push(ref)
	})
	*dst = r.references.take(mark)
}

func (g *graph3) file(f *File) (id string) {
	r, d, ex := g.reader, g.d, &f.Extras
	var ref string
	for d.Object(); d.Next(); {
		switch key := string(d.Key()); key {
		case "spdxId", "@id":
			start := d.Offset()
			ref = d.String()
			ex.add(key, r.from(start))
		case "name":
			r.str(&f.Name, ex, "name")
		case "software_primaryPurpose", "software_additionalPurpose":
			start := d.Offset()
			f.Types = append(f.Types, g.references()...)
			if d.Err() == nil {
				ex.add(key, r.from(start))
			}
		case "verifiedUsing":
			r.verifiedUsing(&f.Hashes, nil, ex)
		case "software_copyrightText":
			r.assertable(&f.Copyright, ex, "software_copyrightText")
		case "comment":
			r.str(&f.Comment, ex, "comment")
		default:
			r.extra(ex) // contentType, software_fileKind, ...
		}
	}
	f.ID = r.claim(ref, &f.at)
	return f.ID
}

func (g *graph3) snippet(s *Snippet) (id string) {
	r, d, ex := g.reader, g.d, &s.Extras
	var ref string
	for d.Object(); d.Next(); {
		switch key := string(d.Key()); key {
		case "spdxId", "@id":
			start := d.Offset()
			ref = d.String()
			ex.add(key, r.from(start))
		case "name":
			r.str(&s.Name, ex, "name")
		case "software_snippetFromFile":
			r.str(&s.File, ex, "software_snippetFromFile")
		case "software_byteRange", "software_lineRange":
			start := d.Offset()
			one := g.range3(key == "software_lineRange")
			*add(r, &s.Ranges) = one
			if d.Err() == nil {
				ex.add(key, r.from(start))
			}
		case "software_copyrightText":
			r.assertable(&s.Copyright, ex, "software_copyrightText")
		case "comment":
			r.str(&s.Comment, ex, "comment")
		default:
			r.extra(ex)
		}
	}
	s.ID = r.claim(ref, &s.at)
	return s.ID
}

func (g *graph3) range3(lines bool) SnippetRange {
	d, s := g.d, SnippetRange{Lines: lines}
	var none Extras
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "beginIntegerRange":
			g.integer(&s.Start, &none, "")
		case "endIntegerRange":
			g.integer(&s.End, &none, "")
		}
	}
	return s
}

// relationship reads one relationship, which is as many in the model as it has ends.
func (g *graph3) relationship(item *graph3Item, at place) {
	r, d, doc := g.reader, g.d, g.doc
	var ex Extras
	var from, word, scope, comment string
	var to []string
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "from":
			start := d.Offset()
			from = g.reference()
			ex.add("from", r.from(start))
		case "to":
			start := d.Offset()
			to = g.references()
			ex.add("to", r.from(start))
		case "relationshipType":
			r.str(&word, &ex, "relationshipType")
		case "scope":
			r.str(&scope, &ex, "scope")
			ex.set("scope", quoteJSON(scope))
		case "comment":
			r.str(&comment, &ex, "comment")
		default:
			r.extra(&ex)
		}
	}
	g.relations++
	item.entry = g.relations
	if len(to) == 0 {
		to = []string{""}
	}
	for i, end := range to {
		if d.Err() != nil {
			return
		}
		rel := Relationship{From: from, To: end, ToState: StateStated, Comment: comment, entry: item.entry, at: at}
		switch {
		case end == "":
			rel.ToState = StateEmpty
		case strings.HasSuffix(end, "NoneElement"):
			rel.To, rel.ToState = "", StateNone
		case strings.HasSuffix(end, "NoAssertionElement"):
			rel.To, rel.ToState = "", StateNoAssertion
		}
		rel.setWritten(word)
		if s, ok := scopes3[scope]; ok {
			rel.Scope = s
		}
		if i == 0 {
			rel.Extras = ex
		}
		*add(r, &doc.Relationships) = rel
	}
}

var scopes3 = map[string]Scope{
	"design": ScopeDesign, "development": ScopeDevelopment, "build": ScopeBuild,
	"test": ScopeTest, "runtime": ScopeRuntime, "other": ScopeOther,
}

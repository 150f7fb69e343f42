// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/HailBytes/evidence/internal/sbomterm"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sbom/spdxexpr"
)

// references gives every licence of the source that has no SPDX identifier a
// LicenseRef in the result: one for each name and text.
type references struct {
	byText map[referenceKey]int // index in out.ExtractedLicenses
	used   map[string]bool
	words  map[string]string // SPDX 3: what stands in expressions for a licence of the document
}

type referenceKey struct{ want, text string }

// reference returns the LicenseRef of a licence. It is l.ID unless a licence
// with another text has that.
func (c *converter) reference(l ExtractedLicense) string {
	r := &c.references
	if r.byText == nil {
		r.byText, r.used = map[referenceKey]int{}, map[string]bool{}
	}
	key := referenceKey{l.ID, l.Text}
	if i, ok := r.byText[key]; ok {
		known := &c.out.ExtractedLicenses[i]
		for _, url := range l.SeeAlso {
			if !slices.Contains(known.SeeAlso, url) {
				known.SeeAlso = append(known.SeeAlso, url)
			}
		}
		return known.ID
	}
	for n := 2; r.used[l.ID]; n++ {
		l.ID = key.want + "-" + strconv.Itoa(n)
	}
	r.used[l.ID] = true
	r.byText[key] = len(c.out.ExtractedLicenses)
	c.out.ExtractedLicenses = append(c.out.ExtractedLicenses, l)
	return l.ID
}

// spdx3Licenses carries the licence texts of an SPDX 3 document over, whose
// identifiers are addresses there.
func (c *converter) spdx3Licenses() {
	c.references.words = map[string]string{}
	for _, l := range c.doc.ExtractedLicenses {
		source, want := l.ID, ""
		for _, s := range []string{l.Name.String(), source} {
			if i := strings.LastIndex(s, "LicenseRef-"); i >= 0 && want == "" {
				want = sbomterm.LicenseRef(s[i:])
			}
		}
		if want == "" {
			want = sbomterm.LicenseRef(source[strings.LastIndexAny(source, "/#:")+1:])
		}
		l.ID, l.Extras = want, Extras{}
		id := c.reference(l)
		for _, word := range []string{source, want} {
			if _, ok := c.references.words[word]; !ok {
				c.references.words[word] = id
			}
		}
	}
}

// spdxLicenses returns the statements of each kind as one expression: SPDX 2 has one member for each.
func (c *converter) spdxLicenses(list []License, pointer string) []License {
	texts := map[LicenseKind][]string{}
	for i := range list {
		l := &list[i]
		kind := l.Kind
		if kind == LicenseUnspecified {
			kind = LicenseDeclared
		}
		text := c.spdxLicense(l, pointer+"/"+strconv.Itoa(i))
		if text != "" && !slices.Contains(texts[kind], text) {
			texts[kind] = append(texts[kind], text)
		}
	}
	var out []License
	for _, kind := range []LicenseKind{LicenseDeclared, LicenseConcluded} {
		if stated := texts[kind]; len(stated) > 0 {
			out = append(out, License{Kind: kind, Expression: assertable(conjunction(stated))})
		}
	}
	for _, text := range texts[LicenseFound] {
		out = append(out, License{Kind: LicenseFound, Expression: assertable(text)})
	}
	return out
}

// spdxLicense returns one statement as an expression of which every LicenseRef is defined.
func (c *converter) spdxLicense(l *License, pointer string) string {
	var none LicenseDetail
	detail := l.Detail
	if detail == nil {
		detail = &none
	}
	text := l.Expression.Written()
	if text == "" {
		if l.Name == "" {
			return ""
		}
		e := ExtractedLicense{ID: sbomterm.LicenseRef(l.Name), Name: NewText(l.Name)}
		if detail.URL != "" {
			e.SeeAlso = []string{detail.URL}
		}
		c.restoreLicense(&e, detail.Properties)
		return c.define(e, detail.Text, pointer+"/license", pointer+"/license/text")
	}
	c.goneAt(pointer+"/license/text", "text of a listed licence", detail.Text != nil)
	c.goneAt(pointer+"/license/url", "address of a listed licence", detail.URL != "")
	stated := map[string]expressionDetail{}
	for i, e := range expressionDetails(detail) {
		e.pointer = pointer + "/expressionDetails/" + strconv.Itoa(i)
		stated[e.Identifier] = e
	}
	return mapWords(text, func(word string) string {
		if id, ok := c.references.words[word]; ok {
			return id
		}
		if !strings.HasPrefix(word, "LicenseRef-") {
			return word
		}
		e := ExtractedLicense{ID: word}
		more, ok := stated[word]
		if !ok {
			return c.define(e, nil, pointer, "")
		}
		if more.URL != "" {
			e.SeeAlso = []string{more.URL}
		}
		return c.define(e, more.Text, more.pointer, more.pointer+"/text")
	})
}

// define returns the LicenseRef of a licence whose text is an attachment. What
// is no text cannot be carried over, and where there is none the name stands
// for it, for SPDX requires one.
func (c *converter) define(l ExtractedLicense, a *Attachment, pointer, textPointer string) string {
	if kept, ok := c.kept[l.ID]; ok && a == nil {
		return c.reference(kept)
	}
	text, ok := "", false
	if a != nil {
		if text, ok = plainText(a); !ok {
			c.lose(textPointer, lossNoField, "the licence is no text of %s and cannot be an extracted text", textfmt.Quote(cmp.Or(a.ContentType, "text/plain")))
		}
	}
	if text == "" {
		text = cmp.Or(l.Name.String(), l.ID)
		if _, known := c.references.byText[referenceKey{l.ID, text}]; !known {
			c.lose(pointer, lossAssumed, "no text of %s is stated; assumed to be its name", textfmt.Quote(text))
		}
	}
	l.Text = text
	return c.reference(l)
}

// expressionDetail is what CycloneDX 1.7 states of one licence of an expression.
type expressionDetail struct {
	Identifier string      `json:"licenseIdentifier"`
	URL        string      `json:"url"`
	Text       *Attachment `json:"text"`

	pointer string
}

func expressionDetails(l *LicenseDetail) (list []expressionDetail) {
	if raw := l.Outer.Get("expressionDetails"); raw != nil && json.Unmarshal(raw, &list) != nil {
		return nil
	}
	return list
}

// plainText returns the content of an attachment, and whether it is text.
func plainText(a *Attachment) (string, bool) {
	if a.Encoding == "" {
		return a.Content, true
	}
	media := strings.ToLower(a.ContentType)
	if a.Encoding != "base64" || media != "" && !strings.HasPrefix(media, "text/") {
		return "", false
	}
	content, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(a.Content), ""))
	if err != nil || !utf8.Valid(content) {
		return "", false
	}
	for _, b := range content {
		if b < ' ' && b != '\n' && b != '\r' && b != '\t' && b != '\f' {
			return "", false
		}
	}
	return string(content), true
}

// mapWords replaces the words of a licence expression.
func mapWords(expression string, word func(string) string) string {
	var b strings.Builder
	for len(expression) > 0 {
		n := strings.IndexAny(expression, " ()")
		switch {
		case n == 0:
			b.WriteByte(expression[0])
			expression = expression[1:]
			continue
		case n < 0:
			n = len(expression)
		}
		b.WriteString(word(expression[:n]))
		expression = expression[n:]
	}
	return b.String()
}

// conjunction joins expressions that all hold.
func conjunction(list []string) string {
	if len(list) == 1 {
		return list[0]
	}
	parts := make([]string, len(list))
	for i, s := range list {
		if strings.Contains(s, " ") {
			s = "(" + s + ")"
		}
		parts[i] = s
	}
	return strings.Join(parts, " AND ")
}

// maxRepeatedText bounds the licence texts that stand in a CycloneDX document more
// than once: in SPDX each stands once, and any number of packages names it. Real
// documents repeat a few hundred kilobytes.
const maxRepeatedText = 16 << 20

// cdxStatements returns the licences of a package or file in the form of
// CycloneDX: those of the component, those that were found in its files, and
// properties for what the list cannot hold beside them. A list holds either
// licences or one expression.
func (c *converter) cdxStatements(licenses []License, pointer string) (list, found []License, properties []Property) {
	var declared, concluded string
	var inFiles []string
	for i := range licenses {
		l := &licenses[i]
		text := l.Expression.String()
		switch {
		case text == "":
		case l.Kind == LicenseConcluded:
			concluded = text
		case l.Kind != LicenseFound:
			declared = text
		case !slices.Contains(inFiles, text):
			inFiles = append(inFiles, text)
		}
	}
	roles := c.target.Version == "1.6"
	kinds := [2]LicenseKind{LicenseDeclared, LicenseConcluded}
	if !roles {
		kinds = [2]LicenseKind{}
	}
	switch {
	case declared != "" && concluded != "" && roles && simple(declared) && simple(concluded):
		list = []License{c.cdxLicense(kinds[0], declared, true), c.cdxLicense(kinds[1], concluded, true)}
	case declared != "":
		list = []License{c.cdxLicense(kinds[0], declared, false)}
		if concluded != "" {
			c.keepTexts(concluded)
			properties = append(properties, Property{packageProperty + "licenseConcluded", concluded})
			c.lose(pointer+"/licenseConcluded", lossChanged, "kept as the property %q", packageProperty+"licenseConcluded")
		}
	case concluded != "":
		list = []License{c.cdxLicense(kinds[1], concluded, false)}
		if !roles {
			c.lose(pointer+"/licenseConcluded", lossChanged, "CycloneDX %s does not tell a concluded licence from a declared one", c.target.Version)
		}
	}
	if len(inFiles) == 1 || slices.ContainsFunc(inFiles, func(s string) bool { return !simple(s) }) {
		found = []License{c.cdxLicense(LicenseUnspecified, conjunction(inFiles), false)}
	} else {
		for _, text := range inFiles {
			found = append(found, c.cdxLicense(LicenseUnspecified, text, true))
		}
	}
	return list, found, properties
}

// simple reports whether an expression is one licence.
func simple(expression string) bool { return !strings.ContainsAny(expression, " ()") }

// cdxLicense returns an expression as a choice of CycloneDX. In a list with others only
// licences may stand: one without a listed identifier stands there by name.
func (c *converter) cdxLicense(kind LicenseKind, expression string, listed bool) License {
	if i, ok := c.extracted(expression); ok {
		return c.cdxExtracted(kind, i, expression)
	}
	if !listed {
		c.keepTexts(expression)
		return License{Kind: kind, Expression: NewText(expression), form: formExpression}
	}
	if info, ok := spdxexpr.Lookup(expression); ok && info.ID == expression {
		return License{Kind: kind, Expression: NewText(expression), form: formID}
	}
	return License{Kind: kind, Name: expression, form: formName}
}

// extracted returns the index of the licence of the source that an expression names by id.
func (c *converter) extracted(id string) (index int, ok bool) {
	if c.texts == nil {
		c.texts = map[string]int{}
		for i := range c.doc.ExtractedLicenses {
			e := &c.doc.ExtractedLicenses[i]
			ids := []string{e.ID}
			if c.doc.Format == FormatSPDX3JSON { // expressions name them by the end of their address
				for _, s := range []string{e.Name.String(), e.ID} {
					if at := strings.LastIndex(s, "LicenseRef-"); at >= 0 {
						ids = append(ids, s[at:])
					}
				}
			}
			for _, id := range ids {
				if _, ok := c.texts[id]; !ok {
					c.texts[id] = i
				}
			}
		}
		c.written = make([]bool, len(c.doc.ExtractedLicenses))
	}
	index, ok = c.texts[id]
	return index, ok
}

// cdxExtracted returns a licence of the document itself, with its text.
func (c *converter) cdxExtracted(kind LicenseKind, i int, id string) License {
	e := &c.doc.ExtractedLicenses[i]
	l := License{Kind: kind, Name: cmp.Or(e.Name.String(), id), form: formName}
	size := len(e.Text) + len(e.Comment) + len(strings.Join(e.SeeAlso, ""))
	if c.written[i] {
		if c.repeated += size; c.repeated > maxRepeatedText {
			c.keepText(i, id)
			l.Name = id // two licences may have one name
			return l
		}
	}
	c.written[i] = true
	detail := &LicenseDetail{}
	if e.Text != "" && e.Text != l.Name {
		detail.Text = &Attachment{Content: e.Text}
	}
	property := func(name, value string) {
		if value != "" {
			detail.Properties = append(detail.Properties, Property{licenseProperty + name, value})
		}
	}
	if sbomterm.LicenseRef(l.Name) != id {
		property("id", id)
	}
	for i, url := range e.SeeAlso {
		if i == 0 {
			detail.URL = url
		} else {
			property("seeAlso", url)
		}
	}
	property("comment", e.Comment)
	if detail.Text != nil || detail.URL != "" || len(detail.Properties) > 0 {
		l.Detail = detail
	}
	return l
}

// restoreLicense sets what cdxExtracted made properties of.
func (c *converter) restoreLicense(e *ExtractedLicense, properties []Property) {
	for _, p := range properties {
		switch name, ok := strings.CutPrefix(p.Name, licenseProperty); {
		case !ok:
		case name == "id" && sbomterm.LicenseRef(p.Value) == p.Value:
			e.ID = p.Value
		case name == "seeAlso":
			e.SeeAlso = append(e.SeeAlso, p.Value)
		case name == "comment":
			e.Comment = p.Value
		}
	}
}

// keepTexts keeps the licences of the document that an expression names.
func (c *converter) keepTexts(expression string) {
	mapWords(expression, func(word string) string {
		if i, ok := c.extracted(word); ok {
			c.keepText(i, word)
		}
		return word
	})
}

// keepText keeps a licence of the document as properties of the result, once.
func (c *converter) keepText(i int, id string) {
	e := &c.doc.ExtractedLicenses[i]
	if c.asProperty[i] {
		return
	}
	if c.asProperty == nil {
		c.asProperty = map[int]bool{}
	}
	c.asProperty[i], c.written[i] = true, true
	property := func(name, value string) {
		if value != "" {
			c.out.Properties = append(c.out.Properties, Property{licenseProperty + id + ":" + name, value})
		}
	}
	property("text", e.Text)
	property("name", said(e.Name))
	for _, url := range e.SeeAlso {
		property("seeAlso", url)
	}
	property("comment", e.Comment)
	c.lose(e.Position().Pointer, lossChanged, "the licence text is kept as the property %q", licenseProperty+id+":text")
}

// keepOtherTexts keeps the licences of the document that no component has.
func (c *converter) keepOtherTexts() {
	c.extracted("")
	for i, written := range c.written {
		if !written {
			c.keepText(i, c.doc.ExtractedLicenses[i].ID)
		}
	}
}

// readKeptTexts takes the licences out of properties that keepText made.
func (c *converter) readKeptTexts(properties []Property) (rest []Property) {
	c.kept = map[string]ExtractedLicense{}
	for _, p := range properties {
		name, ok := strings.CutPrefix(p.Name, licenseProperty)
		id, field, ok2 := strings.Cut(name, ":")
		if !ok || !ok2 || sbomterm.LicenseRef(id) != id {
			rest = append(rest, p)
			continue
		}
		e := c.kept[id]
		e.ID = id
		switch field {
		case "text":
			e.Text = p.Value
		case "name":
			e.Name = NewText(p.Value)
		case "seeAlso":
			e.SeeAlso = append(e.SeeAlso, p.Value)
		case "comment":
			e.Comment = p.Value
		default:
			rest = append(rest, p)
		}
		c.kept[id] = e
	}
	for _, id := range slices.Sorted(maps.Keys(c.kept)) {
		if e := c.kept[id]; e.Text == "" {
			e.Text = cmp.Or(e.Name.String(), id)
			c.kept[id] = e
		}
		c.reference(c.kept[id])
	}
	return rest
}

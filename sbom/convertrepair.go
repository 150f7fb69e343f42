// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/sbomterm"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sbom/spdxexpr"
)

// valid writes the document, mends or takes out what the target's schema
// refuses, and reads what is left.
func (c *converter) valid() (*Document, error) {
	text, err := c.out.Marshal()
	if err != nil {
		return nil, err
	}
	schema, err := schemaFor(c.target.Format, c.target.Version, "", false).get()
	if err != nil {
		return nil, err
	}
	problems, err := schema.Validate(text, evidence.Limits{})
	if err != nil {
		return nil, err
	}
	a, err := c.audit(text)
	if err != nil {
		return nil, err
	}
	if len(problems) == 0 {
		return Read(bytes.NewReader(text), nil)
	}
	r := &repair{converter: c, audit: a, tried: map[string]bool{}, gone: map[string]bool{}}
	if err := decodeJSON(text, &r.root); err != nil {
		return nil, err
	}
	const rounds = 100
	for range rounds {
		if err := r.round(problems); err != nil {
			return nil, err
		}
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(compact(r.root)); err != nil {
			return nil, err
		}
		if problems, err = schema.Validate(b.Bytes(), evidence.Limits{}); err != nil {
			return nil, err
		}
		if len(problems) == 0 && !r.dangling() {
			return Read(&b, nil)
		}
	}
	return nil, &evidence.Problem{Code: "sbom.convert", Severity: evidence.SeverityError, Err: evidence.ErrLimit, Message: "too much of the document has no place in the target"}
}

// cut takes a value out, and reports it as lost.
func (r *repair) cut(p *jsonPath, why string) {
	at, v := r.source(p), p.value()
	if p.cut() {
		r.lose(at, lossNotAllowed, "%s", why)
		r.forget(v)
	}
}

// forget notes the elements that a value held.
func (r *repair) forget(v any) {
	switch x := v.(type) {
	case []any:
		for _, e := range x {
			r.forget(e)
		}
	case map[string]any:
		if id := elementName(x); id != "" {
			r.gone[id] = true
		}
		for _, e := range x {
			r.forget(e)
		}
	}
}

// referring are the members that name other elements, one or a list.
var referring = []string{
	"ref", "dependsOn", "provides", "assemblies", "dependencies", "subjects",
	"spdxElementId", "relatedSpdxElement", "documentDescribes", "hasFiles", "fileDependencies", "snippetFromFile",
}

// dangling takes out what refers to elements that were taken out, and reports whether there was any.
func (r *repair) dangling() bool {
	if len(r.gone) == 0 {
		return false
	}
	var found []*jsonPath
	var walk func(v any, p jsonPath)
	walk = func(v any, p jsonPath) {
		step := func(token string) jsonPath {
			return jsonPath{append(slices.Clip(p.tokens), token), append(slices.Clip(p.values), v)}
		}
		switch x := v.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(x)) {
				if id, ok := x[name].(string); ok && r.gone[id] && slices.Contains(referring, name) {
					found = append(found, &p)
					return
				}
			}
			for _, name := range slices.Sorted(maps.Keys(x)) {
				walk(x[name], step(name))
			}
		case []any:
			list := len(p.tokens) > 0 && slices.Contains(referring, p.last())
			for i, e := range x {
				next := step(strconv.Itoa(i))
				if id, ok := e.(string); ok && list && r.gone[id] {
					found = append(found, &next)
				} else if !ok {
					walk(e, next)
				}
			}
		}
	}
	walk(r.root, jsonPath{})
	clear(r.gone)
	for _, p := range found {
		r.cut(p, "it refers to what has no place in the target")
	}
	return len(found) > 0
}

func decodeJSON(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(v)
}

// repair makes a document valid by the schema of the target.
type repair struct {
	*converter
	audit *audit
	root  any             // elements of arrays that are taken out stay there as removed{}
	tried map[string]bool // pointers that were mended
	gone  map[string]bool // identifiers of elements that were taken out
}

// removed stands for an element of an array that is taken out.
type removed struct{}

// round mends what the problems name, and takes out what was mended before or cannot be.
func (r *repair) round(problems evidence.Problems) error {
	seen := map[string]bool{}
	for _, p := range problems {
		if p.Code == "schema.more" || seen[p.Pointer] {
			continue
		}
		seen[p.Pointer] = true
		if p.Pointer == "" {
			return &evidence.Problem{Code: "sbom.convert", Severity: evidence.SeverityError, Err: evidence.ErrFormat, Message: "no valid document can be made of it: " + p.Message}
		}
		path, ok := r.follow(p.Pointer)
		if !ok {
			continue // in what was taken out in this round
		}
		if r.mend(path) {
			continue
		}
		r.cut(path, p.Message)
	}
	return nil
}

// jsonPath is the way from the root of a JSON document to a value.
type jsonPath struct {
	tokens []string // indexes count what was taken out too
	values []any    // of the containers; values[i][tokens[i]] is the next
}

func (p *jsonPath) pointer() string {
	var b strings.Builder
	for _, token := range p.tokens {
		b.WriteString("/" + jsonPointerToken(token))
	}
	return b.String()
}

func (p *jsonPath) last() string { return p.tokens[len(p.tokens)-1] }

// value returns what the path leads to.
func (p *jsonPath) value() any {
	v, _ := member(p.values[len(p.values)-1], p.last())
	return v
}

// owner returns the object that has the value as a member, nil if an array has it.
func (p *jsonPath) owner() map[string]any {
	m, _ := p.values[len(p.values)-1].(map[string]any)
	return m
}

// cut takes the value out, and reports whether it was there.
func (p *jsonPath) cut() bool {
	switch x := p.values[len(p.values)-1].(type) {
	case map[string]any:
		_, ok := x[p.last()]
		delete(x, p.last())
		return ok
	case []any:
		i, err := strconv.Atoi(p.last())
		if err != nil || i >= len(x) || x[i] == (removed{}) {
			return false
		}
		x[i] = removed{}
		return true
	}
	return false
}

// member returns a member of an object or an element of an array.
func member(v any, token string) (any, bool) {
	switch x := v.(type) {
	case map[string]any:
		e, ok := x[token]
		return e, ok
	case []any:
		if i, err := strconv.Atoi(token); err == nil && i >= 0 && i < len(x) {
			return x[i], true
		}
	}
	return nil, false
}

var pointerTokens = strings.NewReplacer("~1", "/", "~0", "~")

// follow returns the path that a pointer into the compacted document means.
func (r *repair) follow(pointer string) (*jsonPath, bool) {
	p, v := &jsonPath{}, r.root
	for token := range strings.SplitSeq(pointer[1:], "/") {
		token = pointerTokens.Replace(token)
		if list, ok := v.([]any); ok {
			want, err := strconv.Atoi(token)
			if err != nil {
				return nil, false
			}
			at := slices.IndexFunc(list, func(e any) bool {
				if e == (removed{}) {
					return false
				}
				want--
				return want < 0
			})
			if at < 0 {
				return nil, false
			}
			token = strconv.Itoa(at)
		}
		next, ok := member(v, token)
		if !ok {
			return nil, false
		}
		p.tokens, p.values = append(p.tokens, token), append(p.values, v)
		v = next
	}
	return p, true
}

// source returns the pointer into the source of what a path leads to in the result.
func (r *repair) source(p *jsonPath) string {
	if !r.crossed {
		return r.audit.existing(p.pointer())
	}
	pointer, v := "", any(nil)
	for _, container := range p.values {
		m, _ := container.(map[string]any)
		for _, name := range []string{"bom-ref", "SPDXID"} {
			if id, ok := m[name].(string); ok {
				if at, ok := r.audit.elements[id]; ok {
					pointer, v = at.pointer, at.value
				}
			}
		}
	}
	if m, ok := p.value().(map[string]any); ok {
		if at, ok := r.audit.elements[elementName(m)]; ok {
			return at.pointer
		}
	}
	if v == nil {
		v = r.audit.source
	}
	if text := firstText(p.value()); text != "" {
		if at, ok := find(v, pointer, text); ok {
			return at
		}
	}
	return pointer
}

// firstText returns a text of a value.
func firstText(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case []any:
		for _, e := range x {
			if s := firstText(e); s != "" {
				return s
			}
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(x)) {
			if s := firstText(x[name]); s != "" && !structural[name] {
				return s
			}
		}
	}
	return ""
}

// find returns the pointer of a text in a value.
func find(v any, pointer, text string) (string, bool) {
	switch x := v.(type) {
	case string:
		return pointer, x == text || strings.HasSuffix(x, " ("+text+")") // the address of a party
	case []any:
		for i, e := range x {
			if at, ok := find(e, pointer+"/"+strconv.Itoa(i), text); ok {
				return at, true
			}
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(x)) {
			if at, ok := find(x[name], pointer+"/"+jsonPointerToken(name), text); ok {
				return at, true
			}
		}
	}
	return "", false
}

// compact returns v without what was taken out, and leaves v as it is.
func compact(v any) any {
	switch x := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, e := range x {
			out[k] = compact(e)
		}
		return out
	case []any:
		out := make([]any, 0, len(x))
		for _, e := range x {
			if e != (removed{}) {
				out = append(out, compact(e))
			}
		}
		return out
	}
	return v
}

// mend puts a value in a form that an older version of CycloneDX allows, once.
func (r *repair) mend(p *jsonPath) bool {
	if !r.target.Format.CycloneDX() {
		return false
	}
	for i, token := range p.tokens { // what stands in a list of licences
		if token == "licenses" {
			p = &jsonPath{p.tokens[:i+1], p.values[:i+1]}
			break
		}
	}
	pointer := p.pointer()
	owner := p.owner()
	if r.tried[pointer] || owner == nil {
		return false
	}
	r.tried[pointer] = true
	switch value := p.value(); p.last() {
	case "licenses":
		if list, ok := value.([]any); ok {
			return r.mendLicenses(list, owner, r.source(p))
		}
	case "type":
		if _, named := owner["name"]; named && isComponent(p) {
			owner["type"] = string(TypeLibrary)
			r.lose(r.source(p), lossNotAllowed, "CycloneDX %s has no type %s; it becomes a library", r.target.Version, textfmt.Quote(firstText(value)))
			return true
		}
	case "identity":
		if list, ok := value.([]any); ok && len(list) > 0 {
			at := r.source(p)
			owner["identity"] = list[0]
			for i := 1; i < len(list); i++ {
				r.lose(at+"/"+strconv.Itoa(i), lossNotAllowed, "CycloneDX %s has evidence of one part of the identity", r.target.Version)
			}
			return true
		}
	case "authors", "manufacturer":
		return r.mendMakers(p, owner)
	}
	return false
}

// isComponent reports whether a path leads to a member of a component.
func isComponent(p *jsonPath) bool {
	if len(p.tokens) < 2 {
		return false
	}
	holder := p.tokens[len(p.tokens)-2]
	if _, err := strconv.Atoi(holder); err == nil && len(p.tokens) > 2 {
		holder = p.tokens[len(p.tokens)-3]
	}
	return slices.Contains([]string{"component", "components", "ancestors", "descendants", "variants"}, holder)
}

// mendMakers makes the author of a component before 1.6 of its authors or its manufacturer, and
// an author of the document of its manufacturer.
func (r *repair) mendMakers(p *jsonPath, owner map[string]any) bool {
	at, name := r.source(p), p.last()
	var names []string
	list, ok := p.value().([]any)
	if !ok {
		list = []any{p.value()}
	}
	for _, v := range list {
		maker, _ := v.(map[string]any)
		if s, _ := maker["name"].(string); s != "" {
			names = append(names, s)
		}
	}
	if len(names) == 0 {
		return false
	}
	switch _, taken := owner["author"]; {
	case !isComponent(p) && name == "manufacturer":
		authors, _ := owner["authors"].([]any)
		owner["authors"] = append(authors, map[string]any{"name": names[0]})
	case isComponent(p) && !taken:
		owner["author"] = strings.Join(names, ", ")
	default:
		return false
	}
	delete(owner, name)
	r.lose(at, lossChanged, "CycloneDX %s has no %s there; the name becomes that of the author", r.target.Version, name)
	for i, v := range list {
		maker, _ := v.(map[string]any)
		for _, field := range slices.Sorted(maps.Keys(maker)) {
			if field != "name" {
				pointer := at + "/" + field
				if ok {
					pointer = at + "/" + strconv.Itoa(i) + "/" + field
				}
				r.lose(pointer, lossNotAllowed, "CycloneDX %s has no %s of an author there", r.target.Version, field)
			}
		}
	}
	return true
}

// choice is one of a list of CycloneDX licences.
type choice struct {
	text       string // as an expression
	kind       string // acknowledgement
	expression bool
	object     map[string]any // as it stands in the list
	pointer    string
}

// mendLicenses rewrites a list of licences for a version before 1.7. It holds either
// licences or one expression; before 1.6 none of them has an acknowledgement.
func (r *repair) mendLicenses(list []any, owner map[string]any, pointer string) bool {
	var main, concluded []choice
	before := len(r.losses)
	for i, v := range list {
		x, ok := r.choice(v, pointer+"/"+strconv.Itoa(i))
		switch {
		case !ok:
		case x.kind == "concluded":
			concluded = append(concluded, x)
		default:
			main = append(main, x)
		}
	}
	if len(main) == 0 || len(concluded) > 0 && r.target.Version == "1.6" && !anyExpression(main) && !anyExpression(concluded) {
		main, concluded = slices.Concat(main, concluded), nil
	}
	if len(concluded) > 0 {
		text := conjunction(choiceTexts(concluded))
		properties, _ := owner["properties"].([]any)
		owner["properties"] = append(properties, map[string]any{"name": packageProperty + "licenseConcluded", "value": text})
		for _, x := range concluded {
			r.lose(x.pointer, lossChanged, "the concluded licence is kept as the property %q", packageProperty+"licenseConcluded")
			r.details(x)
		}
	}
	if len(main) > 1 && anyExpression(main) {
		one := map[string]any{"expression": conjunction(choiceTexts(main))}
		if kind := main[0].kind; kind != "" && r.target.Version == "1.6" && !slices.ContainsFunc(main, func(x choice) bool { return x.kind != kind }) {
			one["acknowledgement"] = kind
		}
		for _, x := range main {
			r.details(x)
		}
		r.lose(pointer, lossChanged, "the licences become one expression, for CycloneDX %s has no other list with expressions", r.target.Version)
		main = []choice{{object: one}}
	}
	out := make([]any, len(main))
	for i, x := range main {
		out[i] = x.object
	}
	owner["licenses"] = out
	return len(out) > 0 && len(r.losses) > before
}

func anyExpression(list []choice) bool {
	return slices.ContainsFunc(list, func(x choice) bool { return x.expression })
}

func choiceTexts(list []choice) (texts []string) {
	for _, x := range list {
		if x.text != "" && !slices.Contains(texts, x.text) {
			texts = append(texts, x.text)
		}
	}
	return texts
}

// choice reads a licence, and takes out of it what the version does not allow.
func (r *repair) choice(v any, pointer string) (x choice, ok bool) {
	x.object, ok = v.(map[string]any)
	x.pointer = pointer
	if !ok {
		return x, false
	}
	members, inner := []string{"expression", "bom-ref"}, x.object
	if x.text, x.expression = x.object["expression"].(string); !x.expression {
		r.allow(x.object, []string{"license"}, pointer)
		if inner, ok = x.object["license"].(map[string]any); !ok {
			return x, false
		}
		pointer += "/license"
		members = []string{"id", "name", "text", "url", "licensing", "properties", "bom-ref"}
		id, _ := inner["id"].(string)
		name, _ := inner["name"].(string)
		if info, known := spdxexpr.Lookup(id); id != "" && (!known || info.ID != id) {
			delete(inner, "id")
			inner["name"], name, id = id, id, ""
			r.lose(pointer+"/id", lossChanged, "%s is no listed identifier; it becomes a name", textfmt.Quote(name))
		}
		x.text = id
		if id == "" && name != "" {
			x.text = sbomterm.LicenseRef(name)
		}
	}
	x.kind, _ = inner["acknowledgement"].(string)
	if r.target.Version == "1.6" {
		members = append(members, "acknowledgement")
	}
	r.allow(inner, members, pointer)
	return x, true
}

// allow takes out what is not one of the members.
func (r *repair) allow(object map[string]any, members []string, pointer string) {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !slices.Contains(members, name) {
			delete(object, name)
			r.lose(pointer+"/"+jsonPointerToken(name), lossNotAllowed, "CycloneDX %s has no %s there", r.target.Version, name)
		}
	}
}

// details reports what a licence says that becomes a part of an expression.
func (r *repair) details(x choice) {
	at, inner := x.pointer+"/license", x.object["license"]
	if x.expression {
		at, inner = x.pointer, x.object
	}
	for _, name := range []string{"text", "url", "licensing", "properties", "bom-ref"} {
		if _, there := member(inner, name); there {
			r.lose(at+"/"+name, lossNoField, "an expression has no %s of its licences", name)
		}
	}
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"cmp"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Parse reads a manifest in canonical form: exactly the bytes that Marshal
// writes. It keeps data, which must not change afterwards.
//
// The error is a *Problem where data is not strict JSON, else Problems: all that
// is wrong with the document, each with JSON pointer, line and column. Members
// that are not known are no error; [Manifest.Check] names them.
func Parse(data []byte) (*Manifest, error) {
	m, problems, err := decode(data, nil)
	if err == nil {
		err = problems.Err()
	}
	if err != nil {
		return nil, err
	}
	if p := differs(m, data); p != nil {
		return nil, evidence.Problems{p}
	}
	return m, nil
}

// UnmarshalJSON implements json.Unmarshaler: as Parse, for a manifest that is a
// part of a larger document, whose white space and order are free.
func (m *Manifest) UnmarshalJSON(data []byte) error {
	read, problems, err := decode(bytes.Clone(data), nil)
	if err == nil {
		err = problems.Err()
	}
	if err == nil {
		*m = *read
	}
	return err
}

// decode reads and validates a document whose white space and order are free;
// with g, also one of another shape. The error is for a text that is not strict
// JSON, or not a manifest of this major version: then no more is said about it.
func decode(data []byte, g *guesses) (*Manifest, evidence.Problems, error) {
	r := &reader{
		d:      jsonstrict.NewBytes(data, jsonstrict.Options{Share: true, AllowBOM: g != nil}),
		data:   data,
		g:      g,
		failed: map[string]bool{},
	}
	m := &Manifest{raw: data}
	r.manifest(m)
	if err := cmp.Or(r.fatal, r.d.End()); err != nil {
		return nil, nil, err
	}
	var guessed evidence.Problems
	if r.foreign() {
		guessed = g.settle(m)
	}
	found := check(m)
	if g != nil {
		found = g.soften(found)
		m.Sort()
	}
	r.locate(data, append(guessed, found...))
	return m, r.found.told(), nil
}

// maxExtra bounds the members of a document that are not known, which are kept:
// later versions of the format may add a few to each file.
const maxExtra = 100_000

// reader builds a Manifest from JSON. It goes on after a problem of one value,
// so that all of them are told.
type reader struct {
	d      *jsonstrict.Decoder
	data   []byte
	g      *guesses // nil for a strict reading
	closed bool     // members that are not known are refused
	found  findings
	short  int             // elements too short to be any
	extra  int             // members that are not known
	fatal  error           // what makes every other problem pointless
	failed map[string]bool // pointers of the values that have a problem
}

// problem reports the value that d stands at or has just read.
func (r *reader) problem(code string, class error, format string, args ...any) {
	if r.found.full() {
		return
	}
	p := r.d.Problem(code, evidence.SeverityError, class, format, args...)
	r.found.add(p)
	r.failed[p.Pointer] = true
}

// refuse reports the value with a problem that was found without its place.
func (r *reader) refuse(err error) {
	var p *evidence.Problem
	if !errors.As(err, &p) {
		panic(err)
	}
	code := p.Code
	if code == "digest" {
		code = "manifest.digest"
	}
	r.problem(code, p.Err, "%s", p.Message)
}

// locate adds problems that were found in the value, giving them their places in
// data. A value that was not read has told its own problem already.
func (r *reader) locate(data []byte, found evidence.Problems) {
	var pointers []string
	found = slices.DeleteFunc(found, func(p *evidence.Problem) bool { return r.toldAbove(p.Pointer) })
	for _, p := range found {
		pointers = append(pointers, p.Pointer)
	}
	if len(found) > 0 {
		at := jsonstrict.Locate(data, pointers, jsonstrict.Options{AllowBOM: true})
		for _, p := range found {
			pos := at[p.Pointer]
			p.Offset, p.Line, p.Column = pos.Offset, pos.Line, pos.Column
		}
	}
	for _, p := range found {
		r.found.add(p)
	}
	r.found.list.Sort()
}

func (r *reader) toldAbove(pointer string) bool {
	if len(r.failed) == 0 {
		return false
	}
	for {
		if r.failed[pointer] {
			return true
		}
		i := strings.LastIndexByte(pointer, '/')
		if i < 0 {
			return false
		}
		pointer = pointer[:i]
	}
}

// is reports whether the next value is of kind k; if not, it says so and passes over it.
func (r *reader) is(k jsonstrict.Kind) bool {
	got := r.d.Kind()
	if got == k || got == jsonstrict.Invalid {
		return true // Invalid: the Decoder says what is wrong
	}
	r.d.Skip()
	if got == jsonstrict.Null && r.foreign() {
		r.guess("null is read as if the member were absent")
		return false
	}
	r.problem("manifest.type", evidence.ErrFormat, "got %s, want %s", got, k)
	return false
}

// string reads a string.
func (r *reader) string() string {
	if !r.is(jsonstrict.String) {
		return ""
	}
	s := r.d.String()
	switch {
	case s != "" || r.d.Err() != nil:
	case r.foreign():
		r.guess("an empty string is read as if the member were absent")
	default:
		r.problem("manifest.empty", evidence.ErrFormat, "an empty string; leave the member out where nothing is known")
	}
	return s
}

// names are the members of one type.
type names struct {
	known   map[string]string // to itself, so that a lookup gives a string that lasts
	list    []string
	aliases []alias // what other tools call them
}

func newNames(aliases []alias, list ...string) *names {
	n := &names{known: map[string]string{}, list: list, aliases: aliases}
	for _, name := range list {
		n.known[name] = name
	}
	return n
}

var (
	manifestNames = newNames(manifestAliases, "artifacts", "files", "gaps", "images", "product", "release", "schema", "version")
	releaseNames  = newNames(releaseAliases, "commit", "created", "repository", "tag")
	imageNames    = newNames(imageAliases, "digest", "name", "platform", "reference", "signing")
	signingNames  = newNames(nil, "bundle", "certificate", "certificateIdentity", "certificateIdentityRegexp", "certificateOidcIssuer", "status")
	artifactNames = newNames(nil, "id", "kind", "name", "sha256")
	fileNames     = newNames(fileAliases, "format", "image", "kind", "mediaType", "path", "sha256", "size", "tool")
	toolNames     = newNames(nil, "name", "version")
	gapNames      = newNames(gapAliases, "image", "kind", "reason", "target")
)

// members reads the object that is next: read is called with each known name,
// and must read the value; the others are kept in extra, or refused.
func (r *reader) members(n *names, extra *Extra, read func(name string)) {
	if !r.is(jsonstrict.Object) {
		return
	}
	if r.foreign() {
		r.foreignMembers(n, extra, read)
	} else {
		for r.d.Object(); r.d.Next(); {
			if name, ok := n.known[string(r.d.Key())]; ok {
				read(name)
			} else {
				r.unknown(n, extra)
			}
		}
	}
	if extra == nil {
		return
	}
	slices.SortFunc(*extra, func(a, b Member) int { return compareNames(a.Name, b.Name) })
}

// unknown keeps a member that is not known, unless it is a misspelling that some
// readers would take for a known one.
func (r *reader) unknown(n *names, extra *Extra) {
	name := string(r.d.Key())
	if known := n.sameButForCase(name); known != "" {
		r.d.Skip()
		r.problem("manifest.member-case", evidence.ErrFormat, "member %s is spelled %q", textfmt.Quote(name), known)
		return
	}
	if r.closed {
		r.d.Skip()
		r.problem("manifest.member-unknown", evidence.ErrFormat, "member %s is not known, want one of %s", textfmt.Quote(name), strings.Join(n.list, ", "))
		return
	}
	if r.extra++; r.extra > maxExtra {
		r.d.Fail(r.d.Problem("manifest.members", evidence.SeverityError, evidence.ErrLimit, "more than %d members that are not known", maxExtra))
		return
	}
	*extra = append(*extra, Member{name, bytes.Clone(r.d.Raw())})
}

func (n *names) sameButForCase(name string) string {
	for _, known := range n.list {
		if name != known && strings.EqualFold(name, known) {
			return known
		}
	}
	return ""
}

func (r *reader) manifest(m *Manifest) {
	seen := map[string]bool{}
	r.members(manifestNames, &m.Extra, func(name string) {
		top, _, _ := strings.Cut(name, "/")
		seen[top] = true
		switch name {
		case "schema":
			r.schema()
		case "product":
			m.Product = r.string()
		case "version":
			m.Version = r.string()
		case "release":
			r.release(&m.Release)
		case "images":
			m.Images = elements(r, (*reader).image)
		case "artifacts":
			m.Artifacts = elements(r, (*reader).artifact)
		case "files":
			m.Files = elements(r, (*reader).file)
		case "gaps":
			m.Gaps = elements(r, (*reader).gap)
		default:
			r.foreignTop(m, name)
		}
	})
	if r.d.Err() != nil || r.failed[""] {
		return
	}
	for _, name := range []string{"artifacts", "files", "gaps", "images", "release", "schema"} {
		if !seen[name] {
			r.missing(name)
		}
	}
}

// missing reports a top-level member that is not there.
func (r *reader) missing(name string) {
	p := newProblem("manifest.required", evidence.ErrFormat, "member %q is missing", name)
	p.Pointer, p.Line, p.Column = "/"+name, 1, 1
	if r.foreign() && !r.missed(p, name) {
		return
	}
	r.found.add(p)
	if p.Severity == evidence.SeverityError {
		r.failed[p.Pointer] = true // a guess must not hide an error below it
	}
}

func (r *reader) schema() {
	if r.foreign() && r.d.Kind() != jsonstrict.String {
		r.d.Skip()
		r.guess("the schema is not known")
		return
	}
	got := r.string()
	if got == SchemaV1 || got == "" {
		return
	}
	rest, ours := strings.CutPrefix(got, schemaPrefix+"v")
	major, _, _ := strings.Cut(rest, ".")
	if _, err := strconv.ParseUint(major, 10, 64); ours && err == nil {
		r.fatal = r.d.Problem("manifest.schema", evidence.SeverityError, evidence.ErrUnsupported, "the manifest is of version %s; this reader knows version 1", textfmt.Quote(rest))
		return
	}
	if r.foreign() {
		r.guess("schema %s is not known", textfmt.Quote(got))
		return
	}
	r.fatal = r.d.Problem("manifest.schema", evidence.SeverityError, evidence.ErrFormat, "schema is %s, want %q", textfmt.Quote(got), SchemaV1)
}

func (r *reader) release(v *Release) {
	r.members(releaseNames, &v.Extra, func(name string) {
		switch name {
		case "tag":
			v.Tag = r.string()
		case "commit":
			v.Commit = r.string()
		case "repository":
			v.Repository = r.string()
		case "created":
			v.Created = r.created()
		}
	})
}

func (r *reader) created() time.Time {
	if r.foreign() {
		return r.foreignTime()
	}
	s := r.string()
	if s == "" {
		return time.Time{}
	}
	t, err := parseCreated(s)
	if err != nil {
		r.refuse(err)
	}
	return t
}

// parseCreated parses the one form of RFC 3339 that a manifest has.
func parseCreated(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || !createdRE.MatchString(s) {
		return time.Time{}, newProblem("manifest.created", evidence.ErrFormat,
			"time %s is not of the form 2026-11-22T21:16:00Z (RFC 3339, UTC, whole seconds, 1970 or later)", textfmt.Quote(s))
	}
	return t, nil
}

func (r *reader) image(v *Image) {
	if r.foreign() && r.d.Kind() == jsonstrict.String {
		v.Reference = r.string()
		return
	}
	r.members(imageNames, &v.Extra, func(name string) {
		switch name {
		case "name":
			v.Name = r.string()
		case "reference":
			v.Reference = r.string()
		case "digest":
			v.Digest = r.digest(evidence.ParseDigest)
		case "platform":
			v.Platform = r.string()
		case "signing":
			r.signing(&v.Signing)
		}
	})
}

func (r *reader) digest(parse func(string) (evidence.Digest, error)) evidence.Digest {
	s := r.string()
	if s == "" {
		return evidence.Digest{}
	}
	if r.foreign() {
		parse = r.foreignDigest
	}
	d, err := parse(s)
	if err != nil {
		r.refuse(err)
	}
	return d
}

func (r *reader) signing(v *Signing) {
	r.members(signingNames, &v.Extra, func(name string) {
		switch name {
		case "status":
			v.Status = SigningStatus(r.string())
		case "certificateIdentity":
			v.CertificateIdentity = r.string()
		case "certificateIdentityRegexp":
			v.CertificateIdentityRegexp = r.string()
		case "certificateOidcIssuer":
			v.CertificateOIDCIssuer = r.string()
		case "certificate":
			v.Certificate = r.string()
		case "bundle":
			v.Bundle = r.string()
		}
	})
}

func (r *reader) artifact(v *Artifact) {
	r.members(artifactNames, &v.Extra, func(name string) {
		switch name {
		case "kind":
			v.Kind = ArtifactKind(r.string())
		case "name":
			v.Name = r.string()
		case "id":
			v.ID = r.string()
		case "sha256":
			v.SHA256 = r.digest(evidence.ParseSHA256[string])
		}
	})
}

func (r *reader) file(v *File) {
	v.Size = SizeUnknown
	if r.foreign() && r.d.Kind() == jsonstrict.String {
		v.Path = r.string()
		return
	}
	r.members(fileNames, &v.Extra, func(name string) {
		switch name {
		case "path":
			v.Path = r.string()
		case "sha256":
			v.SHA256 = r.sha256()
		case "size":
			v.Size = r.size()
		case "mediaType":
			v.MediaType = r.string()
		case "kind":
			v.Kind = Kind(r.string())
		case "format":
			v.Format = Format(r.string())
		case "image":
			v.Image = r.string()
		case "tool":
			r.tool(&v.Tool)
		}
	})
}

// sha256 is digest(ParseSHA256) without a string in between.
func (r *reader) sha256() evidence.Digest {
	if r.foreign() {
		return r.foreignSHA256()
	}
	if r.d.Kind() == jsonstrict.String {
		b := r.d.Bytes()
		d, err := evidence.ParseSHA256(b)
		if err != nil && r.d.Err() == nil {
			r.refuse(err)
		}
		return d
	}
	return r.digest(evidence.ParseSHA256[string])
}

// size reads an integer from 0 to MaxSize.
func (r *reader) size() int64 {
	if r.g != nil && r.d.Kind() == jsonstrict.String {
		return r.sizeText()
	}
	if !r.is(jsonstrict.Number) {
		return SizeUnknown
	}
	text := r.d.Number()
	if r.d.Err() != nil {
		return SizeUnknown
	}
	if n, ok := plainSize(text); ok {
		return n
	}
	n, err := parseSize(string(text))
	if err != nil {
		r.refuse(err)
	}
	return n
}

// plainSize parses a size as nearly all are written.
func plainSize(text []byte) (n int64, ok bool) {
	if len(text) > 15 {
		return 0, false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// parseSize parses a JSON number that is an integer, however it is written: the
// canonical form is a question of its own.
func parseSize(text string) (int64, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != math.Trunc(f) || f < 0 || f > float64(MaxSize) {
		return SizeUnknown, newProblem("manifest.size", evidence.ErrFormat, "size %s is not an integer from 0 to %d", textfmt.Quote(text), MaxSize)
	}
	return int64(f), nil
}

func (r *reader) tool(v *Tool) {
	if r.foreign() && r.d.Kind() == jsonstrict.String {
		v.Name = r.string()
		return
	}
	r.members(toolNames, &v.Extra, func(name string) {
		switch name {
		case "name":
			v.Name = r.string()
		case "version":
			v.Version = r.string()
		}
	})
	if v.IsZero() && !r.foreign() && r.d.Err() == nil && !r.failed[r.d.Pointer()] {
		r.problem("manifest.required", evidence.ErrFormat, "member %q is missing", "name") // IsZero stands for no tool at all
	}
}

func (r *reader) gap(v *Gap) {
	r.members(gapNames, &v.Extra, func(name string) {
		switch name {
		case "kind":
			v.Kind = Kind(r.string())
		case "image":
			v.Image = r.string()
		case "reason":
			v.Reason = r.string()
		case "target":
			v.Target = r.target()
		}
	})
}

func (r *reader) target() Target {
	s := r.string()
	if s == "" {
		return Target{}
	}
	t, err := ParseTarget(s)
	switch {
	case err == nil:
	case r.foreign():
		r.guess("target %s is neither a date nor a quarter; it is left out", textfmt.Quote(s))
	default:
		r.refuse(err)
	}
	return t
}

// tooShort stops a reading of more elements than can be: one in memory takes ten
// times the bytes that the shortest real one has, but a hundred times those of "{}".
func (r *reader) tooShort(n int64) {
	const shortest = len(`{"glob":"*","x":"x"}`)
	if n >= int64(shortest) {
		return
	}
	if r.short++; r.short > maxProblems {
		r.d.Fail(r.d.Problem("manifest.required", evidence.SeverityError, evidence.ErrFormat, "more than %d elements without the members that they need", maxProblems))
	}
}

// expected guesses how many elements follow those n that were read of the list
// at hand, from the bytes that they took. Growing a long list step by step would
// copy it several times.
func (r *reader) expected(n int) int {
	if n < 4 {
		return 4
	}
	read := r.d.Offset()
	return int((int64(len(r.data))-read)*int64(n)/read) + 4
}

// elements reads the array that is next into a list that is not nil.
func elements[T any](r *reader, read func(*reader, *T)) []T {
	list := []T{}
	if !r.is(jsonstrict.Array) {
		return list
	}
	for r.d.Array(); r.d.Next(); {
		if len(list) == cap(list) {
			list = slices.Grow(list, r.expected(len(list)))
		}
		list = append(list, *new(T))
		start, at := r.d.Offset(), ""
		if r.foreign() {
			at = r.enter(strconv.Itoa(len(list) - 1))
		}
		read(r, &list[len(list)-1])
		r.leave(at)
		r.tooShort(r.d.Offset() - start)
	}
	return list
}

// differs compares data with the canonical form of m. It returns the first place
// where they differ, nil if nowhere.
func differs(m *Manifest, data []byte) *evidence.Problem {
	at := 0
	var want []byte
	w := &writer{buf: make([]byte, 0, 2*flushBytes)}
	w.flush = func(written []byte) bool {
		if want != nil {
			return false
		}
		if bytes.HasPrefix(data[at:], written) {
			at += len(written)
			return true
		}
		n := 0
		for at < len(data) && n < len(written) && data[at] == written[n] {
			at, n = at+1, n+1
		}
		want = append([]byte{}, written[n:min(len(written), n+64)]...)
		return false
	}
	w.manifest(m)
	w.send()
	if want == nil && at == len(data) {
		return nil
	}
	return notCanonical(data, at, want)
}

// notCanonical says what stands at the offset, and what should.
func notCanonical(data []byte, at int, want []byte) *evidence.Problem {
	p := newProblem("manifest.canonical", evidence.ErrFormat, "not in canonical form: got %s, want %s",
		excerpt(data[at:]), excerpt(want))
	before := data[:at]
	p.Offset = int64(at)
	p.Line = bytes.Count(before, []byte{'\n'}) + 1
	p.Column = at - bytes.LastIndexByte(before, '\n')
	p.Pointer = pointerAt(data, int64(at))
	return p
}

// excerpt quotes the start of text, at most one line of it.
func excerpt(text []byte) string {
	if len(text) == 0 {
		return "the end"
	}
	line := text
	if i := bytes.IndexByte(text, '\n'); i > 0 {
		line = text[:i]
	}
	return textfmt.Quote(string(line[:min(len(line), 32)]))
}

// pointerAt returns the pointer of the value that holds the offset, or stands before it.
func pointerAt(data []byte, at int64) string {
	d := jsonstrict.NewBytes(data, jsonstrict.Options{AllowBOM: true})
	pointer := ""
	var walk func() bool
	visit := func() bool {
		if d.Pos().Offset > at {
			return false
		}
		pointer = d.Pointer()
		return walk()
	}
	walk = func() bool {
		switch d.Kind() {
		case jsonstrict.Object:
			for d.Object(); d.Next(); {
				if !visit() {
					return false
				}
			}
		case jsonstrict.Array:
			for d.Array(); d.Next(); {
				if !visit() {
					return false
				}
			}
		default:
			d.Skip()
		}
		return d.Err() == nil
	}
	walk()
	return pointer
}

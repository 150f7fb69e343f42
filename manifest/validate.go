// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Validate returns everything that is wrong with m, all at once, as Problems:
// nil means that Marshal writes it and Parse accepts that.
func (m *Manifest) Validate() error {
	return m.Check().Err()
}

// Check returns what Validate does, and also what is worth knowing: at
// SeverityWarning a gap whose evidence is there, at SeverityInfo members and
// formats that this package does not know. Pointers, lines and columns are those
// of the canonical form, which for a manifest from [Parse] is the document.
func (m *Manifest) Check() evidence.Problems {
	problems := check(m)
	if len(problems) == 0 {
		return nil
	}
	text := m.canonical()
	pointers := make([]string, len(problems))
	for i, p := range problems {
		pointers[i] = p.Pointer
	}
	at := jsonstrict.Locate(text, pointers, jsonstrict.Options{})
	for _, p := range problems {
		pos := at[p.Pointer]
		p.Offset, p.Line, p.Column = pos.Offset, pos.Line, pos.Column
	}
	problems.Sort()
	return problems
}

// check returns the problems of m with their pointers only.
func check(m *Manifest) evidence.Problems {
	c := newChecker(m)
	c.all()
	return c.found.told()
}

func newChecker(m *Manifest) *checker {
	return &checker{m: m, images: map[string]bool{}, fine: map[sharedFacts]bool{}}
}

func (c *checker) all() {
	m, top := c.m, scope{c: c}
	top.matches("product", "product", m.Product, productRE, maxName, "lower-case words joined by \"-\"")
	c.version(m.Version)
	top.extra(manifestNames, m.Extra)
	c.release(&m.Release)
	for i := range m.Images {
		c.image(scope{c, "/images", i}, &m.Images[i])
	}
	c.artifacts()
	c.files()
	for i := range m.Images {
		c.signing(scope{c, scope{c, "/images", i}.pointer("signing"), -1}, &m.Images[i])
	}
	c.gaps()
}

type checker struct {
	m       *Manifest
	partial bool // m is what a configuration says: evidence gives the rest
	found   findings
	images  map[string]bool       // names
	fine    map[sharedFacts]bool  // sets of facts without a problem
	paths   map[string]int        // index of the file, once asked for
	present map[declarable]string // a path or image that shows the evidence, once asked for
}

// declarable is what a gap may declare absent; the image is empty for the whole release.
type declarable struct {
	kind  Kind
	image string
}

// sharedFacts is what many files have in common. One set of them is checked once.
type sharedFacts struct {
	kind                                    Kind
	format                                  Format
	mediaType, image, toolName, toolVersion string
}

// scope is the object that is being checked.
type scope struct {
	c     *checker
	at    string // pointer of the object, or of its list
	index int    // in the list; negative for an object that is in none
}

// pointer returns the pointer of a member, "" for the object itself.
func (s scope) pointer(member string) string {
	p := s.at
	if s.at != "" && s.index >= 0 {
		p += "/" + strconv.Itoa(s.index)
	}
	if member != "" {
		p += "/" + member
	}
	return p
}

// add reports an error.
func (s scope) add(member, code string, class error, format string, args ...any) {
	s.grade(evidence.SeverityError, member, code, class, format, args...)
}

// grade reports a problem of any severity.
func (s scope) grade(severity evidence.Severity, member, code string, class error, format string, args ...any) {
	if s.c.found.full() {
		return
	}
	p := newProblem(code, class, format, args...)
	p.Severity, p.Pointer = severity, s.pointer(member)
	s.c.found.add(p)
}

func (s scope) required(member string) {
	if s.c.partial && !slices.Contains(alwaysRequired, member) {
		return
	}
	s.add(member, "manifest.required", evidence.ErrFormat, "member %q is missing", member)
}

// alwaysRequired are the members that a configuration must give, too: of images,
// artifacts, tools and gaps.
var alwaysRequired = []string{"name", "kind", "reason", "glob"}

// matches checks a required string of ASCII letters against its pattern.
func (s scope) matches(member, rule, value string, re *regexp.Regexp, most int, want string) bool {
	switch {
	case value == "":
		s.required(member)
	case len(value) > most:
		s.add(member, "manifest."+rule, evidence.ErrFormat, "%s has %d bytes, at most %d are allowed", member, len(value), most)
	case !re.MatchString(value):
		s.add(member, "manifest."+rule, evidence.ErrFormat, "%s %s is not %s", member, textfmt.Quote(value), want)
	default:
		return true
	}
	return false
}

// optional is matches for a string that may be absent.
func (s scope) optional(member, rule, value string, re *regexp.Regexp, most int, want string) {
	if value != "" {
		s.matches(member, rule, value, re, most, want)
	}
}

// text checks a string for people that may be absent.
func (s scope) text(member, value string) {
	if n := utf8.RuneCountInString(value); n > maxText {
		s.add(member, "manifest.text", evidence.ErrFormat, "%s has %d characters, at most %d are allowed", member, n, maxText)
	}
	if i := strings.IndexFunc(value, hidden); i >= 0 {
		r, _ := utf8.DecodeRuneInString(value[i:])
		s.add(member, "manifest.text", evidence.ErrUnsafe, "%s holds the character U+%04X", member, r)
	} else if !utf8.ValidString(value) {
		s.add(member, "manifest.text", evidence.ErrFormat, "%s is not UTF-8", member)
	}
}

// hidden reports the characters that textPattern excludes.
func hidden(r rune) bool {
	return r < ' ' || r >= 0x7f && r <= 0x9f || r == 0x61c || r >= 0x200b && r <= 0x200f ||
		r >= 0x2028 && r <= 0x202e || r >= 0x2060 && r <= 0x206f || r == 0xfeff
}

// requiredText checks a string for people that must be there.
func (s scope) requiredText(member, value string) {
	if value == "" {
		s.required(member)
	}
	s.text(member, value)
}

// extra checks the members that are not known, and reports them.
func (s scope) extra(n *names, extra Extra) {
	seen := make(map[string]bool, len(extra))
	for _, m := range extra {
		of := scope{s.c, s.pointer("") + "/" + jsonstrict.EscapePointer(m.Name), -1}
		_, known := n.known[m.Name]
		name := textfmt.Quote(m.Name)
		switch correct := n.sameButForCase(m.Name); {
		case known || seen[m.Name]:
			of.add("", "manifest.member-duplicate", evidence.ErrFormat, "member %s is there twice", name)
		case correct != "":
			of.add("", "manifest.member-case", evidence.ErrFormat, "member %s is spelled %q", name, correct)
		case !utf8.ValidString(m.Name) || strings.Contains(m.Name, "\x00"):
			of.add("", "manifest.text", evidence.ErrFormat, "member name %s is not UTF-8 without U+0000", name)
		default:
			of.extraValue(name, m.Value)
		}
		seen[m.Name] = true
	}
}

// extraValue checks that a value can be kept, and reports it.
func (s scope) extraValue(name string, value []byte) {
	d := jsonstrict.NewBytes(value, jsonstrict.Options{})
	exact := (&writer{}).value(d)
	if err := d.End(); err != nil {
		s.add("", "manifest.type", evidence.ErrFormat, "the value of member %s is not JSON: %v", name, err)
	} else if !exact {
		s.add("", "manifest.number", evidence.ErrFormat, "member %s holds a number that a double cannot keep (RFC 8785 section 3.2.2.3)", name)
	} else {
		s.grade(evidence.SeverityInfo, "", "manifest.member-unknown", nil, "member %s is not known; it is kept", name)
	}
}

func (c *checker) version(v string) {
	s := scope{c: c}
	const want = "two or three decimal numbers without leading zeros, such as 1.482"
	if !s.matches("version", "version", v, versionRE, maxName, want) {
		return
	}
	for part := range strings.SplitSeq(v, ".") {
		if n, err := strconv.ParseInt(part, 10, 64); err != nil || n > MaxSize {
			s.add("version", "manifest.version", evidence.ErrFormat, "version %s has a number above %d", textfmt.Quote(v), MaxSize)
		}
	}
}

func (c *checker) release(r *Release) {
	s := scope{c, "/release", -1}
	s.matches("tag", "tag", r.Tag, tagRE, 255, "the name of a git tag")
	s.optional("commit", "commit", r.Commit, commitRE, 64, "a commit id of 40 or 64 lower-case hexadecimal digits")
	s.optional("repository", "repository", r.Repository, repositoryRE, maxText, "an https URL without user, query and fragment")
	switch created := r.Created.UTC(); {
	case r.Created.IsZero():
		s.required("created")
	case !createdRE.MatchString(created.Format(time.RFC3339Nano)):
		s.add("created", "manifest.created", evidence.ErrFormat, "time %s has not whole seconds, or not a year from 1970 to 9999", created.Format(time.RFC3339Nano))
	}
	s.extra(releaseNames, r.Extra)
}

func (c *checker) image(s scope, i *Image) {
	if s.matches("name", "image-name", i.Name, imageNameRE, maxName, imageNameForm) {
		if c.images[i.Name] {
			s.add("name", "manifest.duplicate", evidence.ErrFormat, "image %s is listed twice", textfmt.Quote(i.Name))
		}
		c.images[i.Name] = true
	}
	if i.Digest.IsZero() {
		s.required("digest")
	}
	if s.matches("reference", "reference", i.Reference, referenceRE, maxText, "an image reference such as ghcr.io/owner/name:tag") {
		if _, digest, found := strings.Cut(i.Reference, "@"); found && digest != i.Digest.String() && !i.Digest.IsZero() {
			s.add("reference", "manifest.reference", evidence.ErrMismatch, "the reference names digest %s, the image has %s", digest, i.Digest)
		}
	}
	s.optional("platform", "platform", i.Platform, platformRE, maxName, "of the form os/architecture[/variant]")
	s.extra(imageNames, i.Extra)
}

// signing checks the claim of an image once the files are known to be in order.
func (c *checker) signing(s scope, i *Image) {
	v := &i.Signing
	if c.partial && v.isZero() {
		return
	}
	identity := v.CertificateIdentity != "" || v.CertificateIdentityRegexp != ""
	switch v.Status {
	case "":
		s.add("status", "manifest.required", evidence.ErrFormat, "member %q is missing", "status")
	case Unsigned:
		if identity || v.CertificateOIDCIssuer != "" || v.Certificate != "" || v.Bundle != "" {
			s.add("", "manifest.signing", evidence.ErrFormat, "an unsigned image has no identity, issuer, certificate or bundle")
		}
	case Signed:
		if !identity && v.Certificate == "" && v.Bundle == "" && !c.partial {
			s.add("", "manifest.signing", evidence.ErrFormat, "a signed image has an identity, a certificate or a bundle")
		}
	default:
		s.add("status", "manifest.signing", evidence.ErrFormat, "status %s is neither %q nor %q", textfmt.Quote(string(v.Status)), Signed, Unsigned)
	}
	if v.CertificateIdentity != "" && v.CertificateIdentityRegexp != "" {
		s.add("", "manifest.signing", evidence.ErrFormat, "certificateIdentity and certificateIdentityRegexp exclude each other")
	}
	if identity != (v.CertificateOIDCIssuer != "") {
		s.add("", "manifest.signing", evidence.ErrFormat, "an identity and certificateOidcIssuer need each other")
	}
	s.text("certificateIdentity", v.CertificateIdentity)
	s.text("certificateIdentityRegexp", v.CertificateIdentityRegexp)
	s.text("certificateOidcIssuer", v.CertificateOIDCIssuer)
	if _, err := regexp.Compile(v.CertificateIdentityRegexp); err != nil {
		s.add("certificateIdentityRegexp", "manifest.signing", evidence.ErrFormat, "not a pattern of RE2: %v", err)
	}
	c.pointsTo(s, i, "certificate", v.Certificate, KindCertificate)
	c.pointsTo(s, i, "bundle", v.Bundle, KindSignature, KindAttestation)
	s.extra(signingNames, v.Extra)
}

// pointsTo checks that a path in an image's signing is a file of the pack, of
// one of the kinds, and not about another image.
func (c *checker) pointsTo(s scope, i *Image, member, path string, kinds ...Kind) {
	if path == "" {
		return
	}
	if p := checkPath(path); p != nil {
		s.add(member, p.Code, p.Err, "%s", p.Message)
		return
	}
	if c.partial {
		return
	}
	if c.paths == nil {
		c.paths = make(map[string]int, len(c.m.Files))
		for at := range c.m.Files {
			c.paths[c.m.Files[at].Path] = at
		}
	}
	at, found := c.paths[path]
	if !found {
		s.add(member, "manifest.signing", evidence.ErrMismatch, "%s %s is not among the files", member, textfmt.Quote(path))
		return
	}
	f := &c.m.Files[at]
	if !slices.Contains(kinds, f.Kind) {
		s.add(member, "manifest.signing", evidence.ErrMismatch, "%s %s is of kind %s, want %s", member, textfmt.Quote(path), textfmt.Quote(string(f.Kind)), orKinds(kinds))
	}
	if f.Image != "" && f.Image != i.Name {
		s.add(member, "manifest.signing", evidence.ErrMismatch, "%s %s is about image %s", member, textfmt.Quote(path), textfmt.Quote(f.Image))
	}
}

func orKinds(kinds []Kind) string {
	text := string(kinds[0])
	for _, k := range kinds[1:] {
		text += " or " + string(k)
	}
	return text
}

func (c *checker) artifacts() {
	seen := map[[3]string]bool{}
	for i := range c.m.Artifacts {
		a, s := &c.m.Artifacts[i], scope{c, "/artifacts", i}
		c.artifact(s, a)
		key := [3]string{string(a.Kind), a.Name, a.ID}
		if seen[key] {
			s.add("", "manifest.duplicate", evidence.ErrFormat, "%s %s is listed twice", a.Kind, textfmt.Quote(a.Name))
		}
		seen[key] = true
	}
}

func (c *checker) artifact(s scope, a *Artifact) {
	if a.Kind == "" {
		s.required("kind")
	} else if !slices.Contains(artifactKinds, a.Kind) {
		s.add("kind", "manifest.kind", evidence.ErrFormat, "kind %s is not one of %v", textfmt.Quote(string(a.Kind)), artifactKinds)
	}
	s.requiredText("name", a.Name)
	s.text("id", a.ID)
	if alg := a.SHA256.Algorithm(); alg != "" && alg != evidence.SHA256 {
		s.add("sha256", "manifest.digest", evidence.ErrFormat, "digest of algorithm %s, want %s", alg, evidence.SHA256)
	}
	s.extra(artifactNames, a.Extra)
}

func (c *checker) files() {
	files := c.m.Files
	var seen map[string]struct{} // all paths so far, from the first that is out of order on
	for i := range files {
		if c.found.full() {
			return
		}
		s := scope{c, "/files", i}
		c.file(s, &files[i])
		path := files[i].Path
		if seen == nil && (i == 0 || path > files[i-1].Path) {
			continue
		}
		if seen == nil {
			seen = make(map[string]struct{}, len(files))
			for j := range i {
				seen[files[j].Path] = struct{}{}
			}
			if path < files[i-1].Path {
				s.add("path", "manifest.order", evidence.ErrFormat, "path %s stands after %s; files are sorted bytewise", textfmt.Quote(path), textfmt.Quote(files[i-1].Path))
			}
		}
		if _, twice := seen[path]; twice && path != "" {
			s.add("path", "manifest.duplicate", evidence.ErrFormat, "path %s is listed twice", textfmt.Quote(path))
		}
		seen[path] = struct{}{}
	}
}

func (c *checker) file(s scope, f *File) {
	switch {
	case f.Path == "":
		s.required("path")
	case strings.EqualFold(f.Path, Name):
		s.add("path", "manifest.path", evidence.ErrFormat, "%s does not list itself", Name)
	default:
		if p := checkPath(f.Path); p != nil {
			s.add("path", p.Code, p.Err, "%s", p.Message)
		}
	}
	switch f.SHA256.Algorithm() {
	case evidence.SHA256:
	case "":
		s.required("sha256")
	default:
		s.add("sha256", "manifest.digest", evidence.ErrFormat, "digest of algorithm %s, want %s", f.SHA256.Algorithm(), evidence.SHA256)
	}
	switch {
	case f.Size == SizeUnknown:
		s.required("size")
	case f.Size < 0 || f.Size > MaxSize:
		s.add("size", "manifest.size", evidence.ErrFormat, "size %d is not from 0 to %d", f.Size, MaxSize)
	}
	facts := sharedFacts{f.Kind, f.Format, f.MediaType, f.Image, f.Tool.Name, f.Tool.Version}
	if !c.fine[facts] {
		before := c.found.errors + c.found.notes
		c.shared(s, f)
		if len(c.fine) < maxProblems { // where all files differ, it would only grow
			c.fine[facts] = before == c.found.errors+c.found.notes
		}
	}
	if f.Tool.Extra != nil || f.Extra != nil {
		scope{c, s.pointer("tool"), -1}.extra(toolNames, f.Tool.Extra)
		s.extra(fileNames, f.Extra)
	}
}

// shared checks the facts that many files have in common.
func (c *checker) shared(s scope, f *File) {
	s.matches("mediaType", "media-type", f.MediaType, mediaTypeRE, maxText, "a media type in lower case")
	c.fileKind(s, f.Kind)
	c.format(s, f.Kind, f.Format)
	c.knownImage(s, f.Image)
	c.tool(s, &f.Tool)
}

func (c *checker) fileKind(s scope, k Kind) {
	if k == "" {
		s.required("kind")
	} else if !k.OfFile() {
		s.add("kind", "manifest.kind", evidence.ErrFormat, "kind %s is not one of %v", textfmt.Quote(string(k)), fileKinds)
	}
}

// format checks a format alone, and with the kind where there is one.
func (c *checker) format(s scope, k Kind, f Format) {
	if f == "" || !s.matches("format", "format", string(f), formatRE, maxName, "a token of lower-case letters and digits") {
		return
	}
	if !f.Known() {
		s.grade(evidence.SeverityInfo, "format", "manifest.format-unknown", nil, "format %s is not known", textfmt.Quote(string(f)))
	} else if k.OfFile() && !f.fits(k) {
		s.add("format", "manifest.format", evidence.ErrMismatch, "format %s is of kind %s, the file of kind %s", f, orKinds(f.Kinds()), k)
	}
}

func (c *checker) tool(s scope, t *Tool) {
	if t.IsZero() {
		return
	}
	tool := scope{c, s.pointer("tool"), -1}
	tool.requiredText("name", t.Name)
	tool.text("version", t.Version)
}

// knownImage checks the member "image". A configuration may name images that
// only the evidence shows.
func (c *checker) knownImage(s scope, name string) {
	switch {
	case name == "" || c.images[name]:
	case c.partial:
		s.optional("image", "image-name", name, imageNameRE, maxName, imageNameForm)
	default:
		s.add("image", "manifest.image", evidence.ErrMismatch, "image %s is not among the images", textfmt.Quote(name))
	}
}

func (c *checker) gaps() {
	seen := map[[2]string]bool{}
	for i := range c.m.Gaps {
		g, s := &c.m.Gaps[i], scope{c, "/gaps", i}
		if g.Kind == "" {
			s.required("kind")
		} else if !g.Kind.OfGap() {
			s.add("kind", "manifest.kind", evidence.ErrFormat, "kind %s is not one of %v", textfmt.Quote(string(g.Kind)), GapKinds())
		}
		s.requiredText("reason", g.Reason)
		s.extra(gapNames, g.Extra)
		c.knownImage(s, g.Image)
		key := [2]string{string(g.Kind), g.Image}
		if seen[key] {
			s.add("", "manifest.duplicate", evidence.ErrFormat, "gap %s is declared twice", textfmt.Quote(string(g.Kind)))
		}
		seen[key] = true
		if c.partial {
			continue
		}
		if what := c.evidence()[declarable{g.Kind, g.Image}]; what != "" {
			s.grade(evidence.SeverityWarning, "", "manifest.gap-present", evidence.ErrMismatch, "%s is declared absent, but %s", g.Kind, what)
		}
	}
}

// evidence says what the release holds of all that gaps may declare absent.
func (c *checker) evidence() map[declarable]string {
	if c.present != nil {
		return c.present
	}
	c.present = map[declarable]string{}
	note := func(k Kind, image, what, verb string) {
		for _, e := range []declarable{{k, image}, {k, ""}} {
			if c.present[e] == "" {
				c.present[e] = textfmt.Quote(what) + verb
			}
		}
	}
	for i := range c.m.Files {
		f := &c.m.Files[i]
		if f.Kind == KindOther { // says nothing about what it is
			continue
		}
		note(f.Kind, f.Image, f.Path, " is there")
	}
	for i := range c.m.Images {
		if img := &c.m.Images[i]; img.Signing.Status == Signed {
			note(KindImageSigning, img.Name, img.Name, " is signed")
		}
	}
	return c.present
}

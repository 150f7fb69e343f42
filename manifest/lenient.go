// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// ParseLenient reads a manifest of any form that can be understood, and returns
// with it all that is worth knowing: what it had to guess, what is missing, what
// is not known, each with JSON pointer, line and column in data. It keeps data,
// which must not change afterwards.
//
// A document of [SchemaV1] may differ from the canonical form in white space, in
// order and by a byte order mark, and may give sizes as strings. Everything else
// is as [Parse] has it.
//
// A document of another schema or none, or whose files are not a list, is taken
// for one that another tool wrote. Its files are a list of objects, or a map from
// path to digest or object, under "files", "contents", "entries", "checksums",
// "hashes" or "artifacts", or digests as members of the document itself. Members
// may have the names that such tools give them (product_name, git_commit,
// created_at, filename, hash, size_bytes, mime_type, ...), and what is missing but
// for paths and digests is a warning. Then [Manifest.Validate] fails, and so does
// Marshal: sizes are [SizeUnknown], strings and lists empty.
//
// Refused all the same, as an error that is a *Problem or Problems: what is not
// strict JSON (repeated names among it), names that differ from known ones only in
// case, digests that are malformed, missing or of another algorithm, paths that
// break a rule or are there twice, values of another type, another major version.
func ParseLenient(data []byte) (*Manifest, evidence.Problems, error) {
	m, problems, err := decode(data, nil)
	if err == nil && problems.Err() == nil {
		return m, withCanonical(m, data, problems), nil
	}
	g := survey(data)
	m, problems, err = decode(data, g)
	if err == nil {
		err = problems.Err()
	}
	if err != nil {
		return nil, nil, err
	}
	if !g.foreign {
		problems = withCanonical(m, data, problems)
	}
	return m, problems, nil
}

// withCanonical adds the warning that data is not in canonical form, if it is not.
func withCanonical(m *Manifest, data []byte, problems evidence.Problems) evidence.Problems {
	if p := differs(m, data); p != nil {
		p.Severity = evidence.SeverityWarning
		problems = append(problems, p)
		problems.Sort()
	}
	return problems
}

// guesses is what a lenient reading supposes of a document, and what it has told.
type guesses struct {
	data    []byte
	foreign bool              // another tool's: not of our schema, or without a list of files
	top     map[string]string // top-level members that are read as others
	at      string            // pointer of what is being read, as it will stand in the manifest
	places  map[string]string // such pointers to those of the document, where they differ
	told    map[string]bool   // guesses that were told: each once, however many files it is made for
}

// alias is a member of ours and what other tools call it, the likeliest first.
type alias struct {
	name   string
	others []string
}

// The names that other tools use.
var (
	releaseAliases = []alias{
		{"tag", []string{"git_tag", "gitTag", "release_tag", "releaseTag"}},
		{"commit", []string{"git_commit", "gitCommit", "commit_sha", "commitSha", "git_sha", "gitSha", "revision"}},
		{"repository", []string{"repository_url", "repositoryUrl", "repo", "repo_url", "source_repository"}},
		{"created", []string{"created_at", "createdAt", "generated_at", "generatedAt", "generated", "timestamp", "build_date", "buildDate", "date"}},
	}
	manifestAliases = append([]alias{
		{"product", []string{"product_name", "productName", "name"}},
		{"version", []string{"product_version", "productVersion", "release_version", "releaseVersion"}},
	}, atTop(releaseAliases)...)
	fileAliases = []alias{
		{"path", []string{"file", "filename", "file_name", "fileName", "file_path", "filePath", "name"}},
		{"sha256", []string{"sha256sum", "sha256_hash", "sha256_digest", "digest", "hash", "hashes", "checksum", "checksums", "digests"}},
		{"size", []string{"size_bytes", "sizeBytes", "bytes", "length"}},
		{"mediaType", []string{"media_type", "mime_type", "mimeType", "mime", "content_type", "contentType"}},
		{"kind", []string{"type", "category"}},
		{"image", []string{"image_name", "imageName", "container"}},
		{"tool", []string{"generator", "generated_by", "producer"}},
	}
	imageAliases = []alias{
		{"name", []string{"image_name", "imageName"}},
		{"reference", []string{"ref", "image", "uri", "repository"}},
		{"digest", []string{"sha256", "image_digest", "imageDigest"}},
	}
	gapAliases = []alias{
		{"kind", []string{"type", "name", "id"}},
		{"reason", []string{"description", "justification", "note", "details"}},
		{"target", []string{"target_date", "targetDate", "due"}},
	}
)

// atTop returns what the members of a release are called by tools that have them
// at the top level. The known names are "release/..." then.
func atTop(release []alias) []alias {
	var list []alias
	for _, a := range release {
		list = append(list, alias{"release/" + a.name, append([]string{a.name}, a.others...)})
	}
	return list
}

// productNames are the members of a product that is an object.
var productNames = newNames(nil, "name", "version")

// listNames are the members under which a document may list its files.
var listNames = []string{"files", "contents", "entries", "checksums", "hashes", "artifacts"}

// maxSurvey bounds the members of a document that are looked at: twice as many as
// the files of a pack.
const maxSurvey = 400_000

// survey looks at the top level of a document for what it is.
func survey(data []byte) *guesses {
	g := &guesses{data: data, top: map[string]string{}, places: map[string]string{}, told: map[string]bool{}}
	kinds := map[string]jsonstrict.Kind{}
	var digests []string // members that are a path and its digest
	schema := ""
	listed := false // "artifacts" lists files
	d := jsonstrict.NewBytes(data, jsonstrict.Options{AllowBOM: true})
	if d.Kind() != jsonstrict.Object {
		return g
	}
	members := 0
	for d.Object(); d.Next() && members < maxSurvey; members++ {
		name, kind := string(d.Key()), d.Kind()
		if slices.Contains(listNames, name) {
			kinds[name] = kind
		}
		switch {
		case name == "schema" && kind == jsonstrict.String:
			schema = d.String()
		case name == "artifacts":
			listed = listsFiles(d)
		case kind == jsonstrict.String:
			if _, err := anyDigest(string(d.Bytes())); err == nil {
				digests = append(digests, name)
			}
		}
	}
	g.foreign = schema != SchemaV1 || kinds["files"] != jsonstrict.Array
	if !g.foreign {
		return g
	}
	for _, name := range listNames {
		kind := kinds[name]
		if kind != jsonstrict.Array && kind != jsonstrict.Object || name == "artifacts" && !listed {
			continue
		}
		g.top[name] = "files"
		return g
	}
	for _, name := range digests {
		if manifestNames.known[name] == "" {
			g.top[name] = "files/entry"
		}
	}
	return g
}

// listsFiles reports whether the value of "artifacts" is a list of files, or a
// map: ours is a list of objects without a path.
func listsFiles(d *jsonstrict.Decoder) bool {
	switch d.Kind() {
	case jsonstrict.Object:
		d.Skip()
		return true
	case jsonstrict.Array:
	default:
		return false
	}
	files := false
	for d.Array(); d.Next(); {
		if d.Kind() != jsonstrict.Object {
			continue
		}
		for d.Object(); d.Next(); {
			switch string(d.Key()) {
			case "path", "file", "filename", "file_name", "fileName", "file_path", "filePath":
				files = true
			}
		}
	}
	return files
}

// foreign reports whether the document is read as another tool's.
func (r *reader) foreign() bool { return r.g != nil && r.g.foreign }

// guess tells what the value that was read last is taken for.
func (r *reader) guess(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if r.g.first(text) {
		r.found.add(r.d.Problem("manifest.guess", evidence.SeverityWarning, nil, "%s", text))
	}
}

// missed grades a top-level member that another tool's document does not have. It
// returns false where there is nothing to say.
func (r *reader) missed(p *evidence.Problem, name string) bool {
	switch name {
	case "files":
	case "release", "schema":
		return false // told by what is missing in it, and by what the document is not
	default:
		p.Code, p.Severity, p.Err, p.Message = "manifest.guess", evidence.SeverityWarning, nil, "no "+name+": read as none"
	}
	return true
}

// first reports whether a guess was not told yet.
func (g *guesses) first(text string) bool {
	if g.told[text] || len(g.told) > maxProblems {
		return false
	}
	g.told[text] = true
	return true
}

// enter goes down to a member or element of the manifest that is made, and
// returns what leave takes back.
func (r *reader) enter(token string) (at string) {
	at = r.g.at
	r.g.at += "/" + token
	return at
}

func (r *reader) leave(at string) {
	if r.foreign() {
		r.g.at = at
	}
}

// here notes that what is being read stands elsewhere in the document.
func (r *reader) here() { r.g.places[r.g.at] = r.d.Pointer() }

// pointer returns where in the document a value of the manifest stands.
func (g *guesses) pointer(p string) string {
	for at := p; at != ""; at = at[:strings.LastIndexByte(at, '/')] {
		if place, ok := g.places[at]; ok {
			return place + p[len(at):]
		}
	}
	return p
}

// foreignMembers reads the members of an object of another tool.
func (r *reader) foreignMembers(n *names, extra *Extra, read func(string)) {
	others := r.aliases(n)
	for r.d.Object(); r.d.Next(); {
		key := string(r.d.Key())
		name, moved := others[key]
		if !moved {
			name = n.known[key]
		}
		if name == "" {
			r.unknown(n, extra)
			continue
		}
		if n == manifestNames {
			name = otherShape(name, r.d.Kind())
		}
		at := r.enter(name)
		if moved && name != "files/entry" {
			r.here()
			r.guess("member %s is read as %q", textfmt.Quote(key), name)
		}
		read(name)
		r.leave(at)
	}
}

// otherShape names a top-level member that is not of the type that ours is.
func otherShape(name string, kind jsonstrict.Kind) string {
	switch {
	case kind == jsonstrict.Object && (name == "files" || name == "images"):
		return name + "/map"
	case kind == jsonstrict.Object && name == "product":
		return "product/object"
	case kind == jsonstrict.String && name == "release":
		return "release/tag"
	}
	return name
}

// aliases returns which members of the object that is next are read as known
// ones: a known one that is there comes first, then the likeliest.
func (r *reader) aliases(n *names) map[string]string {
	others := map[string]string{}
	if n == manifestNames {
		for name, as := range r.g.top {
			if name != as {
				others[name] = as
			}
		}
	}
	r.d.Kind() // moves to the value
	present := map[string]bool{}
	d := jsonstrict.NewBytes(r.g.data[r.d.Offset():], jsonstrict.Options{})
	for d.Object(); d.Next(); {
		present[string(d.Key())] = true
	}
	for _, a := range n.aliases {
		if present[a.name] && n.known[a.name] != "" {
			continue
		}
		for _, other := range a.others {
			if present[other] && others[other] == "" && n.known[other] == "" {
				others[other] = a.name
				break
			}
		}
	}
	return others
}

// foreignTop reads a top-level member of a shape that ours has not.
func (r *reader) foreignTop(m *Manifest, name string) {
	switch name {
	case "files/map":
		m.Files = mapped(r, "/files", func(key string, f *File) {
			r.fileOf(key, f)
		})
	case "files/entry":
		r.g.at = fmt.Sprintf("/files/%d", len(m.Files))
		r.here()
		r.guess("members whose value is a digest are read as files")
		f := File{Path: string(r.d.Key())}
		r.fileOf(f.Path, &f)
		m.Files = append(m.Files, f)
	case "images/map":
		m.Images = mapped(r, "/images", func(key string, i *Image) {
			r.image(i)
			if i.Name == "" {
				i.Name = key
			}
		})
	case "product/object":
		r.g.at = "/product"
		var rest Extra
		r.members(productNames, &rest, func(member string) {
			switch member {
			case "name":
				m.Product = r.string()
			case "version":
				if v := r.string(); m.Version == "" {
					m.Version = v
				}
			}
		})
		if len(rest) > 0 {
			r.guess("member %s of the product is left out", textfmt.Quote(rest[0].Name))
		}
	case "release/tag":
		m.Release.Tag = cmp.Or(m.Release.Tag, r.string())
	case "release/commit":
		m.Release.Commit = cmp.Or(m.Release.Commit, r.string())
	case "release/repository":
		m.Release.Repository = cmp.Or(m.Release.Repository, r.string())
	case "release/created":
		m.Release.Created = cmp.Or(m.Release.Created, r.created())
	}
}

// mapped reads an object as a list of its values. The list stands at the pointer
// at in the manifest.
func mapped[T any](r *reader, at string, read func(key string, v *T)) []T {
	list := []T{}
	for r.d.Object(); r.d.Next(); {
		key := string(r.d.Key())
		r.g.at = fmt.Sprintf("%s/%d", at, len(list))
		r.here()
		list = append(list, *new(T))
		read(key, &list[len(list)-1])
	}
	return list
}

// fileOf reads what a map has for a path: a digest, or an object.
func (r *reader) fileOf(name string, f *File) {
	f.Size = SizeUnknown
	if r.d.Kind() != jsonstrict.Object {
		f.SHA256 = r.foreignSHA256()
	} else {
		r.file(f)
	}
	if f.Path != "" && f.Path != name {
		r.problem("manifest.path", evidence.ErrMismatch, "the file is called %s and %s", textfmt.Quote(name), textfmt.Quote(f.Path))
	}
	f.Path = name
	r.g.places[r.g.at+"/path"] = r.g.places[r.g.at] // the name of the member
}

// foreignSHA256 reads the digest of a file: digits with or without "sha256:", or
// an object with a member "sha256".
func (r *reader) foreignSHA256() evidence.Digest {
	if r.d.Kind() != jsonstrict.Object {
		return r.digest(evidence.ParseSHA256[string])
	}
	var d evidence.Digest
	for r.d.Object(); r.d.Next(); {
		if string(r.d.Key()) == "sha256" {
			d = r.digest(evidence.ParseSHA256[string])
		}
	}
	if d.IsZero() && r.d.Err() == nil {
		r.problem("manifest.digest", evidence.ErrFormat, "no %q among the digests", evidence.SHA256)
	}
	return d
}

// foreignDigest parses a digest as other tools write it.
func (r *reader) foreignDigest(s string) (evidence.Digest, error) {
	return anyDigest(s)
}

// anyDigest parses a digest with its algorithm, or of SHA-256 without.
func anyDigest(s string) (evidence.Digest, error) {
	if strings.Contains(s, ":") {
		return evidence.ParseDigest(s)
	}
	return evidence.ParseSHA256(s)
}

// sizeText reads a size that is a string of decimal digits.
func (r *reader) sizeText() int64 {
	s := r.string()
	if s == "" {
		return SizeUnknown
	}
	if strings.Trim(s, "0123456789") != "" || len(s) > 1 && s[0] == '0' {
		r.problem("manifest.type", evidence.ErrFormat, "got the string %s, want a number", textfmt.Quote(s))
		return SizeUnknown
	}
	n, err := parseSize(s)
	if err != nil {
		r.refuse(err)
		return n
	}
	r.guess("sizes that are strings are read as numbers")
	return n
}

// foreignTime reads a time in the forms of RFC 3339, of Python's isoformat, or as
// seconds since 1970. One that says no zone is taken as UTC.
func (r *reader) foreignTime() time.Time {
	if r.d.Kind() == jsonstrict.Number {
		n, err := parseSize(string(r.d.Number()))
		if err != nil {
			r.problem("manifest.created", evidence.ErrFormat, "not a time in seconds")
			return time.Time{}
		}
		r.guess("a time that is a number is read as seconds since 1970")
		return time.Unix(n, 0).UTC()
	}
	s := r.string()
	if s == "" {
		return time.Time{}
	}
	if t, err := parseCreated(s); err == nil {
		return t
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02 15:04:05 UTC", time.DateOnly} {
		t, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		t = t.UTC().Truncate(time.Second)
		r.guess("time %s is read as %s", textfmt.Quote(s), t.Format(time.RFC3339))
		return t
	}
	r.guess("time %s is not understood; it is left out", textfmt.Quote(s))
	return time.Time{}
}

// settle brings what another tool wrote into our vocabulary, and leaves out what
// cannot be: the problems say what.
func (g *guesses) settle(m *Manifest) evidence.Problems {
	c := &checker{m: m}
	s := &settler{scope{c: c}, g}
	s.grade(evidence.SeverityWarning, "", "manifest.canonical", evidence.ErrFormat, "not a manifest of schema %s: read as another tool's", SchemaV1)
	s.names(m)
	s.release(&m.Release)
	s.images(m)
	s.files(m)
	for i := range m.Artifacts {
		if a := &m.Artifacts[i]; a.Kind != "" && !slices.Contains(artifactKinds, a.Kind) {
			s.in("/artifacts", i).guess("kind", "kind %s is not known, read as %q", textfmt.Quote(string(a.Kind)), ArtifactOther)
			a.Kind = ArtifactOther
		}
	}
	for i := range m.Gaps {
		v, gap := s.in("/gaps", i), &m.Gaps[i]
		if gap.Kind != "" && !gap.Kind.OfGap() {
			v.guess("kind", "kind %s is not known, read as %q", textfmt.Quote(string(gap.Kind)), KindOther)
			gap.Kind = KindOther
		}
		if gap.Image != "" && m.ImageByName(gap.Image) == nil {
			v.guess("image", "image %s is not among the images; it is left out", textfmt.Quote(gap.Image))
			gap.Image = ""
		}
	}
	return c.found.told()
}

// settler tells the guesses about one object.
type settler struct {
	scope
	g *guesses
}

func (s *settler) in(list string, i int) *settler { return &settler{scope{s.c, list, i}, s.g} }

func (s *settler) guess(member, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if s.g.first(text) {
		s.c.found.add(&evidence.Problem{Code: "manifest.guess", Severity: evidence.SeverityWarning, Pointer: s.g.pointer(s.pointer(member)), Message: text})
	}
}

// names settles product and version.
func (s *settler) names(m *Manifest) {
	if p := m.Product; p != "" {
		p = strings.TrimPrefix(strings.Join(strings.FieldsFunc(strings.ToLower(p), func(r rune) bool {
			return r == ' ' || r == '_' || r == '-'
		}), "-"), "hailbytes-")
		if p != m.Product {
			s.guess("product", "product %s is read as %s", textfmt.Quote(m.Product), textfmt.Quote(p))
			m.Product = p
		}
	}
	version := m.Version
	if version == "" {
		version = m.Release.Tag
	}
	if plain := strings.TrimPrefix(version, "v"); plain != m.Version && versionRE.MatchString(plain) {
		s.guess("version", "version %s is read from %s", plain, textfmt.Quote(version))
		m.Version = plain
	}
}

// release leaves out the optional members that are not of their form.
func (s *settler) release(r *Release) {
	v := &settler{scope{s.c, "/release", -1}, s.g}
	drop := func(member string, value *string, fits bool) {
		if *value != "" && !fits {
			v.guess(member, "%s %s is not of its form; it is left out", member, textfmt.Quote(*value))
			*value = ""
		}
	}
	drop("tag", &r.Tag, tagRE.MatchString(r.Tag))
	drop("commit", &r.Commit, commitRE.MatchString(r.Commit))
	drop("repository", &r.Repository, repositoryRE.MatchString(r.Repository))
}

// images takes names and digests from references, and leaves out an image that
// has no name, reference or digest.
func (s *settler) images(m *Manifest) {
	kept := make([]Image, 0, len(m.Images))
	moved := map[int]int{}
	for i := range m.Images {
		v, img := s.in("/images", i), m.Images[i]
		name, digest, _ := strings.Cut(img.Reference, "@")
		if img.Digest.IsZero() {
			img.Digest, _ = evidence.ParseDigest(digest)
		}
		if img.Name == "" || !imageNameRE.MatchString(img.Name) {
			name = path.Base(name)
			name, _, _ = strings.Cut(name, ":")
			v.guess("name", "image %s is called %s", textfmt.Quote(img.Reference), textfmt.Quote(name))
			img.Name = name
		}
		if img.Platform != "" && !platformRE.MatchString(img.Platform) {
			v.guess("platform", "platform %s is not of its form; it is left out", textfmt.Quote(img.Platform))
			img.Platform = ""
		}
		if img.Digest.IsZero() || img.Reference == "" || !imageNameRE.MatchString(img.Name) {
			v.guess("", "image %s has no digest, reference or usable name; it is left out", textfmt.Quote(img.Name))
			continue
		}
		moved[i] = len(kept)
		kept = append(kept, img)
	}
	if len(kept) < len(m.Images) {
		s.g.renumber("/images/", moved)
	}
	m.Images = kept
}

// renumber gives the elements of a list their new indices, as moved has them.
func (g *guesses) renumber(list string, moved map[int]int) {
	places := map[string]string{}
	for at, place := range g.places {
		if !strings.HasPrefix(at, list) {
			places[at] = place
			continue
		}
		index, rest, _ := strings.Cut(at[len(list):], "/")
		if i, err := strconv.Atoi(index); err == nil {
			if to, kept := moved[i]; kept {
				places[path.Join(list+strconv.Itoa(to), rest)] = place
			}
		}
	}
	for from, to := range moved {
		at := list + strconv.Itoa(to)
		if _, there := places[at]; !there {
			places[at] = g.pointer(list + strconv.Itoa(from))
		}
	}
	g.places = places
}

// files settles the vocabulary of files.
func (s *settler) files(m *Manifest) {
	images := map[string]bool{}
	for i := range m.Images {
		images[m.Images[i].Name] = true
	}
	for i := range m.Files {
		v, f := s.in("/files", i), &m.Files[i]
		v.format(f)
		v.kind(f)
		if f.MediaType == "" && f.Format.Known() {
			v.guess("mediaType", "media types are taken from formats")
			f.MediaType = f.Format.MediaType()
		}
		if lower := strings.ToLower(f.MediaType); lower != f.MediaType && mediaTypeRE.MatchString(lower) {
			f.MediaType = lower
		}
		if f.MediaType != "" && !mediaTypeRE.MatchString(f.MediaType) {
			v.guess("mediaType", "media type %s is not of its form; it is left out", textfmt.Quote(f.MediaType))
			f.MediaType = ""
		}
		if f.Image != "" && !images[f.Image] {
			v.guess("image", "image %s is not among the images; it is left out", textfmt.Quote(f.Image))
			f.Image = ""
		}
		if f.Tool.Name == "" && !f.Tool.IsZero() {
			v.guess("tool", "a tool without a name is left out")
			f.Tool = Tool{}
		}
	}
}

// formatBySuffix is what the names of files say, longest first.
var formatBySuffix = []struct {
	suffix string
	format Format
}{
	{".spdx.json", FormatSPDXJSON},
	{".spdx", FormatSPDXTagValue},
	{".cdx.json", FormatCycloneDXJSON},
	{".cdx.xml", FormatCycloneDXXML},
	{".sarif.json", FormatSARIF},
	{".sarif", FormatSARIF},
	{".openvex.json", FormatOpenVEX},
	{".sigstore.json", FormatSigstoreBundle},
	{".png", FormatPNG},
	{".pem", FormatPEM},
}

// format keeps a format that is a token, and else goes by the name.
func (s *settler) format(f *File) {
	if given := f.Format; given != "" {
		f.Format = Format(strings.ToLower(string(given)))
		if !formatRE.MatchString(string(f.Format)) {
			s.guess("format", "format %s is not a token; it is left out", textfmt.Quote(string(given)))
			f.Format = ""
		}
	}
	if f.Format != "" {
		return
	}
	for _, by := range formatBySuffix {
		if strings.HasSuffix(f.Path, by.suffix) {
			s.guess("format", "formats are taken from the names of files")
			f.Format = by.format
			return
		}
	}
}

// kindByFolder is the layout that writers of packs follow.
var kindByFolder = map[string]Kind{
	"sbom": KindSBOM, "scans": KindScan, "vex": KindVEX, "licenses": KindLicenseReport, "uat/junit": KindTestReport,
	"uat/screenshots": KindScreenshot, "uat/axe": KindAccessibility, "signatures": KindSignature,
	"attestations": KindAttestation, "pins": KindPins, "source": KindSource,
}

// kind keeps a kind that is known, and else goes by folder and format.
func (s *settler) kind(f *File) {
	given := f.Kind
	if f.Kind = Kind(strings.ToLower(string(given))); !f.Kind.OfFile() {
		f.Kind = KindOther
		if f.Path == "index.html" {
			f.Kind = KindIndex
		}
		for folder := path.Dir(f.Path); folder != "." && folder != "/"; folder = path.Dir(folder) {
			if k := kindByFolder[folder]; k != "" {
				f.Kind = k
				break
			}
		}
		if f.Format.Known() && !f.Format.fits(f.Kind) || f.Kind == KindOther && f.Format.Known() {
			f.Kind = f.Format.Kinds()[0]
		}
		if given != "" {
			s.guess("kind", "kind %s is not known, read as %q", textfmt.Quote(string(given)), f.Kind)
		} else {
			s.guess("kind", "kinds are taken from the paths of files")
		}
	}
	if !f.Format.fits(f.Kind) {
		s.guess("format", "format %s does not go with kind %s; it is left out", f.Format, f.Kind)
		f.Format = ""
	}
}

// soften grades as warnings what a lenient reading can do without: order, and in
// another tool's document what is missing but for paths and digests. What is
// missing in many files is told once. It gives problems their pointers in the document.
func (g *guesses) soften(found evidence.Problems) evidence.Problems {
	count := map[string]int{}
	first := map[string]*evidence.Problem{}
	kept := found[:0]
	for _, p := range found {
		if p.Code == "manifest.order" {
			p.Severity = evidence.SeverityWarning
			if g.foreign {
				continue // an order that nobody promised
			}
		}
		at := p.Pointer
		p.Pointer = g.pointer(at)
		if !g.foreign || p.Code != "manifest.required" {
			kept = append(kept, p)
			continue
		}
		member := at[strings.LastIndexByte(at, '/')+1:]
		ofFile := strings.HasPrefix(at, "/files/")
		if ofFile && (member == "path" || member == "sha256") {
			kept = append(kept, p)
			continue
		}
		p.Severity = evidence.SeverityWarning
		if ofFile {
			if count[member]++; count[member] > 1 {
				continue
			}
			first[member] = p
		}
		kept = append(kept, p)
	}
	for member, n := range count {
		if n == 1 {
			continue
		}
		first[member].Message = fmt.Sprintf("member %q is missing in %d files", member, n)
	}
	return kept
}

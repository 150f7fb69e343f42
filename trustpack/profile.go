// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/policyfile"
	"github.com/HailBytes/evidence/internal/regular"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/manifest"
)

// Profile says which evidence a release of a product must hold. It is data: the
// built-in ones are JSON documents, and so are those that a customer writes.
//
//	{
//	  "name": "asm",
//	  "images": 1,
//	  "perImage":   [{"kind": "sbom", "format": "spdx-json"}, {"kind": "signature", "gaps": ["image-signing"]},
//	                 {"kind": "certificate", "or": [{"kind": "signature", "format": "sigstore-bundle"}]}],
//	  "perRelease": [{"kind": "scan", "format": "sarif", "tool": "govulncheck"}],
//	  "gaps": ["penetration-test", "image-signing"]
//	}
type Profile struct {
	Name       string          // required
	Images     int             // the least number of images; 0 for a product that ships none
	PerImage   []Requirement   // what there must be about each image
	PerRelease []Requirement   // what there must be in the pack
	Gaps       []manifest.Kind // what a release may declare absent; any other gap fails
}

// Requirement is one file that must be there: one that has all of what is said
// here, or of what one of the alternatives says.
type Requirement struct {
	Kind   manifest.Kind   // required
	Format manifest.Format // optional
	Tool   string          // optional: name of the tool, whatever its case
	Or     []Requirement   // optional: what serves as well; these have neither Or nor Gaps

	// Gaps are the kinds of declared gaps that stand in for the file, beside
	// Kind itself. Only those that the profile allows do.
	Gaps []manifest.Kind
}

// String returns "sbom", "scan (sarif, Trivy)", "certificate or signature (sigstore-bundle)".
func (r *Requirement) String() string {
	var more []string
	for _, s := range []string{string(r.Format), r.Tool} {
		if s != "" {
			more = append(more, s)
		}
	}
	text := string(r.Kind)
	if more != nil {
		text += " (" + strings.Join(more, ", ") + ")"
	}
	for i := range r.Or {
		text += " or " + r.Or[i].String()
	}
	return text
}

// wants reports whether a file is declared to be what r, without its alternatives,
// asks for.
func (r *Requirement) wants(f *manifest.File) bool {
	return f.Kind == r.Kind && (r.Format == "" || f.Format == r.Format) && (r.Tool == "" || strings.EqualFold(f.Tool.Name, r.Tool))
}

//go:embed profiles/*.json
var profileFiles embed.FS

// ProfileNamed returns the built-in profile of that name, "asm" or "sat", and whether there is one.
func ProfileNamed(name string) (*Profile, bool) {
	data, err := profileFiles.ReadFile("profiles/" + path.Base(name) + ".json")
	if err != nil {
		return nil, false
	}
	p, err := ParseProfile(data)
	if err != nil {
		panic("trustpack: built-in profile " + name + ": " + err.Error())
	}
	return p, p.Name == name
}

// LoadProfile reads the profile that a person names: a built-in one, or a file.
// For the empty name, which leaves the choice to the product, it returns nil; for
// "none" it returns nil and true. See Policy.Profile and Policy.UnsafeNoProfile.
func LoadProfile(name string) (p *Profile, none bool, err error) {
	switch name {
	case "":
		return nil, false, nil
	case "none":
		return nil, true, nil
	}
	if p, ok := ProfileNamed(name); ok {
		return p, false, nil
	}
	data, err := regular.ReadFile(name, policyfile.MaxBytes)
	if err != nil {
		return nil, false, fmt.Errorf("no built-in profile has this name: %w", err)
	}
	if p, err = ParseProfile(data); err != nil {
		return nil, false, fmt.Errorf("%s: %w", name, err)
	}
	return p, false, nil
}

// ParseProfile reads a profile strictly: a member that is not known, or a kind
// that does not exist, is an error. The error is a *Problem where data is not
// strict JSON of these types, else Problems: all that is wrong. Each has JSON
// pointer, line and column.
func ParseProfile(data []byte) (*Profile, error) {
	r := profileReader{d: jsonstrict.NewBytes(data, jsonstrict.Options{})}
	p := &Profile{}
	for r.d.Object(); r.d.Next(); {
		switch string(r.d.Key()) {
		case "name":
			p.Name = r.d.String()
		case "images":
			n := r.d.Int64()
			if n < 0 || n > 1<<20 {
				r.refuse("want a number of images")
			}
			p.Images = int(n)
		case "perImage":
			p.PerImage = r.requirements()
		case "perRelease":
			p.PerRelease = r.requirements()
		case "gaps":
			p.Gaps = r.gaps()
		default:
			r.refuse("member is not known, want name, images, perImage, perRelease or gaps")
		}
	}
	if err := r.d.End(); err != nil {
		return nil, err
	}
	if p.Name == "" {
		r.about("profile.name", "/name", "name is missing")
	}
	if len(p.PerImage)+len(p.PerRelease) == 0 {
		r.about("profile.empty", "", "the profile asks for nothing")
	}
	if err := r.problems.Err(); err != nil {
		return nil, err
	}
	return p, nil
}

type profileReader struct {
	d        *jsonstrict.Decoder
	problems evidence.Problems
}

// refuse reports the value that was read last, or is next.
func (r *profileReader) refuse(message string) {
	if r.d.Err() == nil {
		r.problems = append(r.problems, r.d.Problem("profile.syntax", evidence.SeverityError, evidence.ErrFormat, "%s", message))
	}
}

// about reports what is missing in the whole document.
func (r *profileReader) about(code, pointer, message string) {
	r.problems = append(r.problems, &evidence.Problem{Code: code, Severity: evidence.SeverityError, Pointer: pointer, Line: 1, Column: 1, Message: message, Err: evidence.ErrFormat})
}

func (r *profileReader) requirements() (list []Requirement) {
	for r.d.Array(); r.d.Next(); {
		list = append(list, r.requirement(false))
	}
	return list
}

func (r *profileReader) requirement(alternative bool) (q Requirement) {
	for r.d.Object(); r.d.Next(); {
		key := string(r.d.Key())
		switch {
		case key == "kind":
			if q.Kind = manifest.Kind(r.d.String()); !q.Kind.OfFile() {
				r.refuse("is not a kind of files")
			}
		case key == "format":
			if q.Format = manifest.Format(r.d.String()); !q.Format.Known() {
				r.refuse("is not a known format")
			}
		case key == "tool":
			q.Tool = r.d.String()
		case key == "or" && !alternative:
			for r.d.Array(); r.d.Next(); {
				q.Or = append(q.Or, r.requirement(true))
			}
		case key == "gaps" && !alternative:
			q.Gaps = r.gaps()
		case alternative:
			r.refuse("member is not known, want kind, format or tool")
		default:
			r.refuse("member is not known, want kind, format, tool, or, or gaps")
		}
	}
	switch kinds := q.Format.Kinds(); {
	case q.Kind == "":
		r.refuse("kind is missing")
	case q.Kind.OfFile() && kinds != nil && !slices.Contains(kinds, q.Kind):
		r.refuse("no file of kind " + string(q.Kind) + " has format " + string(q.Format))
	}
	return q
}

func (r *profileReader) gaps() (list []manifest.Kind) {
	for r.d.Array(); r.d.Next(); {
		k := manifest.Kind(r.d.String())
		if !k.OfGap() {
			r.refuse("is not a kind of gaps")
		}
		list = append(list, k)
	}
	return list
}

// check holds a manifest against the profile: release.completeness says which
// required evidence is neither there nor an allowed gap, release.gaps which gaps
// are not allowed, or overdue at now (a warning; a zero now leaves that out). Files
// are taken for what the manifest declares, but for those for which notRead has a reason.
func (p *Profile) check(m *manifest.Manifest, now time.Time, notRead map[string]string) evidence.Checks {
	c := completeness{p: p, notRead: notRead, files: map[kindAbout][]*manifest.File{}, gaps: map[kindAbout]*manifest.Gap{}}
	for i := range m.Files {
		f := &m.Files[i]
		c.files[kindAbout{f.Kind, f.Image}] = append(c.files[kindAbout{f.Kind, f.Image}], f)
		if f.Image != "" {
			c.files[kindAbout{f.Kind, ""}] = append(c.files[kindAbout{f.Kind, ""}], f)
		}
	}
	for i := range m.Gaps {
		g := &m.Gaps[i]
		if c.gaps[kindAbout{g.Kind, g.Image}] == nil {
			c.gaps[kindAbout{g.Kind, g.Image}] = g
		}
	}
	if len(m.Images) < p.Images {
		c.missing("/images", fmt.Sprintf("%s declared, the profile asks for %d", textfmt.Count(len(m.Images), "image"), p.Images))
	}
	for i := range m.Images {
		for j := range p.PerImage {
			c.require(&p.PerImage[j], m.Images[i].Name)
		}
	}
	for j := range p.PerRelease {
		c.require(&p.PerRelease[j], "")
	}
	subject := m.Product + "@" + m.Version
	return evidence.Checks{
		evidence.Judge("release.completeness", subject, c.problems, fmt.Sprintf("all %d requirements of profile %s are met", c.asked, p.Name)),
		evidence.Judge("release.gaps", subject, p.checkGaps(m, now), fmt.Sprintf("%s declared, all allowed by profile %s", textfmt.Count(len(m.Gaps), "gap"), p.Name)),
	}
}

// completeness is one run over the requirements.
type completeness struct {
	p        *Profile
	notRead  map[string]string              // by path: why a file is not what it is declared to be
	files    map[kindAbout][]*manifest.File // of one image, and all for the empty name
	gaps     map[kindAbout]*manifest.Gap
	asked    int
	problems evidence.Problems
}

type kindAbout struct {
	kind  manifest.Kind
	image string
}

func (c *completeness) missing(pointer, message string) {
	c.problems = append(c.problems, &evidence.Problem{
		Code: "release.completeness", Severity: evidence.SeverityError, Path: manifest.Name, Pointer: pointer, Message: message, Err: evidence.ErrPolicy,
	})
}

// require looks for a file about the image, or anywhere in the pack for the empty name.
func (c *completeness) require(q *Requirement, image string) {
	c.asked++
	found, refused := c.met(q, image)
	if found {
		return
	}
	for _, kind := range append([]manifest.Kind{q.Kind}, q.Gaps...) {
		gap := c.gap(kind, image)
		if gap == nil || !slices.Contains(c.p.Gaps, kind) {
			continue
		}
		c.problems = append(c.problems, &evidence.Problem{
			Code: "release.completeness", Severity: evidence.SeverityInfo, Path: manifest.Name, Pointer: "/gaps", Err: evidence.ErrPolicy,
			Message: fmt.Sprintf("no %s%s: declared gap %s, %s", q, about(image), kind, gap.Reason),
		})
		return
	}
	message := fmt.Sprintf("no %s%s, and no allowed gap that declares it", q, about(image))
	if refused != nil {
		message += fmt.Sprintf("; %s does not count: it %s", refused.Path, c.notRead[refused.Path])
	}
	c.missing("/files", message)
}

// met looks for a file that is what the requirement, or one of its alternatives, asks
// for. Where there is none, it returns one that is only declared to be.
func (c *completeness) met(q *Requirement, image string) (found bool, refused *manifest.File) {
	for _, f := range c.files[kindAbout{q.Kind, image}] {
		switch {
		case !q.wants(f):
		case c.notRead[f.Path] == "":
			return true, nil
		case refused == nil:
			refused = f
		}
	}
	for i := range q.Or {
		found, other := c.met(&q.Or[i], image)
		if found {
			return true, nil
		}
		if refused == nil {
			refused = other
		}
	}
	return false, refused
}

// gap returns the gap that declares a kind absent for the image, or for all.
func (c *completeness) gap(kind manifest.Kind, image string) *manifest.Gap {
	if g := c.gaps[kindAbout{kind, image}]; g != nil {
		return g
	}
	return c.gaps[kindAbout{kind, ""}]
}

func about(image string) string {
	if image == "" {
		return ""
	}
	return " about image " + image
}

func (p *Profile) checkGaps(m *manifest.Manifest, now time.Time) (problems evidence.Problems) {
	for i := range m.Gaps {
		g := &m.Gaps[i]
		found := &evidence.Problem{Code: "release.gaps", Path: manifest.Name, Pointer: fmt.Sprintf("/gaps/%d", i), Err: evidence.ErrPolicy}
		switch {
		case !slices.Contains(p.Gaps, g.Kind):
			found.Severity, found.Message = evidence.SeverityError, fmt.Sprintf("profile %s does not allow the gap %s%s", p.Name, g.Kind, about(g.Image))
		case !now.IsZero() && g.Target.Passed(now):
			found.Severity, found.Message = evidence.SeverityWarning, fmt.Sprintf("the gap %s%s was to be closed by %s", g.Kind, about(g.Image), g.Target)
		default:
			continue
		}
		problems = append(problems, found)
	}
	return problems
}

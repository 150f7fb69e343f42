package trustpack

import (
	"embed"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/HailBytes/evidence/internal/diag"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/manifest"
)

// Profile says which evidence a release of a product must hold. It is data: the
// built-in ones are JSON documents, and so are those that a customer writes.
//
//	{
//	  "name": "asm",
//	  "images": 1,
//	  "perImage":   [{"kind": "sbom", "format": "spdx-json"}, {"kind": "signature", "gaps": ["image-signing"]}],
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

// Requirement is one file that must be there: one that has all of what is said here.
type Requirement struct {
	Kind   manifest.Kind   // required
	Format manifest.Format // optional
	Tool   string          // optional: name of the tool, whatever its case

	// Gaps are the kinds of declared gaps that stand in for the file, beside
	// Kind itself. Only those that the profile allows do.
	Gaps []manifest.Kind
}

// String returns "sbom", "scan (sarif, Trivy)".
func (r *Requirement) String() string {
	var more []string
	for _, s := range []string{string(r.Format), r.Tool} {
		if s != "" {
			more = append(more, s)
		}
	}
	if more == nil {
		return string(r.Kind)
	}
	return string(r.Kind) + " (" + strings.Join(more, ", ") + ")"
}

//go:embed profiles/*.json
var profileFiles embed.FS

// BuiltinProfile returns the profile of that name, "asm" or "sat"; nil if there is none.
func BuiltinProfile(name string) *Profile {
	data, err := profileFiles.ReadFile("profiles/" + path.Base(name) + ".json")
	if err != nil {
		return nil
	}
	p, err := ParseProfile(data)
	if err != nil {
		panic("trustpack: built-in profile " + name + ": " + err.Error())
	}
	return p
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
	if p = BuiltinProfile(name); p != nil && p.Name == name {
		return p, false, nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, false, fmt.Errorf("no built-in profile has this name: %w", err)
	}
	if p, err = ParseProfile(data); err != nil {
		return nil, false, fmt.Errorf("%s: %w", name, err)
	}
	return p, false, nil
}

// ParseProfile reads a profile strictly: a member that is not known, or a kind
// that does not exist, is an error with JSON pointer, line and column.
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
		return nil, &Problem{Code: "profile.name", Severity: SeverityError, Pointer: "/name", Message: "name is missing", Err: ErrFormat}
	}
	if len(p.PerImage)+len(p.PerRelease) == 0 {
		return nil, &Problem{Code: "profile.empty", Severity: SeverityError, Message: "the profile asks for nothing", Err: ErrFormat}
	}
	return p, nil
}

type profileReader struct{ d *jsonstrict.Decoder }

func (r *profileReader) refuse(message string) {
	r.d.Fail(r.d.Problem("profile.syntax", diag.SeverityError, ErrFormat, "%s", message))
}

func (r *profileReader) requirements() (list []Requirement) {
	for r.d.Array(); r.d.Next(); {
		var q Requirement
		for r.d.Object(); r.d.Next(); {
			switch string(r.d.Key()) {
			case "kind":
				if q.Kind = manifest.Kind(r.d.String()); !q.Kind.OfFile() {
					r.refuse("is not a kind of files")
				}
			case "format":
				if q.Format = manifest.Format(r.d.String()); !q.Format.Known() {
					r.refuse("is not a known format")
				}
			case "tool":
				q.Tool = r.d.String()
			case "gaps":
				q.Gaps = r.gaps()
			default:
				r.refuse("member is not known, want kind, format, tool or gaps")
			}
		}
		if r.d.Err() == nil && q.Kind == "" {
			r.refuse("kind is missing")
		}
		list = append(list, q)
	}
	return list
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

// Check holds a manifest against the profile: release.completeness says which
// required evidence is neither there nor an allowed gap, release.gaps which gaps
// are not allowed, or overdue at now (a warning; a zero now leaves that out).
func (p *Profile) Check(m *manifest.Manifest, now time.Time) []CheckResult {
	c := completeness{p: p, m: m}
	if len(m.Images) < p.Images {
		c.missing("/images", fmt.Sprintf("%s declared, the profile asks for %d", plural(len(m.Images), "image"), p.Images))
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
	return []CheckResult{
		checkOf("release.completeness", subject, c.problems, fmt.Sprintf("all %d requirements of profile %s are met", c.asked, p.Name)),
		checkOf("release.gaps", subject, p.checkGaps(m, now), fmt.Sprintf("%s declared, all allowed by profile %s", plural(len(m.Gaps), "gap"), p.Name)),
	}
}

// completeness is one run over the requirements.
type completeness struct {
	p        *Profile
	m        *manifest.Manifest
	asked    int
	problems Problems
}

func (c *completeness) missing(pointer, message string) {
	c.problems = append(c.problems, &Problem{
		Code: "release.completeness", Severity: SeverityError, Path: manifest.Name, Pointer: pointer, Message: message, Err: ErrPolicy,
	})
}

// require looks for a file about the image, or anywhere in the pack for the empty name.
func (c *completeness) require(q *Requirement, image string) {
	c.asked++
	for f := range c.m.FilesOf(q.Kind) {
		if (image == "" || f.Image == image) && (q.Format == "" || f.Format == q.Format) &&
			(q.Tool == "" || strings.EqualFold(f.Tool.Name, q.Tool)) {
			return
		}
	}
	for _, kind := range append([]manifest.Kind{q.Kind}, q.Gaps...) {
		gap := c.m.Gap(kind, image)
		if gap == nil || !slices.Contains(c.p.Gaps, kind) {
			continue
		}
		c.problems = append(c.problems, &Problem{
			Code: "release.completeness", Severity: SeverityInfo, Path: manifest.Name, Pointer: "/gaps", Err: ErrPolicy,
			Message: fmt.Sprintf("no %s%s: declared gap %s, %s", q, about(image), kind, gap.Reason),
		})
		return
	}
	c.missing("/files", fmt.Sprintf("no %s%s, and no allowed gap that declares it", q, about(image)))
}

func about(image string) string {
	if image == "" {
		return ""
	}
	return " about image " + image
}

func (p *Profile) checkGaps(m *manifest.Manifest, now time.Time) (problems Problems) {
	for i := range m.Gaps {
		g := &m.Gaps[i]
		found := &Problem{Code: "release.gaps", Path: manifest.Name, Pointer: fmt.Sprintf("/gaps/%d", i), Err: ErrPolicy}
		switch {
		case !slices.Contains(p.Gaps, g.Kind):
			found.Severity, found.Message = SeverityError, fmt.Sprintf("profile %s does not allow the gap %s%s", p.Name, g.Kind, about(g.Image))
		case !now.IsZero() && g.Target.Passed(now):
			found.Severity, found.Message = SeverityWarning, fmt.Sprintf("the gap %s%s was to be closed by %s", g.Kind, about(g.Image), g.Target)
		default:
			continue
		}
		problems = append(problems, found)
	}
	return problems
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package quality

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Profile is what somebody asks of the content of an SBOM, as data: a list of
// elements, each with the name of the check that decides it. See [Profiles] for
// those that the module has and [ParseProfile] for one's own.
type Profile struct {
	Name     string           `json:"name"`   // "cisa-2026": lower-case letters, digits, "-" and "."
	Title    string           `json:"title"`  // for a person
	Source   string           `json:"source"` // the document that asks for it
	Except   []string         `json:"except,omitempty"`
	Elements []ProfileElement `json:"elements"`
}

// ProfileElement is one thing that a profile asks for.
type ProfileElement struct {
	ID       string `json:"id"` // unique in its profile, lower-case letters, digits and "-"
	Title    string `json:"title"`
	Clause   string `json:"clause"`             // where in the source it stands
	Level    string `json:"level"`              // "required", "if-known", "recommended" or "process"
	Requires string `json:"requires,omitempty"` // what is asked for, in a sentence
	Check    string `json:"check"`              // what decides it, such as "component.version"; an unknown one is refused with the list of those there are

	// Except names components that the element is not asked of, beside those of
	// the profile: a ComponentType, or "root" for what the document describes.
	Except []string `json:"except,omitempty"`
}

//go:embed profiles/*.json
var profileFiles embed.FS

var loadProfiles = sync.OnceValue(func() []*Profile {
	names, err := fs.Glob(profileFiles, "profiles/*.json")
	if err != nil {
		panic(err)
	}
	var profiles []*Profile
	for _, name := range names {
		text, err := profileFiles.ReadFile(name)
		if err != nil {
			panic(err)
		}
		p, err := ParseProfile(text)
		if err != nil || p.Name != strings.TrimSuffix(path.Base(name), ".json") {
			panic(fmt.Sprintf("quality: %s: %v", name, err))
		}
		profiles = append(profiles, p)
	}
	return profiles
})

// Profiles returns the profiles that the module has, by name: CISA 2026, NTIA
// 2021, BSI TR-03183-2 v2.1, and what a HailBytes image SBOM must hold.
func Profiles() []*Profile {
	var all []*Profile
	for _, p := range loadProfiles() {
		all = append(all, p.clone())
	}
	return all
}

// ProfileNamed returns the profile of that name, and false if the module has none.
func ProfileNamed(name string) (*Profile, bool) {
	for _, p := range loadProfiles() {
		if p.Name == name {
			return p.clone(), true
		}
	}
	return nil, false
}

func (p *Profile) clone() *Profile {
	q := *p
	q.Except = slices.Clone(p.Except)
	q.Elements = slices.Clone(p.Elements)
	for i := range q.Elements {
		q.Elements[i].Except = slices.Clone(q.Elements[i].Except)
	}
	return &q
}

// ParseProfile reads a profile from JSON, strictly: an unknown member, level or
// check, or a member that is missing, is an error with its place.
func ParseProfile(data []byte) (*Profile, error) {
	d := jsonstrict.NewBytes(data, jsonstrict.Options{})
	p := new(Profile)
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "name":
			p.Name = profileWord(d)
		case "title":
			p.Title = d.String()
		case "source":
			p.Source = d.String()
		case "except":
			p.Except = profileWords(d)
		case "elements":
			for d.Array(); d.Next(); {
				p.Elements = append(p.Elements, parseElement(d, p.Elements))
			}
		default:
			unknownMember(d)
		}
	}
	if err := d.End(); err != nil {
		return nil, err
	}
	if p.Name == "" || len(p.Elements) == 0 {
		return nil, &evidence.Problem{
			Code: "sbom.profile", Severity: evidence.SeverityError, Line: 1, Column: 1, Err: evidence.ErrFormat,
			Message: "a profile needs a name and at least one element",
		}
	}
	return p, nil
}

func parseElement(d *jsonstrict.Decoder, before []ProfileElement) (e ProfileElement) {
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "id":
			e.ID = profileWord(d)
			if slices.ContainsFunc(before, func(b ProfileElement) bool { return b.ID == e.ID }) {
				profileProblem(d, "element %s is there twice", textfmt.Quote(e.ID))
			}
		case "title":
			e.Title = d.String()
		case "clause":
			e.Clause = d.String()
		case "level":
			switch e.Level = d.String(); e.Level {
			case "required", "if-known", "recommended", "process":
			default:
				profileProblem(d, "level %s is not required, if-known, recommended or process", textfmt.Quote(e.Level))
			}
		case "requires":
			e.Requires = d.String()
		case "check":
			if e.Check = d.String(); !slices.Contains(checkNames(), e.Check) {
				profileProblem(d, "there is no check %s, want one of %s", textfmt.Quote(e.Check), strings.Join(checkNames(), ", "))
			}
		case "except":
			e.Except = profileWords(d)
		default:
			unknownMember(d)
		}
	}
	if e.ID == "" || e.Level == "" || e.Check == "" {
		profileProblem(d, "an element needs id, level and check")
	}
	return e
}

func profileWord(d *jsonstrict.Decoder) string {
	s := d.String()
	for i := range len(s) {
		if c := s[i]; !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '.') {
			profileProblem(d, "%s is not of lower-case letters, digits, - and .", textfmt.Quote(s))
			break
		}
	}
	return s
}

func profileWords(d *jsonstrict.Decoder) (words []string) {
	for d.Array(); d.Next(); {
		words = append(words, profileWord(d))
	}
	return words
}

func unknownMember(d *jsonstrict.Decoder) {
	profileProblem(d, "a profile has no member %s", textfmt.Quote(string(d.Key())))
}

func profileProblem(d *jsonstrict.Decoder, format string, args ...any) {
	if d.Err() == nil {
		d.Fail(d.Problem("sbom.profile", evidence.SeverityError, evidence.ErrFormat, format, args...))
	}
}

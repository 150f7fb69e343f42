// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/imageref"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/manifest"
)

// pinsID is the check of what deployment files deploy.
const pinsID = "release.pins"

// readPins reads a deployment file. One that cannot be read proves nothing, and
// speaks against nothing: it is a warning.
func (d *Document) readPins(data []byte, format manifest.Format) error {
	f, err := readPins(d.File.Path, d.File.SHA256, format, data)
	if err != nil {
		if !evidence.IsVerdict(err) {
			return err
		}
		problems := d.located(problemsOf(err))
		for _, p := range problems {
			p.Severity = evidence.SeverityWarning
		}
		return d.judge(pinsID, problems, nil, "")
	}
	d.Pins, d.loose, d.named = f.pins, f.problems, f.names
	d.pinned = true
	return nil
}

// pinChecks holds each deployment file against the images of the release.
func pinChecks(r *Release) evidence.Checks {
	own := r.ownPlatforms()
	var checks evidence.Checks
	var docs []*Document
	for d := range r.Documents() {
		if d.pinned {
			docs = append(docs, d)
		}
	}
	others := thirdParties(own, docs)
	for _, d := range docs {
		p := checkPins(own, r.Manifest, d)
		p.problems = append(p.problems, others[d]...)
		if len(p.deployed) > 0 && d.File.Format != manifest.FormatPacker {
			p.missing(d.File.Path)
		}
		c := evidence.Judge(pinsID, d.File.Path, p.problems, fmt.Sprintf("pins %s, %d of them of the release", textfmt.Count(p.images, "image"), len(p.deployed)))
		c.Problems = c.Problems[:min(len(c.Problems), mostProblems)]
		checks = append(checks, c)
	}
	return checks
}

// thirdParties warns of images of others that two deployment files take in different
// versions: what was tested is then not what is deployed.
func thirdParties(own *ownNames, docs []*Document) map[*Document]evidence.Problems {
	type use struct {
		ref imageref.Ref
		pin *Pin
	}
	first := map[string]use{}
	out := map[*Document]evidence.Problems{}
	for _, d := range docs {
		mine := map[string]use{}
		for i := range d.Pins {
			pin := &d.Pins[i]
			ref, err := imageref.Parse(pin.Value)
			if pin.Kind != pinImage || err != nil || own.image(ref) != nil {
				continue
			}
			repository := ref.Repository()
			have, known := first[repository]
			if known && (have.ref.Tag != ref.Tag || !have.ref.Digest.IsZero() && !ref.Digest.IsZero() && have.ref.Digest != ref.Digest) {
				p := warning(pinsID, d.File.Path, "%s deploys %s, %s deploys %s", textfmt.Quote(pin.Name), ref.Familiar(), have.pin.Source.Path, have.ref.Familiar())
				p.Line, p.Column = pin.Source.Line, pin.Source.Column
				out[d] = append(out[d], p)
			}
			mine[repository] = use{ref, pin}
		}
		for repository, u := range mine {
			if _, known := first[repository]; !known {
				first[repository] = u
			}
		}
	}
	return out
}

// checkPins holds the pins of one deployment file against the images of the release.
func checkPins(own *ownNames, m *manifest.Manifest, d *Document) *pinCheck {
	p := &pinCheck{own: own, m: m, deployed: map[*manifest.Image]bool{}, problems: slices.Clip(d.loose)}
	for i := range d.Pins {
		p.pin(&d.Pins[i])
	}
	return p
}

type pinCheck struct {
	own      *ownNames
	m        *manifest.Manifest
	images   int
	deployed map[*manifest.Image]bool
	problems evidence.Problems
}

func (p *pinCheck) add(s evidence.Severity, class error, at evidence.Source, format string, args ...any) {
	q := pinProblem(pinsID, class, at, format, args...)
	q.Severity = s
	p.problems = append(p.problems, q)
}

func (p *pinCheck) warn(at evidence.Source, format string, args ...any) {
	p.add(evidence.SeverityWarning, evidence.ErrPolicy, at, format, args...)
}

func (p *pinCheck) pin(pin *Pin) {
	switch pin.Kind {
	case pinImage:
		p.image(pin)
	case pinPlugin:
		if !exactVersion.MatchString(pin.Value) {
			p.warn(pin.Source, "plugin %s is not pinned to one version: got %s", textfmt.Quote(pin.Name), textfmt.Quote(pin.Value))
		}
	case pinRef:
		if _, known := sameReleaseVersion(strings.TrimPrefix(pin.Value, "refs/tags/"), p.m.Version); !known && !commitForm.MatchString(pin.Value) && aboutRelease(pin.Name, p.m.Product) {
			p.warn(pin.Source, "%s names %s, which moves", textfmt.Quote(pin.Name), textfmt.Quote(pin.Value))
		}
	}
}

// exactVersion matches a constraint that one version meets.
var exactVersion = regexp.MustCompile(`^\s*=?\s*v?\d+(?:\.\d+)+(?:[-+][0-9A-Za-z.+-]+)?\s*$`)

// image holds one reference against the release.
func (p *pinCheck) image(pin *Pin) {
	ref, err := imageref.Parse(pin.Value)
	if err != nil {
		if pin.Open {
			p.warn(pin.Source, "the image of %s is chosen where it is deployed: %s", textfmt.Quote(pin.Name), textfmt.Quote(pin.Value))
		} else {
			p.warn(pin.Source, "the image of %s: %v", textfmt.Quote(pin.Name), err)
		}
		return
	}
	p.images++
	img := p.own.image(ref)
	loose := looseTag(ref)
	switch {
	case img == nil && p.own.claims(ref):
		p.warn(pin.Source, "%s deploys %s, an image of the product that the release does not list", textfmt.Quote(pin.Name), ref.Familiar())
	case img == nil && loose != "":
		p.warn(pin.Source, "%s deploys %s, which %s", textfmt.Quote(pin.Name), ref.Familiar(), loose)
	case img == nil:
	case ref.Digest.IsZero():
		p.deployed[img] = true
		why := loose
		if why == "" {
			why = "has no digest"
		}
		p.warn(pin.Source, "%s deploys image %s of the release as %s, which %s", textfmt.Quote(pin.Name), img.Name, ref.Familiar(), why)
	default:
		p.deployed[img] = true
		switch is := p.own.digests[ref.Digest.String()]; {
		case is == img:
		case is != nil:
			p.add(evidence.SeverityError, evidence.ErrMismatch, pin.Source, "%s deploys image %s with the digest of image %s", textfmt.Quote(pin.Name), img.Name, is.Name)
		default:
			p.add(evidence.SeverityError, evidence.ErrMismatch, pin.Source, "%s deploys image %s with digest %s, the release has %s", textfmt.Quote(pin.Name), img.Name, ref.Digest, img.Digest)
		}
	}
}

// missing warns of images that a file deploys none of, while it deploys others.
func (p *pinCheck) missing(path string) {
	for i := range p.m.Images {
		if img := &p.m.Images[i]; !p.deployed[img] {
			p.warn(evidence.Source{Path: path}, "does not deploy image %s of the release", img.Name)
		}
	}
}

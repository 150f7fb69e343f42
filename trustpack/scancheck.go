// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/purl"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/sarif"
)

// targetID is the check that a scan is of what the rest of the pack is about.
const targetID = "scan.target"

// scanTargets holds what each scan says of the image that it looked at against
// the image's manifest and the SBOMs: its ID, operating system and layers.
func scanTargets(r *Release, s *Subject) evidence.Checks {
	if s.Image == nil {
		return nil
	}
	held := s.contents()
	var checks evidence.Checks
	for _, d := range s.Documents {
		if d.Scan == nil {
			continue
		}
		t := targetCheck{d: d, s: s, held: held, own: r.own()}
		for i := range d.Scan.Runs {
			if target := d.Scan.Runs[i].Target; target != nil {
				t.run(target)
			}
		}
		checks = append(checks, evidence.Judge(targetID, d.File.Path, t.problems, "is of the image that manifest and SBOMs describe"))
	}
	return checks
}

// imageContents is what the files about an image other than scans say that is in it.
type imageContents struct {
	config  string            // digest of the configuration, where the image's own manifest gives one
	index   bool              // the image is of several platforms
	systems map[string]string // "debian": "12", by the package URLs of the SBOMs
	layers  map[string]string // digest of an unpacked layer: SBOM that names it
}

func (s *Subject) contents() *imageContents {
	c := &imageContents{systems: map[string]string{}, layers: map[string]string{}}
	for _, d := range s.Documents {
		switch {
		case d.File.Format == manifest.FormatOCIIndex:
			c.index = true
		case d.File.Format == manifest.FormatOCIManifest && d.File.SHA256 == s.Image.Digest && len(s.otherDigests) == 1:
			c.config = s.otherDigests[0]
		case d.SBOM != nil:
			for i := range d.SBOM.Components {
				component := &d.SBOM.Components[i]
				for _, p := range component.Properties {
					if strings.HasPrefix(p.Name, "syft:location:") && strings.HasSuffix(p.Name, ":layerID") {
						c.layers[p.Value] = d.File.Path
					}
				}
				if u, err := purl.Parse(component.PURL()); err == nil {
					if family, version := systemOf(u.Qualifier("distro")); family != "" {
						c.systems[family] = version
					}
				}
			}
		}
	}
	return c
}

// systemOf cuts "debian-12.15" and "debian 12.15" in two. Only families that every
// tool calls by one name are told apart.
func systemOf(text string) (family, version string) {
	family, version, _ = strings.Cut(strings.ToLower(strings.Replace(text, " ", "-", 1)), "-")
	switch family {
	case "debian", "ubuntu", "alpine", "wolfi", "fedora", "centos", "photon", "arch":
		return family, version
	}
	return "", ""
}

// sameSystem compares versions of a distribution, of which one may be shortened.
func sameSystem(a, b string) bool {
	return a == "" || b == "" || a == b || strings.HasPrefix(a, b+".") || strings.HasPrefix(b, a+".")
}

type targetCheck struct {
	d        *Document
	s        *Subject
	held     *imageContents
	own      *ownNames
	problems evidence.Problems
}

func (t *targetCheck) fail(format string, args ...any) {
	p := warning(targetID, t.d.File.Path, format, args...)
	p.Severity, p.Err = evidence.SeverityError, evidence.ErrMismatch
	t.problems = append(t.problems, p)
}

func (t *targetCheck) run(target *sarif.Target) {
	image := t.s.Image
	if target.Kind != sarif.TargetImage && target.ImageID != "" || target.Kind == sarif.TargetFilesystem && target.Config != nil && len(target.Config.Layers) > 0 {
		t.fail("says that it is of a %s, with the layers of an image", target.Kind)
	}
	if slices.Contains(target.Digests, image.Digest.String()) {
		for _, digest := range target.Digests {
			if other := t.own.digests[digest]; other != nil && other.Digest != image.Digest {
				t.problems = append(t.problems, warning(targetID, t.d.File.Path, "names the digest of image %s besides that of %s", other.Name, image.Name))
			}
		}
	}
	if target.ImageID != "" && t.held.config != "" && target.ImageID != t.held.config && slices.Contains(target.Digests, image.Digest.String()) {
		t.fail("is of an image with the ID %s, the configuration in the image's manifest is %s", target.ImageID, t.held.config)
	}
	if family, version := systemOf(target.OS); family != "" && len(t.held.systems) > 0 {
		in, ok := t.held.systems[family]
		if !ok || !sameSystem(in, version) {
			var names []string
			for name, v := range t.held.systems {
				names = append(names, strings.TrimSpace(name+" "+v))
			}
			slices.Sort(names)
			t.fail("is of an image with %s, its SBOMs are of %s", textfmt.Quote(target.OS), strings.Join(names, ", "))
		}
	}
	if target.Config == nil || len(target.Config.Layers) == 0 {
		return
	}
	layers := target.Config.Layers
	if config := target.Config.ConfigLayers; len(config) > 0 && !slices.Equal(config, layers) {
		t.fail("lists %s, the first %s, the configuration in the same report %s, the first %s", textfmt.Count(len(layers), "layer"), layers[0], textfmt.Count(len(config), "layer"), config[0])
	}
	if t.held.index {
		return // SBOM and scan may be of different platforms
	}
	for _, layer := range sortedKeys(t.held.layers) {
		if !slices.Contains(layers, layer) {
			t.fail("does not list layer %s, in which %s found packages", layer, t.held.layers[layer])
			return
		}
	}
}

// suppressedFindings counts and names what scans suppress: to the reader it looks as
// if it were not there.
func suppressedFindings(_ *Release, s *Subject) evidence.Checks {
	const id = "scan.suppressed"
	var checks evidence.Checks
	for _, d := range s.Documents {
		if d.Scan == nil {
			continue
		}
		var problems evidence.Problems
		for _, f := range d.Scan.Findings() {
			if !f.Suppressed {
				continue
			}
			why := ""
			for _, x := range f.Suppressions {
				if x.Justification != "" {
					why = x.Justification
				}
			}
			p := warning(id, d.File.Path, "%s (%s) is suppressed: %s", f.ID, f.Severity, textfmt.Quote(why))
			if why == "" {
				p.Message = strings.TrimSuffix(p.Message, ": \"\"") + ", and no reason is given"
			} else if f.Severity < sarif.SeverityHigh {
				p.Severity = evidence.SeverityInfo
			}
			p.Line = f.Source.Line
			problems = append(problems, p)
		}
		if len(problems) == 0 {
			continue
		}
		c := evidence.Judge(id, d.File.Path, problems, textfmt.Count(len(problems), "finding")+" below high suppressed, each with a reason")
		c.Problems = slices.Clip(c.Problems[:min(len(c.Problems), mostProblems)])
		checks = append(checks, c)
	}
	return checks
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"cmp"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/imageref"
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
		log := cmp.Or(d.Scan, d.licensed)
		if log == nil {
			continue
		}
		t := targetCheck{d: d, log: log, s: s, held: held, own: r.own()}
		for i := range log.Runs {
			if target := log.Runs[i].Target; target != nil {
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
	blobs   []string          // digests of the layers that the image's own manifest lists
	systems map[string]string // "debian": "12", by the package URLs of the SBOMs
	arches  map[string]string // "amd64": SBOM that lists packages for it
	layers  map[string]string // digest of an unpacked layer: SBOM that names it
}

func (s *Subject) contents() *imageContents {
	c := &imageContents{systems: map[string]string{}, arches: map[string]string{}, layers: map[string]string{}}
	for _, d := range s.Documents {
		switch {
		case d.File.Format == manifest.FormatOCIIndex:
			c.index = true
		case d.File.Format == manifest.FormatOCIManifest && d.File.SHA256 == s.Image.Digest && len(s.otherDigests) == 1:
			c.config = s.otherDigests[0]
			if m, err := readOCI(d.data, evidence.Limits{}); err == nil {
				for _, layer := range m.layers {
					c.blobs = append(c.blobs, layer.String())
				}
			}
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
					if arch := machineOf(u.Qualifier("arch")); arch != "" {
						c.arches[arch] = d.File.Path
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

// machineOf returns the name that OCI gives to a kind of processor, whatever
// distributions call it; "" for what runs on any, and for those that have several names
// for several things.
func machineOf(arch string) string {
	switch strings.ToLower(arch) {
	case "amd64", "x86_64":
		return "amd64"
	case "arm64", "aarch64":
		return "arm64"
	case "ppc64le", "ppc64el":
		return "ppc64le"
	case "s390x", "riscv64":
		return strings.ToLower(arch)
	}
	return ""
}

type targetCheck struct {
	d        *Document
	log      *sarif.Log
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
	t.machine(target)
	t.name(target)
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
	t.blobs(target.Config)
	for _, layer := range sortedKeys(t.held.layers) {
		if !slices.Contains(layers, layer) {
			t.fail("does not list layer %s, in which %s found packages", layer, t.held.layers[layer])
			return
		}
	}
}

// machine compares the kind of processor that the image is for.
func (t *targetCheck) machine(target *sarif.Target) {
	arch := machineOf(target.Arch)
	if arch == "" || t.held.index {
		return
	}
	if len(t.held.arches) > 0 && t.held.arches[arch] == "" {
		other := sortedKeys(t.held.arches)[0]
		t.fail("is of an image for %s, %s lists packages for %s", arch, t.held.arches[other], other)
	}
	if parts := strings.Split(t.s.Image.Platform, "/"); len(parts) > 1 && machineOf(parts[1]) != "" && machineOf(parts[1]) != arch {
		t.fail("is of an image for %s, the manifest says that image %s is for %s", arch, t.s.Name, textfmt.Quote(t.s.Image.Platform))
	}
}

// name looks for the name of another image of the release.
func (t *targetCheck) name(target *sarif.Target) {
	if target.Kind != sarif.TargetImage {
		return
	}
	ref, err := imageref.Parse(target.Name)
	if err != nil {
		return
	}
	if other := t.own.repos[ref.Repository()]; other != nil && other.Digest != t.s.Image.Digest && t.own.repos[imageref.Repository(t.s.Image.Reference)] == t.s.Image {
		t.fail("names the image %s, which is image %s, and is given to %s", textfmt.Quote(target.Name), other.Name, t.s.Name)
	}
}

// blobs compares the layers with those that the image's own manifest lists, and with
// those in which the scan found something.
func (t *targetCheck) blobs(config *sarif.ImageConfig) {
	switch held := t.held.blobs; {
	case len(held) == 0:
	case len(held) != len(config.Layers):
		t.fail("lists %s, the image's manifest %s", textfmt.Count(len(config.Layers), "layer"), textfmt.Count(len(held), "layer"))
	case len(config.Blobs) == len(held) && !slices.Equal(config.Blobs, held):
		t.fail("lists other layers than the image's manifest, the first %s instead of %s", textfmt.Quote(config.Blobs[0]), held[0])
	}
	if len(config.Blobs) == 0 {
		return
	}
	for _, f := range t.log.Findings() {
		for _, l := range f.Locations {
			if l.Layer != "" && !slices.Contains(config.Blobs, l.Layer) && !slices.Contains(config.Layers, l.Layer) {
				t.fail("found %s in layer %s, which it does not list", f.ID, textfmt.Quote(l.Layer))
				return
			}
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

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"cmp"
	"regexp"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/imageref"
	"github.com/HailBytes/evidence/internal/purl"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/sarif"
	"github.com/HailBytes/evidence/sbom"
)

// stated is one fact that a file states about the release, or about one image.
type stated struct {
	kind  PinKind // pinVersion, pinRef, pinCommit, pinRepository, pinProduct, pinImage
	value string
	what  string // where the file says so, as text: "label org.opencontainers.image.version"
	label bool   // a label of an image, which it may have from the image that it is built on
	loose bool   // it may be about something else than the release: that it differs is a warning
	of    string // name of what an SBOM describes, where it says so; empty elsewhere
	at    evidence.Source
}

// happened is one time that a file states.
type happened struct {
	what event
	time time.Time
	text string // what it is of, for a message: "the scan"
}

// collectStates notes what the files about a subject state of the release while they are in memory.
func collectStates(r *Release, s *Subject) evidence.Checks {
	for _, d := range s.Documents {
		switch {
		case d.SBOM != nil:
			d.stateSBOM()
			d.stateGo()
		case d.Scan != nil:
			d.scanned = true
			d.stateScan(d.Scan)
			d.stateGo()
		case d.licensed != nil:
			d.stateScan(d.licensed)
		case d.Modules != nil:
			d.state(pinRepository, d.Modules.Module, "module")
		case d.Tests != nil:
			d.stateTests(r.Manifest.Product)
		case d.Accessibility != nil:
			for _, p := range d.Accessibility.Pages {
				d.when(eventTest, p.Time, "the test of "+p.URL)
			}
		case d.File.Format == manifest.FormatImageReference && d.data != nil:
			d.stateReference(string(d.data))
		case len(d.Attestations) > 0:
			d.stateProvenance(r.own(), s)
		case len(d.Pins) > 0:
			for _, n := range d.named {
				if v := versionInName(n.Value, r.Manifest.Product); v != "" && !sameNameVersion(v, r.Manifest.Version) {
					d.states = append(d.states, stated{kind: pinVersion, value: v, what: n.Name, at: n.Source})
				}
			}
			for _, p := range d.Pins {
				if kind := p.Kind; kind != pinImage && kind != pinPlugin && kind != pinMachineImage && aboutRelease(p.Name, r.Manifest.Product) {
					d.states = append(d.states, stated{kind: kind, value: p.Value, what: p.Name, at: p.Source})
				}
			}
		}
	}
	return nil
}

func (d *Document) state(kind PinKind, value, what string) {
	if value != "" {
		d.states = append(d.states, stated{kind: kind, value: value, what: what, at: d.Source()})
	}
}

func (d *Document) when(what event, t time.Time, text string) {
	if !t.IsZero() {
		d.times = append(d.times, happened{what, t, text})
	}
}

// whenText is when for a time as a report states it.
func (d *Document) whenText(what event, value, text string) {
	if t, err := time.Parse(time.RFC3339Nano, value); err == nil && t.Year() > 1970 {
		d.when(what, t, text)
	}
}

// stateLabel takes the labels of an image that are about its source
// (OCI image specification, annotations.md).
func (d *Document) stateLabel(name, value string) {
	d.noteLabel(name, value)
	what := "label " + labelPrefix
	switch key, ok := strings.CutPrefix(name, labelPrefix); {
	case !ok || value == "":
	case key == "created":
		d.whenText(eventImage, value, "the image")
	case key == "version":
		d.states = append(d.states, stated{kind: pinVersion, value: value, what: what + key, label: true, at: d.Source()})
	case key == "revision":
		d.states = append(d.states, stated{kind: pinCommit, value: value, what: what + key, label: true, at: d.Source()})
	case key == "source":
		d.states = append(d.states, stated{kind: pinRepository, value: value, what: what + key, label: true, at: d.Source()})
	}
}

// stateReference takes the tag of a reference, which may stand beside a digest.
func (d *Document) stateReference(text string) {
	if ref, err := imageref.Parse(strings.TrimSpace(text)); err == nil {
		d.state(pinVersion, ref.Tag, "tag of the reference")
	}
}

// stateProvenance takes from which source the image was built. Images of others have
// sources of their own.
func (d *Document) stateProvenance(own *ownNames, s *Subject) {
	if s.Image == nil || !own.isProduct(imageref.Repository(s.Image.Reference)) {
		return
	}
	for _, b := range d.Attestations {
		st, err := b.UnverifiedStatement()
		if err != nil || st == nil {
			continue
		}
		repository, ref, commit, ok := st.UnverifiedSource()
		if !ok {
			continue
		}
		d.state(pinRepository, repository, "source of the provenance")
		d.state(pinCommit, commit, "commit of the provenance")
		if tag, ok := strings.CutPrefix(ref, "refs/tags/"); ok {
			d.state(pinVersion, tag, "tag of the provenance")
		}
	}
}

func (d *Document) stateSBOM() {
	d.when(eventSBOM, d.SBOM.Created, "the SBOM")
	d.serial = d.SBOM.Namespace
	first, name := len(d.states), ""
	for _, p := range d.SBOM.MetadataProperties {
		d.stateProperty(p)
	}
	roots := map[string]bool{}
	for _, id := range d.SBOM.Roots() {
		roots[id] = true
	}
	for i := range d.SBOM.Components {
		c := &d.SBOM.Components[i]
		if !roots[c.ID] {
			continue
		}
		name = cmp.Or(name, c.Name.String())
		d.state(pinVersion, c.Version.String(), "version of what it describes")
		for _, p := range c.Properties {
			d.stateProperty(p)
		}
		if u, err := purl.Parse(c.PURL()); err == nil && (u.Type == "oci" || u.Type == "docker") {
			d.state(pinVersion, u.Qualifier("tag"), "tag in the package URL of what it describes")
		}
	}
	for i := range d.states[first:] {
		d.states[first+i].of = name
	}
}

// stateProperty takes a label of the image: Syft and Trivy write them as properties
// of the document or of what it describes.
func (d *Document) stateProperty(p sbom.Property) {
	if i := strings.Index(p.Name, labelPrefix); i >= 0 {
		d.stateLabel(p.Name[i:], p.Value)
	}
}

func (d *Document) stateScan(log *sarif.Log) {
	for i := range log.Runs {
		run := &log.Runs[i]
		d.tools = append(d.tools, run.Tool)
		d.state(pinRepository, run.Source.Repository, "repository that was scanned")
		d.state(pinCommit, run.Source.Revision, "revision that was scanned")
		d.whenText(eventScan, run.Created, "the scan")
		for _, inv := range run.Invocations {
			d.whenText(eventScan, inv.EndTime, "the scan")
		}
		d.whenText(eventDatabase, run.Tool.DatabaseAge, "the vulnerability data base")
		t := run.Target
		if t == nil {
			continue
		}
		switch t.Kind {
		case sarif.TargetModule:
			d.state(pinRepository, t.Name, "module that was scanned")
		case sarif.TargetImage:
			for _, tag := range t.Tags {
				d.state(pinVersion, tag, "tag of the image that was scanned")
			}
		}
		if t.Config != nil {
			d.whenText(eventImage, t.Config.Created, "the image")
			for name, value := range t.Config.Labels {
				d.stateLabel(name, value)
			}
		}
	}
}

func (d *Document) stateTests(product string) {
	d.when(eventTest, d.Tests.Started, "the tests")
	if d.Tests.Commit != "" {
		d.states = append(d.states, stated{kind: pinCommit, value: d.Tests.Commit, what: "commit that Playwright ran at", loose: true, at: d.Source()})
	}
	properties := d.Tests.Properties
	for _, suite := range d.Tests.Suites {
		properties = append(properties[:len(properties):len(properties)], suite.Properties...)
	}
	for _, p := range properties {
		// "version" alone may be that of the browser or of the test tool.
		if kind, about := settingKind(p.Name); kind != "" && (about != "" || kind == pinCommit) && aboutRelease(p.Name, product) {
			d.state(kind, p.Value, "property "+p.Name)
		}
	}
}

// aboutRelease reports whether a name such as "ASM_VERSION" is about the release:
// nothing stands before its last word, or words that mean the product. "DOCKER_VERSION" is
// about Docker.
func aboutRelease(name, product string) bool {
	_, about := settingKind(name)
	if about == "image" { // the version of the image that a builder starts from
		return false
	}
	about = strings.ReplaceAll("-"+about+"-", "-"+strings.Join(nameWords(product), "-")+"-", "-")
	for word := range strings.SplitSeq(about, "-") {
		switch word {
		case "", "release", "app", "application", "product", "build", "git", "vcs", "source", "src", "org", "opencontainers", "image", "commit", "hailbytes":
		default:
			return false
		}
	}
	return true
}

// versionForm matches what may be a version of the release: "1.482", "v1.482.0", "1.482-amd64".
var versionForm = regexp.MustCompile(`^v?(\d+\.\d+)(?:\.0)?(?:[-+._]([A-Za-z][A-Za-z0-9._-]*))?$`)

// sameVersion compares what a file states with the version of the release. known is
// false where the value is no version of the form that releases have: a floating
// tag, a day, a digest.
func sameReleaseVersion(value, release string) (same, known bool) {
	if strings.TrimPrefix(value, "v") == release {
		return true, true
	}
	got, want := versionForm.FindStringSubmatch(value), versionForm.FindStringSubmatch(release)
	if got == nil || want == nil {
		return false, false
	}
	switch suffix := strings.ToLower(got[2]); {
	case got[1] != want[1]:
		return false, true
	case suffix == want[2], suffix == "":
		return true, true
	default: // a variant, "1.482-amd64", but not one before the release, "1.482-rc1"
		for _, early := range []string{"rc", "alpha", "beta", "dev", "pre", "snapshot"} {
			if strings.HasPrefix(suffix, early) {
				return false, true
			}
		}
		return true, true
	}
}

// sameCommit compares names of commits, of which one may be shortened.
func sameCommit(a, b string) (same, known bool) {
	a, b = strings.ToLower(a), strings.ToLower(b)
	if !commitForm.MatchString(a) || !commitForm.MatchString(b) {
		return false, false
	}
	return strings.HasPrefix(a, b) || strings.HasPrefix(b, a), true
}

var commitForm = regexp.MustCompile(`^[0-9a-f]{7,64}$`)

// sameSource compares source repositories however they are written: as a URL of any
// scheme, as git writes it for SSH, as the path of a Go module. known is false unless
// both are at one host.
func sameSource(a, b string) (same, known bool) {
	a, b = sourceOf(a), sourceOf(b)
	host, _, ok := strings.Cut(a, "/")
	other, _, _ := strings.Cut(b, "/")
	if !ok || !strings.Contains(host, ".") || host != other {
		return false, false // a mirror, or the path of a module that is not that of its repository
	}
	return a == b, true
}

// sourceOf returns "github.com/owner/name" in lower case.
func sourceOf(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	s = strings.TrimPrefix(s, "git+")
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	} else if rest, ok := strings.CutPrefix(s, "git@"); ok {
		s = strings.Replace(rest, ":", "/", 1)
	}
	if i := strings.IndexByte(s, '@'); i >= 0 && i < strings.IndexByte(s, '/') {
		s = s[i+1:] // a user
	}
	s, _, _ = strings.Cut(s, "#")
	s, _, _ = strings.Cut(s, "?")
	if host, _, _ := strings.Cut(s, "/"); host == "github.com" {
		if parts := strings.SplitN(s, "/", 4); len(parts) > 3 {
			s = strings.Join(parts[:3], "/") // a folder, or a major version of a module
		}
	}
	s, _, _ = strings.Cut(s, "@")
	return strings.TrimSuffix(strings.TrimSuffix(s, "/"), ".git")
}

// ownNames is what belongs to the release by name.
type ownNames struct {
	product string
	repos   map[string]*manifest.Image // by repository
	names   map[string]*manifest.Image // by last component, where that names the product
	spaces  map[string]bool            // registry and namespace of the images
	digests map[string]*manifest.Image
	images  map[string]*manifest.Image // by the name that the manifest gives
	parts   map[string]bool            // digests of the files and artifacts of the release
}

// own returns the names, made once.
func (r *Release) own() *ownNames {
	r.ownOnce.Do(func() { r.names = newOwnNames(r.Manifest) })
	return r.names
}

// ownPlatforms is own with the digests that the images' own manifests give them; it is
// for checks that run when every subject was read.
func (r *Release) ownPlatforms() *ownNames {
	o := newOwnNames(r.Manifest)
	for _, s := range r.Subjects {
		for _, digest := range s.otherDigests {
			if s.Image != nil && o.digests[digest] == nil {
				o.digests[digest] = s.Image
			}
		}
	}
	return o
}

func newOwnNames(m *manifest.Manifest) *ownNames {
	o := &ownNames{product: m.Product, repos: map[string]*manifest.Image{}, names: map[string]*manifest.Image{}, spaces: map[string]bool{}, digests: map[string]*manifest.Image{}, images: map[string]*manifest.Image{}, parts: map[string]bool{}}
	for i := range m.Files {
		o.parts[m.Files[i].SHA256.String()] = true
	}
	for i := range m.Artifacts {
		o.parts[m.Artifacts[i].SHA256.String()] = true
	}
	for i := range m.Images {
		img := &m.Images[i]
		o.digests[img.Digest.String()], o.images[img.Name] = img, img
		ref, err := imageref.Parse(img.Reference)
		if err != nil {
			continue
		}
		repo := ref.Repository()
		o.repos[repo] = img
		if o.isProduct(ref.Name()) {
			o.names[ref.Name()] = img
		}
		o.spaces[repo[:strings.LastIndexByte(repo, '/')]] = true
	}
	return o
}

// isProduct reports whether a name has the product's among its words.
func (o *ownNames) isProduct(name string) bool {
	return strings.Contains("-"+strings.Join(nameWords(name), "-")+"-", "-"+strings.Join(nameWords(o.product), "-")+"-")
}

// image returns the image of the release that a reference names: by repository, by
// the name that it has at a mirror too, or by digest.
func (o *ownNames) image(ref imageref.Ref) *manifest.Image {
	if img := o.repos[ref.Repository()]; img != nil {
		return img
	}
	if img := o.names[ref.Name()]; img != nil {
		return img
	}
	return o.digests[ref.Digest.String()]
}

// claims reports whether a reference is of the product, though the release lists no
// such image.
func (o *ownNames) claims(ref imageref.Ref) bool {
	repo := ref.Repository()
	return o.isProduct(ref.Name()) && o.spaces[repo[:strings.LastIndexByte(repo, '/')]]
}

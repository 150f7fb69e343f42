// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"cmp"
	"errors"
	"strings"

	"github.com/HailBytes/evidence/internal/purl"
	"github.com/HailBytes/evidence/internal/vercmp"
)

// Package is what a claim names of a package. The zero Package is any.
type Package struct {
	url    purl.PURL // Type is empty where the claim names no package
	key    purl.Key
	ranged bool
	rng    vercmp.Range
	text   string // of the range
}

// ParsePackage reads a package URL, and a range of versions as
// [vercmp.ParseRange] does. Either may be empty. The range may also stand in the
// qualifier "vers".
func ParsePackage(url, versions string) (Package, error) {
	var p Package
	if url != "" {
		u, err := purl.Parse(url)
		if err != nil {
			return Package{}, err
		}
		if vers := u.Qualifier("vers"); vers != "" {
			if versions != "" {
				return Package{}, errors.New("the package URL names a range of versions already")
			}
			versions, u = vers, u.Without("vers")
		}
		p.url, p.key = u, keyOf(u)
	}
	if versions == "" {
		return p, nil
	}
	if p.url.Version != "" {
		return Package{}, errors.New("the package URL names a version already")
	}
	var err error
	if p.rng, err = vercmp.ParseRange(versions); err != nil {
		return Package{}, err
	}
	p.ranged, p.text = !p.rng.All(), versions
	return p, nil
}

// keyOf is purl.KeyOf with versions as they are compared.
func keyOf(u purl.PURL) purl.Key {
	k := purl.KeyOf(u)
	k.Version = bareVersion(k.Type, k.Version)
	return k
}

// bareVersion returns a version in the one form in which it is compared: without
// the "v" in front of a digit, which tools write as they please, without an epoch
// of 0, and of NuGet without case and build metadata.
func bareVersion(ecosystem, v string) string {
	v = strings.TrimPrefix(v, "0:")
	switch ecosystem {
	case "golang":
		v = strings.TrimPrefix(v, "go")
	case "nuget":
		v, _, _ = strings.Cut(strings.ToLower(v), "+")
	}
	if len(v) > 1 && v[0] == 'v' && v[1] >= '0' && v[1] <= '9' {
		return v[1:]
	}
	return v
}

// vendors are the types whose namespace is the vendor of a distribution. A claim
// may leave it out; in all other types a package without namespace is another one.
var vendors = map[string]bool{"deb": true, "rpm": true, "apk": true, "alpm": true}

// name returns what tells packages of one type apart.
func name(k purl.Key) string {
	if k.Namespace == "" || vendors[k.Type] {
		return k.Name
	}
	return k.Namespace + "/" + k.Name
}

// Any reports whether the claim names nothing of the package.
func (p *Package) Any() bool { return p.url.Type == "" && !p.ranged }

// Key returns type and name of the package, "" where the claim does not name it.
// A claim fits no fact that has another key.
func (p *Package) Key() string {
	if p.url.Type == "" {
		return ""
	}
	return p.key.Type + "/" + name(p.key)
}

// Name returns the last element of the package's name, which tools write alike
// whether or not they know its type; "" where the claim does not name it.
func (p *Package) Name() string { return strings.ToLower(last(name(p.key))) }

// Version returns the one version that the claim names, "" for none or a range.
func (p *Package) Version() string { return p.key.Version }

// Fact is what is known of one version of a package.
type Fact struct {
	url purl.PURL // Type is empty where no package URL is known
	key purl.Key  // of type and name as the tool has them where the URL is not known
}

// NewFact returns the fact of what a tool says: package URL, else type and name;
// and the version. Any may be empty.
func NewFact(url, ecosystem, tool, version string) *Fact {
	f := &Fact{key: purl.Key{Type: ecosystem, Name: tool}}
	if u, err := purl.Parse(url); err == nil {
		f.url = u
		u.Version = cmp.Or(version, u.Version)
		f.key = keyOf(u)
		return f
	}
	f.key.Version = bareVersion(ecosystem, version)
	return f
}

// Key is that of [Package.Key], "" where the type is not known.
func (f *Fact) Key() string {
	if f == nil || f.key.Type == "" {
		return ""
	}
	return f.key.Type + "/" + strings.ReplaceAll(name(f.key), ":", "/")
}

// Name is that of [Package.Name].
func (f *Fact) Name() string {
	if f == nil {
		return ""
	}
	return strings.ToLower(last(name(f.key)))
}

// Version is that of [Package.Version], "" where it is not known.
func (f *Fact) Version() string {
	if f == nil {
		return ""
	}
	return f.key.Version
}

// HasURL reports whether the package URL is known.
func (f *Fact) HasURL() bool { return f.url.Type != "" }

// Compare decides whether the claim is about the package. A nil fact is that of a
// finding without a package.
func (p *Package) Compare(f *Fact) Result {
	if p.Any() {
		return Fit
	}
	if f == nil {
		return Result{Differs, "package", cmp.Or(p.Key(), p.text), "no package"}
	}
	r := Fit
	if p.url.Type != "" {
		r = p.compareURL(f)
	}
	if p.ranged && r.Answer != Differs {
		r = r.And(p.compareRange(f))
	}
	return r
}

func (p *Package) compareURL(f *Fact) Result {
	r := Compare("package", p.Key(), f.Key())
	if f.key.Type == "" && !strings.EqualFold(last(name(p.key)), last(f.key.Name)) {
		r = Result{Differs, "package", name(p.key), f.key.Name}
	}
	if p.key.Namespace != "" && vendors[p.key.Type] {
		r = r.And(Compare("vendor", p.key.Namespace, f.url.Namespace))
	}
	if p.key.Version != "" {
		r = r.And(Compare("version", p.key.Version, f.key.Version))
	}
	for _, q := range p.url.Qualifiers {
		got := f.url.Qualifier(q.Key)
		switch {
		case q.Key == "epoch" && vendors[p.key.Type]:
			if p.key.Version == "" { // otherwise it is part of the version
				r = r.And(Compare("epoch", cmp.Or(strings.TrimLeft(q.Value, "0"), "0"), epoch(f.key.Version)))
			}
		case q.Key == "distro" && strings.HasPrefix(got, q.Value+"."):
			// "debian-12" holds for the release 12.15.
		default:
			r = r.And(Compare(q.Key, q.Value, got))
		}
	}
	if p.url.Subpath != "" {
		r = r.And(Compare("subpath", p.url.Subpath, f.url.Subpath))
	}
	return r
}

func last(s string) string { return s[strings.LastIndexAny(s, "/:")+1:] }

// epoch returns the epoch of a version, "0" for one without, "" where no version
// is known.
func epoch(version string) string {
	if version == "" {
		return ""
	}
	if e, _, ok := strings.Cut(version, ":"); ok {
		return e
	}
	return "0"
}

func (p *Package) compareRange(f *Fact) Result {
	if f.key.Version == "" {
		return Result{Unknown, "versions", p.text, ""}
	}
	switch in, ok := p.rng.Contains(f.key.Type, f.key.Version); {
	case !ok:
		return Result{Unknown, "versions", p.text, strings.TrimSpace(f.key.Type + " " + f.key.Version)}
	case !in:
		return Result{Differs, "versions", p.text, f.key.Version}
	}
	return Fit
}

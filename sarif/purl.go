// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"strings"

	"github.com/HailBytes/evidence/internal/purl"
)

// purlVersion returns the version of a package URL with its epoch, "" for a text
// that is none.
func purlVersion(text string) string {
	p, err := purl.Parse(text)
	if err != nil {
		return ""
	}
	if epoch := p.Qualifier("epoch"); epoch != "" && epoch != "0" && (p.Type == "deb" || p.Type == "rpm") {
		return epoch + ":" + p.Version
	}
	return p.Version
}

// settle makes the package's URL canonical, and derives one where the tool gives
// name and kind of package but no URL. namespace is that of an operating
// system's packages ("debian"); empty when the tool does not say.
func (p *Package) settle(namespace string) {
	if p == nil {
		return
	}
	if p.PURL != "" {
		u, err := purl.Parse(p.PURL)
		if err != nil {
			p.PURL = ""
		} else {
			p.PURL, p.Ecosystem = u.String(), u.Type
			if p.Name == "" {
				p.Name = purlName(u)
			}
			if v := purlVersion(p.PURL); v != "" && len(p.Versions) == 0 {
				p.Versions = []string{v}
			}
		}
	}
	if p.PURL == "" {
		p.PURL = derivePURL(p.Ecosystem, namespace, p.Name, p.Version())
	}
}

// derivePURL returns the package URL of a package named as scanners name those
// of its ecosystem; "" where that leaves the URL open.
func derivePURL(ecosystem, namespace, name, version string) string {
	u := purl.PURL{Type: ecosystem, Name: name, Version: version}
	cut := func(i int) {
		if i >= 0 {
			u.Namespace, u.Name = name[:i], name[i+1:]
		}
	}
	switch ecosystem {
	case "golang":
		cut(strings.LastIndexByte(name, '/'))
	case "npm":
		if strings.HasPrefix(name, "@") {
			cut(strings.IndexByte(name, '/'))
		}
	case "maven":
		i := strings.IndexByte(name, ':')
		if i < 0 {
			return ""
		}
		cut(i)
	case "composer", "swift", "github":
		i := strings.LastIndexByte(name, '/')
		if i < 0 {
			return ""
		}
		cut(i)
	case "pypi", "gem", "cargo", "nuget", "hex", "pub", "conan", "conda", "cran", "hackage":
	case "deb", "apk", "rpm", "alpm":
		if namespace == "" {
			return ""
		}
		u.Namespace = namespace
		if epoch, v, ok := strings.Cut(version, ":"); ok && isDigits(epoch) {
			if u.Version = v; epoch != "0" {
				u.Qualifiers = []purl.Qualifier{{Key: "epoch", Value: epoch}}
			}
		}
	default:
		return ""
	}
	if u.Name == "" {
		return ""
	}
	text, err := purl.Canonical(u.String())
	if err != nil {
		return ""
	}
	return text
}

// purlName returns the name that scanners show for a package URL.
func purlName(u purl.PURL) string {
	switch {
	case u.Namespace == "", u.Type == "deb", u.Type == "rpm", u.Type == "apk", u.Type == "alpm":
		return u.Name
	case u.Type == "maven":
		return u.Namespace + ":" + u.Name
	}
	return u.Namespace + "/" + u.Name
}

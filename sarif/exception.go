// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"fmt"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/claim"
	"github.com/HailBytes/evidence/internal/policyfile"
)

// Exception is a decision to accept a finding until a day. Everything that it names
// is compared with what the finding states; where the finding does not state it,
// the exception does not count. What it leaves out is any.
type Exception struct {
	Vulnerability string // required: an identifier of the finding, or an alias; for other classes the rule
	PURL          string // package; with a version, that version only
	Versions      string // range of installed versions: ">=1.2, <2.0" or a VERS
	Image         string // repository, with tag or digest if these only; or the name of another target
	evidence.Decision

	File string // that holds the exception
	Line int    // from 1
}

// String returns the file, line and vulnerability.
func (e *Exception) String() string {
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Vulnerability)
}

// ParseExceptions reads a file of exceptions, YAML or JSON:
//
//	exceptions:
//	  - vulnerability: CVE-2011-3374
//	    purl: pkg:deb/debian/apt
//	    versions: ">=2.6, <2.8"
//	    image: ghcr.io/acme/web
//	    owner: security@acme.example
//	    reason: needs a local account, which the image does not have
//	    expires: 2026-12-31
//
// Name is the file's name in problems. Pointer is the JSON pointer of the list in
// a larger policy file, and empty for a file of exceptions. Expires is a day (the
// exception holds to its end, UTC) or an RFC 3339 time. Members that are not known,
// given twice, missing or malformed are refused, all at once, with their places;
// so are YAML aliases, anchors and several documents. The error is a *Problem or
// Problems, with codes policy.*.
func ParseExceptions(data []byte, name, pointer string) ([]*Exception, error) {
	f, err := policyfile.Parse(data, name, evidence.Limits{})
	if err != nil {
		return nil, err
	}
	at := f.At(pointer)
	if pointer == "" {
		root := at
		at = nil
		for name, n := range root.Members() {
			if name == "exceptions" {
				at = n
				continue
			}
			n.Unknown("exceptions")
		}
		root.Complete("exceptions")
	}
	var exceptions []*Exception
	if at != nil {
		for n := range at.Items() {
			exceptions = append(exceptions, readException(n, name))
		}
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return exceptions, nil
}

func readException(n *policyfile.Node, file string) *Exception {
	e := &Exception{File: file, Line: n.Line()}
	var versions *policyfile.Node
	for name, m := range n.Members() {
		switch name {
		case "vulnerability":
			e.Vulnerability = m.Text()
		case "purl":
			e.PURL = m.Text()
			if _, err := claim.ParsePackage(e.PURL, ""); err != nil {
				m.Refuse("policy.purl", "%v", err)
				e.PURL = ""
			}
		case "versions":
			e.Versions, versions = m.Text(), m
		case "image":
			e.Image = m.Text()
		default:
			if !m.Decision(&e.Decision) {
				m.Unknown("vulnerability", "purl", "versions", "image", "owner", "reason", "expires")
			}
		}
	}
	n.Complete("vulnerability", "owner", "reason", "expires")
	if e.Versions != "" {
		if _, err := claim.ParsePackage(e.PURL, e.Versions); err != nil {
			versions.Refuse("policy.versions", "%v", err)
		}
	}
	return e
}

// scope returns what the exception is about.
func (e *Exception) scope() (*scope, error) {
	missing := e.Missing()
	if e.Vulnerability == "" {
		missing = append(missing, "vulnerability")
	}
	if missing != nil {
		return nil, fmt.Errorf("sarif: exception %s has no %s", e, missing[0])
	}
	pkg, err := claim.ParsePackage(e.PURL, e.Versions)
	if err != nil {
		return nil, fmt.Errorf("sarif: exception %s: %w", e, err)
	}
	s := &scope{exception: e}
	if !pkg.Any() {
		s.packages = []claim.Package{pkg}
	}
	if e.Image != "" {
		s.targets = []targetClaim{imageClaim(e.Image)}
	}
	return s, nil
}

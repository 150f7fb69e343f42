// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

import "github.com/HailBytes/evidence/internal/signed"

// Release is what GitHub says of a release whose tag and assets it lets nobody change
// ([ReleaseV02]). Each asset is a subject of the statement.
type Release struct {
	Repository string // "HailBytes/hailbytes-asm"
	Tag        string // "v1.482"
	Object     string // what the tag names: the commit, or the object of an annotated tag; 40 hexadecimal digits
}

// Release returns what a signed statement says of a release on GitHub. The error is that
// it says nothing, or contradicts itself.
func (v *Verified) Release() (*Release, error) {
	st := v.statement
	if st == nil || st.PredicateType != ReleaseV02 {
		return nil, refuse(signed.StagePredicateType, ErrPredicateType, "no attestation of a release")
	}
	decoded, err := st.decode()
	if err != nil {
		return nil, err
	}
	p := decoded.(*release)
	said := &Release{Repository: p.repository, Tag: p.tag}
	// The tag is the one subject that is no asset.
	for _, s := range st.Subject {
		id := s.Digest["sha1"]
		if s.URI == "" || id == "" {
			continue
		}
		if said.Object != "" || s.URI != p.purl {
			return nil, &Error{Stage: signed.StageSubject, Kind: ErrSubject, Message: "subject of another release", Got: s.URI, Want: p.purl}
		}
		said.Object = id
	}
	if said.Object == "" {
		return nil, refuse(signed.StageSubject, ErrSubject, "no subject is the tag of the release")
	}
	return said, nil
}

// release is the predicate of an attestation of a release.
type release struct{ repository, tag, purl string }

func decodeRelease(s *Statement) (any, *predicateReader) {
	r, p := newPredicateReader(s), &release{}
	r.object(map[string]func(){
		"repository": r.text(&p.repository),
		"tag":        r.text(&p.tag),
		"purl":       r.text(&p.purl),
	})
	r.need(p.repository != "", "/repository")
	r.need(p.tag != "", "/tag")
	r.need(p.purl != "", "/purl")
	return p, r
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"io"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/signed"
)

// Subject is the artifact that an attestation must be about: the caller's side of
// the comparison. Artifacts are compared by digest, never by name. The zero
// Subject is no artifact, and nothing is about it.
type Subject struct {
	any       bool
	artifacts [][]evidence.Digest // alternatives; digests of one artifact, at most one of each algorithm
}

// DigestSubject returns the artifact that has these digests: of one artifact, by
// several algorithms. A zero Digest among them is an error of [Verify].
func DigestSubject(d ...evidence.Digest) Subject {
	return Subject{artifacts: [][]evidence.Digest{d}}
}

// OneOf returns a Subject that is any one of others: an image, say, by the digest of
// its index or of its manifest for one platform. [Verified.Subject] says which it was.
func OneOf(others ...Subject) Subject {
	var s Subject
	for _, o := range others {
		s.any = s.any || o.any
		s.artifacts = append(s.artifacts, o.artifacts...)
	}
	return s
}

// ArtifactSubject returns the artifact that r reads, with its digests by all
// algorithms that are understood: sha256, sha384 and sha512. The error is that of r.
func ArtifactSubject(r io.Reader) (Subject, error) {
	h256, h384, h512 := sha256.New(), sha512.New384(), sha512.New()
	if _, err := io.Copy(io.MultiWriter(h256, h384, h512), r); err != nil {
		return Subject{}, err
	}
	var digests []evidence.Digest
	for alg, sum := range map[evidence.Algorithm][]byte{
		evidence.SHA256: h256.Sum(nil), evidence.SHA384: h384.Sum(nil), evidence.SHA512: h512.Sum(nil),
	} {
		d, err := evidence.NewDigest(alg, sum)
		if err != nil {
			return Subject{}, err
		}
		digests = append(digests, d)
	}
	return DigestSubject(digests...), nil
}

// BytesSubject returns the artifact that consists of data.
func BytesSubject(data []byte) Subject {
	s, err := ArtifactSubject(bytes.NewReader(data))
	if err != nil {
		return Subject{} // a bytes.Reader does not fail
	}
	return s
}

// UnsafeAnySubject returns a Subject that every statement is about. What was
// attested is then for the caller to compare, and the result says that nobody
// did. Use it to look at attestations, not to trust an artifact.
func UnsafeAnySubject() Subject { return Subject{any: true} }

// String returns the digests, joined by ", ", alternatives by " or ".
func (s Subject) String() string {
	if s.any {
		return "any subject"
	}
	var artifacts []string
	for _, digests := range s.artifacts {
		var all []string
		for _, d := range digests {
			all = append(all, d.String())
		}
		artifacts = append(artifacts, strings.Join(all, ", "))
	}
	return strings.Join(artifacts, " or ")
}

func (s Subject) check() error {
	if s.any {
		return nil
	}
	if len(s.artifacts) == 0 {
		return refuse(StageSubject, nil, "no artifact to hold the attestation against")
	}
	for _, digests := range s.artifacts {
		seen := map[evidence.Algorithm]bool{}
		for _, d := range digests {
			if d.IsZero() {
				return refuse(StageSubject, nil, "a digest that was asked for is missing")
			}
			if seen[d.Algorithm()] {
				return refuse(StageSubject, nil, "two %s digests for one artifact", d.Algorithm())
			}
			seen[d.Algorithm()] = true
		}
		if len(seen) == 0 {
			return refuse(StageSubject, nil, "an artifact without a digest")
		}
	}
	return nil
}

var hashOf = map[evidence.Algorithm]crypto.Hash{
	evidence.SHA256: crypto.SHA256, evidence.SHA384: crypto.SHA384, evidence.SHA512: crypto.SHA512,
}

func algorithmOf(h crypto.Hash) evidence.Algorithm {
	for a, of := range hashOf {
		if of == h {
			return a
		}
	}
	return ""
}

// forMessage returns the digests that a message signature is checked against,
// and refuses a bundle whose own hint contradicts them. When any subject will do,
// the hint is taken: if the signature verifies, it told the truth.
func (s Subject) forMessage(m signed.Message) (map[crypto.Hash][]byte, []evidence.Digest, error) {
	hint, err := evidence.NewDigest(algorithmOf(m.Algorithm), m.Digest)
	hinted := m.Algorithm != 0 && err == nil
	if s.any {
		if !hinted {
			return nil, nil, refuse(StageSubject, ErrSubject, "a message signature that does not say its digest needs the artifact")
		}
		return map[crypto.Hash][]byte{m.Algorithm: m.Digest}, []evidence.Digest{hint}, nil
	}
	var contradiction error
	for _, digests := range s.artifacts {
		sums := map[crypto.Hash][]byte{}
		differs := false
		for _, d := range digests {
			if hinted && d.Algorithm() == hint.Algorithm() && d != hint {
				differs = true
				contradiction = &Error{Stage: StageSubject, Kind: ErrSubject, Message: "signature of another artifact", Got: hint.String(), Want: d.String()}
			}
			sums[hashOf[d.Algorithm()]] = d.Bytes()
		}
		if !differs {
			return sums, digests, nil
		}
	}
	return nil, nil, contradiction
}

// match finds the subject of st that is the artifact: one of its digests is the
// caller's, and none that the caller also knows differs.
func (s Subject) match(st *Statement) (index int, matched []evidence.Digest, err error) {
	if s.any {
		return -1, nil, nil
	}
	var contradiction error
	for _, digests := range s.artifacts {
		for i := range st.Subject {
			agree, differ := compareDigests(digests, st.Subject[i].Digest)
			switch {
			case len(agree) > 0 && differ.IsZero():
				return i, agree, nil
			case len(agree) > 0 && contradiction == nil:
				contradiction = &Error{
					Stage: StageSubject, Kind: ErrSubject, Message: fmt.Sprintf("subject agrees in %s and differs in %s", agree[0].Algorithm(), differ.Algorithm()),
					Got: st.Subject[i].Digest[string(differ.Algorithm())], Want: differ.Hex(),
				}
			}
		}
	}
	if contradiction != nil {
		return -1, nil, contradiction
	}
	return -1, nil, &Error{Stage: StageSubject, Kind: ErrSubject, Message: "no subject is the artifact", Got: describeSubjects(st.Subject), Want: s.String()}
}

// compareDigests returns the digests in which both sides agree, and one in which
// they differ.
func compareDigests(digests []evidence.Digest, set DigestSet) (agree []evidence.Digest, differ evidence.Digest) {
	for _, d := range digests {
		switch value, ok := set[string(d.Algorithm())]; {
		case !ok:
		case value == d.Hex():
			agree = append(agree, d)
		default:
			differ = d
		}
	}
	return agree, differ
}

// describeSubjects names the first subjects, with the strongest digest of each.
func describeSubjects(list []ResourceDescriptor) string {
	const most = 3
	var all []string
	for i, d := range list {
		if i == most {
			all = append(all, "...")
			break
		}
		text := "no digest of a known algorithm"
		for _, alg := range []string{"sha256", "sha384", "sha512", "sha1", "gitCommit", "md5"} {
			if value, ok := d.Digest[alg]; ok {
				text = alg + ":" + value
				break
			}
		}
		if d.Name != "" {
			text += " (" + d.Name + ")"
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/signed"
)

// Subject is the artifact that an attestation must be about: the caller's side of
// the comparison. Artifacts are compared by digest, never by name. The zero
// Subject is no artifact, and nothing is about it.
type Subject struct {
	any       bool
	artifacts []artifact // alternatives
}

// artifact is one alternative of a Subject.
type artifact struct {
	digests []evidence.Digest      // of one artifact, at most one of each algorithm
	bytes   func() ([]byte, error) // reads the artifact once more; nil if it is not at hand
}

// DigestSubject returns the artifact that has these digests: of one artifact, by
// several algorithms. A zero Digest among them is an error of [Verify].
func DigestSubject(d ...evidence.Digest) Subject {
	return Subject{artifacts: []artifact{{digests: d}}}
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

// maxArtifact bounds the artifact that is read into memory, for a signature that is
// over its bytes and not over a digest.
const maxArtifact = 1 << 30

// ArtifactSubject returns the artifact that r reads, with its digests by all
// algorithms that are understood: sha256, sha384 and sha512. The error is that of r.
//
// Plain Ed25519 signs the artifact itself. If r is also an io.ReaderAt, as a file is,
// [Verify] reads an artifact of up to 1 GiB from it once more for such a signature, and
// r must stay open.
func ArtifactSubject(r io.Reader) (Subject, error) {
	h256, h384, h512 := sha256.New(), sha512.New384(), sha512.New()
	size, err := io.Copy(io.MultiWriter(h256, h384, h512), r)
	if err != nil {
		return Subject{}, err
	}
	var a artifact
	for alg, sum := range map[evidence.Algorithm][]byte{
		evidence.SHA256: h256.Sum(nil), evidence.SHA384: h384.Sum(nil), evidence.SHA512: h512.Sum(nil),
	} {
		d, err := evidence.NewDigest(alg, sum)
		if err != nil {
			return Subject{}, err
		}
		a.digests = append(a.digests, d)
	}
	if at, ok := r.(io.ReaderAt); ok {
		want := [sha512.Size]byte(h512.Sum(nil))
		a.bytes = func() ([]byte, error) { return readAgain(at, size, want) }
	}
	return Subject{artifacts: []artifact{a}}, nil
}

// readAgain reads an artifact whose digest is known.
func readAgain(r io.ReaderAt, size int64, want [sha512.Size]byte) ([]byte, error) {
	if size > maxArtifact {
		return nil, fmt.Errorf("the signature is over the artifact itself, whose %d bytes are more than the limit of %d", size, maxArtifact)
	}
	data := make([]byte, size)
	if n, err := r.ReadAt(data, 0); int64(n) < size {
		return nil, fmt.Errorf("reading the artifact once more: %w", err)
	}
	if sha512.Sum512(data) != want {
		return nil, errors.New("the artifact changed while it was read")
	}
	return data, nil
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
	for _, a := range s.artifacts {
		var all []string
		for _, d := range a.digests {
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
		return refuse(signed.StageSubject, nil, "no artifact to hold the attestation against")
	}
	for _, a := range s.artifacts {
		seen := map[evidence.Algorithm]bool{}
		for _, d := range a.digests {
			if d.IsZero() {
				return refuse(signed.StageSubject, nil, "a digest that was asked for is missing")
			}
			if seen[d.Algorithm()] {
				return refuse(signed.StageSubject, nil, "two %s digests for one artifact", d.Algorithm())
			}
			seen[d.Algorithm()] = true
		}
		if len(seen) == 0 {
			return refuse(signed.StageSubject, nil, "an artifact without a digest")
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

// forMessage returns the artifacts that a message signature may be about: those that
// its own hint does not contradict. When any subject will do, the hint is taken: if the
// signature verifies, it told the truth.
func (s Subject) forMessage(m signed.Message) ([]artifact, error) {
	var hint evidence.Digest
	if m.Algorithm != 0 {
		var err error
		if hint, err = evidence.NewDigest(algorithmOf(m.Algorithm), m.Digest); err != nil {
			return nil, malformed(signed.StageBundle, "messageDigest", err)
		}
	}
	if s.any {
		if hint.IsZero() {
			return nil, refuse(signed.StageSubject, ErrSubject, "a message signature that does not say its digest needs the artifact")
		}
		return []artifact{{digests: []evidence.Digest{hint}}}, nil
	}
	var list []artifact
	var contradiction error
	for _, a := range s.artifacts {
		i := slices.IndexFunc(a.digests, func(d evidence.Digest) bool { return d.Algorithm() == hint.Algorithm() && d != hint })
		if !hint.IsZero() && i >= 0 {
			contradiction = &Error{Stage: signed.StageSubject, Kind: ErrSubject, Message: "signature of another artifact", Got: hint.String(), Want: a.digests[i].String()}
			continue
		}
		list = append(list, a)
	}
	if len(list) == 0 {
		return nil, contradiction
	}
	return list, nil
}

// input returns what the signatures of a message are held against.
func (a *artifact) input(c *signed.Content) *signed.Input {
	sums := map[crypto.Hash][]byte{}
	for _, d := range a.digests {
		sums[hashOf[d.Algorithm()]] = d.Bytes()
	}
	return signed.NewInput(c, sums, a.bytes)
}

// match finds the subject of st that is the artifact: one of its digests is the
// caller's, and none that the caller also knows differs.
func (s Subject) match(st *Statement) (index int, matched []evidence.Digest, err error) {
	if s.any {
		return -1, nil, nil
	}
	var contradiction error
	for _, a := range s.artifacts {
		for i := range st.Subject {
			agree, differ := compareDigests(a.digests, st.Subject[i].Digest)
			switch {
			case len(agree) > 0 && differ.IsZero():
				return i, agree, nil
			case len(agree) > 0 && contradiction == nil:
				contradiction = &Error{
					Stage: signed.StageSubject, Kind: ErrSubject, Message: fmt.Sprintf("subject agrees in %s and differs in %s", agree[0].Algorithm(), differ.Algorithm()),
					Got: st.Subject[i].Digest[string(differ.Algorithm())], Want: differ.Hex(),
				}
			}
		}
	}
	if contradiction != nil {
		return -1, nil, contradiction
	}
	return -1, nil, &Error{Stage: signed.StageSubject, Kind: ErrSubject, Message: "no subject is the artifact", Got: describeSubjects(st.Subject), Want: s.String()}
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

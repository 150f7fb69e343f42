package attest

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"io"
	"strings"

	"github.com/HailBytes/evidence/internal/signed"
	"github.com/HailBytes/evidence/manifest"
)

// Subject is the artifact that an attestation must be about: the caller's side of
// the comparison. Artifacts are compared by digest, never by name. The zero
// Subject is no artifact, and nothing is about it.
type Subject struct {
	any     bool
	digests []manifest.Digest // of one artifact, at most one of each algorithm
}

// DigestSubject returns the artifact that has these digests: of one artifact, by
// several algorithms. A zero Digest among them makes the Subject match nothing.
func DigestSubject(d ...manifest.Digest) Subject {
	return Subject{digests: d}
}

// ArtifactSubject returns the artifact that r reads, with its digests by all
// algorithms that are understood: sha256, sha384 and sha512. The error is that of r.
func ArtifactSubject(r io.Reader) (Subject, error) {
	h256, h384, h512 := sha256.New(), sha512.New384(), sha512.New()
	if _, err := io.Copy(io.MultiWriter(h256, h384, h512), r); err != nil {
		return Subject{}, err
	}
	var s Subject
	for alg, sum := range map[manifest.Algorithm][]byte{
		manifest.SHA256: h256.Sum(nil), manifest.SHA384: h384.Sum(nil), manifest.SHA512: h512.Sum(nil),
	} {
		d, err := manifest.NewDigest(alg, sum)
		if err != nil {
			return Subject{}, err
		}
		s.digests = append(s.digests, d)
	}
	return s, nil
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

// String returns the digests, joined by ", ".
func (s Subject) String() string {
	if s.any {
		return "any subject"
	}
	var all []string
	for _, d := range s.digests {
		all = append(all, d.String())
	}
	return strings.Join(all, ", ")
}

func (s Subject) check() error {
	if s.any {
		return nil
	}
	seen := map[manifest.Algorithm]bool{}
	for _, d := range s.digests {
		if d.IsZero() {
			return refuse(StageSubject, nil, "a digest that was asked for is missing")
		}
		if seen[d.Algorithm()] {
			return refuse(StageSubject, nil, "two %s digests for one artifact", d.Algorithm())
		}
		seen[d.Algorithm()] = true
	}
	if len(seen) == 0 {
		return refuse(StageSubject, nil, "no artifact to hold the attestation against")
	}
	return nil
}

var hashOf = map[manifest.Algorithm]crypto.Hash{
	manifest.SHA256: crypto.SHA256, manifest.SHA384: crypto.SHA384, manifest.SHA512: crypto.SHA512,
}

func algorithmOf(h crypto.Hash) manifest.Algorithm {
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
func (s Subject) forMessage(m signed.Message) (map[crypto.Hash][]byte, []manifest.Digest, error) {
	hint, err := manifest.NewDigest(algorithmOf(m.Algorithm), m.Digest)
	hinted := m.Algorithm != 0 && err == nil
	if s.any {
		if !hinted {
			return nil, nil, refuse(StageSubject, ErrSubject, "a message signature that does not say its digest needs the artifact")
		}
		return map[crypto.Hash][]byte{m.Algorithm: m.Digest}, []manifest.Digest{hint}, nil
	}
	digests := map[crypto.Hash][]byte{}
	for _, d := range s.digests {
		if hinted && d.Algorithm() == hint.Algorithm() && d != hint {
			return nil, nil, &Error{Stage: StageSubject, Kind: ErrSubject, Message: "signature of another artifact", Got: hint.String(), Want: d.String()}
		}
		digests[hashOf[d.Algorithm()]] = d.Bytes()
	}
	return digests, s.digests, nil
}

// match finds the subject of st that is the artifact: one of its digests is the
// caller's, and none that the caller also knows differs.
func (s Subject) match(st *Statement) (index int, matched []manifest.Digest, err error) {
	if s.any {
		return -1, nil, nil
	}
	var contradiction error
	for i := range st.Subject {
		var agree []manifest.Digest
		var differ manifest.Digest
		for _, d := range s.digests {
			switch value, ok := st.Subject[i].Digest[string(d.Algorithm())]; {
			case !ok:
			case value == hex.EncodeToString(d.Bytes()):
				agree = append(agree, d)
			default:
				differ = d
			}
		}
		switch {
		case len(agree) > 0 && differ.IsZero():
			return i, agree, nil
		case len(agree) > 0 && contradiction == nil:
			contradiction = &Error{
				Stage: StageSubject, Kind: ErrSubject, Message: "subject agrees in " + string(agree[0].Algorithm()) + " and differs in " + string(differ.Algorithm()),
				Got: st.Subject[i].Digest[string(differ.Algorithm())], Want: differ.Hex(),
			}
		}
	}
	if contradiction != nil {
		return -1, nil, contradiction
	}
	return -1, nil, &Error{Stage: StageSubject, Kind: ErrSubject, Message: "no subject is the artifact", Got: describeSubjects(st.Subject), Want: s.String()}
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

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/signed"
)

// Provenance is what a verified provenance shows about a build. It is no
// certification: a level says what the evidence is consistent with.
type Provenance struct {
	BuilderID    string // who the builder says it is
	BuildType    string
	Repository   string // source repository, "https://github.com/HailBytes/hailbytes-asm"; empty when not said
	Ref          string // "refs/tags/v1.482"; empty when not said
	Commit       string // git commit of the source; empty when not said
	InvocationID string

	// Level is the highest SLSA Build level, 1 to 3, that the evidence is consistent
	// with, and Reasons say why it is that one and no higher.
	Level   int
	Reasons []string

	// Contradictions are errors of stage provenance: where the provenance, which the
	// build wrote, and the certificate, which the platform's identity provider vouched
	// for, state different things. They should be refused.
	Contradictions []error
}

// Provenance returns what the verified statement shows, if it is a SLSA provenance
// v0.2 or v1. The error is of stage predicateType for any other.
func (v *Verified) Provenance() (*Provenance, error) {
	if v.statement == nil {
		return nil, refuse(signed.StagePredicateType, ErrPredicateType, "a message signature has no predicate")
	}
	decoded, err := v.statement.decode()
	if err != nil {
		return nil, err
	}
	p, ok := decoded.(*provenance)
	if !ok {
		return nil, &Error{Stage: signed.StagePredicateType, Kind: ErrPredicateType, Message: "not a provenance", Got: v.statement.PredicateType, Want: ProvenanceV1 + " or " + ProvenanceV02}
	}
	f := &Provenance{BuilderID: p.BuilderID, BuildType: p.BuildType, InvocationID: p.InvocationID}
	f.Repository, f.Ref, f.Commit = p.source()
	f.judge(v.accepted)
	return f, nil
}

// UnverifiedSource returns repository, ref and commit of what was built, as a SLSA
// provenance states them: what it does not state is empty. It reports whether the
// statement is a provenance. Nobody vouches for it: see [Verified.Provenance].
func (s *Statement) UnverifiedSource() (repository, ref, commit string, ok bool) {
	decoded, err := s.decode()
	p, ok := decoded.(*provenance)
	if err != nil || !ok {
		return "", "", "", false
	}
	repository, ref, commit = p.source()
	return repository, ref, commit, true
}

// source finds repository, ref and commit: in v1 the workflow that was asked for and
// the dependency that is its source, in v0.2 the configuration's source.
func (p *provenance) source() (repository, ref, commit string) {
	if p.Version == "0.2" {
		repository, ref = splitSource(p.ConfigSource.URI)
		return repository, ref, commitOf(p.ConfigSource.Digest)
	}
	repository, ref = workflow(p.Parameters)
	for _, d := range p.Dependencies {
		from, at := splitSource(d.URI)
		c := commitOf(d.Digest)
		if c == "" || repository != "" && from != repository || ref != "" && at != "" && at != ref {
			continue
		}
		return from, cmp.Or(ref, at), c
	}
	return repository, ref, ""
}

// workflow reads externalParameters.workflow {repository, ref} of GitHub's build types.
func workflow(parameters []byte) (repository, ref string) {
	d := jsonstrict.NewBytes(parameters, jsonstrict.Options{})
	if d.Kind() != jsonstrict.Object {
		return "", ""
	}
	text := func(to *string) {
		if d.Kind() == jsonstrict.String {
			*to = d.String()
		}
	}
	for d.Object(); d.Next(); {
		if string(d.Key()) != "workflow" || d.Kind() != jsonstrict.Object {
			continue
		}
		for d.Object(); d.Next(); {
			switch string(d.Key()) {
			case "repository":
				text(&repository)
			case "ref":
				text(&ref)
			}
		}
	}
	return repository, ref
}

// splitSource splits "git+https://github.com/o/r@refs/tags/v1".
func splitSource(uri string) (repository, ref string) {
	uri = strings.TrimPrefix(uri, "git+")
	if at := strings.LastIndex(uri, "@"); at > strings.Index(uri, "://")+2 && strings.Contains(uri[:at], "/") {
		uri, ref = uri[:at], uri[at+1:]
	}
	return strings.TrimSuffix(uri, ".git"), ref
}

// commitOf returns the git commit of a digest set: v0.2 writes it as "sha1".
func commitOf(set DigestSet) string {
	if commit := set["gitCommit"]; commit != "" {
		return commit
	}
	return set["sha1"]
}

// judge holds the provenance against the certificate it was signed with, and says
// which level the evidence is consistent with (SLSA v1.0, Build track).
func (f *Provenance) judge(signers []Signer) {
	f.Level = 1
	f.because("level 1: provenance exists and says how the artifact was built")
	var c *Certificate
	for _, s := range signers {
		if s.Certificate != nil {
			c = s.Certificate
			break
		}
	}
	if c == nil {
		f.because("no higher: signed with a key, and nothing shows that the build platform holds it")
		return
	}
	f.contradict("repository", f.Repository, c.SourceRepositoryURI)
	f.contradict("ref", f.Ref, c.SourceRepositoryRef)
	f.contradict("commit", f.Commit, c.SourceRepositoryDigest)
	f.contradict("invocation", f.InvocationID, c.RunInvocationURI)
	switch {
	case c.RunnerEnvironment == "":
		f.because("no higher: the certificate does not say where the build ran")
		return
	case c.RunnerEnvironment != "github-hosted":
		f.because("no higher: built on a runner that is " + quote(c.RunnerEnvironment))
		return
	case len(f.Contradictions) > 0:
		f.because("no higher: the certificate contradicts the provenance")
		return
	}
	f.Level = 2
	f.because("level 2: signed by an identity of the build platform, on a runner of its own")
	signer, _, _ := strings.Cut(c.BuildSignerURI, "/.github/")
	if c.BuildSignerURI == "" || signer == c.SourceRepositoryURI {
		f.because("no higher: the workflow that signed is the project's own, so the build could have written the provenance")
		return
	}
	f.Level = 3
	f.because("level 3: signed by a workflow of another repository, " + quote(c.BuildSignerURI) + ", apart from the build's own steps")
}

func (f *Provenance) because(reason string) { f.Reasons = append(f.Reasons, reason) }

// contradict notes two different statements of one fact; one that is missing
// contradicts nothing.
func (f *Provenance) contradict(what, provenance, certificate string) {
	if provenance != "" && certificate != "" && provenance != certificate {
		f.Contradictions = append(f.Contradictions, &Error{
			Stage: signed.StageProvenance, Kind: evidence.ErrMismatch, Message: what + " of the provenance is not that of the certificate", Got: provenance, Want: certificate,
		})
	}
}

// String says in one line what is shown.
func (f *Provenance) String() string {
	return fmt.Sprintf("built by %s from %s at %s, commit %s; consistent with SLSA Build level %d",
		quote(f.BuilderID), quote(f.Repository), quote(f.Ref), quote(f.Commit), f.Level)
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/internal/signed"
)

// GitHubIssuer is the OIDC issuer of GitHub Actions.
const GitHubIssuer = "https://token.actions.githubusercontent.com"

// Expected is who must have signed: an [Identity] or a [GitHubWorkflow].
type Expected interface {
	compile() (*matcher, error)
}

// Identity is a signer by the subject alternative name of the certificate and the
// OIDC issuer that vouched for it. Empty optional fields ask nothing.
type Identity struct {
	// SAN is the exact name: an URL or e-mail address. Either SAN or SANPattern is required.
	SAN string
	// SANPattern is an RE2 pattern for the whole name: it is always matched as
	// ^(?:pattern)$. It must begin with a literal https://HOST/OWNER/, or end with the
	// literal @DOMAIN of a mail address: strangers can have any other name.
	SANPattern string
	Issuer     string // required: exact OIDC issuer

	SourceRepository string // optional: exact URI, "https://github.com/HailBytes/hailbytes-asm"
}

// GitHubWorkflow is one workflow of one repository on github.com, on the refs that
// RefPattern names. Beside name and issuer, the certificate's extensions must say
// the same repository, owner, workflow and ref, a commit, a runner of GitHub's own,
// and no pull request: a name alone does not tell a release from a pull request, nor
// a workflow from one that another repository calls.
type GitHubWorkflow struct {
	Owner      string // required: "HailBytes"
	Repository string // required: "hailbytes-asm"
	Workflow   string // required: file in .github/workflows: "build.yml"
	// RefPattern is an RE2 pattern for the whole ref, matched as ^(?:pattern)$:
	// `refs/tags/v1\.482`. Required. One that may match pull requests is refused.
	RefPattern string
	// UnsafeSelfHosted also accepts runners that are not GitHub's own.
	UnsafeSelfHosted bool
}

// matcher compares a certificate with what is expected.
type matcher struct {
	text  string // for messages
	match func(c *attest.Certificate) *attest.Error
	// pullRequests says whether a workflow of that name on a pull request would pass.
	pullRequests func(c *attest.Certificate) bool
}

func (id Identity) compile() (*matcher, error) {
	if id.Issuer == "" {
		return nil, errors.New("sigstore: identity without an issuer")
	}
	if (id.SAN == "") == (id.SANPattern == "") {
		return nil, errors.New("sigstore: identity needs a name or a pattern, and not both")
	}
	m := &matcher{text: "identity " + id.SAN, pullRequests: func(*attest.Certificate) bool { return false }}
	want, same := id.SAN, func(san string) bool { return san == id.SAN }
	if id.SANPattern != "" {
		re, tree, err := anchored(id.SANPattern)
		if err != nil {
			return nil, err
		}
		if err := checkOwner(id.SANPattern, tree); err != nil {
			return nil, err
		}
		want, same = re.String(), re.MatchString
		m.text = "identity " + want
		m.pullRequests = func(c *attest.Certificate) bool {
			name, ref, ok := strings.Cut(c.Identity, "@")
			return ok && (strings.HasPrefix(ref, pullRef) || slices.ContainsFunc(pulls, func(ref string) bool { return re.MatchString(name + "@" + ref) }))
		}
	}
	m.match = func(c *attest.Certificate) *attest.Error {
		switch {
		case c.Issuer != id.Issuer:
			return mismatch(signed.StageIdentity, "issuer", c.Issuer, id.Issuer)
		case !same(c.Identity):
			return mismatch(signed.StageIdentity, "identity", c.Identity, want)
		case id.SourceRepository != "" && c.SourceRepositoryURI != id.SourceRepository:
			return mismatch(signed.StageExtension, "source repository", c.SourceRepositoryURI, id.SourceRepository)
		}
		return nil
	}
	return m, nil
}

func (w GitHubWorkflow) compile() (*matcher, error) {
	for _, part := range []struct{ name, value string }{{"Owner", w.Owner}, {"Repository", w.Repository}, {"Workflow", w.Workflow}} {
		if part.value == "" || strings.ContainsAny(part.value, "/@?#% \t\r\n") {
			return nil, fmt.Errorf("sigstore: GitHubWorkflow: %s is %q", part.name, part.value)
		}
	}
	if w.RefPattern == "" {
		return nil, errors.New("sigstore: GitHubWorkflow: RefPattern is required")
	}
	ref, tree, err := anchored(w.RefPattern)
	if err != nil {
		return nil, err
	}
	if matchesPull(tree) {
		return nil, fmt.Errorf("sigstore: GitHubWorkflow: RefPattern %q may match pull requests, want one that begins with another literal than %q", w.RefPattern, pullRef)
	}
	owner := "https://github.com/" + w.Owner
	repository := owner + "/" + w.Repository
	prefix := repository + "/.github/workflows/" + w.Workflow + "@"
	return &matcher{
		text:         "workflow " + prefix + w.RefPattern,
		pullRequests: func(*attest.Certificate) bool { return false },
		match: func(c *attest.Certificate) *attest.Error {
			if c.Issuer != GitHubIssuer {
				return mismatch(signed.StageIdentity, "issuer", c.Issuer, GitHubIssuer)
			}
			at, ok := strings.CutPrefix(c.Identity, prefix)
			if !ok || !ref.MatchString(at) {
				return mismatch(signed.StageIdentity, "identity", c.Identity, prefix+ref.String())
			}
			return w.extensions(c, owner, repository, at)
		},
	}, nil
}

// releaseService matches the service of GitHub that signs releases. Its certificate is
// issued to no workflow: it has no OIDC issuer and no source repository.
func releaseService() *matcher {
	const name, authority = "https://dotcom.releases.github.com", `O=GitHub\, Inc.`
	return &matcher{
		text:         "GitHub's release service " + name,
		pullRequests: func(*attest.Certificate) bool { return false },
		match: func(c *attest.Certificate) *attest.Error {
			switch {
			case c.Identity != name:
				return mismatch(signed.StageIdentity, "identity", c.Identity, name)
			case c.Issuer != "":
				return mismatch(signed.StageIdentity, "issuer", c.Issuer, "none")
			case !strings.HasSuffix(c.CertificateIssuer, ","+authority):
				return mismatch(signed.StageIdentity, "certificate authority", c.CertificateIssuer, authority)
			}
			return nil
		},
	}
}

// extensions holds the Fulcio extensions against the name that was accepted.
func (w GitHubWorkflow) extensions(c *attest.Certificate, owner, repository, ref string) *attest.Error {
	for _, e := range []struct{ what, got, want string }{
		{"source repository", c.SourceRepositoryURI, repository},
		{"owner of the source repository", c.SourceRepositoryOwnerURI, owner},
		{"ref of the source", c.SourceRepositoryRef, ref},
		{"workflow that signed", c.BuildSignerURI, c.Identity},
		{"workflow that was started", c.BuildConfigURI, c.Identity},
	} {
		if e.got != e.want {
			return mismatch(signed.StageExtension, e.what, e.got, e.want)
		}
	}
	switch {
	case c.SourceRepositoryDigest == "":
		return mismatch(signed.StageExtension, "commit of the source", "", "a commit")
	case c.BuildTrigger == "" || strings.HasPrefix(c.BuildTrigger, "pull_request"):
		return mismatch(signed.StageExtension, "trigger", c.BuildTrigger, "no pull request")
	case c.RunnerEnvironment != "github-hosted" && !w.UnsafeSelfHosted:
		return mismatch(signed.StageExtension, "runner", c.RunnerEnvironment, "github-hosted")
	}
	return nil
}

// pulls are refs of pull requests.
var pulls = []string{"refs/pull/1/merge", "refs/pull/2/merge", "refs/pull/10/merge", "refs/pull/1234/merge", "refs/pull/1/head"}

func mismatch(stage attest.Stage, what, got, want string) *attest.Error {
	return &attest.Error{Stage: stage, Kind: attest.ErrIdentity, Message: "wrong " + what, Got: got, Want: want}
}

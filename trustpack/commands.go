// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"regexp"
	"strings"

	"github.com/HailBytes/evidence/internal/imageref"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack/page"
)

// The identity that the product documents for its signatures, and who vouches for it.
const (
	documentedIdentity = "https://github.com/HailBytes/.+/.github/workflows/.+"
	githubIssuer       = "https://token.actions.githubusercontent.com"
)

// verifyCommands renders the commands that check the signature of img with
// cosign: first the one that the product documents, then the safe one. It
// returns none for an unsigned image, or one whose reference cannot be read.
// Nothing of this is stored in a pack.
//
// The documented command names its identity by a pattern that also matches
// workflow runs of pull requests, and URLs that merely contain it. The safe one asks
// for the exact workflow at the exact tag. It needs to know that workflow: from
// the certificate identity in the manifest, which is a claim, so the reader is told
// to compare it with what they expect.
func verifyCommands(m *manifest.Manifest, img *manifest.Image) []page.Command {
	repository := imageref.Repository(img.Reference)
	if img.Signing.Status != manifest.Signed || repository == "" {
		return nil
	}
	target := repository + "@" + img.Digest.String() // without the tag, which could move
	issuer := img.Signing.CertificateOIDCIssuer
	if issuer == "" {
		issuer = githubIssuer
	}
	pattern := img.Signing.CertificateIdentityRegexp
	if pattern == "" {
		pattern = documentedIdentity
	}
	documented := page.Command{
		Label: "As the product documents it. The pattern also accepts runs of pull requests and other repositories:",
		Line:  cosignVerify("--certificate-identity-regexp", pattern, issuer, target),
		Weak:  true,
	}
	tag := m.Release.Tag
	if tag == "" {
		tag = "v" + m.Version
	}
	workflow := workflowOf(img.Signing.CertificateIdentity)
	if workflow == "" {
		return []page.Command{documented}
	}
	exact := workflow + "@refs/tags/" + tag
	return []page.Command{
		{
			Label: "Safe: exactly this workflow at exactly this tag. Check that it is the repository you expect:",
			Line:  cosignVerify("--certificate-identity", exact, issuer, target),
		},
		{
			Label: "The same as an anchored pattern, for tools that take nothing else:",
			Line:  cosignVerify("--certificate-identity-regexp", "^"+regexp.QuoteMeta(exact)+"$", issuer, target),
		},
		documented,
	}
}

// workflowOf returns the part of a GitHub Actions identity before the ref.
func workflowOf(identity string) string {
	workflow, _, ok := strings.Cut(identity, "@refs/")
	if !ok || !strings.HasPrefix(workflow, "https://github.com/") || !strings.Contains(workflow, "/.github/workflows/") {
		return ""
	}
	return workflow
}

func cosignVerify(flag, identity, issuer, target string) string {
	return strings.Join([]string{
		"cosign verify",
		flag + " " + shellQuote(identity),
		"--certificate-oidc-issuer " + shellQuote(issuer),
		shellQuote(target),
	}, " ")
}

// shellQuote returns s as one word of a POSIX shell (Shell Command Language section 2.2.2).
func shellQuote(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./-_"
	if s != "" && strings.Trim(s, plain) == "" && s[0] != '-' {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

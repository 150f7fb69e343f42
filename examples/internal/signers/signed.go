// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package signers

import (
	"fmt"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/attest/sigstore"
	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/trustpack"
)

// Signed is the flags of a command that verifies one pack: [Flags], and what was signed
// about the pack, -bundle and -release-attestation with -repository.
type Signed struct {
	Flags
	StatementFile string // the value of -bundle
	Statement     []byte // what is in it, once Apply has read it

	release    string // the file with GitHub's attestation
	repository string // whose release it must be
}

// Define adds the flags to a command.
func (s *Signed) Define(cmd *cli.Command) {
	s.Flags.Define(cmd)
	cmd.Flags.StringVar(&s.StatementFile, "bundle", "", "the signed statement about the pack, `FILE`: PACK.zip.sigstore.json")
	cmd.Flags.StringVar(&s.release, "release-attestation", "", "what GitHub signed of the release that the pack is an asset of, `FILE`; needs -repository and -trusted-root")
	cmd.Flags.StringVar(&s.repository, "repository", "", "the repository on GitHub whose release it must be, `OWNER/NAME`")
}

// Apply is that of [Flags], and reads what was signed, for Statement and Release of the
// policy. Only what is malformed in a signed file is a verdict.
func (s *Signed) Apply(pol *trustpack.Policy) (err error) {
	s.alone = s.release != ""
	if err := s.Flags.Apply(pol, s.StatementFile != ""); err != nil {
		return err
	}
	if pol.Release, err = s.releaseAttestation(); err != nil {
		return err
	}
	pol.TrustFiles = s.files
	if s.StatementFile == "" {
		return nil
	}
	if s.Statement, err = readSigned(s.StatementFile); err != nil {
		return err
	}
	if pol.Statement, err = attest.ParseBundle(s.Statement, nil); err != nil {
		return fmt.Errorf("%s: %w", s.StatementFile, err)
	}
	return nil
}

// releaseAttestation reads what GitHub signed of a release, nil if that was not given.
func (s *Signed) releaseAttestation() (*trustpack.ReleaseAttestation, error) {
	owner, name, ok := strings.Cut(s.repository, "/")
	switch {
	case s.release == "" && s.repository == "":
		return nil, nil
	case s.release == "" || s.RootFile == "" || !ok || owner == "" || name == "" || strings.Contains(name, "/"):
		return nil, &cli.UsageError{Message: "-release-attestation takes -trusted-root and -repository OWNER/NAME"}
	}
	root, err := s.trustedRoot()
	if err != nil {
		return nil, err
	}
	signer, err := sigstore.NewGitHubReleaseVerifier(root)
	if err != nil {
		return nil, cannot(err)
	}
	data, err := readSigned(s.release)
	if err != nil {
		return nil, err
	}
	bundles, err := attest.ParseBundles(data, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.release, err)
	}
	return &trustpack.ReleaseAttestation{Bundles: bundles, Signer: signer, Repository: s.repository}, nil
}

func readSigned(name string) ([]byte, error) {
	return cli.ReadFile(name, evidence.Limits{}.OrDefault().BundleBytes)
}

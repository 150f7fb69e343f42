// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package summary is the flags by which a command signs its verdict for policy engines.
package summary

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/examples/internal/signers"
	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/trustpack"
)

// Flags are -vsa, -vsa-key, -vsa-verifier, -vsa-resource-uri and -vsa-policy-uri.
type Flags struct {
	file, key, verifier, resource, policy string
	signer                                *attest.KeySigner
}

// Define adds the flags to a command.
func (s *Flags) Define(cmd *cli.Command) {
	f := cmd.Flags
	f.StringVar(&s.file, "vsa", "", "write the verdict as a signed SLSA verification summary to `FILE`, which must not exist")
	f.StringVar(&s.key, "vsa-key", "", "private key of the verifier, PEM `FILE`, to sign the summary with")
	f.StringVar(&s.verifier, "vsa-verifier", "", "`URI` by which policy engines know the verifier")
	f.StringVar(&s.resource, "vsa-resource-uri", "", "`URI` of what the pack was verified to be, such as where it was fetched from")
	f.StringVar(&s.policy, "vsa-policy-uri", "", "`URI` of the policy that this command line applies")
}

// Check says what is wrong with the flags, and reads the key: nothing is verified for
// a summary that cannot be signed.
func (s *Flags) Check(cmd *cli.Command, require []trustpack.Verdict) error {
	others := []string{"vsa-key", "vsa-verifier", "vsa-resource-uri", "vsa-policy-uri"}
	if s.file == "" {
		if i := slices.IndexFunc(others, cmd.IsSet); i >= 0 || cmd.IsSet("vsa") {
			return &cli.UsageError{Message: "-vsa FILE is missing"}
		}
		return nil
	}
	for _, name := range others {
		if !cmd.IsSet(name) {
			return &cli.UsageError{Message: "-vsa needs -" + name}
		}
	}
	for name, value := range map[string]string{"vsa-verifier": s.verifier, "vsa-resource-uri": s.resource, "vsa-policy-uri": s.policy} {
		if u, err := url.Parse(value); err != nil || !u.IsAbs() {
			return &cli.UsageError{Message: fmt.Sprintf("-%s is not an absolute URI: %q", name, value)}
		}
	}
	if !slices.Contains(require, trustpack.VerdictPinned) && !slices.Contains(require, trustpack.VerdictAuthentic) {
		return &cli.UsageError{Message: "-vsa vouches for the pack to others, so it needs -require pinned or -require authentic"}
	}
	if _, err := os.Lstat(s.file); !errors.Is(err, fs.ErrNotExist) {
		if err != nil {
			return err
		}
		return &cli.UsageError{Message: fmt.Sprintf("-vsa %s: exists; an older verdict is not overwritten", s.file)}
	}
	var err error
	s.signer, err = signers.PrivateKey("-vsa-key", s.key)
	return err
}

// Write signs and writes the verdict, if the report is one. The policy file and the
// pack's statement are named by their digests.
func (s *Flags) Write(ctx context.Context, report *trustpack.Report, pack string, now time.Time, policy, statement []byte) error {
	if s.file == "" || !judged(report) {
		return nil // what could not be checked is said by the exit code, and by no summary
	}
	by := attest.VSA{
		VerifierID: s.verifier, ResourceURI: s.resource, TimeVerified: now,
		Policy: attest.ResourceDescriptor{URI: s.policy, Digest: digestOf(policy)},
	}
	if statement != nil {
		by.InputAttestations = []attest.ResourceDescriptor{{Name: trustpack.StatementName(filepath.Base(pack)), Digest: digestOf(statement)}}
	}
	text, err := report.VerificationSummary(by, filepath.Base(pack))
	if err != nil {
		return err
	}
	data, err := attest.Sign(ctx, s.signer, text)
	if err != nil {
		return err
	}
	return signers.WriteFile(s.file, data)
}

// judged reports whether the report is a verdict: it holds, or something in it does not.
func judged(report *trustpack.Report) bool {
	return report.OK() || slices.ContainsFunc(report.Checks, func(c evidence.Check) bool { return c.Status == evidence.StatusFail })
}

func digestOf(data []byte) attest.DigestSet {
	if data == nil {
		return nil
	}
	sum := sha256.Sum256(data)
	return attest.DigestSet{"sha256": hex.EncodeToString(sum[:])}
}

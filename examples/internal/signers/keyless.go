// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package signers

import (
	"errors"
	"fmt"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest/sigstore"
	"github.com/HailBytes/evidence/internal/cli"
)

// Evidence is the flags for a Sigstore instance and for how much it must show of a
// signature: -trusted-root, -min-tlog, -min-timestamps, -min-signed-timestamps and
// -min-sct. GitHub's instance for private repositories has no logs: -min-tlog 0
// -min-sct 0 -min-signed-timestamps 1.
type Evidence struct {
	RootFile                                string
	tlog, timestamps, signedTimestamps, sct int

	root   *sigstore.TrustedRoot // once it was read
	digest evidence.Digest       // of the file
}

// EvidenceFlags are the names of the flags that say how much a signature must show.
var EvidenceFlags = []string{"min-tlog", "min-timestamps", "min-signed-timestamps", "min-sct"}

// Define adds the flags to a command.
func (e *Evidence) Define(cmd *cli.Command) {
	f := cmd.Flags
	f.StringVar(&e.RootFile, "trusted-root", "", "the Sigstore instances to trust: `FILE` with trusted_root.json, or several, one a line")
	f.IntVar(&e.tlog, "min-tlog", 1, "least `NUMBER` of transparency logs with an entry")
	f.IntVar(&e.timestamps, "min-timestamps", 1, "least `NUMBER` of trusted times of signing, of logs or timestamp authorities")
	f.IntVar(&e.signedTimestamps, "min-signed-timestamps", 0, "least `NUMBER` of RFC 3161 timestamps")
	f.IntVar(&e.sct, "min-sct", 1, "least `NUMBER` of signed certificate timestamps")
}

// Root reads the trusted root that the flags name. Its errors are no verdicts.
func (e *Evidence) Root() (*sigstore.TrustedRoot, error) {
	if e.root != nil {
		return e.root, nil
	}
	data, err := cli.ReadFile(e.RootFile, cli.MaxSettings)
	if err != nil {
		return nil, err
	}
	root, err := sigstore.ParseTrustedRoot(data)
	if err != nil {
		return nil, cannot(fmt.Errorf("-trusted-root %s: %w", e.RootFile, err))
	}
	e.root, e.digest = root, evidence.Sum256(data)
	return root, nil
}

// Options returns how much the flags ask for of the signature by a certificate, or by a
// key, which has no certificate timestamps.
func (e *Evidence) Options(key bool) *sigstore.Options {
	o := &sigstore.Options{
		LogEntries: e.tlog, Timestamps: e.timestamps, SignedTimestamps: e.signedTimestamps,
		UnsafeNoLogEntry: e.tlog == 0, UnsafeNoTimestamp: e.timestamps == 0,
	}
	if !key {
		o.SCTs, o.UnsafeNoSCT = e.sct, e.sct == 0
	}
	return o
}

// cannot says of an error about what the caller trusts that it is not a verdict on what is checked.
func cannot(err error) error { return errors.New(err.Error()) }

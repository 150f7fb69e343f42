// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package signers

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"

	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/internal/cli"
)

// PrivateKey reads the key that a flag names. COSIGN_PASSWORD opens an encrypted
// key of cosign, as it does for cosign.
func PrivateKey(flag, file string) (*attest.KeySigner, error) {
	data, err := cli.ReadFile(file, cli.MaxSettings)
	if err != nil {
		return nil, err
	}
	signer, err := attest.ParsePrivateKey(data, []byte(os.Getenv("COSIGN_PASSWORD")))
	if err != nil {
		return nil, &cli.UsageError{Message: fmt.Sprintf("%s %s: %v", flag, file, err)}
	}
	return signer, nil
}

// WriteFile writes a JSON document whole or not at all, also where another process
// writes the same one.
func WriteFile(file string, data []byte) error {
	dir, base := filepath.Split(file)
	partial := dir + "." + base + "." + rand.Text()[:8] + ".partial"
	err := os.WriteFile(partial, append(bytes.TrimSpace(data), '\n'), 0o644)
	if err == nil {
		err = os.Rename(partial, file)
	}
	if err != nil {
		os.Remove(partial)
	}
	return err
}

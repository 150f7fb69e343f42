// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package signers

import (
	"errors"
	"strings"

	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/trustpack"
)

// DefineExpected adds the flags that say which pack it must be: -expect, -sha256 and
// -content-digest.
func DefineExpected(cmd *cli.Command, pol *trustpack.Policy) {
	cmd.Flags.Func("expect", "the release that this must be, `PRODUCT@VERSION`", func(s string) error {
		product, version, ok := strings.Cut(s, "@")
		if !ok || product == "" || version == "" {
			return errors.New("want PRODUCT@VERSION")
		}
		pol.Product, pol.Version = product, version
		return nil
	})
	cmd.Flags.Func("sha256", "SHA-256 of the ZIP, `HEX`, from elsewhere than the pack", cli.SHA256(&pol.SHA256))
	cmd.Flags.Func("content-digest", "SHA-256 of MANIFEST.json, `HEX`, from elsewhere than the pack", cli.SHA256(&pol.ContentDigest))
}

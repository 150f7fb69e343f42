// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package install_test

import (
	"fmt"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/trustpack"
	"github.com/HailBytes/evidence/trustpack/install"
)

// A report of trustpack.VerifyFile decides what may be started.
func ExampleGate_References() {
	digest := evidence.Sum256([]byte("the manifest of the image"))
	report := &trustpack.Report{
		Product: "asm", Version: "1.482",
		Checks: evidence.Checks{{ID: "attest.statement", Status: evidence.StatusPass}},
		Images: []trustpack.ImageDigests{{Name: "web", Reference: "ghcr.io/hailbytes/asm-web:1.482", Digest: digest}},
	}
	gate, err := install.New(report, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	checks := gate.References("images.txt", []string{"ghcr.io/hailbytes/asm-web@" + digest.String(), "ghcr.io/hailbytes/asm-web:latest"})
	for _, c := range checks {
		message, _, _ := strings.Cut(c.Message, " of asm")
		fmt.Println(c.Status, strings.Replace(message, digest.Hex(), "…", 1))
	}
	fmt.Println(checks.OK())
	// Output:
	// pass ghcr.io/hailbytes/asm-web@sha256:…: image web
	// fail ghcr.io/hailbytes/asm-web:latest is image web
	// false
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"context"
	"fmt"
	"log"

	"github.com/HailBytes/evidence/trustpack"
	"github.com/HailBytes/evidence/trustpack/audit"
)

// Verify a pack, and write what it shows as OSCAL assessment results.
func Example() {
	report, err := trustpack.VerifyFile(context.Background(), "hailbytes-asm-trust-pack-v1.482.zip", trustpack.Policy{KeepRelease: true}, nil)
	if err != nil {
		log.Fatal(err)
	}
	release := audit.New(report, nil)
	for _, c := range release.Controls() {
		fmt.Println(c.Framework, c.ID, c.Status, c.Reason)
	}
	files, err := release.Files(audit.FormatOSCALResults)
	if err != nil {
		log.Fatal(err)
	}
	if err := audit.WriteFile("results.json", files[0].Data); err != nil {
		log.Fatal(err)
	}
}

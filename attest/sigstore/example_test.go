// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigstore_test

import (
	"fmt"

	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/attest/sigstore"
)

// An expected signer is compiled before anything is verified: a pattern that
// strangers match is an error of the caller's, not a verdict.
func ExampleNewVerifier() {
	_, err := sigstore.NewVerifier(new(sigstore.TrustedRoot), sigstore.Identity{
		SANPattern: `https://github.com/.+`,
		Issuer:     sigstore.GitHubIssuer,
	}, nil)
	fmt.Println(err)

	signer, err := sigstore.NewVerifier(new(sigstore.TrustedRoot), sigstore.GitHubWorkflow{
		Owner: "HailBytes", Repository: "hailbytes-asm", Workflow: "build.yml", RefPattern: `refs/tags/v1\.482`,
	}, nil)
	_ = attest.AtLeast(1, signer)
	fmt.Println(signer, err)
	// Output:
	// sigstore: pattern "https://github.com/.+" accepts strangers: what it matches begins with "https://github.com/", want a literal https://HOST/OWNER/, or @DOMAIN at the end
	// workflow https://github.com/HailBytes/hailbytes-asm/.github/workflows/build.yml@refs/tags/v1\.482 <nil>
}

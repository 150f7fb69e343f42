// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package signed

import "context"

// Judge is what stands behind an attest.Verifier. S is attest.Signer, which this
// package cannot name.
type Judge[S any] interface {
	// Judge returns who made signature i of in, or why that cannot be said.
	Judge(ctx context.Context, in *Input, i int) (S, error)
	// String names the judge in messages.
	String() string
}

// Seal makes an attest.Verifier of a Judge[attest.Signer]. The interface has a method
// that is not exported, so that nobody outside the module can implement it; package
// attest sets this function, which does.
var Seal func(judge any) (verifier any)

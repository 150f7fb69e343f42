// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"context"
	"fmt"

	"github.com/HailBytes/evidence/internal/signed"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Verifier is whose signatures count: a [*Key], a verifier of package
// attest/sigstore, or a type that embeds one. Nobody else can implement it, so that
// nobody else can call a signature verified. It may be used concurrently.
type Verifier interface {
	// String names the verifier in messages: "key 1f2e...", "identity https://...".
	String() string

	judge(ctx context.Context, in *signed.Input, i int) (Signer, error)
}

func init() {
	signed.Seal = func(judge any) any { return sealed{judge.(signed.Judge[Signer])} }
}

// sealed is a verifier of another package of this module.
type sealed struct{ signed.Judge[Signer] }

func (s sealed) judge(ctx context.Context, in *signed.Input, i int) (Signer, error) {
	return s.Judge.Judge(ctx, in, i)
}

// outcome is what one verifier says about one signature.
type outcome struct {
	signature int    // index in the envelope
	signer    Signer // who made it
	err       error  // why it is not accepted, nil if it is
}

// usable refuses a verifier that is nil, points to nothing, or was not made by the
// function of its package.
func usable(v Verifier) (err error) {
	defer broken(&err)
	if v == nil {
		return refuse(signed.StagePolicy, nil, "a verifier of the policy is nil")
	}
	_ = v.String()
	return nil
}

// judge asks a verifier about every signature.
func judge(ctx context.Context, v Verifier, in *signed.Input) (list []outcome, err error) {
	defer broken(&err)
	for i := range in.Signatures {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		o := outcome{signature: i}
		o.signer, o.err = v.judge(ctx, in, i)
		list = append(list, o)
	}
	return list, nil
}

// broken turns the panic of a verifier into an error of the policy.
func broken(err *error) {
	if p := recover(); p != nil {
		*err = refuse(signed.StagePolicy, nil, "a verifier of the policy cannot be used: %s", textfmt.Clip(fmt.Sprint(p), 200))
	}
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package attest answers who signed what: it verifies attestations offline and
// binds them to the artifact and the evidence that the caller holds.
//
//	bundle, err := attest.ParseBundle(data, nil)
//	key, err := attest.ParseKey(pem)
//	verified, err := attest.Verify(ctx, bundle, attest.DigestSubject(image), attest.AtLeast(1, key))
//
// Start with [ParseBundle], a [Policy] and [Verify]. Signatures by a plain key are
// verified here ([ParseKey]); keyless ones, whose signer is an identity, by package
// attest/sigstore; in-toto layouts by package attest/layout. What may be believed
// comes out of Verify as a [*Verified], and there is no other way to one.
//
// # Formats
//
//   - Sigstore bundle v0.1, v0.2, v0.3, with a DSSE envelope or a message signature
//   - DSSE envelope v1 by itself
//   - layer of a cosign v2 ".att" image with its annotations ([ParseCosignLayer])
//   - image signature of cosign v2 ("cosign download signature", or a layer of a ".sig"
//     image), whose payload names the image ([ImageSignature])
//   - bundle of cosign v2 for an artifact ("cosign sign-blob --bundle")
//   - in-toto Statement v0.1 and v1 as the payload, parsed from the very bytes that
//     were signed
//
// Of predicates these are known by meaning: [SPDX], [CycloneDX], [ProvenanceV02],
// [ProvenanceV1], [VSAV1], [TestResultV01], and the vulnerability reports of in-toto
// (v0.1, v0.2) and cosign. Any other is kept as it is.
//
// # Rules
//
//   - Bytes are bounded before they are parsed ([evidence.Limits]). JSON has unique names,
//     valid UTF-8 and nothing after its end.
//   - A signature is over the pre-authentication encoding ([PAE]), by a key or
//     certificate of the policy. Key ids and hints are not looked at.
//   - Thresholds count different signers that made different signatures.
//   - Subjects match by digest: sha256 or better, and every digest that both sides know
//     agrees. Names decide nothing.
//   - A predicate of a type that was asked for ([PredicateType]) must hold what the
//     specification of the type requires. Where nobody asked, what it lacks is one of
//     [Verified.Warnings]; a predicate of which nothing is there is refused all the same.
//   - A verification summary must say PASSED, or what was asked for ([Summary]).
//   - What is weaker than the default has "Unsafe" in its name or shows in
//     [Verified.Weakened].
//   - Nothing reads the network, the clock, the environment or a file.
//
// # Errors
//
// Every refusal is an [*Error] with the [Stage] that did not hold and a kind to match
// with errors.Is: [ErrNoAttestation], [ErrSignature], [ErrLog], [ErrTime],
// [ErrCertificate], [ErrTrustRoot], [ErrIdentity], [ErrThreshold], [ErrSubject],
// [ErrPredicateType], [ErrPredicate], [ErrWeakKey]. An error that is no verdict by
// [evidence.IsVerdict] means that the check could not be made: a policy that accepts
// anything, a verifier that is nil, a cancelled context.
//
// # Not promised
//
// That a statement is true: a signature shows who said it. That the artifact is free
// of what the statement does not mention. That a signer still holds the key today:
// revocation is not looked at.
package attest

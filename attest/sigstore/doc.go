// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package sigstore verifies keyless signatures offline: by an identity, with a
// certificate that lived for minutes, a transparency log entry and a trusted time.
//
//	root, err := sigstore.ParseTrustedRoot(data) // once
//	signer, err := sigstore.NewVerifier(root, sigstore.GitHubWorkflow{
//		Owner: "HailBytes", Repository: "hailbytes-asm", Workflow: "build.yml", RefPattern: `refs/tags/v1\.482`,
//	}, nil)
//	verified, err := attest.Verify(ctx, bundle, attest.DigestSubject(image), attest.AtLeast(1, signer))
//
// It is the only package of the module that imports sigstore-go, with some 300
// packages behind it; package attest and package trustpack know verifiers as an interface.
//
// # What is checked, in this order
//
//   - Every log entry of a log in the trust root: its signed entry timestamp, its
//     inclusion under a signed checkpoint of that very tree, and that it is about this
//     signature, by this certificate or key, of this content. Rekor v1 (hashedrekord,
//     dsse, intoto 0.0.2) and Rekor v2. The log's key must have been valid when the entry
//     was made, by its own time and, where the log did not sign that, by a trusted one. The body intoto 0.0.1 of old cosign
//     versions is verified by its signed entry timestamp, in a cosign layer only:
//     it commits to the bytes of the envelope, which a Sigstore bundle does not keep.
//   - RFC 3161 timestamps, and that enough trusted times were found ([Options]).
//   - Every such time lies within the validity of the certificate, of each certificate
//     above it, and of the authority in the trust root. No other clock is looked at.
//   - The certificate is for signing code, by its own word, and chains up to the trust
//     root; certificates in the bundle beside the leaf are not used.
//   - Signed certificate timestamps.
//   - The signature.
//   - Identity and issuer, exactly or by a pattern for the whole name. The certificate has
//     one name, and does not state one fact twice and differently.
//
// Thresholds count logs and authorities, not entries. An attestation of another
// Sigstore instance fails with attest.ErrTrustRoot, "not in this trust root".
//
// # Not promised
//
// The trust root is what the caller supplies: nothing is fetched, and that it is
// today's is not checked. None comes with the package: the copies of the public-good root
// that Go modules carry are older than its Rekor v2 log and timestamp authority, and would
// refuse what is signed today. "cosign trusted-root create" and "gh attestation
// trusted-root" write the current one; the latter writes several, one a line, and each
// attestation is judged by the instance whose authority issued its certificate, wherever it
// stands in the file. "cosign trusted-root create" without
// --with-default-services writes an empty one, by which nothing holds. What the log would say today is not looked at.
package sigstore

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package sigtest is a Sigstore instance in memory, for tests: certificate
// authority, certificate logs, Rekor v1 and v2, timestamp authorities, and the
// trusted_root.json that names them. What it makes needs no network and no clock.
//
//	in := sigtest.New("sigstore.test")
//	bundle := in.Attest(statement, sigtest.Signing{Holder: sigtest.Workflow("HailBytes", "hailbytes-asm", "build.yml", "refs/tags/v1.482")})
//	verify(in.TrustedRoot(), bundle.JSON())
//
// A [Signing] says what is signed differently from the start, so that everything
// after it agrees; the fields of a [Bundle] are what can be tampered with
// afterwards.
//
// Everything is written from the specifications with the standard library (RFC 6962
// for logs and signed certificate timestamps, C2SP signed-note and tlog-checkpoint,
// Rekor's types, Fulcio's docs/oid-info.md, sigstore_bundle.proto and
// sigstore_trustroot.proto), timestamps excepted, and shares no code with what
// verifies it.
//
// An Instance may not be used concurrently. What cannot fail but for a programming
// error panics.
package sigtest

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package interop converts between this module's findings and the types of
// github.com/owenrumney/go-sarif/v2, which many Go programs exchange SARIF in.
//
// [Parse] fills go-sarif's types from bytes, those too that its own FromBytes
// refuses; [Read] makes findings of a report in these types, [Report] makes a
// report of findings. Importing package sarif does not link go-sarif; importing
// this one does.
package interop

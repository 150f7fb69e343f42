// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package signed

// The values of attest.Stage, which documents them.
const (
	StageLimits        = "limits"
	StageBundle        = "bundle"
	StageLog           = "tlog"
	StageTime          = "time"
	StageCertificate   = "certificate"
	StageSCT           = "sct"
	StageSignature     = "signature"
	StageIdentity      = "identity"
	StageExtension     = "identity.extension"
	StageStatement     = "statement"
	StageSubject       = "subject"
	StagePredicateType = "predicateType"
	StagePredicate     = "predicate"
	StageProvenance    = "provenance"
	StageLayout        = "layout"
	StagePolicy        = "policy"
)

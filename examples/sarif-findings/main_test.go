// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"reflect"
	"testing"

	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/internal/test/clitest"
	"github.com/HailBytes/evidence/internal/test/outschema"
	"github.com/HailBytes/evidence/sarif"
)

func TestMain(m *testing.M) { clitest.Main(m, map[string]cli.Run{"sarif-findings": run}) }

func TestStories(t *testing.T) { clitest.Run(t) }

func TestSchema(t *testing.T) {
	clitest.Schema(t, run, "sarif-findings", result{}, outschema.Written{
		reflect.TypeFor[sarif.Finding](): reflect.TypeFor[finding](),
		reflect.TypeFor[sarif.Outcome](): reflect.TypeFor[outcome](),
	})
}

type plainFinding sarif.Finding

// finding is what a sarif.Finding writes.
type finding struct {
	plainFinding
	Sources []sarif.Origin `json:"sources"`
}

// outcome is what a sarif.Outcome writes.
type outcome struct {
	finding
	Verdict   sarif.Verdict `json:"verdict,omitzero"`
	Reason    string        `json:"reason,omitempty"`
	Exception string        `json:"exception,omitempty"`
	VEX       string        `json:"vex,omitempty"`
}

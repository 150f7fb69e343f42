// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/internal/test/clitest"
	"github.com/HailBytes/evidence/internal/test/packtest"
)

func TestMain(m *testing.M) {
	clitest.Main(m, map[string]cli.Run{"trustpack-table": run, "mkpack": packtest.Make})
}

func TestScripts(t *testing.T) { clitest.Run(t) }

func TestSchema(t *testing.T) { clitest.Schema(t, run, "trustpack-table", result{}, nil) }

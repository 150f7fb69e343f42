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
	clitest.Main(m, map[string]cli.Run{"trustpack-export": run, "mkpack": packtest.Make})
}

func TestStories(t *testing.T) { clitest.Run(t) }

func TestSchema(t *testing.T) { clitest.Schema(t, run, "trustpack-export", result{}, nil) }

package main

import (
	"testing"

	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/internal/cli/clitest"
	"github.com/HailBytes/evidence/internal/packtest"
)

func TestMain(m *testing.M) {
	clitest.Main(m, map[string]cli.Run{"trustpack-diff": run, "mkpack": packtest.Make})
}

func TestStories(t *testing.T) { clitest.Run(t) }

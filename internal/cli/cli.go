// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package cli is what the example binaries share: flags and help, exit codes,
// one JSON object, text for people, a progress bar on a terminal.
//
// A binary is one file:
//
//	func main() { os.Exit(cli.Main(run)) }
//
//	func run(ctx context.Context, args []string, std cli.Std) int {
//		cmd := cli.New(std, help)
//		verify := cmd.Flags.String("verify", "", "check that `TAG` names the version of its commit")
//		if !cmd.Parse(args, 0, 1) {
//			return cmd.ExitCode()
//		}
//		result, err := ...            // one library call
//		if err != nil {
//			return cmd.Fail(err)
//		}
//		return cmd.Print(result, func(w io.Writer) { ... })
//	}
//
// It is tested by scripts through package clitest.
package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// Std is the standard streams of one command, so that a test can replace them.
type Std struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer
}

// Run is the whole of a binary apart from the process: args are without the
// program's name, the result is the exit code.
type Run func(ctx context.Context, args []string, std Std) int

// grace is how long a command that was told to stop may take to remove what it
// has half written.
const grace = 2 * time.Second

// Main runs the binary over the process's own arguments and streams. The first
// SIGINT or SIGTERM cancels the context; a command that still runs after [grace],
// because it waits for its input, ends with ExitCannot. A second signal ends the
// process at once.
func Main(run Run) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, os.Args[1:], Std{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}) }()
	select {
	case code := <-ended:
		return code
	case <-ctx.Done():
	}
	select {
	case code := <-ended:
		return code
	case <-time.After(grace):
		fmt.Fprintf(os.Stderr, "%s: ended by a signal before it was done\n", filepath.Base(os.Args[0]))
		return ExitCannot
	}
}

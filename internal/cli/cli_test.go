// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/internal/test/clitest"
)

// say is a binary that answers as its flags say.
func say(ctx context.Context, args []string, std cli.Std) int {
	cmd := cli.New(std, cli.Help{
		Name: "say", Args: "[-json] [-fail WHY] WORD...", About: "Echo says it again.", Example: "say hello",
	})
	fail := cmd.Flags.String("fail", "", "end with an error of the class `WHY`")
	status := cmd.Flags.String("status", "pass", "status of the one check")
	wait := cmd.Flags.Bool("wait", false, "wait for the end of the context")
	read := cmd.Flags.Bool("read", false, "read standard input to its end")
	var also cli.Strings
	cmd.Flags.Var(&also, "also", "say `WORD` too; repeatable")
	if !cmd.Parse(args, 1, 2) {
		return cmd.ExitCode()
	}
	if *wait {
		fmt.Fprintln(std.Out, "waiting")
		<-ctx.Done()
		return cmd.Fail(ctx.Err())
	}
	if *read {
		fmt.Fprintln(std.Out, "reading")
		if _, err := io.Copy(io.Discard, std.In); err != nil {
			return cmd.Fail(err)
		}
	}
	switch *fail {
	case "":
	case "format":
		return cmd.Fail(&evidence.Problem{Code: "say.word", Severity: evidence.SeverityError, Path: "a\nb", Line: 1, Message: "no", Err: evidence.ErrFormat})
	case "usage":
		return cmd.Usage("-%s does not fit", "fail")
	default:
		return cmd.Fail(fs.ErrNotExist)
	}
	check := evidence.Check{ID: "say.word", Subject: cmd.Arg(0), Message: "said\x1b[2J"}
	if err := check.Status.UnmarshalText([]byte(*status)); err != nil {
		return cmd.Usage("-status: %v", err)
	}
	type result struct {
		cli.Result
		Words []string `json:"words"`
	}
	r := result{cli.Checked(evidence.Checks{check}), append(cmd.Args(), also...)}
	return cmd.Print(r, func(w io.Writer) { cli.PrintChecks(w, r.Checks) })
}

func TestMain(m *testing.M) { clitest.Main(m, map[string]cli.Run{"say": say}) }

func TestScripts(t *testing.T) { clitest.Run(t) }

func TestExitFor(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want int
	}{
		{nil, cli.ExitHolds},
		{evidence.Problems{{Err: evidence.ErrMismatch}}, cli.ExitFails},
		{&evidence.Problem{Err: evidence.ErrPolicy}, cli.ExitFails},
		{&evidence.Problem{Err: fs.ErrPermission}, cli.ExitCannot},
		{errors.New("disk full"), cli.ExitCannot},
		{&cli.UsageError{Message: "x"}, cli.ExitCannot},
		{errors.Join(evidence.ErrFormat, context.Canceled), cli.ExitCannot},
		{fmt.Errorf("x: %w", context.DeadlineExceeded), cli.ExitCannot},
	} {
		if got := cli.ExitFor(tt.err); got != tt.want {
			t.Errorf("ExitFor(%v) = %d, want %d", tt.err, got, tt.want)
		}
	}
}

// A verdict that standard output did not take must not look like one.
func TestFullOutput(t *testing.T) {
	var errs strings.Builder
	code := say(t.Context(), []string{"hello"}, cli.Std{Out: full{}, Err: &errs})
	if code != cli.ExitCannot || !strings.Contains(errs.String(), "no space") {
		t.Errorf("exit %d, stderr %q; want %d and the cause", code, errs.String(), cli.ExitCannot)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestManyProblems(t *testing.T) {
	problems := make(evidence.Problems, 12)
	for i := range problems {
		problems[i] = &evidence.Problem{Path: "a\r\nok", Line: i + 1, Message: "bad", Err: evidence.ErrFormat}
	}
	var errs strings.Builder
	code := cli.New(cli.Std{Err: &errs}, cli.Help{Name: "x"}).Fail(fmt.Errorf("reading: %w", problems))
	lines := strings.Split(strings.TrimSuffix(errs.String(), "\n"), "\n")
	if code != cli.ExitFails || len(lines) != 11 || lines[0] != `x: reading: a\r\nok:1: bad` || lines[10] != "and 2 more" {
		t.Errorf("exit %d, lines %q", code, lines)
	}
}

func TestReadFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("four"), 0o600); err != nil {
		t.Fatal(err)
	}
	if data, err := cli.ReadFile(file, 4); err != nil || string(data) != "four" {
		t.Errorf("4 of 4 bytes: %q, %v", data, err)
	}
	for _, name := range []string{file, file + ".none", filepath.Dir(file)} {
		if _, err := cli.ReadFile(name, 3); err == nil || cli.ExitFor(err) != cli.ExitCannot {
			t.Errorf("%s, 3 bytes: %v, want an error that is no verdict", name, err)
		}
	}
}

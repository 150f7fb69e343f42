// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/HailBytes/evidence/internal/textfmt"
)

// Help is what -h prints beside the flags.
type Help struct {
	Name    string // the binary
	Args    string // "[-json] [-verify TAG] [REPO]"
	About   string // what it does, one paragraph or more
	Example string // command lines, and what they print
	Schema  string // JSON Schema of the object that -json prints
}

// Command is one call of a binary. It is not safe for concurrent use.
type Command struct {
	Flags *flag.FlagSet // define flags here before Parse

	help    Help
	std     Std
	json    bool
	schema  bool
	version bool
	args    []string
	code    int
}

// New returns a command with the flags -json, -json-schema and -tool-version, which
// every binary has.
func New(std Std, help Help) *Command {
	c := &Command{Flags: flag.NewFlagSet(help.Name, flag.ContinueOnError), help: help, std: std}
	c.Flags.SetOutput(io.Discard) // Parse prints errors and help itself
	c.Flags.BoolVar(&c.json, "json", false, "print one JSON object instead of text")
	c.Flags.BoolVar(&c.schema, "json-schema", false, "print the JSON Schema of the object that -json prints")
	c.Flags.BoolVar(&c.version, "tool-version", false, "print version, commit and Go version of this program")
	return c
}

// Parse reads the command line, which must leave between least and most
// arguments beside the flags (most < 0: any number). On false the command is over:
// help or the like was asked for and printed, or the line cannot be carried out, and
// ExitCode says which.
func (c *Command) Parse(args []string, least, most int) bool {
	rest, err := parse(c.Flags, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		c.code = c.write(func(w io.Writer) error { return c.printHelp(w) }, ExitHolds)
		return false
	case err != nil:
		err = c.flagError(err)
	case c.schema:
		c.code = c.write(func(w io.Writer) error { _, err := io.WriteString(w, c.help.Schema); return err }, ExitHolds)
		return false
	case c.version:
		c.code = c.printVersion()
		return false
	case len(rest) < least:
		err = &UsageError{Message: fmt.Sprintf("%d argument(s) given, %d needed", len(rest), least)}
	case most >= 0 && len(rest) > most:
		err = &UsageError{Message: fmt.Sprintf("unexpected argument %q", rest[most])}
	default:
		c.args = rest
		return true
	}
	// The flags before the error may not include -json, yet who asked for it reads JSON.
	c.json = c.json || slices.Contains(args, "-json") || slices.Contains(args, "--json")
	c.code = c.Fail(err)
	return false
}

// ExitCode is the exit code after Parse returned false.
func (c *Command) ExitCode() int { return c.code }

// Args returns the arguments beside the flags.
func (c *Command) Args() []string { return c.args }

// Arg returns argument i, or "" if there are not so many.
func (c *Command) Arg(i int) string {
	if i >= len(c.args) {
		return ""
	}
	return c.args[i]
}

// IsSet reports whether the flag was given, be it with its default.
func (c *Command) IsSet(name string) bool {
	set := false
	c.Flags.Visit(func(f *flag.Flag) { set = set || f.Name == name })
	return set
}

// JSON reports whether -json was given.
func (c *Command) JSON() bool { return c.json }

// Print ends the command with a result: as one JSON object under -json, else
// through text. It returns the exit code that the result asks for, or
// ExitCannot if standard output does not take it.
func (c *Command) Print(out Outcome, text func(w io.Writer)) int {
	return c.write(func(w io.Writer) error {
		if c.json {
			return c.writeJSON(w, out)
		}
		text(w)
		return nil
	}, out.result().exitCode())
}

// Fail ends the command with an error: said on standard error, and under -json
// also as the one JSON object on standard output. It returns [ExitFor] err.
func (c *Command) Fail(err error) int {
	c.warn(errorText(err))
	code := ExitFor(err)
	if usage, ok := errors.AsType[*UsageError](err); ok && !usage.short {
		fmt.Fprintf(c.std.Err, "usage: %s %s\nrun %[1]s -h for help\n", c.help.Name, c.help.Args)
	}
	if c.json {
		return c.write(func(w io.Writer) error { return c.writeJSON(w, newFailure(err)) }, code)
	}
	return code
}

// Usage is Fail for flags that do not fit together, found after Parse.
func (c *Command) Usage(format string, args ...any) int {
	return c.Fail(&UsageError{Message: fmt.Sprintf(format, args...)})
}

// Warn prints a line on standard error, after the binary's name.
func (c *Command) Warn(message string) {
	c.warn(textfmt.Printable(message))
}

func (c *Command) warn(text string) {
	fmt.Fprintf(c.std.Err, "%s: %s\n", c.help.Name, text)
}

// write runs print over buffered standard output and returns code if all of it
// was taken. A verdict that did not arrive was not given.
func (c *Command) write(print func(io.Writer) error, code int) int {
	w := bufio.NewWriterSize(c.std.Out, 64<<10)
	err := print(w)
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		c.Warn(err.Error())
		return ExitCannot
	}
	return code
}

func (c *Command) printHelp(w io.Writer) error {
	var flags bytes.Buffer
	c.Flags.SetOutput(&flags)
	c.Flags.PrintDefaults()
	_, err := fmt.Fprintf(w, "usage: %s %s\n\n%s\n\nFlags (-x and --x are the same):\n%s\nExample:\n%s\n\nExit code: 0 it holds, 1 checked and it does not hold, 2 could not check.\n",
		c.help.Name, c.help.Args, strings.TrimSpace(c.help.About), flags.String(), indent(c.help.Example))
	return err
}

func indent(s string) string {
	return "  " + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n  ")
}

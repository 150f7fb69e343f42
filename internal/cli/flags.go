// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"flag"
	"fmt"
	"strings"

	"github.com/HailBytes/evidence"
)

// Strings is a flag that may be given several times; each value is kept in order.
type Strings []string

func (s *Strings) String() string     { return strings.Join(*s, " ") }
func (s *Strings) Set(v string) error { *s = append(*s, v); return nil }
func (s *Strings) repeatable()        {}

// Each is a flag that may be given several times, each value handed to the function.
type Each func(value string) error

func (f Each) String() string     { return "" }
func (f Each) Set(v string) error { return f(v) }
func (f Each) repeatable()        {}

// once refuses a second, different value. The flag package would let the last
// one win, and an expectation that is silently dropped is a check that did not run.
type once struct {
	flag.Value
	text string
	set  bool
}

// String serves flag.PrintDefaults too, which asks a zero value for its default.
func (o *once) String() string {
	if o.Value == nil {
		return ""
	}
	return o.Value.String()
}

func (o *once) Set(v string) error {
	if o.set && o.text != v {
		return fmt.Errorf("given twice, also as %q", o.text)
	}
	o.text, o.set = v, true
	return o.Value.Set(v)
}

// IsBoolFlag keeps the short form -x of a boolean flag.
func (o *once) IsBoolFlag() bool {
	b, ok := o.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

// parse fills flags from args and returns the other arguments. Unlike the flag
// package alone it accepts flags behind arguments too, up to "--": one that
// came last would otherwise be taken for a file.
func parse(flags *flag.FlagSet, args []string) (rest []string, err error) {
	flags.VisitAll(func(f *flag.Flag) {
		if _, ok := f.Value.(interface{ repeatable() }); !ok {
			f.Value = &once{Value: f.Value}
		}
	})
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		read := len(args) - flags.NArg()
		if flags.NArg() == 0 || read > 0 && args[read-1] == "--" {
			return append(rest, flags.Args()...), nil
		}
		rest = append(rest, flags.Arg(0))
		args = flags.Args()[1:]
	}
}

// SHA256 is a flag that takes a SHA-256 as sha256sum prints it, or with "sha256:"
// before it.
func SHA256(d *evidence.Digest) func(string) error {
	return func(text string) (err error) {
		*d, err = evidence.ParseSHA256(strings.ToLower(strings.TrimPrefix(text, "sha256:")))
		return err
	}
}

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

// flagError is the error for a line that the flag package refuses. Of a flag that
// does not exist it names the nearest that does.
func (c *Command) flagError(err error) error {
	name, unknown := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	if !unknown {
		return &UsageError{Message: err.Error()}
	}
	nearest, least := "", 1+len(name)/3
	c.Flags.VisitAll(func(f *flag.Flag) {
		d := distance(name, f.Name)
		if len(name) > 1 && strings.HasPrefix(f.Name, name) {
			d = 1
		}
		if d < least || d == least && nearest == "" {
			nearest, least = f.Name, d
		}
	})
	if nearest == "" {
		return &UsageError{Message: fmt.Sprintf("there is no flag -%s; %s -h lists the flags", name, c.help.Name), short: true}
	}
	return &UsageError{Message: fmt.Sprintf("there is no flag -%s; did you mean -%s?", name, nearest), short: true}
}

// distance is the number of letters to insert, remove, replace or swap with their
// neighbour that makes b of a.
func distance(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

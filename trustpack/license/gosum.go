// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package license

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/mod/module"

	"github.com/HailBytes/evidence"
)

// GoSum is of which modules a go.sum file holds a hash.
type GoSum struct {
	modules map[module.Version]bool
}

// longestGoSumLine is far above a real line, which has a path, a version and 44
// characters of hash.
const longestGoSumLine = 64 << 10

// ReadGoSum reads a go.sum file (Go Modules Reference, "go.sum files"), of at most
// Limits.Elements lines. The hashes are not compared with anything.
//
// The error is a *Problem with its line, or that of r.
func ReadGoSum(r io.Reader, o *ReadOptions) (*GoSum, error) {
	var l evidence.Limits
	if o != nil {
		l = o.Limits
	}
	l = l.OrDefault()
	sum := &GoSum{modules: map[module.Version]bool{}}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, longestGoSumLine)
	n := 0
	problem := func(code string, class error, format string, args ...any) error {
		return &evidence.Problem{Code: code, Severity: evidence.SeverityError, Line: n, Column: 1, Err: class, Message: fmt.Sprintf(format, args...)}
	}
	for lines.Scan() {
		if n++; n > l.Elements {
			return nil, problem("gosum.lines", evidence.ErrLimit, "go.sum has more than %d lines", l.Elements)
		}
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 {
			continue
		}
		if len(fields) != 3 {
			return nil, problem("gosum.syntax", evidence.ErrFormat, "a line of go.sum has module, version and hash; this one has %d fields", len(fields))
		}
		sum.modules[module.Version{Path: fields[0], Version: strings.TrimSuffix(fields[1], "/go.mod")}] = true
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		n++
		return nil, problem("gosum.line", evidence.ErrLimit, "a line of go.sum is longer than %d bytes", longestGoSumLine)
	} else if err != nil {
		return nil, err
	}
	return sum, nil
}

// Lacks returns the modules that the go.mod beside it requires, replacements applied,
// and of which the go.sum holds no hash, in the order of the go.mod.
func (s *GoSum) Lacks(mod *GoMod) []Component {
	var missing []Component
	for _, m := range mod.hashed {
		if !s.modules[m] {
			missing = append(missing, Component{Name: m.Path, Version: m.Version})
		}
	}
	return missing
}

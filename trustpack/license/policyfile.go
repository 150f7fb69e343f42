// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package license

import (
	"cmp"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/policyfile"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// ReadPolicy reads a policy from JSON, as the package's documentation describes
// it. Members that are not known, given twice, missing or malformed are refused
// together, with pointer, line and column. The error is a [Problems], or that of
// r.
func ReadPolicy(r io.Reader, o *ReadOptions) (*Policy, error) {
	var l evidence.Limits
	if o != nil {
		l = o.Limits
	}
	data, err := policyfile.Read(r, "", l)
	if p, ok := errors.AsType[*evidence.Problem](err); ok {
		return nil, evidence.Problems{p}
	}
	if err != nil {
		return nil, err
	}
	f := policyFile{d: jsonstrict.NewBytes(data, jsonstrict.Options{Limits: l, AllowBOM: true})}
	rules, err := f.read()
	if err != nil {
		return nil, err
	}
	p, err := NewPolicy(rules)
	if list, ok := errors.AsType[evidence.Problems](err); ok {
		f.problems = append(f.problems, list...)
	}
	if len(f.problems) == 0 {
		return p, err
	}
	locate(data, f.problems, jsonstrict.Options{Limits: l, AllowBOM: true})
	return nil, f.problems
}

// locate gives problems that have but a pointer their lines, and sorts them.
func locate(data []byte, problems evidence.Problems, o jsonstrict.Options) {
	pointers := make([]string, len(problems))
	for i, p := range problems {
		pointers[i] = p.Pointer
	}
	at := jsonstrict.Locate(data, pointers, o)
	for _, p := range problems {
		if pos, ok := at[p.Pointer]; ok && p.Line == 0 {
			p.Line, p.Column, p.Offset = pos.Line, pos.Column, pos.Offset
		}
	}
	slices.SortStableFunc(problems, func(a, b *evidence.Problem) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), strings.Compare(a.Pointer, b.Pointer))
	})
}

type policyFile struct {
	d        *jsonstrict.Decoder
	problems evidence.Problems // that need not stop reading
}

func (f *policyFile) bad(code, format string, args ...any) {
	if f.d.Err() == nil {
		f.problems = append(f.problems, f.d.Problem(code, evidence.SeverityError, evidence.ErrFormat, format, args...))
	}
}

func (f *policyFile) unknown() {
	f.bad("policy.unknown", "unknown member %s", textfmt.Quote(string(f.d.Key())))
}

// read returns the rules; the error is of the JSON, and all else is in problems.
func (f *policyFile) read() (PolicyRules, error) {
	rules := PolicyRules{Categories: map[Category]Decision{}}
	d := f.d
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "allow":
			rules.Allow = f.strings()
		case "review":
			rules.Review = f.strings()
		case "deny":
			rules.Deny = f.strings()
		case "categories":
			f.categories(rules.Categories)
		case "exceptions":
			for d.Array(); d.Next(); {
				rules.Exceptions = append(rules.Exceptions, f.exception())
			}
		default:
			f.unknown()
		}
	}
	if err := d.End(); err != nil {
		if p, ok := errors.AsType[*evidence.Problem](err); ok {
			return rules, append(f.problems, p)
		}
		return rules, err
	}
	return rules, nil
}

func (f *policyFile) strings() []string {
	list := []string{}
	for f.d.Array(); f.d.Next(); {
		list = append(list, f.d.String())
	}
	return list
}

func (f *policyFile) categories(table map[Category]Decision) {
	d := f.d
	for d.Object(); d.Next(); {
		var c Category
		if err := c.UnmarshalText(d.Key()); err != nil {
			f.bad("policy.category", "%v", err)
			continue
		}
		switch text := d.String(); text {
		case "allow":
			table[c] = Allowed
		case "review":
			table[c] = NeedsReview
		case "deny":
			table[c] = Denied
		default:
			f.bad("policy.category", "%s is none of allow, review and deny", textfmt.Quote(text))
		}
	}
}

func (f *policyFile) exception() Exception {
	var e Exception
	d := f.d
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "module":
			e.Module = d.String()
		case "version":
			if e.Version = d.String(); e.Version == "" {
				f.bad("policy.empty", "version is empty")
			}
		case "license":
			e.License = d.String()
		case "owner":
			e.Owner = d.String()
		case "reason":
			e.Reason = d.String()
		case "expires":
			text := d.String()
			var err error
			if e.Expires, err = policyfile.Expiry(text); err != nil {
				f.bad("policy.time", "%v", err)
				e.Expires = time.Unix(0, 0) // told here, and not a second time as missing
			}
		default:
			f.unknown()
		}
	}
	return e
}

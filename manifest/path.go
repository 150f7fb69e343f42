// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/safepath"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// CheckPath reports whether name may be the path of a file in a pack: the one
// rule for member names, which archives obey as well. A path is relative, of
// components joined by "/", in UTF-8, at most 1,024 bytes and 64 components of at
// most 255 bytes. It holds no component that is empty, "." or "..", that Windows
// takes for a device, or that ends in a full stop or a space; none of
// \ : * ? < > | "; and no control, bidirectional, invisible or slash-like character.
//
// The error is a *Problem of class ErrUnsafe, or ErrLimit for a name that is too
// long. Names that are safe alone may still fall together, as "A" and "a" do: a
// pack refuses them when it is built and when it is opened.
func CheckPath(name string) error {
	if p := checkPath(name); p != nil {
		return p
	}
	return nil
}

func checkPath(name string) *evidence.Problem {
	e := safepath.Check(name, evidence.Limits{})
	if e == nil {
		return nil
	}
	return newProblem("manifest.path", e.Class, "path %s: %s", textfmt.Quote(name), e.Message)
}

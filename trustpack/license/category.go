// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package license

import (
	"cmp"
	_ "embed"
	"slices"
	"strings"

	"github.com/HailBytes/evidence/internal/enum"
	"github.com/HailBytes/evidence/sbom/spdxexpr"
)

// Category is what a licence asks in return, roughly. It sorts licences for a
// reader and a policy; it is not legal advice. A larger one needs more thought.
type Category uint8

// The categories. The zero value is invalid.
const (
	categoryInvalid Category = iota
	Permissive      Category = iota // notices only; public domain too
	WeakCopyleft    Category = iota // changes to the licensed files, or a library, under the same terms
	StrongCopyleft  Category = iota // works that build on it under the same terms
	NetworkCopyleft Category = iota // likewise, and use over a network counts as distribution
	Proprietary     Category = iota // use is restricted: by field, purpose, size, or to those who pay
	Unknown         Category = iota // nothing is said, or the licence is not in the table
)

var categoryNames = enum.Names{"invalid", "permissive", "weak-copyleft", "strong-copyleft", "network-copyleft", "proprietary", "unknown"}

// categoryList returns the valid categories in order.
func categoryList() []Category {
	return []Category{Permissive, WeakCopyleft, StrongCopyleft, NetworkCopyleft, Proprietary, Unknown}
}

// String returns "permissive", "weak-copyleft", "strong-copyleft",
// "network-copyleft", "proprietary" or "unknown"; "invalid" for any other value.
func (c Category) String() string { return categoryNames.Name(uint8(c)) }

// MarshalText implements encoding.TextMarshaler; an invalid category is an error.
func (c Category) MarshalText() ([]byte, error) { return categoryNames.Marshal("category", uint8(c)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (c *Category) UnmarshalText(text []byte) error {
	i, err := categoryNames.Unmarshal("category", text)
	*c = Category(i)
	return err
}

// categoriesCSV has a line "identifier,category" for each licence of the SPDX
// list that was looked at, in order; the others are Unknown. Its head says where the
// judgement comes from.
//
//go:embed categories.csv
var categoriesCSV string

var categories = func() map[string]Category {
	table := map[string]Category{}
	for line := range strings.Lines(categoriesCSV) {
		if line[0] == '#' {
			continue
		}
		id, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ",")
		var c Category
		if err := c.UnmarshalText([]byte(name)); err != nil {
			panic(err) // a test reads the file
		}
		table[id] = c
	}
	return table
}()

// offList are names that go-licenses prints and that are not on the SPDX list.
var offList = map[string]Category{
	"BCL":               Proprietary, // Oracle's Binary Code License
	"Commons-Clause":    Proprietary, // no sale
	"Facebook-Examples": Proprietary, // no commercial use
	"Lil-1.0":           Permissive,
	"PIL":               Permissive, // of the Python Imaging Library
}

// linking are the exceptions that allow a work of any licence to use the
// library: under them a strong copyleft is a weak one.
var linking = []string{
	"Classpath-exception-2.0", "Classpath-exception-2.0-short", "GCC-exception-2.0", "GCC-exception-2.0-note", "GCC-exception-3.1",
	"OpenJDK-assembly-exception-1.0", "Linux-syscall-note", "Autoconf-exception-2.0", "Autoconf-exception-3.0",
	"Bison-exception-2.2", "Font-exception-2.0", "u-boot-exception-2.0", "eCos-exception-2.0", "freertos-exception-2.0",
	"WxWindows-exception-3.1", "Libtool-exception", "LGPL-3.0-linking-exception", "OCaml-LGPL-linking-exception", "GNAT-exception",
	"mif-exception", "GPL-3.0-linking-exception", "GPL-3.0-linking-source-exception", "FLTK-exception",
}

// categoryOf returns the category of one licence.
func categoryOf(l spdxexpr.License) Category {
	l = l.Current()
	if l.DocumentRef != "" {
		return Unknown
	}
	c, ok := categories[l.ID]
	switch {
	case !ok:
		return cmp.Or(offList[l.ID], Unknown)
	case c == StrongCopyleft && slices.Contains(linking, l.With.ID):
		return WeakCopyleft
	}
	return c
}

// CategoryOfExpression returns the category of an expression: all operands of
// AND bind, so the worst counts; OR is the user's choice, so the best counts.
func CategoryOfExpression(e spdxexpr.Expression) Category {
	if e.IsZero() {
		return Unknown
	}
	for _, most := range categoryList() {
		within := e.Evaluate(func(l spdxexpr.License) spdxexpr.Decision {
			if categoryOf(l) <= most {
				return spdxexpr.Allowed
			}
			return spdxexpr.Denied
		})
		if within == spdxexpr.Allowed {
			return most
		}
	}
	return Unknown
}

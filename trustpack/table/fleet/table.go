// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"cmp"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/HailBytes/evidence/trustpack/table"
)

// Format is how rows are written to files. Empty means Parquet.
type Format string

// The formats.
const (
	Parquet   Format = "parquet"
	JSONLines Format = "jsonl" // one object for each row; what is not known is null
)

func (f Format) orDefault() Format { return cmp.Or(f, Parquet) }

func (f Format) check() error {
	if f != Parquet && f != JSONLines {
		return fmt.Errorf("unknown format %.64q, want %s or %s", string(f), Parquet, JSONLines)
	}
	return nil
}

// kind is one table.
type kind interface {
	title() string
	columns() []column
	count(*table.Rows) int
	sort(*table.Rows)
	write(io.Writer, Format, *table.Rows) error
	read(io.ReaderAt, int64, Format, *table.Rows) error
}

// kindOf is the table of rows of type T.
type kindOf[T any] struct {
	name    string
	list    func(*table.Rows) *[]T
	compare func(a, b *T) int // the order in a compacted file
}

// of makes a table of the slice of table.Rows with this name.
func of[T any](name string, list func(*table.Rows) *[]T, compare func(a, b *T) int) kind {
	return &kindOf[T]{name: name, list: list, compare: compare}
}

// kinds are all tables, that of the packs last: its file says that a pack was landed.
var kinds = []kind{
	of("images", func(r *table.Rows) *[]table.Image { return &r.Images }, func(a, b *table.Image) int { return byRelease(&a.Key, &b.Key) }),
	of("files", func(r *table.Rows) *[]table.File { return &r.Files }, func(a, b *table.File) int { return byRelease(&a.Key, &b.Key) }),
	of("packages", func(r *table.Rows) *[]table.Package { return &r.Packages }, func(a, b *table.Package) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.PURL, b.PURL), byRelease(&a.Key, &b.Key))
	}),
	of("findings", func(r *table.Rows) *[]table.Finding { return &r.Findings }, func(a, b *table.Finding) int {
		return cmp.Or(cmp.Compare(a.Vulnerability, b.Vulnerability), cmp.Compare(a.Name, b.Name), byRelease(&a.Key, &b.Key))
	}),
	of("tests", func(r *table.Rows) *[]table.Test { return &r.Tests }, func(a, b *table.Test) int { return byRelease(&a.Key, &b.Key) }),
	of("accessibility", func(r *table.Rows) *[]table.Accessibility { return &r.Accessibility }, func(a, b *table.Accessibility) int { return byRelease(&a.Key, &b.Key) }),
	of("attestations", func(r *table.Rows) *[]table.Attestation { return &r.Attestations }, func(a, b *table.Attestation) int { return byRelease(&a.Key, &b.Key) }),
	of("checks", func(r *table.Rows) *[]table.Check { return &r.Checks }, func(a, b *table.Check) int { return byRelease(&a.Key, &b.Key) }),
	of("controls", func(r *table.Rows) *[]table.Control { return &r.Controls }, func(a, b *table.Control) int { return byRelease(&a.Key, &b.Key) }),
	of("gaps", func(r *table.Rows) *[]table.Gap { return &r.Gaps }, func(a, b *table.Gap) int { return byRelease(&a.Key, &b.Key) }),
	of("packs", func(r *table.Rows) *[]table.Pack { return &r.Packs }, func(a, b *table.Pack) int { return byRelease(&a.Key, &b.Key) }),
}

// byRelease sorts by product, then from the oldest release to the newest. Two packs
// of one release are told apart by their digests.
func byRelease(a, b *table.Key) int {
	return cmp.Or(cmp.Compare(a.Product, b.Product), cmp.Compare(a.VersionNumber, b.VersionNumber), cmp.Compare(a.PackID, b.PackID))
}

// Tables returns the names of the tables.
func Tables() []string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.title())
	}
	return names
}

func kindNamed(name string) (kind, error) {
	for _, k := range kinds {
		if k.title() == name {
			return k, nil
		}
	}
	return nil, fmt.Errorf("there is no table %.64q", name)
}

// Write writes the rows of one table as a file.
func Write(w io.Writer, f Format, name string, rows *table.Rows) error {
	k, err := kindNamed(name)
	if err != nil {
		return err
	}
	if err := f.orDefault().check(); err != nil {
		return err
	}
	return k.write(w, f.orDefault(), rows)
}

// Read appends the rows in a file that Write wrote to those of one table.
func Read(r io.ReaderAt, size int64, f Format, name string, into *table.Rows) error {
	k, err := kindNamed(name)
	if err != nil {
		return err
	}
	if err := f.orDefault().check(); err != nil {
		return err
	}
	return k.read(r, size, f.orDefault(), into)
}

// Sort brings the rows of a table into the order of compacted files: packages by name
// and package URL, findings by vulnerability and package, all others by release. Rows
// that are equal in this keep their order.
func Sort(name string, rows *table.Rows) error {
	k, err := kindNamed(name)
	if err == nil {
		k.sort(rows)
	}
	return err
}

func (k *kindOf[T]) title() string { return k.name }

func (k *kindOf[T]) count(rows *table.Rows) int { return len(*k.list(rows)) }

func (k *kindOf[T]) sort(rows *table.Rows) {
	slices.SortStableFunc(*k.list(rows), func(a, b T) int { return k.compare(&a, &b) })
}

func (k *kindOf[T]) write(w io.Writer, f Format, rows *table.Rows) error {
	if f == JSONLines {
		return writeJSONLines(w, *k.list(rows))
	}
	return writeParquet(w, *k.list(rows))
}

func (k *kindOf[T]) read(r io.ReaderAt, size int64, f Format, into *table.Rows) error {
	var rows []T
	var err error
	if f == JSONLines {
		rows, err = readJSONLines[T](io.NewSectionReader(r, 0, size))
	} else {
		rows, err = readParquet[T](r, size)
	}
	list := k.list(into)
	*list = append(*list, rows...)
	return err
}

// column is one column of a table, for those that describe it.
type column struct {
	name     string
	typ      reflect.Type
	nullable bool
}

func (k *kindOf[T]) columns() []column {
	var list []column
	for _, f := range table.Fields(reflect.TypeFor[T]()) {
		list = append(list, column{f.Tag.Get("json"), f.Type, isNullable(f)})
	}
	return list
}

// isNullable reports whether the zero value of a column means that it is not known.
func isNullable(f reflect.StructField) bool {
	return strings.Contains(f.Tag.Get("parquet"), ",optional")
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"encoding/csv"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence/internal/textfmt"
)

// Columns returns the names of the columns of a row type, in order.
func Columns[T any]() []string {
	var names []string
	columns(reflect.TypeFor[T](), func(f reflect.StructField, _ []int) { names = append(names, f.Tag.Get("json")) }, nil)
	return names
}

// columns calls visit for each field, those of Key and At in their place.
func columns(t reflect.Type, visit func(reflect.StructField, []int), at []int) {
	for i := range t.NumField() {
		f, index := t.Field(i), append(at[:len(at):len(at)], i)
		if f.Anonymous {
			columns(f.Type, visit, index)
			continue
		}
		visit(f, index)
	}
}

// WriteCSV writes rows of one table with a line of column names first (RFC 4180).
// Several values of one cell are divided by "; ".
func WriteCSV[T any](w io.Writer, rows []T) error {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	if err := c.Write(Columns[T]()); err != nil {
		return err
	}
	for i := range rows {
		row := Cells(&rows[i])
		for i, cell := range row {
			row[i] = textfmt.Cell(cell)
		}
		if err := c.Write(row); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// Cells returns the values of a row as text, in the order of [Columns].
func Cells[T any](row *T) []string {
	v := reflect.ValueOf(row).Elem()
	var cells []string
	columns(v.Type(), func(_ reflect.StructField, index []int) {
		cells = append(cells, cell(v.FieldByIndex(index).Interface()))
	}, nil)
	return cells
}

func cell(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []string:
		return strings.Join(v, "; ")
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		if v == 0 {
			return ""
		}
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return fmt.Sprint(v)
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"encoding/csv"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence/internal/textfmt"
)

// Columns returns the names of the columns of a row type, in order.
func Columns[T any]() []string {
	var names []string
	for _, f := range Fields(reflect.TypeFor[T]()) {
		names = append(names, f.Tag.Get("json"))
	}
	return names
}

// Fields returns the fields of a row type, those of [Key] and [At] in their place:
// one for each column, whose name is its json tag.
func Fields(row reflect.Type) []reflect.StructField {
	return slices.DeleteFunc(reflect.VisibleFields(row), func(f reflect.StructField) bool { return f.Anonymous })
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
	for _, f := range Fields(v.Type()) {
		cells = append(cells, cell(v.FieldByIndex(f.Index).Interface()))
	}
	return cells
}

func cell(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []string:
		return strings.Join(v, "; ")
	case Time:
		return v.String()
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

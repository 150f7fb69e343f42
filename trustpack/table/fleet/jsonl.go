// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"

	"github.com/HailBytes/evidence/trustpack/table"
)

// writeJSONLines writes one JSON object for each row, with the columns in order. What
// is not known is null.
func writeJSONLines[T any](w io.Writer, rows []T) error {
	out := bufio.NewWriter(w)
	fields := table.Fields(reflect.TypeFor[T]())
	var value bytes.Buffer
	enc := json.NewEncoder(&value)
	enc.SetEscapeHTML(false)
	for i := range rows {
		row := reflect.ValueOf(&rows[i]).Elem()
		separator := `{"`
		for _, f := range fields {
			out.WriteString(separator + f.Tag.Get("json") + `":`)
			separator = `,"`
			v := row.FieldByIndex(f.Index)
			if isNullable(f) && v.IsZero() {
				out.WriteString("null")
				continue
			}
			value.Reset()
			if err := enc.Encode(v.Interface()); err != nil {
				return err
			}
			out.Write(bytes.TrimSuffix(value.Bytes(), []byte("\n")))
		}
		out.WriteString("}\n")
	}
	return out.Flush()
}

// readJSONLines reads what writeJSONLines wrote.
func readJSONLines[T any](r io.Reader) ([]T, error) {
	var rows []T
	dec := json.NewDecoder(bufio.NewReader(r))
	dec.DisallowUnknownFields()
	for {
		var row T
		err := dec.Decode(&row)
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
}

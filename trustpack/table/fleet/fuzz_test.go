// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/HailBytes/evidence/trustpack/table"
)

// FuzzRead: a damaged file is an error, never a panic; what can be read is the same after
// it was written in either format.
func FuzzRead(f *testing.F) {
	rows := table.Rows{Gaps: []table.Gap{
		{Key: table.Key{PackID: "00", Product: "asm", Version: "1.1", VersionNumber: 1}, Kind: "vex", Reason: "=1\n\"\u202e\x00", Due: 1},
		{Key: table.Key{Product: "sat"}, At: table.At{SourcePath: "MANIFEST.json"}},
	}}
	for _, format := range []Format{Parquet, JSONLines} {
		var b bytes.Buffer
		if err := Write(&b, format, "gaps", &rows); err != nil {
			f.Fatal(err)
		}
		f.Add(format == Parquet, b.Bytes())
	}
	f.Fuzz(func(t *testing.T, binary bool, data []byte) {
		format := JSONLines
		if binary {
			format = Parquet
		}
		var first table.Rows
		if Read(bytes.NewReader(data), int64(len(data)), format, "gaps", &first) != nil {
			return
		}
		for _, format := range []Format{Parquet, JSONLines} {
			for i := range first.Gaps { // JSON has no other text
				for _, f := range table.Fields(reflect.TypeFor[table.Gap]()) {
					if v := reflect.ValueOf(&first.Gaps[i]).Elem().FieldByIndex(f.Index); v.Kind() == reflect.String {
						v.SetString(string(bytes.ToValidUTF8([]byte(v.String()), []byte("?"))))
					}
				}
			}
			var b bytes.Buffer
			if err := Write(&b, format, "gaps", &first); err != nil {
				t.Fatalf("%s: %v", format, err)
			}
			var again table.Rows
			if err := Read(bytes.NewReader(b.Bytes()), int64(b.Len()), format, "gaps", &again); err != nil {
				t.Fatalf("%s: %v", format, err)
			}
			if len(first.Gaps) > 0 && !reflect.DeepEqual(first, again) {
				t.Fatalf("%s: got %+v, want %+v", format, again, first)
			}
		}
	})
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package xmlstrict

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"testing"
)

func benchDocument(cases int) []byte {
	var b bytes.Buffer
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"s\">\n")
	for i := range cases {
		fmt.Fprintf(&b, "    <testcase name=\"test number %d\" classname=\"com.example.TestClass\" time=\"0.%03d\">\n"+
			"      <system-out><![CDATA[some output of the test, a line or two\nand &amp; so on]]></system-out>\n    </testcase>\n", i, i%1000)
	}
	b.WriteString("  </testsuite>\n</testsuites>\n")
	return b.Bytes()
}

func BenchmarkDecoder(b *testing.B) {
	data := benchDocument(20_000)
	b.Run(fmt.Sprintf("xmlstrict/bytes=%d", len(data)), func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			d := New(bytes.NewReader(data), Options{})
			for d.Next() != Invalid {
			}
			if err := d.End(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run(fmt.Sprintf("encoding-xml/bytes=%d", len(data)), func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			d := xml.NewDecoder(bytes.NewReader(data))
			for {
				if _, err := d.Token(); err == io.EOF {
					break
				} else if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

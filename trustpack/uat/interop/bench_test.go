package interop

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/joshdk/go-junit"

	"github.com/HailBytes/evidence/trustpack/uat"
)

func BenchmarkReadJUnit(b *testing.B) {
	var doc bytes.Buffer
	doc.WriteString("<testsuites><testsuite name=\"s\">\n")
	for i := range 20_000 {
		fmt.Fprintf(&doc, "<testcase name=\"test %d\" classname=\"com.example.T\" time=\"0.%03d\"><system-out><![CDATA[a line or two of what the test said\n]]></system-out></testcase>\n", i, i%1000)
	}
	doc.WriteString("</testsuite></testsuites>")
	for name, read := range map[string]func() error{
		"uat":      func() error { _, err := uat.ReadJUnit(bytes.NewReader(doc.Bytes()), nil); return err },
		"go-junit": func() error { _, err := junit.Ingest(doc.Bytes()); return err },
	} {
		b.Run(fmt.Sprintf("%s/cases=20000", name), func(b *testing.B) {
			b.SetBytes(int64(doc.Len()))
			b.ReportAllocs()
			for b.Loop() {
				if err := read(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

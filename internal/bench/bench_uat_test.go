// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/joshdk/go-junit"

	"github.com/HailBytes/evidence/internal/test/corpus"
	"github.com/HailBytes/evidence/trustpack/uat"
)

// junitDocs returns a report as Surefire writes it, with an output in each case and
// a failure in some, and a real one of Playwright repeated until it is as large.
func junitDocs(b *testing.B) map[string][]byte {
	const size = 40 << 20
	var surefire bytes.Buffer
	surefire.WriteString("<testsuites>\n")
	for suite := 0; surefire.Len() < size; suite++ {
		fmt.Fprintf(&surefire, "<testsuite name=\"com.example.T%d\" tests=\"100\" failures=\"5\" time=\"1.25\">\n", suite)
		for i := range 100 {
			fmt.Fprintf(&surefire, "<testcase name=\"test %d\" classname=\"com.example.T%d\" time=\"0.%03d\">\n", i, suite, i)
			if i%20 == 0 {
				surefire.WriteString("<failure message=\"expected 1 &lt; 0\" type=\"AssertionError\">" + strings.Repeat("at com.example.T.test(T.java:1)\n", 20) + "</failure>\n")
			}
			surefire.WriteString("<system-out><![CDATA[" + strings.Repeat("a line of what the test said\n", 5) + "]]></system-out></testcase>\n")
		}
		surefire.WriteString("</testsuite>\n")
	}
	surefire.WriteString("</testsuites>")

	real, err := os.ReadFile(filepath.Join(corpus.Dir(b, "junit", "playwright"), "playwright-1.65.1.xml"))
	if err != nil {
		b.Fatal(err)
	}
	_, suites, _ := bytes.Cut(real, []byte("<testsuite "))
	suites = append([]byte("<testsuite "), bytes.TrimSuffix(bytes.TrimSpace(suites), []byte("</testsuites>"))...)
	playwright := append([]byte("<testsuites>"), bytes.Repeat(suites, size/len(suites))...)
	return map[string][]byte{"surefire=40MB": surefire.Bytes(), "playwright=40MB": append(playwright, "</testsuites>"...)}
}

// BenchmarkReadJUnit reads the same bytes into each library's model.
func BenchmarkReadJUnit(b *testing.B) {
	for name, doc := range junitDocs(b) {
		for _, reader := range []struct {
			name string
			read func() (any, error)
		}{
			{"evidence", func() (any, error) { return uat.ReadJUnit(bytes.NewReader(doc), nil) }},
			{"go-junit", func() (any, error) { return junit.Ingest(doc) }},
		} {
			b.Run(name+"/"+reader.name, func(b *testing.B) {
				b.SetBytes(int64(len(doc)))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := reader.read(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(peak(b, len(doc), func() any {
					v, err := reader.read()
					if err != nil {
						b.Fatal(err)
					}
					return v
				}), "peak/doc")
			})
		}
	}
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	gosarif "github.com/owenrumney/go-sarif/v2/sarif"

	"github.com/HailBytes/evidence/internal/test/corpus"
	"github.com/HailBytes/evidence/sarif"
)

// sarifDocs returns a real report and the same report with its results and rules
// repeated until it is as large as wanted.
func sarifDocs(b *testing.B) []sarifDoc {
	real, err := os.ReadFile(filepath.Join(corpus.Dir(b, "real", "asm-1.481", "scans"), "hailbytes-asm-web.trivy.sarif"))
	if err != nil {
		b.Fatal(err)
	}
	grype, err := os.ReadFile(filepath.Join(corpus.Dir(b, "sarif", "grype"), "nginx-grype-0.63.0.sarif"))
	if err != nil {
		b.Fatal(err)
	}
	return []sarifDoc{
		{"real=trivy-web", real},
		{"real=grype-nginx", grype},
		{"scaled=5MB", scaleSARIF(b, real, 5<<20)},
		{"scaled=24MB", scaleSARIF(b, real, 24<<20)},
		{"scaled=96MB", scaleSARIF(b, real, 96<<20)},
	}
}

type sarifDoc struct {
	name string
	data []byte
}

// scaleSARIF repeats the rules and results of a report, each time with other
// identifiers, so that no table of strings profits from the repetition.
func scaleSARIF(b *testing.B, data []byte, size int) []byte {
	var doc struct {
		Version string `json:"version"`
		Schema  string `json:"$schema"`
		Runs    []struct {
			Tool struct {
				Driver map[string]any `json:"driver"`
			} `json:"tool"`
			Results    []map[string]any `json:"results"`
			Properties map[string]any   `json:"properties"`
		} `json:"runs"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		b.Fatal(err)
	}
	run := &doc.Runs[0]
	rules, results := run.Tool.Driver["rules"].([]any), run.Results
	var allRules []any
	var allResults []map[string]any
	for i := range size/len(data) + 1 {
		suffix := fmt.Sprintf("-%d", i)
		for _, r := range rules {
			r := copyMap(r.(map[string]any))
			r["id"] = r["id"].(string) + suffix
			allRules = append(allRules, r)
		}
		for _, r := range results {
			r := copyMap(r)
			r["ruleId"] = r["ruleId"].(string) + suffix
			r["ruleIndex"] = r["ruleIndex"].(float64) + float64(i*len(rules))
			text := copyMap(r["message"].(map[string]any))
			text["text"] = strings.Replace(text["text"].(string), "\nInstalled", suffix+"\nInstalled", 1)
			r["message"] = text
			allResults = append(allResults, r)
		}
	}
	run.Tool.Driver["rules"], run.Results = allRules, allResults
	out, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		b.Fatal(err)
	}
	return out
}

func copyMap(m map[string]any) map[string]any {
	c := make(map[string]any, len(m))
	for k, v := range m {
		c[k] = v
	}
	return c
}

// BenchmarkReadSARIF reads the same bytes into the full finding model, with
// go-sarif/v2's FromBytes beside it.
func BenchmarkReadSARIF(b *testing.B) {
	for _, doc := range sarifDocs(b) {
		b.Run(doc.name+"/evidence", func(b *testing.B) {
			b.SetBytes(int64(len(doc.data)))
			b.ReportAllocs()
			for b.Loop() {
				log, err := sarif.ReadSARIF(bytes.NewReader(doc.data), nil)
				if err != nil || len(log.Findings()) == 0 {
					b.Fatal(err)
				}
			}
			b.ReportMetric(peak(b, len(doc.data), func() any {
				log, err := sarif.ReadSARIF(bytes.NewReader(doc.data), nil)
				if err != nil {
					b.Fatal(err)
				}
				return log
			}), "peak/doc")
		})
		b.Run(doc.name+"/go-sarif", func(b *testing.B) {
			b.SetBytes(int64(len(doc.data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := gosarif.FromBytes(doc.data); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(peak(b, len(doc.data), func() any {
				log, err := gosarif.FromBytes(doc.data)
				if err != nil {
					b.Fatal(err)
				}
				return log
			}), "peak/doc")
		})
	}
}

// peak returns how much memory a call holds at its end, as a multiple of the
// document, beside the document itself: what it returned and what is not yet
// collected is counted before and after a collection, and the larger one told.
func peak(b *testing.B, size int, call func() any) float64 {
	b.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	stop, done := make(chan struct{}), make(chan uint64)
	go func() {
		most := uint64(0)
		var m runtime.MemStats
		for {
			select {
			case <-stop:
				done <- most
				return
			default:
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
	}()
	kept := call()
	close(stop)
	most := <-done
	runtime.ReadMemStats(&after)
	most = max(most, after.HeapAlloc)
	runtime.KeepAlive(kept)
	return float64(most-min(most, before.HeapAlloc)) / float64(size)
}

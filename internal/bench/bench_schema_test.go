// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/schema"
	"github.com/HailBytes/evidence/internal/test/corpus"
	"github.com/HailBytes/evidence/sbom"
)

// withCPU runs a benchmark and reports the CPU time beside the wall time, which says
// little on a machine with other work.
func withCPU(b *testing.B, size int, run func() error) {
	b.Helper()
	b.SetBytes(int64(size))
	b.ReportAllocs()
	start := cpuTime(b)
	for b.Loop() {
		if err := run(); err != nil {
			b.Fatal(err)
		}
	}
	used := cpuTime(b) - start
	b.ReportMetric(float64(size)*float64(b.N)/used.Seconds()/1e6, "MB/cpu-s")
}

func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// official is an official schema, compiled here and by the peer.
type official struct {
	ours *schema.Schema
	peer *jsonschema.Schema
}

// compileOfficial compiles the schema id of the files that match a pattern.
func compileOfficial(b *testing.B, id, base, pattern string) official {
	b.Helper()
	names, err := filepath.Glob(filepath.FromSlash(pattern))
	if err != nil || len(names) == 0 {
		b.Fatal(pattern, err)
	}
	files := map[string][]byte{}
	c := jsonschema.NewCompiler()
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			b.Fatal(err)
		}
		files[base+filepath.Base(name)] = text
		if err := c.AddResource(base+filepath.Base(name), doc); err != nil {
			b.Fatal(err)
		}
	}
	s := official{}
	if s.ours, err = schema.Compile(base+id, files); err != nil {
		b.Fatal(err)
	}
	if s.peer, err = c.Compile(base + id); err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkSchema holds documents against the official schema of their format: by this
// module from bytes, and by jsonschema/v6, which is given what encoding/json reads. The
// verdict is not asked for: scaled CycloneDX repeats some components, which must differ.
func BenchmarkSchema(b *testing.B) {
	const base = "http://cyclonedx.org/schema/"
	sarifBase := "https://docs.oasis-open.org/sarif/"
	trivy, err := os.ReadFile(filepath.Join(corpus.Dir(b, "real", "asm-1.481", "scans"), "hailbytes-asm-web.trivy.sarif"))
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range []struct {
		name, id, base, files string
		generate              func(size int) []byte
	}{
		{"spdx", "spdx-2.3.schema.json", base, "../../sbom/schemas/*.schema.json", spdxSample(b).generate},
		{"cyclonedx", "bom-1.5.schema.json", base, "../../sbom/schemas/*.schema.json", cycloneDXSample(b).generate},
		{"sarif", "sarif-schema-2.1.0.json", sarifBase, "../../sarif/schema/*.json", func(size int) []byte { return scaleSARIF(b, trivy, size) }},
	} {
		b.Run(f.name, func(b *testing.B) {
			s := compileOfficial(b, f.id, f.base, f.files)
			for _, mb := range []int{1, 8, 40, 300} {
				data := f.generate(mb << 20)
				b.Run(fmt.Sprintf("%dMB/evidence", mb), func(b *testing.B) {
					withCPU(b, len(data), func() error {
						_, err := s.ours.Validate(data, evidence.Limits{})
						return err
					})
				})
				if mb > 8 {
					continue // the peer takes seconds and gigabytes
				}
				b.Run(fmt.Sprintf("%dMB/jsonschema", mb), func(b *testing.B) {
					withCPU(b, len(data), func() error {
						var v any
						if err := json.Unmarshal(data, &v); err != nil {
							return err
						}
						s.peer.Validate(v)
						return nil
					})
				})
			}
		})
	}
}

// BenchmarkSchemaCompile is what the first document of a format costs.
func BenchmarkSchemaCompile(b *testing.B) {
	const base = "http://cyclonedx.org/schema/"
	for _, id := range []string{"spdx-2.3", "bom-1.6", "spdx-3.0.1"} {
		files := map[string][]byte{}
		names, _ := filepath.Glob(filepath.FromSlash("../../sbom/schemas/*.schema.json"))
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				b.Fatal(err)
			}
			files[base+filepath.Base(name)] = text
		}
		b.Run(id, func(b *testing.B) {
			withCPU(b, len(files[base+id+".schema.json"]), func() error {
				_, err := schema.Compile(base+id+".schema.json", files)
				return err
			})
		})
	}
}

// BenchmarkValidateSBOM is the work of "sbom-normalize -validate" without writing: it
// reads, holds against the schema and checks the meaning. Beside it, what it consists of.
func BenchmarkValidateSBOM(b *testing.B) {
	for _, f := range []struct {
		name   string
		sample *sbomSample
	}{{"spdx", spdxSample(b)}, {"cyclonedx", cycloneDXSample(b)}} {
		data := f.sample.generate(8 << 20)
		for _, r := range []struct {
			name string
			run  func() error
		}{
			{"json", func() error { return jsonstrict.Check(data, jsonstrict.Options{}) }},
			{"index", func() error { _, err := jsonstrict.NewIndex(data, jsonstrict.Options{}); return err }},
			{"read", func() error { _, err := sbom.Read(bytes.NewReader(data), nil); return err }},
			{"validate", func() error { _, err := sbom.Validate(bytes.NewReader(data), nil); return err }},
		} {
			b.Run(f.name+"/8MB/"+r.name, func(b *testing.B) { withCPU(b, len(data), r.run) })
		}
	}
}

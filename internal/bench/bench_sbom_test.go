// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/CycloneDX/cyclonedx-go"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/sbom"
	spdxjson "github.com/spdx/tools-golang/json"
)

// BenchmarkReadSBOM reads documents of 1, 40 and 300 MB that are scaled from
// real output of Syft, each by this module and by its peers, from the same bytes.
// Choose a size by -bench 'ReadSBOM/spdx/40MB'.
func BenchmarkReadSBOM(b *testing.B) {
	read := func(data []byte) error { _, err := sbom.Read(bytes.NewReader(data), nil); return err }
	walk := func(data []byte) error {
		_, err := countElements(bytes.NewReader(data))
		return err
	}
	valid := func(data []byte) error {
		if !json.Valid(data) {
			return fmt.Errorf("not valid")
		}
		return nil
	}
	skim := func(data []byte) error { return jsonstrict.Check(data, jsonstrict.Options{}) }
	for _, f := range []struct {
		name   string
		sample func(testing.TB) *sbomSample
		peer   string
		run    func([]byte) error
	}{
		{"spdx", spdxSample, "tools-golang", func(data []byte) error {
			_, err := spdxjson.Read(bytes.NewReader(data))
			return err
		}},
		{"cyclonedx", cycloneDXSample, "cyclonedx-go", func(data []byte) error {
			return cyclonedx.NewBOMDecoder(bytes.NewReader(data), cyclonedx.BOMFileFormatJSON).Decode(new(cyclonedx.BOM))
		}},
	} {
		b.Run(f.name, func(b *testing.B) {
			sample := f.sample(b)
			for _, mb := range []int{1, 40, 300} {
				b.Run(fmt.Sprintf("%dMB", mb), func(b *testing.B) {
					data := sample.generate(mb << 20)
					for _, r := range []struct {
						name string
						run  func([]byte) error
					}{{"evidence", read}, {"evidence-walk", walk}, {f.peer, f.run}, {"json.Valid", valid}, {"skim", skim}} {
						b.Run(r.name, func(b *testing.B) {
							runtime.GC()
							b.SetBytes(int64(len(data)))
							b.ReportAllocs()
							for b.Loop() {
								if err := r.run(data); err != nil {
									b.Fatal(err)
								}
							}
						})
					}
				})
			}
		})
	}
}

// countElements walks a document, and counts every component, file and relationship.
func countElements(r io.Reader) (n int, err error) {
	for element, err := range sbom.Walk(r, nil) {
		if err != nil {
			return n, err
		}
		switch element.(type) {
		case *sbom.Component, *sbom.File, *sbom.Relationship:
			n++
		}
	}
	return n, nil
}

// TestSBOMMemory measures the peak of resident memory of a process that reads,
// walks, or does neither, on a document of 300 MB (40 MB with -short).
func TestSBOMMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc/self/status")
	}
	size := 300 << 20
	if testing.Short() {
		size = 40 << 20
	}
	for _, f := range []struct {
		name   string
		sample func(testing.TB) *sbomSample
	}{{"spdx", spdxSample}, {"cyclonedx", cycloneDXSample}} {
		file := filepath.Join(t.TempDir(), f.name+".json")
		data := f.sample(t).generate(size)
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		idle := childPeak(t, "idle", file)
		read := childPeak(t, "read", file)
		walk := childPeak(t, "walk", file)
		ratio := float64(read) / float64(len(data)/1024)
		t.Logf("%s, %d MB: Read %d MB resident at most (%.2f times the document), Walk %d MB, an idle process %d MB",
			f.name, len(data)>>20, read>>10, ratio, walk>>10, idle>>10)
		if ratio > 3 {
			t.Errorf("%s: Read took %.2f times the document, want 3 at most", f.name, ratio)
		}
		// This process links every peer; one that only walks stays below 25 MB in all.
		if more := (walk - idle) >> 10; more > 20 {
			t.Errorf("%s: Walk took %d MB more than an idle process, want 20 at most", f.name, more)
		}
	}
}

// childPeak runs TestSBOMChild in a process of its own and returns its peak in KiB.
func childPeak(t *testing.T, what, file string) (kib int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestSBOMChild$", "-test.v")
	cmd.Env = append(os.Environ(), "SBOM_CHILD="+what, "SBOM_FILE="+file)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		if _, err := fmt.Sscanf(lines.Text(), "peak %d", &kib); err == nil {
			return kib
		}
	}
	t.Fatalf("no peak in %s", out)
	return 0
}

// TestSBOMChild is the process that TestSBOMMemory measures.
func TestSBOMChild(t *testing.T) {
	what := os.Getenv("SBOM_CHILD")
	if what == "" {
		t.Skip("run by TestSBOMMemory")
	}
	f, err := os.Open(os.Getenv("SBOM_FILE"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	switch what {
	case "read":
		doc, err := sbom.Read(f, nil)
		if err != nil || len(doc.Components) == 0 {
			t.Fatal(err)
		}
		defer runtime.KeepAlive(doc)
	case "walk":
		if n, err := countElements(f); err != nil || n == 0 {
			t.Fatal(err)
		}
	}
	status, err := os.Open("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	defer status.Close()
	text, _ := io.ReadAll(status)
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			fmt.Println("peak", strings.Fields(rest)[0])
		}
	}
}

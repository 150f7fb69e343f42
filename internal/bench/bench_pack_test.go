// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/HailBytes/evidence/internal/safezip"
	"github.com/HailBytes/evidence/internal/test/packgen"
	"github.com/klauspost/compress/flate"
	"golang.org/x/mod/module"
	modzip "golang.org/x/mod/zip"
)

// The floors of the pack: what must be done at least, done as fast as the same
// libraries allow, on the same bytes and as many goroutines.

const (
	packMembers = 64
	packBytes   = 1 << 30
)

// packFiles returns members files of bytes in all, with the contents of eight.
func packFiles(members, bytesInAll int) []safezip.File {
	var texts [8][]byte
	for i := range texts {
		texts[i] = packgen.Text(uint64(i), bytesInAll/members)
	}
	var files []safezip.File
	for i := range members {
		text := texts[i%len(texts)]
		files = append(files, safezip.File{Name: fmt.Sprintf("sbom/%05d.spdx.json", i), Size: int64(len(text)), Open: func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(text)), nil
		}})
	}
	return files
}

// writePack writes a pack to a file of the benchmark.
func writePack(b *testing.B, files []safezip.File) (*os.File, int64) {
	b.Helper()
	f, err := os.Create(filepath.Join(b.TempDir(), "pack.zip"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	if _, err := safezip.Write(context.Background(), f, files, nil); err != nil {
		b.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		b.Fatal(err)
	}
	return f, info.Size()
}

// onAllCPUs calls f for 0 to n-1 by one goroutine for each CPU.
func onAllCPUs(n int, f func(worker, i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for w := range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(w, i)
			}
		})
	}
	wg.Wait()
}

// packPeak reports the peak of resident memory while f runs, in MB, where the system tells.
func packPeak(b *testing.B, f func()) {
	runtime.GC()
	// Linux: 5 resets the high-water mark, proc(5).
	reset := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200) == nil
	before := processStatus("VmRSS:")
	f()
	if reset {
		b.ReportMetric(float64(processStatus("VmHWM:")-before)/1000, "peak-MB")
		b.ReportMetric(float64(processStatus("VmHWM:"))/1000, "peak-process-MB")
	}
}

// processStatus returns a field of /proc/self/status in kB.
func processStatus(field string) int {
	text, _ := os.ReadFile("/proc/self/status")
	_, rest, _ := strings.Cut(string(text), field)
	number, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, _ := strconv.Atoi(number)
	return n
}

// packCompare runs floor and ours in turn, so that other load on the machine hits
// both, and reports the time of ours in floors.
func packCompare(b *testing.B, floor, ours func()) {
	b.Helper()
	var floors, times time.Duration
	for b.Loop() {
		start := time.Now()
		floor()
		middle := time.Now()
		ours()
		floors += middle.Sub(start)
		times += time.Since(middle)
	}
	b.ReportMetric(float64(times)/float64(floors), "x-floor")
}

func BenchmarkPackVerify(b *testing.B) {
	f, size := writePack(b, packFiles(packMembers, packBytes))
	runtime.GC()
	a, err := safezip.Open(f, size, nil)
	if err != nil {
		b.Fatal(err)
	}
	entries := a.Entries()
	floor := func() {
		readers := make([]io.ReadCloser, runtime.GOMAXPROCS(0))
		onAllCPUs(len(entries), func(w, i int) {
			raw := bufio.NewReaderSize(io.NewSectionReader(f, dataOffset(&entries[i]), entries[i].CompressedSize), 64<<10)
			if readers[w] == nil {
				readers[w] = flate.NewReader(raw)
			} else if err := readers[w].(flate.Resetter).Reset(raw, nil); err != nil {
				b.Error(err)
			}
			h := sha256.New()
			if n, err := io.Copy(h, readers[w]); err != nil || n != entries[i].Size {
				b.Error(n, err)
			}
		})
	}
	ours := func() {
		a, err := safezip.Open(f, size, nil)
		if err != nil {
			b.Fatal(err)
		}
		if problems, err := a.Verify(context.Background(), nil); err != nil || len(problems) > 0 {
			b.Fatal(problems, err)
		}
	}
	packRun(b, "inflate+sha256", fmt.Sprintf("members=%d,bytes=1GiB", packMembers), packBytes, floor, ours)
}

// packRun measures a floor, ours with its memory, and both in turn.
func packRun(b *testing.B, floorName, size string, bytes int64, floor, ours func()) {
	b.Run("floor="+floorName+"/"+size, func(b *testing.B) {
		b.SetBytes(bytes)
		for b.Loop() {
			floor()
		}
	})
	b.Run("evidence/"+size, func(b *testing.B) {
		b.SetBytes(bytes)
		packPeak(b, func() {
			for b.Loop() {
				ours()
			}
		})
	})
	b.Run("compare/"+size, func(b *testing.B) { packCompare(b, floor, ours) })
}

// dataOffset is where the data of an entry without an extra field start.
func dataOffset(e *safezip.Entry) int64 { return e.Offset + 30 + int64(len(e.Name)) }

// BenchmarkPackOpen checks the structure of 100,000 entries. x/mod/zip checks
// names, sizes and collisions, but neither local headers nor gaps.
func BenchmarkPackOpen(b *testing.B) {
	const members = 100_000
	m := module.Version{Path: "example.com/m", Version: "v1.0.0"}
	var files []safezip.File
	for i := range members {
		text := fmt.Sprintf("file %d", i)
		files = append(files, safezip.File{Name: fmt.Sprintf("%s@%s/uat/screenshots/%03d/%05d.png", m.Path, m.Version, i/1000, i), Size: int64(len(text)), Open: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(text)), nil
		}})
	}
	f, size := writePack(b, files)
	b.Run("peer=x_mod_CheckZip/members=100000", func(b *testing.B) {
		packPeak(b, func() {
			for b.Loop() {
				if _, err := modzip.CheckZip(m, f.Name()); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
	b.Run("evidence/members=100000", func(b *testing.B) {
		packPeak(b, func() {
			for b.Loop() {
				if _, err := safezip.Open(f, size, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}

func BenchmarkPackBuild(b *testing.B) {
	const bytesInAll = 128 << 20
	files := packFiles(packMembers, bytesInAll)
	ours := func() {
		if _, err := safezip.Write(context.Background(), io.Discard, files, nil); err != nil {
			b.Fatal(err)
		}
	}
	packRun(b, "deflate+sha256", fmt.Sprintf("members=%d,bytes=128MiB", packMembers), bytesInAll, packBuildFloor(b, files), ours)
}

// packBuildFloor returns what deflates and hashes the files on all CPUs.
func packBuildFloor(b *testing.B, files []safezip.File) func() {
	return func() {
		writers := make([]*flate.Writer, runtime.GOMAXPROCS(0))
		onAllCPUs(len(files), func(w, i int) {
			if writers[w] == nil {
				writers[w], _ = flate.NewWriter(nil, 6)
			}
			h := sha256.New()
			writers[w].Reset(io.Discard)
			r, err := files[i].Open()
			if err != nil {
				b.Error(err)
			}
			buf := make([]byte, 64<<10)
			if _, err := io.CopyBuffer(io.MultiWriter(h, writers[w]), struct{ io.Reader }{r}, buf); err != nil {
				b.Error(err)
			}
			if err := writers[w].Close(); err != nil {
				b.Error(err)
			}
		})
	}
}

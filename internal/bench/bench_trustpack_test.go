// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/HailBytes/evidence/internal/safezip"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack"
	"github.com/klauspost/compress/flate"
)

var benchRelease = manifest.Config{Product: "bench", Version: "1.1"}

// packSources returns the files of packFiles as sources of a pack.
func packSources(files []safezip.File) (src []trustpack.Source) {
	for _, f := range files {
		src = append(src, trustpack.Source{Path: f.Name, Open: f.Open})
	}
	return src
}

// packOnDisk builds a whole pack: manifest, page and evidence.
func packOnDisk(b *testing.B, src []trustpack.Source) string {
	b.Helper()
	rel := benchRelease
	rel.Release.Created = time.Unix(1_700_000_000, 0)
	name := filepath.Join(b.TempDir(), trustpack.FileName(rel.Product, rel.Version))
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if _, err := trustpack.Build(context.Background(), f, rel, src, nil); err != nil {
		b.Fatal(err)
	}
	return name
}

// BenchmarkTrustpackVerify is all that trustpack-verify does: structure,
// inventory, digests, kinds and the page, beside inflating and hashing alone.
func BenchmarkTrustpackVerify(b *testing.B) {
	name := packOnDisk(b, packSources(packFiles(packMembers, packBytes)))
	runtime.GC()
	f, err := os.Open(name)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		b.Fatal(err)
	}
	a, err := safezip.Open(f, info.Size(), nil)
	if err != nil {
		b.Fatal(err)
	}
	entries := a.Entries()
	floor := func() {
		onAllCPUs(len(entries), func(_, i int) {
			r := flate.NewReader(io.NewSectionReader(f, dataOffset(&entries[i]), entries[i].CompressedSize))
			if n, err := io.Copy(sha256.New(), r); err != nil || n != entries[i].Size {
				b.Error(n, err)
			}
		})
	}
	ours := func() {
		report, err := trustpack.VerifyFile(context.Background(), name, trustpack.Policy{}, nil)
		if err != nil || !report.OK() {
			b.Fatal(err, report.Err())
		}
	}
	packRun(b, "inflate+sha256", fmt.Sprintf("members=%d,bytes=1GiB", packMembers), packBytes, floor, ours)
}

// BenchmarkTrustpackOpen opens packs of many small files, manifest and all.
func BenchmarkTrustpackOpen(b *testing.B) {
	for _, members := range []int{1_000, 100_000} {
		var src []trustpack.Source
		for i := range members {
			text := fmt.Sprintf("file %d", i)
			src = append(src, trustpack.Source{Path: fmt.Sprintf("uat/%03d/%05d.txt", i/1000, i), Open: func() (io.ReadCloser, error) {
				return io.NopCloser(strings.NewReader(text)), nil
			}})
		}
		name := packOnDisk(b, src)
		b.Run(fmt.Sprintf("members=%d", members), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p, err := trustpack.OpenFile(name, nil)
				if err != nil {
					b.Fatal(err)
				}
				p.Close()
			}
		})
	}
}

// BenchmarkTrustpackBuild is a whole build, recognition and both reads of each file,
// beside deflating and hashing alone.
func BenchmarkTrustpackBuild(b *testing.B) {
	const bytesInAll = 128 << 20
	files := packFiles(packMembers, bytesInAll)
	rel := benchRelease
	rel.Release.Created = time.Unix(1_700_000_000, 0)
	ours := func() {
		if _, err := trustpack.Build(context.Background(), io.Discard, rel, packSources(files), nil); err != nil {
			b.Fatal(err)
		}
	}
	packRun(b, "deflate+sha256", fmt.Sprintf("members=%d,bytes=128MiB", packMembers), bytesInAll, packBuildFloor(b, files), ours)
}

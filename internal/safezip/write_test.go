// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence"
)

// memFile is a File with that content.
func memFile(name, content string) File {
	return File{
		Name: name, Size: int64(len(content)), SHA256: sha256.Sum256([]byte(content)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil },
	}
}

// noise returns n bytes that do not compress, the same every time.
func noise(n int) string {
	src := rand.NewChaCha8([32]byte{1})
	b := make([]byte, n)
	src.Read(b)
	return string(b)
}

// text returns about n bytes that compress as JSON does, the same every time.
func text(n int) string {
	rnd := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for b.Len() < n {
		fmt.Fprintf(&b, "{\"name\":\"package-%d\",\"version\":\"%d.%d\"},\n", rnd.IntN(1000), rnd.IntN(10), rnd.IntN(100))
	}
	return b.String()
}

var testTime = time.Date(2026, 11, 22, 21, 30, 6, 0, time.UTC)

// sampleFiles has every way in which a file can be written.
func sampleFiles() []File {
	return []File{
		memFile("MANIFEST.json", "{}\n"),
		memFile("index.html", "<!doctype html>"),
		memFile("a/blank.log", strings.Repeat("\n", 1<<20+1)), // beyond the ratio: stored
		memFile("a/empty", ""),
		memFile("a/nested.zip", "PK\x03\x04"+noise(100)),
		memFile("a/noise", noise(300<<10)),
		memFile("sbom/web.json", text(700<<10)),
		memFile("uat/large.png", "\x89PNG\r\n\x1a\n"+noise(2<<20)), // read twice
		memFile("uat/small.png", "\x89PNG\r\n\x1a\n"+noise(1000)),
		memFile("uat/é.txt", "été"),
	}
}

func write(t testing.TB, files []File, o *WriteOptions) ([]byte, []Content) {
	t.Helper()
	var b bytes.Buffer
	contents, err := Write(t.Context(), &b, files, o)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), contents
}

func open(t testing.TB, data []byte) *Archive {
	t.Helper()
	a, err := Open(bytes.NewReader(data), int64(len(data)), nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestWriteGolden fails when the bytes of an archive change: another version of
// the compressor or another header breaks reproducible packs.
func TestWriteGolden(t *testing.T) {
	const want = "a402ad1f8619e125e5203bfe0b3202615c91d05fbcff09dcefeb2cedce04303d"
	data, _ := write(t, sampleFiles(), &WriteOptions{Modified: testTime})
	if got := fmt.Sprintf("%x", sha256.Sum256(data)); got != want {
		t.Errorf("archive of %d bytes has SHA-256 %s, want %s", len(data), got, want)
	}
}

func TestWriteRoundTrip(t *testing.T) {
	files := sampleFiles()
	data, contents := write(t, files, &WriteOptions{Modified: testTime})
	a, problems, err := Check(bytes.NewReader(data), int64(len(data)), nil)
	if err != nil || len(problems) > 0 {
		t.Fatalf("Check: %v, %v", problems, err)
	}
	if problems, err = a.Verify(t.Context(), nil); err != nil || len(problems) > 0 {
		t.Fatalf("Verify: %v, %v", problems, err)
	}
	stored := map[string]bool{"a/blank.log": true, "a/empty": true, "a/nested.zip": true, "uat/large.png": true, "uat/small.png": true}
	for i, e := range a.Entries() {
		if e.Name != files[i].Name || contents[i].SHA256 != files[i].SHA256 || contents[i].Size != files[i].Size || contents[i].CRC32 != e.CRC32 {
			t.Errorf("entry %d: %s, %+v", i, e.Name, contents[i])
		}
		if got := e.Method == Store; got != stored[e.Name] {
			t.Errorf("%s: stored is %v", e.Name, got)
		}
		if !e.Modified().Equal(testTime) {
			t.Errorf("%s: modified %v, want %v", e.Name, e.Modified(), testTime)
		}
		c, err := e.Digest(t.Context())
		if err != nil || c.SHA256 != files[i].SHA256 {
			t.Errorf("%s: digest %x, %v", e.Name, c.SHA256, err)
		}
	}
}

// TestWriteSameBytes varies everything that must not matter.
func TestWriteSameBytes(t *testing.T) {
	want, _ := write(t, sampleFiles(), &WriteOptions{Modified: testTime, Workers: 1})
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"whole":     func(r io.Reader) io.Reader { return r },
		"bytes":     iotest.OneByteReader,
		"halves":    iotest.HalfReader,
		"early end": iotest.DataErrReader,
	} {
		files := sampleFiles()
		for i := range files {
			files[i].SHA256 = [32]byte{}
			inner := files[i].Open
			files[i].Open = func() (io.ReadCloser, error) {
				r, err := inner()
				return io.NopCloser(wrap(r)), err
			}
		}
		got, _ := write(t, files, &WriteOptions{Modified: testTime.In(time.FixedZone("", 7200)).Add(time.Second), Workers: 7, TempDir: t.TempDir()})
		if !bytes.Equal(got, want) {
			t.Errorf("%s: other bytes", name)
		}
	}
}

func TestWriteTimes(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"0001-01-01T00:00:00Z", "1980-01-01T00:00:00Z"},
		{"1979-12-31T23:59:59Z", "1980-01-01T00:00:00Z"},
		{"1980-01-01T00:00:02Z", "1980-01-01T00:00:02Z"},
		{"2026-11-22T21:30:07.9Z", "2026-11-22T21:30:06Z"},
		{"2026-11-22T21:30:06+02:00", "2026-11-22T19:30:06Z"},
		{"2107-12-31T23:59:59Z", "2107-12-31T23:59:58Z"},
		{"2108-01-01T00:00:00Z", "2107-12-31T23:59:58Z"},
	} {
		in, err := time.Parse(time.RFC3339Nano, tt.in)
		if err != nil {
			t.Fatal(err)
		}
		data, _ := write(t, []File{memFile("a", "a")}, &WriteOptions{Modified: in})
		if got := open(t, data).Entries()[0].Modified().Format(time.RFC3339); got != tt.want {
			t.Errorf("%s is written as %s, want %s", tt.in, got, tt.want)
		}
	}
}

// slowFirst returns 16 MiB of files of which the first gives nothing until the last was opened.
func slowFirst() []File {
	files := []File{memFile("a", "first")}
	content := noise(1 << 20)
	for i := range 16 {
		files = append(files, memFile(fmt.Sprintf("b%02d", i), content))
	}
	opened := make(chan struct{})
	first, last := files[0].Open, files[16].Open
	files[0].Open = func() (io.ReadCloser, error) { <-opened; return first() }
	files[16].Open = func() (io.ReadCloser, error) { close(opened); return last() }
	return files
}

// TestWriteSpill has more wait for its turn than memory may hold.
func TestWriteSpill(t *testing.T) {
	dir := t.TempDir()
	data, _ := write(t, slowFirst(), &WriteOptions{Workers: 2, TempDir: dir})
	if problems, err := open(t, data).Verify(t.Context(), nil); err != nil || len(problems) > 0 {
		t.Errorf("Verify: %v, %v", problems, err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left in the temporary directory: %v, %v", left, err)
	}
	_, err = Write(t.Context(), io.Discard, slowFirst(), &WriteOptions{Workers: 2, TempDir: dir + "/absent"})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a temporary directory: %v", err)
	}
}

// changing is a file whose content is another each time it is read.
func changing(name string, contents ...string) File {
	f := memFile(name, contents[0])
	n := 0
	f.Open = func() (io.ReadCloser, error) {
		n++
		return io.NopCloser(strings.NewReader(contents[min(n, len(contents))-1])), nil
	}
	return f
}

func TestWriteRefuses(t *testing.T) {
	png := "\x89PNG\r\n\x1a\n" + noise(2<<20)
	other := png[:len(png)-1] + string(png[len(png)-1]^1)
	renamed := func(name string) []File { return []File{memFile(name, "x")} }
	changed := func(f File, content string) []File {
		f.Open = memFile("", content).Open
		return []File{f}
	}
	tests := []struct {
		name  string
		files []File
		code  string
		class error
		path  string
	}{
		{"longer", changed(memFile("a", "content"), "content+"), CodeSource, evidence.ErrMismatch, "a"},
		{"shorter", changed(memFile("a", "content"), "conten"), CodeSource, evidence.ErrMismatch, "a"},
		{"other bytes", changed(memFile("a", "content"), "contenT"), CodeSource, evidence.ErrMismatch, "a"},
		{"changed between reads", []File{changing("a", png, other)}, CodeSource, evidence.ErrMismatch, "a"},
		{"shorter at the second read", []File{changing("a", png, png[:len(png)-1])}, CodeSource, evidence.ErrMismatch, "a"},
		{"parent", renamed("../a"), "archive.name-dot", evidence.ErrUnsafe, "../a"},
		{"directory", renamed("a/"), "archive.name-empty", evidence.ErrUnsafe, "a/"},
		{"device", renamed("x/NUL.txt"), "archive.name-device", evidence.ErrUnsafe, "x/NUL.txt"},
		{"long name", renamed(strings.Repeat("abcdefgh/", 6) + "x"), "archive.name-length", evidence.ErrLimit, strings.Repeat("abcdefgh/", 6) + "x"},
		{"same name", []File{memFile("a", ""), memFile("a", "")}, "archive.name-duplicate", evidence.ErrUnsafe, "a"},
		{"case", []File{memFile("A", ""), memFile("a", "")}, "archive.name-collision", evidence.ErrUnsafe, "a"},
		{"file and directory", []File{memFile("a", ""), memFile("a/b", "")}, "archive.name-tree", evidence.ErrUnsafe, "a/b"},
		{"order", []File{memFile("b", ""), memFile("a", "")}, CodeOrder, evidence.ErrFormat, "a"},
		{"index before manifest", []File{memFile("index.html", ""), memFile("MANIFEST.json", "")}, CodeOrder, evidence.ErrFormat, "MANIFEST.json"},
		{"many", []File{memFile("a", ""), memFile("b", ""), memFile("c", ""), memFile("d", "")}, "archive.entries", evidence.ErrLimit, ""},
		{"large", []File{memFile("a", noise(5<<20))}, "archive.entry-size", evidence.ErrLimit, "a"},
		{"large in all", []File{memFile("a", noise(3<<20)), memFile("b", noise(3<<20))}, "archive.total-size", evidence.ErrLimit, "b"},
	}
	limits := evidence.Limits{NameBytes: 50, Entries: 3, EntryBytes: 4 << 20, TotalBytes: 5 << 20}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			_, err := Write(t.Context(), &b, tt.files, &WriteOptions{Limits: limits})
			p, ok := errors.AsType[*evidence.Problem](err)
			if !ok {
				t.Fatalf("error = %v, want a problem", err)
			}
			if diff := cmp.Diff([]any{tt.code, tt.path}, []any{p.Code, p.Path}); diff != "" || !errors.Is(err, tt.class) {
				t.Errorf("%v (class %v), want code and path:\n%s", err, p.Err, diff)
			}
			if _, err := Open(bytes.NewReader(b.Bytes()), int64(b.Len()), nil); err == nil {
				t.Error("what was written so far opens")
			}
		})
	}
}

var errTest = errors.New("test")

// TestWriteErrors checks that errors which say nothing about the files come through as they are.
func TestWriteErrors(t *testing.T) {
	failing := func(open error, read error) []File {
		files := sampleFiles()
		files[3].Size = 10
		files[3].Open = func() (io.ReadCloser, error) { return io.NopCloser(iotest.ErrReader(read)), open }
		return files
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name  string
		ctx   context.Context
		w     io.Writer
		files []File
		want  error
	}{
		{"open", t.Context(), io.Discard, failing(errTest, nil), errTest},
		{"read", t.Context(), io.Discard, failing(nil, errTest), errTest},
		{"cut short by the reader", t.Context(), io.Discard, failing(nil, io.ErrUnexpectedEOF), io.ErrUnexpectedEOF},
		{"write", t.Context(), &limitedWriter{1 << 20}, sampleFiles(), errTest},
		{"cancelled", cancelled, io.Discard, sampleFiles(), context.Canceled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Write(tt.ctx, tt.w, tt.files, nil)
			if p, ok := errors.AsType[*evidence.Problem](err); !errors.Is(err, tt.want) || ok {
				t.Errorf("error = %v (problem %v), want %v", err, p, tt.want)
			}
		})
	}
}

// limitedWriter fails after n bytes.
type limitedWriter struct{ n int }

func (w *limitedWriter) Write(p []byte) (int, error) {
	if w.n -= len(p); w.n < 0 {
		return 0, errTest
	}
	return len(p), nil
}

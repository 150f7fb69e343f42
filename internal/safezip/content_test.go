// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/flate"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/packgen"
)

// TestReader reads entries in pieces of every kind and wants io.EOF at the end.
func TestReader(t *testing.T) {
	files := []File{memFile("deflated", text(200<<10)), memFile("empty", ""), memFile("stored.zip", "PK\x03\x04"+noise(200<<10))}
	data, _ := write(t, files, nil)
	a := open(t, data)
	for _, f := range files {
		want, _ := f.Open()
		content, _ := io.ReadAll(want)
		if err := iotest.TestReader(a.Entry(f.Name).Open(), content); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		r := a.Entry(f.Name).Open()
		exact := make([]byte, len(content))
		if n, err := r.Read(exact); len(content) == 0 && (n != 0 || err != io.EOF) {
			t.Errorf("%s: reading nothing gives %d, %v", f.Name, n, err)
		}
		if r.Close() != nil || r.Close() != fs.ErrClosed {
			t.Errorf("%s: closing twice", f.Name)
		}
		if _, err := r.Read(exact); err != fs.ErrClosed && len(exact) > 0 {
			t.Errorf("%s: reading after closing: %v", f.Name, err)
		}
	}
	if a.Entry("absent") != nil {
		t.Error("an entry that is not there")
	}
}

// TestReaderRefuses checks that bad content ends with its problem whatever
// way it is read, and that no byte above the declared size is given.
func TestReaderRefuses(t *testing.T) {
	for _, c := range packgen.Cases() {
		if !strings.HasPrefix(c.Name, "content-") {
			continue
		}
		a := open(t, c.Data)
		var e *Entry
		for i := range a.Entries() {
			if _, err := a.Entries()[i].Digest(t.Context()); err != nil {
				e = &a.Entries()[i]
			}
		}
		if e == nil {
			t.Errorf("%s: every entry can be digested", c.Name)
			continue
		}
		for name, read := range map[string]func() (int, error){
			"ReadAll": func() (int, error) { b, err := io.ReadAll(e.Open()); return len(b), err },
			"bytes":   func() (int, error) { b, err := io.ReadAll(iotest.OneByteReader(e.Open())); return len(b), err },
			"CopyTo":  func() (int, error) { var b bytes.Buffer; _, err := e.CopyTo(t.Context(), &b); return b.Len(), err },
			"Bytes":   func() (int, error) { b, err := e.Bytes(t.Context(), 1<<20); return len(b), err },
			"exact": func() (int, error) {
				r := e.Open()
				if _, err := io.ReadFull(r, make([]byte, e.Size)); err != nil && e.Size > 0 {
					return 0, err
				}
				_, err := r.Read(make([]byte, 1))
				return 0, err
			},
		} {
			n, err := read()
			p, ok := errors.AsType[*evidence.Problem](err)
			if !ok || p.Code != c.Code || p.Path != e.Name {
				t.Errorf("%s, %s: error = %v, want %s", c.Name, name, err, c.Code)
			}
			if int64(n) > e.Size {
				t.Errorf("%s, %s: %d bytes given, %d declared", c.Name, name, n, e.Size)
			}
		}
	}
}

func TestBytesLimit(t *testing.T) {
	data, _ := write(t, []File{memFile("a", "12345")}, nil)
	e := open(t, data).Entry("a")
	if b, err := e.Bytes(t.Context(), 5); err != nil || string(b) != "12345" {
		t.Errorf("5 of 5 bytes: %q, %v", b, err)
	}
	if _, err := e.Bytes(t.Context(), 4); !errors.Is(err, evidence.ErrLimit) {
		t.Errorf("5 bytes, 4 allowed: %v", err)
	}
}

// TestInflaterFields fails when the pinned decompressor no longer keeps its
// unread bits where spareBits looks, and shows that they are found.
func TestInflaterFields(t *testing.T) {
	typ := reflect.TypeOf(flate.NewReader(nil)).Elem()
	for name, kind := range map[string]reflect.Kind{"b": reflect.Uint32, "nb": reflect.Uint} {
		if f, ok := typ.FieldByName(name); !ok || f.Type.Kind() != kind {
			t.Fatalf("%v has no field %s of kind %v", typ, name, kind)
		}
	}
	// Larger than what Verify compresses again.
	data, _ := write(t, []File{memFile("a", text(rewriteBytes+1)), memFile("b", "b")}, nil)
	last := open(t, data).Entry("b")
	at := last.data + last.CompressedSize - 1
	found := 0
	for bit := range 8 {
		flipped := bytes.Clone(data)
		flipped[at] ^= 1 << bit
		problems, err := open(t, flipped).Verify(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case len(problems) == 0:
			t.Errorf("bit %d of the last byte: accepted without a warning", bit)
		case problems[0].Code == CodeCanonical && strings.Contains(problems[0].Message, "bits are set"):
			found++
		}
	}
	if found == 0 {
		t.Error("no bit of the last byte was spare; choose another content")
	}
}

// failingReaderAt fails, or ends, at the n-th read.
type failingReaderAt struct {
	r   *bytes.Reader
	n   int
	err error
}

func (r *failingReaderAt) ReadAt(p []byte, off int64) (int, error) {
	if r.n--; r.n < 0 {
		return 0, r.err
	}
	return r.r.ReadAt(p, off)
}

// TestReadErrors lets every single read fail. What could not be read is never
// a verdict: the error is the reader's, no problem of the archive.
func TestReadErrors(t *testing.T) {
	var entries []*packgen.Entry
	for _, c := range "abcdefgh" {
		entries = append(entries, packgen.Deflated(string(c), string(packgen.Text(uint64(c), 200<<10))).Stream(true))
	}
	data := packgen.New(entries...).Add64().Bytes()
	for _, want := range []error{errTest, io.EOF} {
		for n := 0; ; n++ {
			r := &failingReaderAt{bytes.NewReader(data), n, want}
			a, problems, err := Check(r, int64(len(data)), nil)
			if err == nil {
				problems, err = a.Verify(t.Context(), &VerifyOptions{Workers: 1})
			}
			if r.n >= 0 {
				if err != nil || problems.Err() != nil || n < 10 {
					t.Errorf("%d reads without a failure: %v, %v", n, problems, err)
				}
				break
			}
			if want == io.EOF {
				want = io.ErrUnexpectedEOF // the file was declared longer
			}
			p, ok := errors.AsType[*evidence.Problem](err)
			if !errors.Is(err, want) || ok || len(problems) > 0 {
				t.Errorf("read %d fails: error = %v (problem %v), problems %v", n, err, p, problems)
			}
		}
	}
}

// TestCancel cancels in the middle of one large entry.
func TestCancel(t *testing.T) {
	data, _ := write(t, []File{memFile("a", text(8<<20))}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	_, err := open(t, data).Entry("a").CopyTo(ctx, writerFunc(func(p []byte) error {
		n += len(p)
		cancel()
		return nil
	}))
	if !errors.Is(err, context.Canceled) || n > 1<<20 {
		t.Errorf("after %d bytes: %v", n, err)
	}
	if _, err := open(t, data).Verify(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Verify: %v", err)
	}
}

// TestConcurrent uses one archive from several goroutines; the race detector looks on.
func TestConcurrent(t *testing.T) {
	files := sampleFiles()
	data, _ := write(t, files, nil)
	a := open(t, data)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			seen := make(map[string]Content)
			var mu sync.Mutex
			problems, err := a.Verify(t.Context(), &VerifyOptions{Workers: 3, Each: func(e *Entry, c Content, p *evidence.Problem) error {
				mu.Lock()
				defer mu.Unlock()
				seen[e.Name] = c
				return nil
			}})
			if err != nil || len(problems) > 0 || len(seen) != len(files) {
				t.Errorf("Verify: %v, %v; %d entries", problems, err, len(seen))
			}
			for _, f := range files {
				b, err := a.Entry(f.Name).Bytes(t.Context(), 1<<30)
				if err != nil || sha256.Sum256(b) != f.SHA256 || seen[f.Name].SHA256 != f.SHA256 {
					t.Errorf("%s: %d bytes, %v", f.Name, len(b), err)
				}
			}
		})
	}
	wg.Wait()
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"sync"

	"github.com/HailBytes/evidence"
)

// rewriteBytes is the content, of all entries, up to which Verify compresses it
// again: a few hundredths of a second. In a larger archive streams are not
// compared, as compressing takes ten times as long as reading.
const rewriteBytes = 4 << 20

// foreignStreams returns the entries whose data are not what Write makes of their
// content, which is sound. It looks only where that is worth it: not in a large
// archive, nor where the headers tell already that another tool made it.
//
// Deflate has many streams for one content: padding before stored blocks, other
// distances to equal bytes (RFC 1951 §3.2.4, §3.2.5). A bit that is flipped there
// changes nothing else.
func (a *Archive) foreignStreams(ctx context.Context, workers int) ([]*Entry, error) {
	total := int64(0)
	for i := range a.entries {
		total += max(a.entries[i].Size, a.entries[i].CompressedSize)
	}
	if len(a.canonical) > 0 || total > rewriteBytes {
		return nil, nil
	}
	js := &jobs{o: &WriteOptions{Limits: evidence.Limits{}.OrDefault()}}
	var mu sync.Mutex
	var found []*Entry
	v := verifier{read: func(e *Entry, ctx context.Context) (Content, error) {
		same, err := e.asWritten(ctx, js)
		if !same && err == nil {
			mu.Lock()
			defer mu.Unlock()
			found = append(found, e)
		}
		return Content{}, err
	}}
	err := v.run(ctx, a.all(), workers)
	if err == nil {
		err = v.problems.Err() // the file is not what it was when it was verified
	}
	return found, err
}

// asWritten reports whether the data of e, whose content is sound, are as Write makes them.
func (e *Entry) asWritten(ctx context.Context, js *jobs) (bool, error) {
	j := &job{jobs: js, file: &File{Name: e.Name, Size: e.Size, Open: func() (io.ReadCloser, error) { return e.Open(), nil }}}
	defer j.free()
	c := compressors.Get().(*compressor)
	defer compressors.Put(c)
	if err := c.run(ctx, j); err != nil {
		return false, err
	}
	if j.method != e.Method || j.packed != e.CompressedSize {
		return false, nil
	}
	err := j.copyTo(ctx, &matcher{r: bufio.NewReader(io.NewSectionReader(e.a.r, e.data, e.CompressedSize))})
	if errors.Is(err, errDiffers) {
		return false, nil
	}
	return err == nil, err
}

var errDiffers = errors.New("data differ")

// matcher compares what is written to it with what it reads.
type matcher struct {
	r   *bufio.Reader
	buf []byte
}

func (m *matcher) Write(p []byte) (int, error) {
	if cap(m.buf) < len(p) {
		m.buf = make([]byte, len(p))
	}
	got := m.buf[:len(p)]
	if _, err := io.ReadFull(m.r, got); err != nil {
		return 0, err
	}
	if !bytes.Equal(got, p) {
		return 0, errDiffers
	}
	return len(p), nil
}

package safezip

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/HailBytes/evidence/internal/limit"
)

// rewriteBytes is the content, of all entries, up to which Verify compresses it
// again: a few hundredths of a second. In a larger archive streams are not
// compared, as compressing takes ten times as long as reading.
const rewriteBytes = 4 << 20

// rewriter compares the data of entries with what Write would make of their content.
//
// Deflate has many streams for one content: padding before stored blocks, other
// distances to equal bytes (RFC 1951 §3.2.4, §3.2.5). A bit that is flipped there
// changes nothing else.
type rewriter struct {
	jobs jobs
}

// newRewriter returns nil if the comparison is not worth it: the archive is
// large, or its headers tell already that another tool made it.
func newRewriter(a *Archive) *rewriter {
	total := int64(0)
	for i := range a.entries {
		total += max(a.entries[i].Size, a.entries[i].CompressedSize)
	}
	if len(a.canonical) > 0 || total > rewriteBytes {
		return nil
	}
	return &rewriter{jobs{o: &WriteOptions{Limits: limit.Limits{}.OrDefault()}}}
}

// same reports whether the data of e, whose content is sound, are as Write makes them.
func (r *rewriter) same(ctx context.Context, e *Entry) (bool, error) {
	if r == nil {
		return true, nil
	}
	j := &job{jobs: &r.jobs, file: &File{Name: e.Name, Size: e.Size, Open: func() (io.ReadCloser, error) { return e.Open(), nil }}}
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

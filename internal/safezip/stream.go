package safezip

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
)

// compressBytes is the content, of all entries, up to which Verify compresses
// it again: a few hundredths of a second. A larger pack is not compared, as
// compressing takes ten times as long as reading.
const compressBytes = 4 << 20

// worthCompressing reports whether the deflate streams are to be compared with
// those that Write makes: the archive is small and nothing else tells that it
// was made by another tool.
//
// Deflate has many streams for one content: padding before stored blocks, other
// distances to equal bytes (RFC 1951 §3.2.4, §3.2.5). A bit that was flipped there
// changes nothing else.
func (a *Archive) worthCompressing() bool {
	total := int64(0)
	for i := range a.entries {
		if e := &a.entries[i]; e.Method == Deflate {
			total += max(e.Size, e.CompressedSize)
		}
	}
	return len(a.canonical) == 0 && total <= compressBytes
}

var compressors = sync.Pool{New: func() any { return newCompressor() }}

// sameStream reports whether the data of e, whose content is sound, are those
// that Write makes.
func (e *Entry) sameStream(ctx context.Context) (bool, error) {
	if e.Method != Deflate {
		return true, nil
	}
	c := compressors.Get().(*compressor)
	defer compressors.Put(c)
	m := matcher{r: bufio.NewReader(io.NewSectionReader(e.a.r, e.data, e.CompressedSize))}
	c.flate.Reset(&m)
	_, err := e.CopyTo(ctx, c.flate)
	if err == nil {
		err = c.flate.Close()
	}
	switch {
	case errors.Is(err, errDiffers):
		return false, nil
	case err != nil:
		return false, err
	}
	if _, err = m.r.ReadByte(); err == io.EOF {
		return true, nil
	}
	return false, err
}

var errDiffers = errors.New("streams differ")

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
	switch _, err := io.ReadFull(m.r, got); {
	case err == io.EOF || err == io.ErrUnexpectedEOF || err == nil && !bytes.Equal(got, p):
		return 0, errDiffers
	case err != nil:
		return 0, err
	}
	return len(p), nil
}

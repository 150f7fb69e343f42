// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import (
	"bytes"
	"context"
	"crypto/sha256"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/flate"
)

const (
	// level is part of the format: another one gives other bytes.
	level = 6

	holdBytes = 8 << 20 // compressed data that waits in memory for its turn, in all
	jobsAhead = 1024    // files that may be done before their turn
)

// jobs compresses files by several goroutines, in their order, ahead of the writer.
type jobs struct {
	files []File
	o     *WriteOptions
	slots chan struct{} // one for each job that is started and not released
	done  []chan *job
	held  atomic.Int64 // bytes in memory
	wg    sync.WaitGroup
}

// job is one file, digested and ready to be written.
type job struct {
	jobs    *jobs
	file    *File
	content Content
	method  uint16
	packed  int64        // bytes of data
	data    bytes.Buffer // the data, unless it is spilled or read again
	spill   *os.File     // the data, if there was no room for it
	again   bool         // the data is the file's content, to be read again
	err     error
}

func startJobs(ctx context.Context, files []File, o *WriteOptions) *jobs {
	js := &jobs{files: files, o: o, slots: make(chan struct{}, jobsAhead), done: make([]chan *job, len(files))}
	for i := range js.done {
		js.done[i] = make(chan *job, 1)
	}
	var next atomic.Int64
	for range min(o.Workers, len(files)) {
		js.wg.Go(func() {
			c := compressors.Get().(*compressor)
			defer compressors.Put(c)
			for {
				select {
				case js.slots <- struct{}{}: // in order: the job that the writer waits for has one
				case <-ctx.Done():
					return
				}
				i := int(next.Add(1)) - 1
				if i >= len(files) {
					<-js.slots
					return
				}
				j := &job{jobs: js, file: &files[i]}
				j.err = c.run(ctx, j)
				js.done[i] <- j
			}
		})
	}
	return js
}

// wait returns the job of file i once it is done.
func (js *jobs) wait(ctx context.Context, i int) (*job, error) {
	select {
	case j := <-js.done[i]:
		return j, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// drain waits for the goroutines, whose context is cancelled, and frees what they hold.
func (js *jobs) drain() {
	js.wg.Wait()
	for _, done := range js.done {
		select {
		case j := <-done:
			j.release()
		default:
		}
	}
}

// release frees the data and lets another job start.
func (j *job) release() {
	j.free()
	<-j.jobs.slots
}

func (j *job) free() {
	j.drop()
	if j.spill != nil {
		closeSpill(j.spill)
		j.spill = nil
	}
}

func (j *job) drop() {
	j.jobs.held.Add(-int64(j.data.Len()))
	j.data = bytes.Buffer{}
}

// Write takes compressed data: to memory while there is room, else to a file.
func (j *job) Write(p []byte) (int, error) {
	j.packed += int64(len(p))
	if j.spill == nil {
		if j.jobs.held.Add(int64(len(p))) <= holdBytes {
			return j.data.Write(p)
		}
		j.jobs.held.Add(-int64(len(p)))
		f, err := openSpill(j.jobs.o.TempDir)
		if err != nil {
			return 0, err
		}
		j.spill = f
		if _, err := f.Write(j.data.Bytes()); err != nil {
			return 0, err
		}
		j.drop()
	}
	return j.spill.Write(p)
}

// openSpill makes a file that goes away with the process where the system can do that.
func openSpill(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, "evidence-*.tmp")
	if err == nil {
		os.Remove(f.Name()) // Windows refuses; closeSpill tries again
	}
	return f, err
}

func closeSpill(f *os.File) {
	f.Close()
	os.Remove(f.Name())
}

// compressor is what one goroutine keeps from file to file.
type compressor struct {
	flate *flate.Writer
	sum   hash.Hash
	crc   uint32
	buf   []byte
}

var compressors = sync.Pool{New: func() any {
	w, err := flate.NewWriter(nil, level)
	if err != nil {
		panic(err) // the level is a constant
	}
	return &compressor{flate: w, sum: sha256.New(), buf: make([]byte, 64<<10)}
}}

// run digests the file of j and compresses it if that is worth it.
func (c *compressor) run(ctx context.Context, j *job) error {
	c.sum.Reset()
	c.crc = 0
	started := false
	err := j.file.read(ctx, c.buf, func(p []byte) error {
		if !started && len(p) > 0 {
			started = true
			j.start(p, c)
		}
		c.crc = crc32.Update(c.crc, crc32.IEEETable, p)
		c.sum.Write(p)
		switch {
		case j.method == Deflate:
			_, err := c.flate.Write(p)
			return err
		case j.again:
			return nil
		}
		_, err := j.Write(p)
		return err
	})
	if err == nil && j.method == Deflate {
		err = c.flate.Close()
	}
	if err != nil {
		return err
	}
	j.content = Content{Size: j.file.Size, CRC32: c.crc}
	c.sum.Sum(j.content.SHA256[:0])
	if want := j.file.SHA256; want != ([sha256.Size]byte{}) && want != j.content.SHA256 {
		return j.file.changed("the file has SHA-256 %x, %x was announced", j.content.SHA256, want)
	}
	if j.method == Deflate && exceedsRatio(j.content.Size, j.packed, j.jobs.o.Limits.Ratio) {
		j.method, j.again = Store, true
		j.drop()
	}
	if j.method == Store {
		j.packed = j.content.Size
	}
	return nil
}

// start decides by the first bytes how the content is written.
func (j *job) start(head []byte, c *compressor) {
	const holdStored = 1 << 20
	if isCompressed(head) {
		j.again = j.file.Size > holdStored
		return
	}
	j.method = Deflate
	c.flate.Reset(j)
}

// isCompressed recognises PNG images (PNG 3rd edition §5.2) and ZIP archives.
func isCompressed(head []byte) bool {
	for _, magic := range []string{"\x89PNG\r\n\x1a\n", "PK\x03\x04", "PK\x05\x06"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	return false
}

// copyTo writes the data of j to w.
func (j *job) copyTo(ctx context.Context, w io.Writer) error {
	switch {
	case j.again:
		crc, sum := uint32(0), sha256.New()
		err := j.file.read(ctx, make([]byte, 64<<10), func(p []byte) error {
			crc = crc32.Update(crc, crc32.IEEETable, p)
			sum.Write(p)
			_, err := w.Write(p)
			return err
		})
		if err != nil {
			return err
		}
		if crc != j.content.CRC32 || [sha256.Size]byte(sum.Sum(nil)) != j.content.SHA256 {
			return j.file.changed("the file changed while it was read")
		}
		return nil
	case j.spill != nil:
		_, err := io.Copy(w, io.NewSectionReader(j.spill, 0, j.packed))
		return err
	}
	_, err := w.Write(j.data.Bytes())
	return err
}

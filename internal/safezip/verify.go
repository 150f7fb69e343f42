// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/HailBytes/evidence"
)

// VerifyOptions are the settings of [Archive.Verify]; nil is the zero value.
type VerifyOptions struct {
	// Workers is how many entries are read at once; 0 means one for each CPU.
	Workers int

	// Head is how many of the first bytes of each entry stand in the Content
	// that Each is given; 0 for none.
	Head int

	// UnsafeAnyStream leaves out whether Write would have compressed the content in this
	// way, which takes as long as to compress it.
	UnsafeAnyStream bool

	// Each, if not nil, is called once for every entry, as soon as it was read,
	// in no order and by several goroutines at once. The problem is nil if the
	// entry holds what its header says; only then does the Content count. An
	// error stops Verify, which returns it.
	Each func(*Entry, Content, *evidence.Problem) error
}

// Verify reads every entry to its end and returns what is wrong: problems of
// severity error, and warnings with [CodeCanonical] for headers and streams
// that [Write] would not have written, ordered by offset. It uses all CPUs and
// less than a megabyte for each, whatever the sizes. The error is the reason
// why not everything could be read: of the file, of ctx or of Each.
func (a *Archive) Verify(ctx context.Context, o *VerifyOptions) (evidence.Problems, error) {
	return a.StartVerify(o).Finish(ctx)
}

// Verification is [Archive.Verify] for a caller who needs the content of some
// entries: Bytes reads one, Finish reads those that are left. Bytes may be called
// by several goroutines at once, each with another entry.
type Verification struct {
	a    *Archive
	o    VerifyOptions
	v    verifier
	mu   sync.Mutex
	read map[*Entry]bool // by Bytes
}

// StartVerify begins a verification; nothing is read yet.
func (a *Archive) StartVerify(o *VerifyOptions) *Verification {
	if o == nil {
		o = &VerifyOptions{}
	}
	read := (*Entry).Digest
	if o.Head > 0 {
		read = func(e *Entry, ctx context.Context) (Content, error) { return e.digestWithHead(ctx, o.Head) }
	}
	return &Verification{a: a, o: *o, v: verifier{read: read, each: o.Each}, read: map[*Entry]bool{}}
}

// Bytes reads one entry of at most the given number of bytes. Its error is what is wrong with
// the entry, which Finish then reports as well, or the reason why it could not be read.
// An entry that declares more is left to Finish.
func (x *Verification) Bytes(ctx context.Context, e *Entry, most int64) ([]byte, Content, error) {
	if e.Size > most {
		return nil, Content{}, e.problem(ruleEntrySize, "the entry declares %d bytes; at most %d are read", e.Size, most)
	}
	// What is declared is allocated at once: by the limit on ratios it is no more than
	// some hundred times what is there.
	b := bytes.NewBuffer(make([]byte, 0, e.Size))
	c, err := e.CopyTo(ctx, b)
	c.Head = b.Bytes()[:min(b.Len(), x.o.Head)]
	x.mu.Lock()
	x.read[e] = true
	x.mu.Unlock()
	if err := cmp.Or(x.v.settle(e, c, err), err); err != nil {
		return nil, Content{}, err
	}
	return b.Bytes(), c, nil
}

// Finish reads every entry that Bytes did not, and returns what Verify does.
func (x *Verification) Finish(ctx context.Context) (evidence.Problems, error) {
	a, v := x.a, &x.v
	left := make([]*Entry, 0, len(a.entries))
	for i := range a.entries {
		if e := &a.entries[i]; !x.read[e] {
			left = append(left, e)
		}
	}
	if err := v.run(ctx, left, x.o.Workers); err != nil {
		return nil, err
	}
	var f foreign
	for _, e := range inOrder(v.spare) {
		f.add("spare", e, "bits are set after the end of the deflate stream")
	}
	if len(v.problems) == 0 && len(v.spare) == 0 && !x.o.UnsafeAnyStream {
		streams, err := a.foreignStreams(ctx, x.o.Workers)
		if err != nil {
			return nil, err
		}
		for _, e := range inOrder(streams) {
			f.add("stream", e, "the content is compressed in another way")
		}
	}
	problems := slices.Concat(v.problems, a.canonical, f.problems())
	slices.SortStableFunc(problems, func(x, y *evidence.Problem) int { return cmp.Compare(x.Offset, y.Offset) })
	return problems, nil
}

// verifier reads the entries of one archive and collects what it finds.
type verifier struct {
	read func(*Entry, context.Context) (Content, error)
	each func(*Entry, Content, *evidence.Problem) error

	mu       sync.Mutex
	problems evidence.Problems
	spare    []*Entry // with bits after the end of the stream
	err      error
}

// run reads entries by several goroutines and returns the error that stopped it.
func (v *verifier) run(ctx context.Context, order []*Entry, workers int) error {
	// The largest come first, so that no goroutine is left alone with one.
	slices.SortStableFunc(order, func(x, y *Entry) int {
		return cmp.Compare(max(y.Size, y.CompressedSize), max(x.Size, x.CompressedSize))
	})
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(workers, len(order)) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(order) {
					return
				}
				c, err := v.read(order[i], ctx)
				if v.settle(order[i], c, err) != nil {
					cancel()
					return
				}
			}
		})
	}
	wg.Wait()
	return v.err
}

// settle keeps what reading an entry gave. Its error is the reason to stop.
func (v *verifier) settle(e *Entry, c Content, err error) error {
	problem, _ := errors.AsType[*evidence.Problem](err)
	if problem != nil {
		err = nil
	}
	if err == nil && v.each != nil {
		err = v.each(e, c, problem)
	}
	if err == nil && problem == nil && !c.spare {
		return nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case err != nil:
		v.err = cmp.Or(v.err, err)
	case problem != nil:
		v.problems = append(v.problems, problem)
	default:
		v.spare = append(v.spare, e)
	}
	return err
}

// all returns every entry.
func (a *Archive) all() []*Entry {
	list := make([]*Entry, len(a.entries))
	for i := range a.entries {
		list[i] = &a.entries[i]
	}
	return list
}

func inOrder(entries []*Entry) []*Entry {
	slices.SortFunc(entries, func(x, y *Entry) int { return cmp.Compare(x.Offset, y.Offset) })
	return entries
}

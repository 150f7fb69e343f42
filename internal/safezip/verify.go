// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import (
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
	if o == nil {
		o = &VerifyOptions{}
	}
	read := (*Entry).Digest
	if o.Head > 0 {
		read = func(e *Entry, ctx context.Context) (Content, error) { return e.digestWithHead(ctx, o.Head) }
	}
	v := verifier{read: read, each: o.Each}
	if err := v.run(ctx, a, o.Workers); err != nil {
		return nil, err
	}
	var f foreign
	for _, e := range inOrder(v.spare) {
		f.add("spare", e, "bits are set after the end of the deflate stream")
	}
	if len(v.problems) == 0 && len(v.spare) == 0 {
		streams, err := a.foreignStreams(ctx, o.Workers)
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
	read   func(*Entry, context.Context) (Content, error)
	each   func(*Entry, Content, *evidence.Problem) error
	cancel context.CancelFunc

	mu       sync.Mutex
	problems evidence.Problems
	spare    []*Entry // with bits after the end of the stream
	err      error
}

// run reads every entry by several goroutines and returns the error that stopped it.
func (v *verifier) run(ctx context.Context, a *Archive, workers int) error {
	// The largest come first, so that no goroutine is left alone with one.
	order := make([]*Entry, len(a.entries))
	for i := range a.entries {
		order[i] = &a.entries[i]
	}
	slices.SortStableFunc(order, func(x, y *Entry) int {
		return cmp.Compare(max(y.Size, y.CompressedSize), max(x.Size, x.CompressedSize))
	})
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	ctx, v.cancel = context.WithCancel(ctx)
	defer v.cancel()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(workers, len(order)) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(order) || !v.entry(ctx, order[i]) {
					return
				}
			}
		})
	}
	wg.Wait()
	return v.err
}

// entry reads one entry and reports whether to go on.
func (v *verifier) entry(ctx context.Context, e *Entry) bool {
	c, err := v.read(e, ctx)
	problem, _ := errors.AsType[*evidence.Problem](err)
	if problem != nil {
		err = nil
	}
	if err == nil && v.each != nil {
		err = v.each(e, c, problem)
	}
	if err == nil && problem == nil && !c.spare {
		return true
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case err != nil:
		if v.err == nil {
			v.err = err
		}
		v.cancel()
	case problem != nil:
		v.problems = append(v.problems, problem)
	default:
		v.spare = append(v.spare, e)
	}
	return err == nil
}

func inOrder(entries []*Entry) []*Entry {
	slices.SortFunc(entries, func(x, y *Entry) int { return cmp.Compare(x.Offset, y.Offset) })
	return entries
}

package safezip

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/HailBytes/evidence/internal/diag"
)

// VerifyOptions are the settings of [Archive.Verify]; nil is the zero value.
type VerifyOptions struct {
	// Workers is how many entries are read at once; 0 means one for each CPU.
	Workers int

	// Each, if not nil, is called once for every entry, as soon as it was read,
	// in no order and by several goroutines at once. The problem is nil if the
	// entry holds what its header says; only then does the Content count. An
	// error stops Verify, which returns it.
	Each func(*Entry, Content, *diag.Problem) error
}

// Verify reads every entry to its end and returns what is wrong: problems of
// severity error, and warnings with [CodeCanonical] for headers and streams
// that [Writer] would not have written, ordered by offset. It uses all CPUs and
// less than a megabyte for each, whatever the sizes. The error is the reason
// why not everything could be read: of the file, of ctx or of Each.
func (a *Archive) Verify(ctx context.Context, o *VerifyOptions) (diag.Problems, error) {
	if o == nil {
		o = &VerifyOptions{}
	}
	return a.readAll(ctx, o, (*Entry).Digest)
}

// readAll is Verify with another way to read an entry.
func (a *Archive) readAll(ctx context.Context, o *VerifyOptions, read func(*Entry, context.Context) (Content, error)) (diag.Problems, error) {
	v := verifier{read: read, each: o.Each}
	// The largest come first, so that no worker is left alone with one.
	order := make([]*Entry, len(a.entries))
	for i := range a.entries {
		order[i] = &a.entries[i]
	}
	slices.SortStableFunc(order, func(x, y *Entry) int {
		return cmp.Compare(max(y.Size, y.CompressedSize), max(x.Size, x.CompressedSize))
	})
	workers := o.Workers
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
	if v.err != nil {
		return nil, v.err
	}
	problems := append(v.problems, a.canonical...)
	if len(v.foreign) > 0 {
		slices.SortFunc(v.foreign, func(x, y *Entry) int { return cmp.Compare(x.Offset, y.Offset) })
		var f foreign
		for _, e := range v.foreign {
			f.add("spare", e, "bits are set after the end of the deflate stream")
		}
		problems = append(problems, f.problems()...)
	}
	slices.SortStableFunc(problems, func(x, y *diag.Problem) int { return cmp.Compare(x.Offset, y.Offset) })
	return problems, nil
}

// verifier collects what the workers find.
type verifier struct {
	read   func(*Entry, context.Context) (Content, error)
	each   func(*Entry, Content, *diag.Problem) error
	cancel context.CancelFunc

	mu       sync.Mutex
	problems diag.Problems
	foreign  []*Entry // with spare bits
	err      error
}

// entry reads one entry and reports whether to go on.
func (v *verifier) entry(ctx context.Context, e *Entry) bool {
	c, err := v.read(e, ctx)
	problem, _ := errors.AsType[*diag.Problem](err)
	if problem != nil {
		err = nil
	}
	if err == nil && v.each != nil {
		err = v.each(e, c, problem)
	}
	if problem == nil && err == nil && !c.spare {
		return true
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if problem != nil {
		v.problems = append(v.problems, problem)
	}
	if c.spare {
		v.foreign = append(v.foreign, e)
	}
	if err != nil {
		if v.err == nil {
			v.err = err
		}
		v.cancel()
	}
	return err == nil
}

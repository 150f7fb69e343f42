// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/filelock"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/trustpack"
	"github.com/HailBytes/evidence/trustpack/table"
)

// Options are the settings of a folder; nil is the zero value.
type Options struct {
	Format Format

	// Read turns a pack, of the file with this path, into the report that its rows are
	// made of, which must hold its release. Nil means trustpack.VerifyReadable.
	Read func(context.Context, *trustpack.Pack, string) (*trustpack.Report, error)

	// Settings names what the rows depend on beside the pack: how it is read, and who is
	// trusted. A pack that was landed under another name is landed again.
	Settings string

	Workers int // packs read at once; 0 means one for each CPU

	// Progress, if not nil, is called with the packs that are done and all of them. It
	// is called by one goroutine at a time.
	Progress func(done, total int64)
}

// Folder holds the tables of many packs. One process at a time writes to it.
type Folder struct {
	dir  string
	o    Options
	lock *os.File
}

// Names in the folder. What begins with a dot is hidden from Spark and Athena.
const (
	landingDir = "landing" // a file for each pack and table
	tablesDir  = "tables"  // a file for each product and table
	partialDir = ".partial"
	lockName   = ".lock"
	compacted  = "part-0" // the name of a file in tables
	marker     = "packs"  // the table whose file is written last
)

// Open opens a folder for writing, and makes it where there is none. What a run that
// was killed left unfinished is removed.
func Open(dir string, o *Options) (*Folder, error) {
	f := &Folder{dir: dir}
	if o != nil {
		f.o = *o
	}
	f.o.Format = f.o.Format.orDefault()
	if err := f.o.Format.check(); err != nil {
		return nil, err
	}
	if f.o.Workers <= 0 {
		f.o.Workers = runtime.GOMAXPROCS(0)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	var err error
	if f.lock, err = os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o666); err != nil {
		return nil, err
	}
	if !filelock.Lock(f.lock, false) {
		f.lock.Close()
		return nil, fmt.Errorf("%s: another process writes to it", dir)
	}
	if err := f.prepare(); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (f *Folder) prepare() error {
	for _, other := range []Format{Parquet, JSONLines} {
		names, err := filepath.Glob(filepath.Join(f.dir, landingDir, marker, "*", "*."+string(other)))
		if err != nil {
			return err
		}
		if other != f.o.Format && len(names) > 0 {
			return fmt.Errorf("%s: holds tables of format %s: engines read all files of a folder; use another folder for %s", f.dir, other, f.o.Format)
		}
	}
	partial := filepath.Join(f.dir, partialDir)
	if err := os.RemoveAll(partial); err != nil {
		return err
	}
	return os.Mkdir(partial, 0o777)
}

// Close lets other processes write to the folder.
func (f *Folder) Close() error {
	return cmp.Or(os.RemoveAll(filepath.Join(f.dir, partialDir)), f.lock.Close())
}

// CheckPack is the id of the check that Land makes of each pack.
const CheckPack = "table.pack"

// Landed is what became of one pack.
type Landed struct {
	// Check is a pass where the rows of the pack are in the folder, a failure where it is
	// broken, and an error where it could not be read. Its subject is the path of the pack.
	Check evidence.Check

	New bool // this call wrote them
}

// Land writes the rows of packs into the folder: one file for each pack and table, if
// there is a row. A pack whose rows are there already is not read again, nor is a
// second pack with the same manifest. One that is broken is left out: its archive or
// manifest does not hold, a file is not the one that the manifest lists, or is
// evidence that the profile of the product asks for and cannot be read.
//
// The files of a pack count once that of the table packs is there, which comes last,
// and each file is there in whole or not at all. The error is that of ctx, or of
// writing to the folder.
func (f *Folder) Land(ctx context.Context, packs []string) ([]Landed, error) {
	out := make([]Landed, len(packs))
	ids := make([]string, len(packs))
	err := f.each(ctx, len(packs), func(i int) (err error) {
		ids[i], out[i].Check = f.look(packs[i])
		return nil
	})
	if err != nil {
		return nil, err
	}
	var order []string
	todo := map[string][]int{} // by content digest
	for i, id := range ids {
		if id != "" {
			if todo[id] == nil {
				order = append(order, id)
			}
			todo[id] = append(todo[id], i)
		}
	}
	var mu sync.Mutex
	done := 0
	for i := range out {
		if ids[i] == "" {
			done++
		}
	}
	err = f.each(ctx, len(order), func(k int) (err error) {
		there := ""
		for _, i := range todo[order[k]] {
			switch {
			case there != "":
				out[i].Check = pass(packs[i], "has the content of "+there)
			case out[i].Check.Status == evidence.StatusInvalid:
				if out[i], err = f.land(ctx, packs[i]); err != nil {
					return err
				}
			}
			if out[i].Check.Status == evidence.StatusPass {
				there = packs[i]
			}
		}
		mu.Lock()
		defer mu.Unlock()
		done += len(todo[order[k]])
		if f.o.Progress != nil {
			f.o.Progress(int64(done), int64(len(packs)))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// each calls do for 0 to n-1, for as many at once as there are workers, and returns an
// error of it, or that of the context.
func (f *Folder) each(ctx context.Context, n int, do func(int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	work := make(chan int)
	var wg sync.WaitGroup
	for range min(f.o.Workers, n) {
		wg.Go(func() {
			for i := range work {
				if err := do(i); err != nil {
					cancel(err)
				}
			}
		})
	}
	for i := 0; i < n && ctx.Err() == nil; i++ {
		select {
		case work <- i:
		case <-ctx.Done():
		}
	}
	close(work)
	wg.Wait()
	return context.Cause(ctx)
}

func pass(pack, message string) evidence.Check {
	return evidence.Check{ID: CheckPack, Subject: pack, Status: evidence.StatusPass, Message: message}
}

// failed is the check of a pack that cannot be landed for an error.
func failed(pack string, err error) evidence.Check {
	c := evidence.Check{ID: CheckPack, Subject: pack, Status: evidence.StatusError, Message: "could not be read: " + err.Error()}
	if evidence.IsVerdict(err) {
		c.Status, c.Message = evidence.StatusFail, "broken: "+err.Error()
		if p, ok := errors.AsType[*evidence.Problem](err); ok {
			c.Problems = evidence.Problems{p}
		}
		if list, ok := errors.AsType[evidence.Problems](err); ok {
			c.Message, c.Problems = "broken: "+evidence.Judge(CheckPack, pack, list, "").Message, list
		}
	}
	return c
}

// look opens a pack and returns its content digest. The check is there where nothing is to do.
func (f *Folder) look(name string) (id string, c evidence.Check) {
	p, err := trustpack.OpenFile(name, nil)
	if err != nil {
		return "", failed(name, err)
	}
	defer p.Close()
	id = p.ContentDigest().Hex()
	product := p.Manifest().Product
	if !isProduct(product) {
		return "", failed(name, &evidence.Problem{
			Code: "table.product", Severity: evidence.SeverityError, Err: evidence.ErrFormat,
			Message: fmt.Sprintf("product %s is no name for a folder", textfmt.Quote(product)),
		})
	}
	var rows table.Rows
	if err := f.readFile(f.landing(marker, product, id), marker, &rows); err != nil || len(rows.Packs) != 1 {
		return id, evidence.Check{} // also where the file is damaged, or of another schema
	}
	if p := rows.Packs[0]; p.SchemaVersion == table.SchemaVersion && p.Settings == f.o.Settings && p.PackID == id {
		return id, pass(name, "was landed before")
	}
	return id, evidence.Check{}
}

// A lenient manifest may give any product; in the folder it is the name of a folder.
var productName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func isProduct(s string) bool { return len(s) <= 64 && productName.MatchString(s) }

// land reads one pack and writes its rows.
func (f *Folder) land(ctx context.Context, name string) (Landed, error) {
	p, err := trustpack.OpenFile(name, nil)
	if err != nil {
		return Landed{Check: failed(name, err)}, nil
	}
	defer p.Close()
	rows, err := RowsOf(ctx, p, name, &f.o)
	if ctx.Err() != nil {
		return Landed{}, ctx.Err()
	}
	if err != nil {
		return Landed{Check: failed(name, err)}, nil
	}
	key := rows.Packs[0].Key
	if err := remove(f.landing(marker, key.Product, key.PackID)); err != nil {
		return Landed{}, err
	}
	for _, k := range kinds {
		to := f.landing(k.title(), key.Product, key.PackID)
		if k.count(rows) == 0 {
			err = remove(to)
		} else {
			err = f.writeFile(to, k, rows)
		}
		if err != nil {
			return Landed{}, err
		}
	}
	message := fmt.Sprintf("%s %s: %s, %s", key.Product, key.Version, textfmt.Count(len(rows.Packages), "package"), textfmt.Count(len(rows.Findings), "finding"))
	return Landed{Check: pass(name, message), New: true}, nil
}

// RowsOf reads an open pack as [Folder.Land] does, and returns its rows. A pack that is
// broken is an error for which evidence.IsVerdict holds.
func RowsOf(ctx context.Context, p *trustpack.Pack, name string, o *Options) (*table.Rows, error) {
	if o == nil {
		o = &Options{}
	}
	read := o.Read
	if read == nil {
		read = func(ctx context.Context, p *trustpack.Pack, name string) (*trustpack.Report, error) {
			return trustpack.VerifyReadable(ctx, p, filepath.Base(name))
		}
	}
	report, err := read(ctx, p, name)
	if err != nil {
		return nil, err
	}
	var broken evidence.Checks
	for _, c := range report.Checks {
		if (c.Status == evidence.StatusFail || c.Status == evidence.StatusError) && mustHold(c.ID) {
			broken = append(broken, c)
		}
	}
	if len(broken) > 0 {
		return nil, broken.Err()
	}
	rows := table.Of(report)
	if key := rows.Packs[0].Key; !isProduct(key.Product) {
		return nil, fmt.Errorf("product %s is no name for a folder: %w", textfmt.Quote(key.Product), evidence.ErrFormat)
	}
	rows.Packs[0].Settings = o.Settings
	return rows, nil
}

// mustHold reports whether rows of a pack say nothing where this check fails.
func mustHold(id string) bool {
	family, rest, _ := strings.Cut(id, ".")
	return family == "archive" || family == "manifest" || rest == "readable"
}

func (f *Folder) landing(name, product, id string) string {
	return filepath.Join(f.dir, landingDir, name, "product="+product, id+"."+string(f.o.Format))
}

// writeFile writes a file in whole or not at all.
func (f *Folder) writeFile(to string, k kind, rows *table.Rows) error {
	return f.whole(to, func(w io.Writer) error { return k.write(w, f.o.Format, rows) })
}

func (f *Folder) whole(to string, write func(io.Writer) error) error {
	out, err := os.CreateTemp(filepath.Join(f.dir, partialDir), "*")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name()) // of no effect once it has its name
	defer out.Close()
	if err := cmp.Or(write(out), out.Chmod(0o644), out.Sync(), out.Close()); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	return os.Rename(out.Name(), to)
}

func (f *Folder) readFile(name string, table string, into *table.Rows) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if err := Read(file, info.Size(), f.o.Format, table, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func remove(name string) error {
	if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Find returns the packs that a list of files and folders names: each file, and each
// *.zip in or below a folder, in order of their names.
func Find(names []string) ([]string, error) {
	var out []string
	for _, name := range names {
		err := filepath.WalkDir(name, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && (path == name || strings.HasSuffix(d.Name(), ".zip")) {
				out = append(out, path)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

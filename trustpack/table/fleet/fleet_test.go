// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/packtest"
	"github.com/HailBytes/evidence/internal/test/samples"
	"github.com/HailBytes/evidence/trustpack"
	"github.com/HailBytes/evidence/trustpack/table"
)

// samplePacks are the packs of the sample releases, by name.
var samplePacks = sync.OnceValues(func() (map[string][]byte, error) {
	packs := map[string][]byte{}
	for _, name := range []string{"asm-1.481", "asm-1.482", "sat-1.205"} {
		config, files, err := samples.Release(name)
		if err != nil {
			return nil, err
		}
		var zip bytes.Buffer
		if _, err := trustpack.BuildFS(context.Background(), &zip, *config, files, nil); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		packs[name+".zip"] = zip.Bytes()
	}
	return packs, nil
})

// folderOfPacks returns the paths of the sample packs, and of more files, in a folder of their own.
func folderOfPacks(t *testing.T, more map[string][]byte) []string {
	t.Helper()
	packs, err := samplePacks()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, files := range []map[string][]byte{packs, more} {
		for name, data := range files {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	names, err := Find([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func open(t *testing.T, dir string, o *Options) *Folder {
	t.Helper()
	f, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func land(t *testing.T, f *Folder, packs []string) []Landed {
	t.Helper()
	landed, err := f.Land(t.Context(), packs)
	if err != nil {
		t.Fatal(err)
	}
	return landed
}

// files returns the content of each file in a folder that an engine sees.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		data, err := os.ReadFile(path)
		all[strings.TrimPrefix(filepath.ToSlash(path), filepath.ToSlash(dir))] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// tablesOf reads all that is in tables.
func tablesOf(t *testing.T, f *Folder) *table.Rows {
	t.Helper()
	rows := &table.Rows{}
	for _, name := range Tables() {
		parts, err := filepath.Glob(filepath.Join(f.dir, tablesDir, name, "*", "*"))
		if err != nil || len(parts) == 0 {
			t.Fatalf("%s: %q, %v", name, parts, err)
		}
		for _, part := range parts {
			if err := f.readFile(part, name, rows); err != nil {
				t.Fatal(err)
			}
		}
	}
	return rows
}

// TestLand: what is landed and compacted is what the packs hold; a pack that is broken,
// or no pack, is named with its reason and leaves nothing; a second run writes nothing.
func TestLand(t *testing.T) {
	packs, err := samplePacks()
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(packs["asm-1.481.zip"])
	flipped[len(flipped)/2] ^= 1
	names := folderOfPacks(t, map[string][]byte{
		"a-broken.zip": flipped, "cut.zip": packs["asm-1.481.zip"][:1000], "no.zip": []byte("no archive"), "twin.zip": packs["sat-1.205.zip"],
	})
	var steps []int64
	f := open(t, t.TempDir(), &Options{Settings: "read", Progress: func(done, total int64) { steps = append(steps, done, total) }})
	landed := land(t, f, names)
	want := map[string]evidence.Status{
		"asm-1.481.zip": evidence.StatusPass, "asm-1.482.zip": evidence.StatusPass, "sat-1.205.zip": evidence.StatusPass, "twin.zip": evidence.StatusPass,
		"a-broken.zip": evidence.StatusFail, "cut.zip": evidence.StatusFail, "no.zip": evidence.StatusFail,
	}
	for i, l := range landed {
		name := filepath.Base(names[i])
		if l.Check.ID != CheckPack || l.Check.Subject != names[i] || l.Check.Status != want[name] {
			t.Errorf("%s: %+v", name, l.Check)
		}
		if l.New != (name != "twin.zip" && want[name] == evidence.StatusPass) {
			t.Errorf("%s: new is %v", name, l.New)
		}
		if fails := l.Check.Status == evidence.StatusFail; fails != (len(l.Check.Problems) > 0) {
			t.Errorf("%s: %d problems", name, len(l.Check.Problems))
		}
		if strings.Contains(l.Check.Message, "\n") { // the flipped byte breaks three checks
			t.Errorf("%s: more than a line: %q", name, l.Check.Message)
		}
	}
	if len(steps) == 0 || steps[len(steps)-2] != 7 || steps[len(steps)-1] != 7 {
		t.Errorf("progress: %v", steps)
	}
	counts, err := f.Compact(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, all := tablesOf(t, f), &table.Rows{}
	for _, name := range []string{"asm-1.481.zip", "asm-1.482.zip", "sat-1.205.zip"} {
		p, err := trustpack.Open(bytes.NewReader(packs[name]), int64(len(packs[name])), nil)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := RowsOf(t.Context(), p, name, &f.o)
		if err != nil {
			t.Fatal(err)
		}
		v, w := reflect.ValueOf(all).Elem(), reflect.ValueOf(rows).Elem()
		for i := range v.NumField() {
			v.Field(i).Set(reflect.AppendSlice(v.Field(i), w.Field(i)))
		}
	}
	for _, k := range kinds {
		if k.count(got) != k.count(all) || k.count(got) != counts[k.title()] || k.count(got) == 0 {
			t.Errorf("%s: %d rows, %d counted, want %d", k.title(), k.count(got), counts[k.title()], k.count(all))
		}
	}
	if a, b := asLines(t, got), asLines(t, all); !slices.Equal(a, b) {
		t.Errorf("the tables are not what the packs hold: %d and %d rows", len(a), len(b))
	}

	before := files(t, f.dir)
	for i, l := range land(t, f, names) {
		// The broken one has the manifest of a pack whose rows are there: it is not read again.
		if same := l.Check.Status == landed[i].Check.Status || filepath.Base(names[i]) == "a-broken.zip"; l.New || !same {
			t.Errorf("again: %+v", l)
		}
	}
	if counts, err := f.Compact(t.Context()); counts != nil || err != nil {
		t.Errorf("again: %v, %v", counts, err)
	}
	if !maps.Equal(before, files(t, f.dir)) {
		t.Error("the second run wrote something")
	}
}

// asLines returns the rows of all tables as text, sorted.
func asLines(t *testing.T, rows *table.Rows) []string {
	t.Helper()
	var lines []string
	for _, name := range Tables() {
		var b bytes.Buffer
		if err := Write(&b, JSONLines, name, rows); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			lines = append(lines, name+" "+line)
		}
	}
	slices.Sort(lines)
	return lines
}

// TestSameBytes: the order of packs, the number of workers and the number of runs do not show.
func TestSameBytes(t *testing.T) {
	names := folderOfPacks(t, nil)
	one := open(t, t.TempDir(), &Options{Workers: 1})
	land(t, one, names)
	if _, err := one.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	other := open(t, t.TempDir(), &Options{Workers: 3})
	slices.Reverse(names)
	for _, name := range names {
		land(t, other, []string{name})
		if _, err := other.Compact(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if !maps.Equal(files(t, one.dir), files(t, other.dir)) {
		t.Error("the folders differ")
	}
}

// TestInterrupted: a run that ends anywhere leaves whole files only, and the next one makes
// the folder as one run would have.
func TestInterrupted(t *testing.T) {
	names := folderOfPacks(t, nil)
	whole := open(t, t.TempDir(), nil)
	land(t, whole, names)
	if _, err := whole.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := files(t, whole.dir)

	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	f, err := Open(dir, &Options{Workers: 1, Progress: func(done, _ int64) {
		if done == 1 {
			cancel()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Land(ctx, names); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	f.Close()
	for name, text := range files(t, dir) {
		if text != want[name] {
			t.Errorf("%s is not whole", name)
		}
	}
	// What a kill leaves: files without that of the table packs, and one that was being written.
	markers, err := filepath.Glob(filepath.Join(dir, landingDir, marker, "*", "*"))
	if err != nil || len(markers) != 1 {
		t.Fatalf("%q, %v", markers, err)
	}
	if err := os.Remove(markers[0]); err != nil {
		t.Fatal(err)
	}
	partial := filepath.Join(dir, partialDir, "half")
	if err := cmpOr(os.MkdirAll(filepath.Dir(partial), 0o777), os.WriteFile(partial, []byte("PAR1"), 0o666)); err != nil {
		t.Fatal(err)
	}
	f = open(t, dir, nil)
	if _, err := os.Stat(partial); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", partial, err)
	}
	if counts, err := f.Compact(t.Context()); counts != nil || err != nil {
		t.Errorf("compacted what was not landed: %v, %v", counts, err)
	}
	land(t, f, names)
	if _, err := f.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(files(t, dir), want) {
		t.Error("the folders differ")
	}
}

func cmpOr(list ...error) error { return errors.Join(list...) }

// TestSettings: rows that were made under other settings, or that are damaged, are made again.
func TestSettings(t *testing.T) {
	names := folderOfPacks(t, nil)[:1]
	dir := t.TempDir()
	for i, test := range []struct {
		settings string
		fresh    bool
	}{{"read", true}, {"read", false}, {"verify", true}, {"verify", false}, {"read", true}} {
		f, err := Open(dir, &Options{Settings: test.settings})
		if err != nil {
			t.Fatal(err)
		}
		if landed := land(t, f, names); landed[0].New != test.fresh {
			t.Errorf("%d, %s: new is %v", i, test.settings, landed[0].New)
		}
		counts, err := f.Compact(t.Context())
		if err != nil || (counts != nil) != test.fresh {
			t.Errorf("%d, %s: %v, %v", i, test.settings, counts, err)
		}
		f.Close()
	}
	markers, err := filepath.Glob(filepath.Join(dir, landingDir, marker, "*", "*"))
	if err != nil || os.Truncate(markers[0], 100) != nil {
		t.Fatal(err)
	}
	if landed := land(t, open(t, dir, &Options{Settings: "read"}), names); !landed[0].New {
		t.Error("a damaged file was taken for a whole one")
	}
}

// TestOneWriter: a folder is written by one process, and in one format.
func TestOneWriter(t *testing.T) {
	dir := t.TempDir()
	f, err := Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Open(dir, nil); err == nil {
		again.Close()
		t.Error("opened twice")
	}
	land(t, f, folderOfPacks(t, nil)[:1])
	f.Close()
	if other, err := Open(dir, &Options{Format: JSONLines}); err == nil || !strings.Contains(err.Error(), "holds tables of format parquet") {
		other.Close()
		t.Errorf("got %v", err)
	}
	if _, err := Open(dir, &Options{Format: "csv"}); err == nil {
		t.Error("format csv")
	}
	open(t, dir, &Options{Format: Parquet})
}

// TestHostileProduct: a lenient manifest may name any product. It is never a path.
func TestHostileProduct(t *testing.T) {
	for product, ok := range map[string]bool{"asm": true, "a-b2": true, "": false, "..": false, "a/b": false, "A": false, "a=b": false, "-": false, strings.Repeat("a", 65): false} {
		if isProduct(product) != ok {
			t.Errorf("%q: want %v", product, ok)
		}
	}
}

// TestLeadsBack: 200 rows of all tables, taken at random with a fixed seed, each lead to a
// pack, a file in it with its digest, and a place in the file.
func TestLeadsBack(t *testing.T) {
	names := folderOfPacks(t, nil)
	f := open(t, t.TempDir(), nil)
	land(t, f, names)
	if _, err := f.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	packs := map[string]*trustpack.Pack{}
	for _, name := range names {
		p, err := trustpack.OpenFile(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		packs[p.ContentDigest().Hex()] = p
	}
	rows := reflect.ValueOf(tablesOf(t, f)).Elem()
	random := rand.New(rand.NewPCG(1, 2))
	seen := map[string]int{}
	for i := range 200 {
		list := rows.Field(i % rows.NumField()) // each table, however few rows it has
		name, row := rows.Type().Field(i%rows.NumField()).Name, list.Index(random.IntN(list.Len()))
		key, at := row.FieldByName("Key").Interface().(table.Key), row.FieldByName("At").Interface().(table.At)
		p := packs[key.PackID]
		if p == nil || p.Manifest().Product != key.Product || p.Manifest().Version != key.Version {
			t.Fatalf("%s: no pack for %+v", name, key)
		}
		if err := packtest.LeadsBack(p, at.SourcePath, at.SourceSHA256, at.SourcePointer); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		seen[name]++
	}
	t.Log(seen)
}

// TestTexts: every engine is told every column, once.
func TestTexts(t *testing.T) {
	for name, text := range Texts(Parquet) {
		if name == "tables.sql" || name == "questions.sql" {
			continue
		}
		for _, k := range kinds {
			_, rest, ok := strings.Cut(text, "evidence."+k.title()+" (")
			declared, _, _ := strings.Cut(rest, "LOCATION/")
			if !ok {
				t.Errorf("%s: no table %s", name, k.title())
			}
			for _, c := range k.columns() {
				if n := strings.Count(strings.NewReplacer("`", "", `"`, "").Replace(declared), c.name+" "); c.name != "product" && n < 1 {
					t.Errorf("%s, %s: column %s stands there %d times", name, k.title(), c.name, n)
				}
			}
			if strings.Contains(declared, "%!") {
				t.Errorf("%s, %s: %s", name, k.title(), declared)
			}
		}
	}
	if texts := Texts(JSONLines); len(texts) != 2 || !strings.Contains(texts["tables.sql"], "created: 'TIMESTAMPTZ'") {
		t.Errorf("JSON Lines: %d texts", len(texts))
	}
}

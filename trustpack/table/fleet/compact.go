// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/HailBytes/evidence/trustpack/table"
)

// Compact writes all rows that were landed into the folder tables: one sorted file for
// each product and table, those without rows too. It returns how many rows each table
// has; nil if nothing was landed since the last time, when it writes nothing.
//
// The rows of one table of one product are in memory at once.
func (f *Folder) Compact(ctx context.Context) (map[string]int, error) {
	landed, err := f.landed()
	if err != nil || f.isCompacted(landed) {
		return nil, err
	}
	counts := map[string]int{}
	for _, k := range kinds {
		for _, p := range landed {
			n, err := f.compact(ctx, k, p)
			if err != nil {
				return nil, err
			}
			counts[k.title()] += n
		}
	}
	return counts, nil
}

// landedPacks are the packs of one product that were landed.
type landedPacks struct {
	product string
	ids     []string
}

// landed lists the packs that were landed, by product.
func (f *Folder) landed() ([]landedPacks, error) {
	products, err := os.ReadDir(filepath.Join(f.dir, landingDir, marker))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var list []landedPacks
	for _, d := range products {
		product, ok := strings.CutPrefix(d.Name(), "product=")
		if !ok || !isProduct(product) {
			continue
		}
		files, err := os.ReadDir(filepath.Join(f.dir, landingDir, marker, d.Name()))
		if err != nil {
			return nil, err
		}
		p := landedPacks{product: product}
		for _, file := range files {
			if id, ok := strings.CutSuffix(file.Name(), "."+string(f.o.Format)); ok {
				p.ids = append(p.ids, id)
			}
		}
		if len(p.ids) > 0 {
			list = append(list, p)
		}
	}
	return list, nil
}

func (f *Folder) compacted(name, product string) string {
	return filepath.Join(f.dir, tablesDir, name, "product="+product, compacted+"."+string(f.o.Format))
}

// isCompacted reports whether tables holds what was landed. Its table of packs, which
// is written last, holds the rows of that in landing.
func (f *Folder) isCompacted(landed []landedPacks) bool {
	for _, p := range landed {
		var have, want table.Rows
		if f.readFile(f.compacted(marker, p.product), marker, &have) != nil {
			return false
		}
		for _, id := range p.ids {
			if f.readFile(f.landing(marker, p.product, id), marker, &want) != nil {
				return false
			}
		}
		Sort(marker, &want)
		if !slices.Equal(have.Packs, want.Packs) {
			return false
		}
	}
	return true
}

// compact writes one table of one product and returns its number of rows.
func (f *Folder) compact(ctx context.Context, k kind, p landedPacks) (int, error) {
	var rows table.Rows
	for _, id := range p.ids {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if err := f.readFile(f.landing(k.title(), p.product, id), k.title(), &rows); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, err
		}
	}
	k.sort(&rows)
	return k.count(&rows), f.writeFile(f.compacted(k.title(), p.product), k, &rows)
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/parquet-go/parquet-go"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/trustpack/table"
)

// writerOptions are those that every reader of the last ten years takes, and that
// give the same bytes for the same rows: data pages of version 1, row groups of the
// size of DuckDB's, no mark of the library's version.
func writerOptions() []parquet.WriterOption {
	return []parquet.WriterOption{
		parquet.Compression(&parquet.Zstd),
		parquet.DataPageVersion(1),
		parquet.MaxRowsPerRowGroup(122_880),
		parquet.CreatedBy("HailBytes evidence", strconv.Itoa(table.SchemaVersion), ""),
		parquet.KeyValueMetadata("evidence.schema", strconv.Itoa(table.SchemaVersion)),
	}
}

// writeParquet writes a file. A writer of the library is not used twice: a file that it
// writes after another one has other bytes.
func writeParquet[T any](w io.Writer, rows []T) error {
	out := parquet.NewGenericWriter[T](w, writerOptions()...)
	if _, err := out.Write(rows); err != nil {
		return err
	}
	return out.Close()
}

// readParquet refuses a file of another schema: the reader of the library would leave columns
// empty that the file does not have. The library panics on some damaged files.
func readParquet[T any](r io.ReaderAt, size int64) (rows []T, err error) {
	defer func() {
		if v := recover(); v != nil {
			rows, err = nil, fmt.Errorf("the file is damaged: %v: %w", v, evidence.ErrFormat)
		}
	}()
	file, err := parquet.OpenFile(r, size, parquet.SkipBloomFilters(true), parquet.SkipPageIndex(true))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, evidence.ErrFormat)
	}
	if got, _ := file.Lookup("evidence.schema"); got != strconv.Itoa(table.SchemaVersion) {
		return nil, fmt.Errorf("the file has tables of version %s, want %d: %w", textfmt.Quote(got), table.SchemaVersion, evidence.ErrUnsupported)
	}
	in := parquet.NewGenericReader[T](file)
	defer in.Close()
	for {
		rows = slices.Grow(rows, readRows)
		n, err := in.Read(rows[len(rows) : len(rows)+readRows])
		rows = rows[:len(rows)+n]
		switch {
		case errors.Is(err, io.EOF) && int64(len(rows)) == file.NumRows():
			return rows, nil
		case errors.Is(err, io.EOF):
			return nil, fmt.Errorf("the file has %d rows, its footer says %d: %w", len(rows), file.NumRows(), evidence.ErrMismatch)
		case err != nil:
			return nil, fmt.Errorf("%w: %w", err, evidence.ErrFormat)
		}
	}
}

// readRows is how many rows are read at once: what a footer says of their number is
// not believed.
const readRows = 256

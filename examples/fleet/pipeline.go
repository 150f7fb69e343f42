// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/trustpack"
	"github.com/HailBytes/evidence/trustpack/table"
	"github.com/HailBytes/evidence/trustpack/table/fleet"
)

// What goes from step to step; Beam writes it as JSON.
type (
	// Landing is the rows of one pack.
	Landing struct {
		Path    string
		Product string
		Tables  map[string][]byte // as Parquet
	}

	// Part is the rows of one pack in one table.
	Part struct {
		PackID string
		Data   []byte
	}

	// Broken is a pack that is left out.
	Broken struct {
		Pack   string `json:"pack"`
		Reason string `json:"reason"`
	}
)

func init() {
	for _, t := range []reflect.Type{reflect.TypeFor[Landing](), reflect.TypeFor[Part](), reflect.TypeFor[Broken]()} {
		beam.RegisterType(t)
	}
	register.DoFn3x1[context.Context, string, func(string), error](&list{})
	register.DoFn4x1[context.Context, string, func(string, Landing), func(int, Broken), error](&read{})
	register.DoFn3x1[string, func(*Landing) bool, func(string, Part), error](&once{})
	register.DoFn3x1[context.Context, string, func(*Part) bool, error](&write{})
	register.DoFn3x1[context.Context, int, func(*Broken) bool, error](&report{})
	register.Emitter1[string]()
	register.Emitter2[string, Landing]()
	register.Emitter2[string, Part]()
	register.Emitter2[int, Broken]()
	register.Iter1[Landing]()
	register.Iter1[Part]()
	register.Iter1[Broken]()
}

// pipeline lists packs, reads each, and writes the tables.
func pipeline(s beam.Scope, packs, out string, shards int) {
	paths := beam.Reshuffle(s, beam.ParDo(s, &list{}, beam.Create(s, packs)))
	landings, broken := beam.ParDo2(s, &read{}, paths)
	parts := beam.ParDo(s, &once{Shards: shards}, beam.GroupByKey(s, landings))
	beam.ParDo0(s, &write{Out: out, Shards: shards}, beam.GroupByKey(s, parts))
	beam.ParDo0(s, &report{Out: out}, beam.GroupByKey(s, broken))
}

// list lists the packs that a pattern names.
type list struct{}

func (*list) ProcessElement(ctx context.Context, pattern string, emit func(string)) error {
	files, err := filesystem.New(ctx, pattern)
	if err != nil {
		return err
	}
	defer files.Close()
	names, err := files.List(ctx, pattern)
	if err == nil && len(names) == 0 {
		err = fmt.Errorf("no pack is called %s", pattern)
	}
	for _, name := range names {
		emit(name)
	}
	return err
}

// read reads one pack. That it is broken is a fact to report; what could not be read is
// an error, for Beam to try again.
type read struct{}

func (*read) ProcessElement(ctx context.Context, path string, emit func(string, Landing), broken func(int, Broken)) error {
	id, landing, err := landingOf(ctx, path)
	switch {
	case err == nil:
		emit(id, landing)
	case evidence.IsVerdict(err):
		broken(0, Broken{path, err.Error()})
	default:
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// mostBytes is how large a pack may be: it is in memory as a whole.
const mostBytes = 1 << 30

func landingOf(ctx context.Context, path string) (id string, l Landing, err error) {
	files, err := filesystem.New(ctx, path)
	if err != nil {
		return "", l, err
	}
	defer files.Close()
	in, err := files.OpenRead(ctx, path)
	if err != nil {
		return "", l, err
	}
	defer in.Close()
	data, err := io.ReadAll(io.LimitReader(in, mostBytes+1))
	if err != nil {
		return "", l, err
	}
	if len(data) > mostBytes {
		return "", l, fmt.Errorf("has more than %d bytes: %w", mostBytes, evidence.ErrLimit)
	}
	p, err := trustpack.Open(bytes.NewReader(data), int64(len(data)), nil)
	if err != nil {
		return "", l, err
	}
	rows, err := fleet.RowsOf(ctx, p, path, &fleet.Options{Settings: "read"})
	if err != nil {
		return "", l, err
	}
	l = Landing{Path: path, Product: rows.Packs[0].Product, Tables: map[string][]byte{}}
	for _, name := range fleet.Tables() {
		var b bytes.Buffer
		if err := fleet.Write(&b, fleet.Parquet, name, rows); err != nil {
			return "", l, err
		}
		l.Tables[name] = b.Bytes()
	}
	return rows.Packs[0].PackID, l, nil
}

// once takes one of the packs of one content digest, the first by name, and deals its
// tables to the files that they go into.
type once struct{ Shards int }

func (f *once) ProcessElement(id string, same func(*Landing) bool, emit func(string, Part)) error {
	var first, l Landing
	for same(&l) {
		if first.Path == "" || l.Path < first.Path {
			first = l
		}
		l = Landing{}
	}
	h := fnv.New32a()
	h.Write([]byte(id))
	for name, data := range first.Tables {
		emit(fmt.Sprintf("%s/product=%s/part-%d.parquet", name, first.Product, h.Sum32()%uint32(f.Shards)), Part{id, data})
	}
	return nil
}

// write writes one file of tables.
type write struct {
	Out    string
	Shards int
}

func (f *write) ProcessElement(ctx context.Context, name string, parts func(*Part) bool) error {
	var all []Part
	for p := (Part{}); parts(&p); p = (Part{}) {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b Part) int { return cmp.Compare(a.PackID, b.PackID) })
	title, _, _ := strings.Cut(name, "/")
	rows := &table.Rows{}
	for _, p := range all {
		if err := fleet.Read(bytes.NewReader(p.Data), int64(len(p.Data)), fleet.Parquet, title, rows); err != nil {
			return fmt.Errorf("%s, pack %s: %w", name, p.PackID, err)
		}
	}
	if err := fleet.Sort(title, rows); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := fleet.Write(&b, fleet.Parquet, title, rows); err != nil {
		return err
	}
	return put(ctx, f.Out, "tables/"+name, b.Bytes())
}

// report writes the list of broken packs.
type report struct{ Out string }

const brokenName = "broken.jsonl"

func (f *report) ProcessElement(ctx context.Context, _ int, list func(*Broken) bool) error {
	var all []Broken
	for b := (Broken{}); list(&b); b = (Broken{}) {
		all = append(all, b)
	}
	slices.SortFunc(all, func(a, b Broken) int { return cmp.Compare(a.Pack, b.Pack) })
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	for _, b := range slices.Compact(all) {
		if err := enc.Encode(b); err != nil {
			return err
		}
	}
	return put(ctx, f.Out, brokenName, text.Bytes())
}

// put writes a file that engines see in whole or not at all: in an object store a file is
// there when it is closed, in a folder when it is renamed.
func put(ctx context.Context, out, name string, data []byte) error {
	files, err := filesystem.New(ctx, out)
	if err != nil {
		return err
	}
	defer files.Close()
	to := out + "/" + name
	if _, store := files.(filesystem.Renamer); !store || strings.Contains(out, "://") {
		return filesystem.Write(ctx, files, to, data)
	}
	at := strings.LastIndexByte(to, '/') + 1
	partial := fmt.Sprintf("%s.%s.%08x", to[:at], to[at:], rand.Uint32())
	if err := filesystem.Write(ctx, files, partial, data); err != nil {
		return err
	}
	return filesystem.Rename(ctx, files, partial, to)
}

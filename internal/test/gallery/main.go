// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Gallery writes pages to look at while working on package page: those of made-up releases,
// an ordinary, a first, a large and a hostile one, and those of the sample packs. Run it in the
// root of the module.
//
//	go run ./internal/test/gallery [DIR]
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/HailBytes/evidence/internal/test/pagedata"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack"
	"github.com/HailBytes/evidence/trustpack/page"
)

func main() {
	dir := filepath.Join(os.TempDir(), "gallery")
	if len(os.Args) > 1 {
		dir = os.Args[1]
	}
	if err := write(dir); err != nil {
		fmt.Fprintln(os.Stderr, "gallery:", err)
		os.Exit(1)
	}
}

func write(dir string) error {
	firstRelease := pagedata.Sample()
	firstRelease.Changes = nil
	for name, d := range map[string]*page.Data{
		"sample": pagedata.Sample(), "first": firstRelease, "large": pagedata.Large(), "hostile": pagedata.Hostile(),
		"empty": {Product: "demo", Version: "1.0"},
	} {
		if err := writePage(filepath.Join(dir, name, "index.html"), d); err != nil {
			return err
		}
	}
	for _, pack := range []struct{ product, version string }{{"asm", "1.482"}, {"sat", "1.205"}} {
		if err := writePack(dir, pack.product, pack.version); err != nil {
			return err
		}
	}
	return nil
}

// writePack builds the pack of sample evidence and extracts it, so that links to files open.
func writePack(dir, product, version string) error {
	name := product + "-" + version
	out := filepath.Join(dir, name)
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	zip := filepath.Join(dir, name+".zip")
	src, err := trustpack.DirSources(filepath.Join("testdata", "evidence", name), zip)
	if err != nil {
		return err
	}
	ctx := context.Background()
	if _, _, err := trustpack.BuildFile(ctx, zip, manifest.Config{Product: product, Version: version}, src, nil); err != nil {
		return err
	}
	p, err := trustpack.OpenFile(zip, nil)
	if err != nil {
		return err
	}
	defer p.Close()
	if err := os.CopyFS(out, p); err != nil {
		return err
	}
	fmt.Println(filepath.Join(out, trustpack.IndexName))
	return nil
}

func writePage(name string, d *page.Data) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := page.Render(f, d); err != nil {
		return err
	}
	fmt.Println(name)
	return f.Close()
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Gallery writes pages to look at while working on package page: those of made-up releases,
// an ordinary, a first, a large and a hostile one.
//
//	go run ./internal/test/gallery [DIR]
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/HailBytes/evidence/internal/test/pagedata"
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

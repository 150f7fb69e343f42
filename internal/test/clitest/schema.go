// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package clitest

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/internal/test/outschema"
)

// schemaFile lies beside the main.go that embeds it.
const schemaFile = "schema.json"

var update = flag.Bool("update", false, "write "+schemaFile+" as the Go types are now")

// Schema fails where schema.json is not the schema of what the binary called name
// prints: result, or what every binary may print; and where -json-schema does not
// print the file. With -update it writes the file.
func Schema(t *testing.T, run cli.Run, name string, result any, written outschema.Written) {
	t.Helper()
	types := append([]reflect.Type{reflect.TypeOf(result)}, cli.Common()...)
	want, err := outschema.Of(name, cli.SchemaOf(name), types, written)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(schemaFile, want, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if code, stdout, stderr := Call(t, run, "", "-json-schema"); code != cli.ExitHolds || stdout != string(got) {
		t.Errorf("-json-schema: exit code %d, %d bytes, %q; want %s", code, len(stdout), stderr, schemaFile)
	}
	if !bytes.Equal(bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n")), want) {
		t.Errorf("%s is not what the types say; if that is meant: go test ./examples/%s -run Schema -update", schemaFile, name)
	}
}

// objects is the compiled schema of the calling package, nil where there is none.
var objects = sync.OnceValues(func() (*jsonschema.Schema, error) {
	f, err := os.Open(schemaFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	document, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", schemaFile, err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(schemaFile, document); err != nil {
		return nil, err
	}
	return c.Compile(schemaFile)
})

// checkObject holds what a command printed against the schema, if the line has -json.
func checkObject(line []string, stdout string) error {
	has := func(names ...string) bool {
		return slices.ContainsFunc(line, func(arg string) bool { return slices.Contains(names, strings.Replace(arg, "--", "-", 1)) })
	}
	schema, err := objects()
	if err != nil || schema == nil || !has("-json") || has("-h", "-help", "-json-schema") {
		return err
	}
	object, err := oneObject(stdout)
	if err != nil {
		return err
	}
	return schema.Validate(object)
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package clitest runs the binaries' stories: testscript files that call a
// binary and state its exit code.
//
// Beside testscript's own commands a story has
//
//	exitcode N COMMAND [ARG...]   run it; it must exit with code N; then see stdout and stderr
//	json POINTER VALUE            standard output is one JSON object whose first member is "ok";
//	                              the value at the JSON Pointer is VALUE (text bare, others as JSON)
//	! json POINTER                there is no such value
//
// and the condition [corpus], under which $CORPUS is the folder of real documents.
//
// What a binary prints under -json is held against its schema, the file schema.json
// of the calling package, which [Schema] keeps as the Go types are.
package clitest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/internal/test/corpus"
)

// Main is called from TestMain: it makes each binary a command of the stories.
func Main(m *testing.M, binaries map[string]cli.Run) {
	commands := map[string]func(){}
	for name, run := range binaries {
		commands[name] = func() { os.Exit(cli.Main(run)) }
	}
	testscript.Main(m, commands)
}

// Run runs every story testdata/*.txtar of the calling package as a subtest.
func Run(t *testing.T) {
	stories, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	if err != nil || len(stories) == 0 {
		t.Fatalf("no story in testdata: %v", err)
	}
	root, found := corpus.Lookup()
	testscript.Run(t, testscript.Params{
		Files:               stories,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			if found {
				env.Setenv("CORPUS", root)
			}
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond != "corpus" {
				return false, fmt.Errorf("unknown condition %q", cond)
			}
			return found, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exitcode": exitcode,
			"json":     jsonValue,
		},
	})
}

// Call runs a binary in this process and returns what it left.
func Call(t *testing.T, run cli.Run, stdin string, args ...string) (code int, stdout, stderr string) {
	var out, errs strings.Builder
	t.Helper()
	code = run(context.Background(), args, cli.Std{In: strings.NewReader(stdin), Out: &out, Err: &errs})
	if err := checkObject(args, out.String()); err != nil {
		t.Errorf("%q: %v", args, err)
	}
	return code, out.String(), errs.String()
}

func exitcode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode N COMMAND [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
	ts.Check(checkObject(args[2:], ts.ReadFile("stdout")))
}

func jsonValue(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 && !(neg && len(args) == 1) {
		ts.Fatalf("usage: json POINTER VALUE, or ! json POINTER")
	}
	object, err := oneObject(ts.ReadFile("stdout"))
	ts.Check(err)
	got, found := lookup(object, args[0])
	switch {
	case neg && found:
		ts.Fatalf("%s is %s, want none", args[0], got)
	case neg:
	case !found:
		ts.Fatalf("nothing at %s", args[0])
	case got != args[1]:
		ts.Fatalf("%s is %s, want %s", args[0], got, args[1])
	}
}

// oneObject parses what -json promises: one object, "ok" first and a bool, nothing after it.
func oneObject(text string) (any, error) {
	dec := json.NewDecoder(strings.NewReader(text))
	for i, want := range []any{json.Delim('{'), "ok"} {
		if got, err := dec.Token(); err != nil || got != want {
			return nil, fmt.Errorf("standard output: token %d is %v (%v), want %v", i, got, err, want)
		}
	}
	if ok, err := dec.Token(); err != nil || ok != true && ok != false {
		return nil, fmt.Errorf(`standard output: "ok" is %v (%v), want a bool`, ok, err)
	}
	dec = json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var object any
	if err := dec.Decode(&object); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("standard output: more than one JSON value")
	}
	return object, nil
}

// lookup follows an RFC 6901 pointer and renders what it finds.
func lookup(v any, pointer string) (string, bool) {
	for _, token := range strings.Split(pointer, "/")[1:] {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		switch in := v.(type) {
		case map[string]any:
			member, ok := in[token]
			if !ok {
				return "", false
			}
			v = member
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(in) {
				return "", false
			}
			v = in[i]
		default:
			return "", false
		}
	}
	if s, ok := v.(string); ok {
		return s, true
	}
	text, err := json.Marshal(v)
	return string(text), err == nil
}

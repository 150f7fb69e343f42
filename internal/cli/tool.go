// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"runtime/debug"
)

// tool is the binary as each JSON object names it.
type tool struct {
	Name    string `json:"name"`
	Version string `json:"version"` // of the module; "devel" where it was not built from a release
}

// toolVersion is what -tool-version prints.
type toolVersion struct {
	Result
	Commit    string `json:"commit,omitempty"` // "+" after it: the work tree was not clean
	GoVersion string `json:"goVersion"`
}

func (c *Command) tool() tool {
	t := tool{c.help.Name, "devel"}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		t.Version = info.Main.Version
	}
	return t
}

// printVersion ends the command with the version of the binary.
func (c *Command) printVersion() int {
	v := toolVersion{Result: Result{OK: true}, GoVersion: runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				v.Commit = s.Value + v.Commit
			case s.Key == "vcs.modified" && s.Value == "true":
				v.Commit += "+"
			}
		}
	}
	return c.Print(v, func(w io.Writer) {
		commit := v.Commit
		if commit == "" {
			commit = "unknown"
		}
		fmt.Fprintf(w, "%s %s\ncommit %s\n%s\n", c.help.Name, c.tool().Version, commit, v.GoVersion)
	})
}

// SchemaOf is the identifier of the JSON Schema of a binary's object. Members are
// only ever added to it; anything else makes a new version.
func SchemaOf(name string) string { return "https://hailbytes.com/schemas/evidence/" + name + "/v1" }

// writeJSON writes the object v indented and with one newline after it, with the
// members schema and tool behind the first one, which is ok. Characters that HTML
// knows stay as they are.
func (c *Command) writeJSON(w io.Writer, v any) error {
	object, err := compact(v)
	if err != nil {
		return err
	}
	about, err := compact(struct {
		Schema string `json:"schema"`
		Tool   tool   `json:"tool"`
	}{SchemaOf(c.help.Name), c.tool()})
	if err != nil {
		return err
	}
	end := bytes.IndexAny(object, ",}") // of ok, a bool
	joined := append(object[:end:end], ',')
	joined = append(joined, about[1:len(about)-1]...)
	joined = append(joined, object[end:]...)
	var out bytes.Buffer
	if err := json.Indent(&out, joined, "", "  "); err != nil {
		return err
	}
	out.WriteByte('\n')
	_, err = out.WriteTo(w)
	return err
}

// Common returns the types of the objects that every binary may print under -json
// instead of its result: of -tool-version, and of a command that ended with an error.
func Common() []reflect.Type {
	return []reflect.Type{reflect.TypeFor[failure](), reflect.TypeFor[toolVersion]()}
}

func compact(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v3"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/regular"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Bounds of what a deployment consists of. Real compose files have some 10 KiB.
const (
	fileBytes = 256 << 10
	mostFiles = 100
)

// stdin is the name of the standard input among the files, as docker compose has it.
const stdin = "-"

// readFiles reads compose files, and looks through all files that they include or extend
// before compose-go reads those: it would read whatever is named, of any size.
func readFiles(names []string, o *ComposeOptions) (*types.ConfigDetails, error) {
	dir, err := workingDir(names)
	if err != nil {
		return nil, err
	}
	t := tree{dirs: []string{dir}, seen: map[string]bool{}}
	details := &types.ConfigDetails{WorkingDir: dir, Environment: maps.Clone(o.Environment)}
	if details.Environment == nil {
		details.Environment = types.Mapping{}
	}
	for _, name := range names {
		abs, data := name, []byte(nil)
		if name == stdin && o.Stdin != nil {
			data, err = io.ReadAll(io.LimitReader(o.Stdin, fileBytes+1))
		} else if abs, err = filepath.Abs(name); err == nil {
			data, err = regular.ReadFile(abs, fileBytes)
		}
		if err == nil && len(data) > fileBytes {
			err = tooLarge(name)
		}
		if err != nil {
			return nil, err
		}
		t.seen[abs] = true
		if err := t.look(abs, data); err != nil {
			return nil, err
		}
		details.ConfigFiles = append(details.ConfigFiles, types.ConfigFile{Filename: abs, Content: data})
	}
	return details, nil
}

func tooLarge(name string) error {
	return refuseFile(evidence.ErrLimit, CodeCompose, name, "larger than %s", textfmt.Size(fileBytes))
}

func refuseFile(class error, code, path, format string, args ...any) error {
	return &evidence.Problem{Code: code, Severity: evidence.SeverityError, Path: path, Message: fmt.Sprintf(format, args...), Err: class}
}

// tree is the files that a deployment consists of. A name in one of them is relative to
// its own folder, to that of the project or to that of an included one, by rules that
// depend on where it stands: all of these are looked into.
type tree struct {
	dirs  []string
	seen  map[string]bool // paths, there or not
	files int             // of them, that are there
}

// look looks through one file. It is no verdict on what the file says: compose-go reads it.
func (t *tree) look(path string, data []byte) error {
	t.addDir(filepath.Dir(path))
	d := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc any
		if err := d.Decode(&doc); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return refuseFile(evidence.ErrFormat, CodeCompose, path, "%s", textfmt.Clip(textfmt.Printable(err.Error()), 300))
		}
		m, _ := doc.(map[string]any)
		for _, inc := range list(m["include"]) {
			entry, ok := inc.(map[string]any)
			if !ok {
				entry = map[string]any{"path": inc}
			}
			for _, project := range list(entry["project_directory"]) {
				if err := t.project(path, project); err != nil {
					return err
				}
			}
			for _, name := range list(entry["env_file"]) {
				if err := t.file(path, name, false); err != nil {
					return err
				}
			}
			for _, name := range list(entry["path"]) {
				if err := t.file(path, name, true); err != nil {
					return err
				}
			}
		}
		for _, section := range []string{"services", "jobs"} {
			services, _ := m[section].(map[string]any)
			for _, s := range services {
				service, _ := s.(map[string]any)
				extends, _ := service["extends"].(map[string]any)
				for _, name := range list(extends["file"]) {
					if err := t.file(path, name, true); err != nil {
						return err
					}
				}
			}
		}
	}
}

// list returns the elements of a list, or the one value that stands for a list of it.
func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

func (t *tree) addDir(dir string) {
	for _, d := range t.dirs {
		if d == dir {
			return
		}
	}
	t.dirs = append(t.dirs, dir)
}

func (t *tree) project(in string, v any) error {
	name, err := localName(in, v)
	if err != nil {
		return err
	}
	for _, p := range t.candidates(name) {
		t.addDir(p)
		if _, err := t.read(filepath.Join(p, ".env")); err != nil {
			return err
		}
	}
	return nil
}

func (t *tree) candidates(name string) []string {
	if filepath.IsAbs(name) {
		return []string{filepath.Clean(name)}
	}
	var all []string
	for _, d := range t.dirs {
		all = append(all, filepath.Join(d, name))
	}
	return all
}

// file looks at a file that another one names. One that does not exist is for compose-go
// to miss.
func (t *tree) file(in string, v any, compose bool) error {
	name, err := localName(in, v)
	if err != nil {
		return err
	}
	for _, path := range t.candidates(name) {
		if t.seen[path] {
			continue
		}
		t.seen[path] = true
		data, err := t.read(path)
		if err != nil {
			return err
		}
		if data != nil {
			t.files++
		}
		if t.files > mostFiles || len(t.seen) > 100*mostFiles {
			return refuseFile(evidence.ErrLimit, CodeCompose, in, "the deployment consists of more than %d files", mostFiles)
		}
		if data == nil {
			continue
		}
		if _, err := t.read(filepath.Join(filepath.Dir(path), ".env")); err != nil { // compose-go reads it for an included file
			return err
		}
		if compose {
			if err := t.look(path, data); err != nil {
				return err
			}
		}
	}
	return nil
}

// read reads a file of the deployment; nil for one that does not exist.
func (t *tree) read(path string) ([]byte, error) {
	data, err := regular.ReadFile(path, fileBytes)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.Is(err, evidence.ErrLimit):
		return nil, tooLarge(path)
	case err != nil:
		return nil, refuseFile(evidence.ErrUnsafe, CodeCompose, path, "%s", textfmt.Printable(err.Error()))
	}
	if tooDeep(string(data)) { // an env file, or what substitute would refuse later
		return nil, refuseFile(evidence.ErrLimit, CodeCompose, path, "%v", errTooDeep)
	}
	return append([]byte{}, data...), nil
}

// remoteName matches what docker compose takes for a place in a git repository or registry,
// and a little more: a URL, "user@host:path", "github.com/...", a name with ".git".
var remoteName = regexp.MustCompile(`://|^oci:|^[^/]*@[^/]*:|^github\.com/|\.git(?:$|[#:/])`)

// localName returns the name of a file beside the deployment. What is fetched, or depends
// on variables, is not known here.
func localName(in string, v any) (string, error) {
	name, ok := v.(string)
	switch {
	case !ok:
		return "", refuseFile(evidence.ErrFormat, CodeCompose, in, "the name of a file is not a text")
	case strings.Contains(name, "$"):
		return "", refuseFile(evidence.ErrPolicy, CodeVariable, in, "includes or extends %s, whose name depends on variables; use the output of docker compose config", textfmt.Quote(name))
	case remoteName.MatchString(name):
		return "", refuseFile(evidence.ErrPolicy, CodeRemote, in, "includes or extends %s, which is fetched where it is deployed", textfmt.Quote(name))
	}
	return name, nil
}

// Environment returns the variables that docker compose would fill in: those of the process,
// given as by os.Environ, and then those of env files, or of the file ".env" beside the
// first compose file where none is given.
func Environment(process, envFiles, composeFiles []string) (map[string]string, error) {
	own := map[string]string{}
	for _, v := range process {
		name, value, _ := strings.Cut(v, "=")
		own[name] = value
	}
	if len(envFiles) == 0 {
		dir, err := workingDir(composeFiles)
		if err != nil {
			return nil, err
		}
		file := filepath.Join(dir, ".env")
		if _, err := os.Lstat(file); errors.Is(err, fs.ErrNotExist) {
			return own, nil
		}
		envFiles = []string{file}
	}
	all := map[string]string{}
	for _, name := range envFiles {
		data, err := regular.ReadFile(name, fileBytes)
		if err != nil {
			return nil, err
		}
		if tooDeep(string(data)) {
			return nil, fmt.Errorf("%s: %w", name, errTooDeep)
		}
		values, err := dotenv.UnmarshalBytesWithLookup(data, func(name string) (string, bool) {
			if v, ok := own[name]; ok {
				return v, true
			}
			v, ok := all[name]
			return v, ok
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %v", name, err)
		}
		maps.Copy(all, values)
	}
	maps.Copy(all, own)
	return all, nil
}

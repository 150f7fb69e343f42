// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package version_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/HailBytes/evidence/version"
)

// What the caller's environment holds for git must not change the answer.
func TestEnvironmentDoesNotLeak(t *testing.T) {
	r := newRepo(t, 7)
	r.git("tag", "v1.7")
	other := newRepo(t, 3)
	global := filepath.Join(t.TempDir(), "config")
	write(t, global, "[core]\n\tbare = true\n[include]\n\tpath = "+global+"\n")
	grafts := filepath.Join(t.TempDir(), "grafts")
	write(t, grafts, r.git("rev-parse", "HEAD")+"\n")
	for name, value := range map[string]string{
		"GIT_DIR":                          filepath.Join(other.dir, ".git"),
		"GIT_WORK_TREE":                    other.dir,
		"GIT_INDEX_FILE":                   filepath.Join(other.dir, ".git", "index"),
		"GIT_OBJECT_DIRECTORY":             filepath.Join(other.dir, ".git", "objects"),
		"GIT_ALTERNATE_OBJECT_DIRECTORIES": filepath.Join(other.dir, ".git", "objects"),
		"GIT_COMMON_DIR":                   filepath.Join(other.dir, ".git"),
		"GIT_NAMESPACE":                    "none",
		"GIT_SHALLOW_FILE":                 grafts,
		"GIT_GRAFT_FILE":                   grafts,
		"GIT_CEILING_DIRECTORIES":          r.dir,
		"GIT_CONFIG_GLOBAL":                global,
		"GIT_CONFIG_COUNT":                 "1",
		"GIT_CONFIG_KEY_0":                 "core.bare",
		"GIT_CONFIG_VALUE_0":               "true",
		"GIT_CONFIG_PARAMETERS":            "'core.bare'='true'",
		"GIT_CONFIG":                       global,
		"GIT_EXEC_PATH":                    other.dir,
		"GIT_TRACE":                        "2",
		"GIT_TRACE2":                       "2",
		"GIT_DEFAULT_HASH":                 "sha256",
		"GIT_REPLACE_REF_BASE":             "refs/heads/",
		"HOME":                             filepath.Dir(global),
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, value)
			got, err := version.VerifyTag(t.Context(), r.dir, "v1.7", nil)
			if err != nil || got.WorkTree != version.StateClean {
				t.Errorf("got %+v, %v; want 1.7, clean", got, err)
			}
		})
	}
}

// Replacement objects and grafts are local fictions.
func TestLocalFictions(t *testing.T) {
	r := newRepo(t, 9)
	head := r.git("rev-parse", "HEAD")
	r.git("replace", "--graft", "HEAD~2")
	if got := r.git("rev-list", "--count", "HEAD"); got == "9" {
		t.Fatal("the replacement has no effect on git itself: the test proves nothing")
	}
	expectVersion(t, r.dir, "1.9")
	r.git("replace", "-d", r.git("rev-parse", "HEAD~2"))

	r.write(".git/info/grafts", head+"\n")
	if got := r.git("rev-list", "--count", "HEAD"); got == "9" {
		t.Fatal("the graft has no effect on git itself: the test proves nothing")
	}
	expectVersion(t, r.dir, "1.9")
}

// A repository is data: nothing that its configuration names is run.
// In each case git itself would run it, which the test shows first.
func TestNothingIsExecuted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the programs are shell scripts")
	}
	for name, tt := range map[string]struct {
		setup func(r *repo, program string)
		run   []string // the git command that falls for it
	}{
		"fsmonitor": {func(r *repo, program string) { r.git("config", "core.fsmonitor", program) }, []string{"status"}},
		"included fsmonitor": {func(r *repo, program string) {
			r.write(".git/more", "[core]\n\tfsmonitor = "+program+"\n")
			r.git("config", "include.path", "more")
		}, []string{"status"}},
		"hook": {func(r *repo, program string) {
			r.git("config", "core.hooksPath", filepath.Dir(program))
			if err := os.Symlink(program, filepath.Join(filepath.Dir(program), "post-index-change")); err != nil {
				t.Fatal(err)
			}
			r.write("file", "3\n")
		}, []string{"status"}},
		"clean filter": {func(r *repo, program string) {
			r.git("config", "filter.x y.clean", program)
			r.write(".git/info/attributes", "file filter=x y\n* filter=x\n")
			r.git("config", "filter.x.clean", program)
			r.write("file", "x\n")
		}, []string{"status"}},
		"process filter": {func(r *repo, program string) {
			r.write(".git/info/attributes", "* filter=x\n")
			r.git("config", "filter.x.process", program)
			r.git("config", "filter.x.required", "true")
			r.write("file", "x\n")
		}, []string{"status"}},
		"alias": {func(r *repo, program string) { r.git("config", "alias.count", "!"+program) }, []string{"count"}},
		"promisor remote": {func(r *repo, program string) {
			r.git("config", "core.repositoryFormatVersion", "1")
			r.git("config", "extensions.partialClone", "origin")
			r.git("config", "remote.origin.promisor", "true")
			r.git("config", "remote.origin.url", "ext::"+program)
			r.git("config", "protocol.ext.allow", "always")
		}, []string{"cat-file", "-e", strings.Repeat("1", 40)}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRepo(t, 3)
			dir := t.TempDir()
			ran, program := filepath.Join(dir, "ran"), filepath.Join(dir, "program")
			write(t, program, "#!/bin/sh\ntouch "+ran+"\nexit 1\n")
			tt.setup(r, program)
			gitCommand(r.dir, tt.run...).Run() // it may well fail
			if os.Remove(ran) != nil {
				t.Fatalf("git %s itself does not run it: the test proves nothing", tt.run)
			}
			if name == "promisor remote" { // a reference to an object that a fetch would bring
				r.write(".git/refs/tags/gone", strings.Repeat("1", 40)+"\n")
				if _, err := version.FromRepository(t.Context(), r.dir, &version.Options{Tag: "gone"}); err == nil {
					t.Error("a tag of a missing object has a version")
				}
				r.git("update-ref", "-d", "refs/tags/gone")
			}
			expectVersion(t, r.dir, "1.3")
			if os.Remove(ran) == nil {
				t.Error("it was run")
			}
		})
	}
}

// A filter whose name cannot be switched off on a command line is an error, not a risk.
func TestFilterThatCannotBeSwitchedOff(t *testing.T) {
	r := newRepo(t, 3)
	r.git("config", "filter.a=b.clean", "cat")
	if _, err := version.FromRepository(t.Context(), r.dir, nil); err == nil || !strings.Contains(err.Error(), "filter.a=b") {
		t.Errorf("got %v, want an error that names the filter", err)
	}
	if _, err := version.FromRepository(t.Context(), r.dir, &version.Options{CountOnly: true}); err != nil {
		t.Error(err) // nothing here runs a filter
	}
}

// git refuses a repository of another user, for it would run what that user
// configured. Nothing is run here, so it is read.
func TestRepositoryOfAnotherUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give a repository away")
	}
	r := newRepo(t, 4)
	err := filepath.WalkDir(r.dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, 12345, 12345)
	})
	if err != nil {
		t.Fatal(err)
	}
	plain := gitCommand(r.dir, "status")
	plain.Args = []string{"git", "status"} // without safe.directory
	if plain.Run() == nil {
		t.Fatal("git itself takes the repository: the test proves nothing")
	}
	expectVersion(t, r.dir, "1.4")
}

// Nothing in the repository is written, the index's stat cache included.
func TestNothingIsWritten(t *testing.T) {
	r := newRepo(t, 3)
	index := filepath.Join(r.dir, ".git", "index")
	r.write("file", "3\n") // same content, another time: git status would write the index
	before, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	expectVersion(t, r.dir, "1.3")
	after, err := os.ReadFile(index)
	if err != nil || string(before) != string(after) {
		t.Errorf("the index changed (%v)", err)
	}
}

func expectVersion(t *testing.T, dir, want string) {
	t.Helper()
	got, err := version.FromRepository(t.Context(), dir, nil)
	if err != nil || got.Version.String() != want {
		t.Errorf("got %+v, %v; want %s", got, err, want)
	}
}

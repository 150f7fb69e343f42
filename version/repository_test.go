// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package version_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/corpus"
	"github.com/HailBytes/evidence/version"
)

func TestFromRepository(t *testing.T) {
	r := newRepo(t, 23)
	r.git("tag", "v1.23")
	r.git("tag", "-m", "annotated", "beta")
	r.git("tag", "v1.22", "HEAD~1")
	commit := r.git("rev-parse", "HEAD")
	got, err := version.FromRepository(t.Context(), r.dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := &version.Release{
		Version: parse(t, "1.23"), Commit: commit, Object: commit, Tag: "v1.23", Tags: []string{"beta", "v1.23"},
		Time: time.Unix(1_700_000_023, 0).UTC(), WorkTree: version.StateClean,
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(version.Version{})); diff != "" {
		t.Error(diff)
	}
	got, err = version.FromRepository(t.Context(), r.dir, &version.Options{CountOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	want = &version.Release{Version: want.Version, Commit: commit, Object: commit}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(version.Version{})); diff != "" {
		t.Error(diff)
	}
	if got, err = version.FromRepository(t.Context(), r.dir, &version.Options{Tag: "beta", CountOnly: true}); err != nil {
		t.Fatal(err)
	}
	if object := r.git("rev-parse", "refs/tags/beta"); got.Commit != commit || got.Object != object || object == commit {
		t.Errorf("an annotated tag: commit %s, object %s; want %s, %s", got.Commit, got.Object, commit, object)
	}
}

// The count is git's own, over merges, for every kind of repository and place.
func TestKindsOfRepository(t *testing.T) {
	r := newRepo(t, 34)
	r.git("tag", "v1.12", "main~12")
	dir := t.TempDir()
	places := map[string]string{"work tree": r.dir, "git directory": filepath.Join(r.dir, ".git")}
	clone := func(name string, args ...string) {
		places[name] = filepath.Join(dir, name)
		git(t, dir, append(append([]string{"clone", "-q"}, args...), r.dir, name)...)
	}
	clone("bare", "--bare")
	clone("mirror", "--mirror")
	clone("shared", "--shared")
	clone("blobless", "--no-local", "--filter=blob:none", "-c", "uploadpack.allowFilter=true")
	clone("treeless", "--no-local", "--filter=tree:0", "--no-checkout")
	clone("separate", "--separate-git-dir", filepath.Join(dir, "elsewhere"))
	places["linked work tree"] = filepath.Join(dir, "linked")
	r.git("worktree", "add", "-q", "--detach", places["linked work tree"])
	places["submodule"] = filepath.Join(dir, "super", "sub")
	git(t, dir, "init", "-q", "super")
	git(t, filepath.Join(dir, "super"), "submodule", "--quiet", "add", r.dir, "sub")
	places["sha256"] = newRepo(t, 34, "--object-format=sha256").dir
	packed := newRepo(t, 34)
	packed.git("gc", "-q")
	packed.git("commit-graph", "write", "--reachable")
	places["packed, with commit graph"] = packed.dir

	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			got, err := version.FromRepository(t.Context(), place, nil)
			if err != nil {
				t.Fatal(err)
			}
			want := git(t, place, "rev-list", "--count", "HEAD")
			if got.Version.String() != "1."+want || got.Commit != git(t, place, "rev-parse", "HEAD") {
				t.Errorf("got %s of %s, want 1.%s of HEAD", got.Version, got.Commit, want)
			}
		})
	}
}

func TestTagOption(t *testing.T) {
	r := newRepo(t, 12)
	r.git("tag", "v1.7", "main~5")
	r.git("tag", "-m", "x", "v1.8", "main~4")
	r.git("tag", "-m", "x", "again", "v1.8")
	r.git("tag", "deep/er-1", "main~4")
	for tag, want := range map[string]string{"v1.7": "1.7", "refs/tags/v1.7": "1.7", "v1.8": "1.8", "again": "1.8", "deep/er-1": "1.8"} {
		got, err := version.FromRepository(t.Context(), r.dir, &version.Options{Tag: tag})
		if err != nil {
			t.Errorf("%s: %v", tag, err)
			continue
		}
		if got.Version.String() != want || got.Tag != strings.TrimPrefix(tag, "refs/tags/") || !slices.Contains(got.Tags, got.Tag) ||
			got.WorkTree != version.StateOther {
			t.Errorf("%s: %+v, want version %s", tag, got, want)
		}
	}
}

// Each reason why there is no version has an error of its own, and a neighbour that has one.
func TestReasons(t *testing.T) {
	r := newRepo(t, 5)
	r.git("tag", "v1.5")
	r.git("tag", "tree", "main^{tree}")
	r.git("tag", "-m", "x", "blob", "main:file")
	r.write("sub/file", "")
	dir := t.TempDir()
	git(t, dir, "clone", "-q", "--depth=2", "file://"+r.dir, "shallow")
	git(t, dir, "clone", "-q", "--depth=2", "--bare", "file://"+r.dir, "shallow-bare")
	git(t, dir, "init", "-q", "empty")
	git(t, dir, "init", "-q", "--bare", "empty-bare")
	write(t, filepath.Join(dir, "file"), "")
	write(t, filepath.Join(dir, "plain", "file"), "")
	write(t, filepath.Join(dir, "gitfile", ".git"), "gitdir: nowhere\n")
	if err := os.MkdirAll(filepath.Join(r.dir, "hollow", ".git"), 0o777); err != nil {
		t.Fatal(err)
	}
	orphan := newRepo(t, 5)
	orphan.git("symbolic-ref", "HEAD", "refs/heads/none")
	orphan.git("update-ref", "refs/tags/HEAD", "refs/heads/main")
	orphan.git("update-ref", "refs/heads/refs/tags/v1.5", "refs/heads/main")
	broken := newRepo(t, 5)
	broken.git("update-ref", "refs/tags/v1.5", "main")
	broken.write(".git/refs/tags/gone", strings.Repeat("1", 40)+"\n")

	in := func(name string) string { return filepath.Join(dir, name) }
	for name, tt := range map[string]struct {
		dir  string
		o    version.Options
		want error
	}{
		"shallow":                      {in("shallow"), version.Options{}, version.ErrShallow},
		"shallow, bare":                {in("shallow-bare"), version.Options{}, version.ErrShallow},
		"shallow, tag":                 {in("shallow"), version.Options{Tag: "v1.5"}, version.ErrShallow},
		"empty":                        {in("empty"), version.Options{}, version.ErrEmpty},
		"empty, bare":                  {in("empty-bare"), version.Options{}, version.ErrEmpty},
		"orphan branch, tag HEAD":      {orphan.dir, version.Options{}, version.ErrEmpty},
		"branch refs/tags/v1.5":        {orphan.dir, version.Options{Tag: "v1.5"}, version.ErrNoTag},
		"no directory":                 {in("none"), version.Options{}, fs.ErrNotExist},
		"a file":                       {in("file"), version.Options{}, version.ErrNotRepository},
		"no repository":                {in("plain"), version.Options{}, version.ErrNotRepository},
		"git file to nowhere":          {in("gitfile"), version.Options{}, version.ErrNotRepository},
		"inside a work tree":           {filepath.Join(r.dir, "sub"), version.Options{}, version.ErrOtherRepository},
		"inside a git directory":       {filepath.Join(r.dir, ".git", "refs"), version.Options{}, version.ErrOtherRepository},
		"empty .git inside a tree":     {filepath.Join(r.dir, "hollow"), version.Options{}, version.ErrNotRepository},
		"no git binary":                {r.dir, version.Options{Git: in("no-git")}, version.ErrNoGit},
		"no such tag":                  {r.dir, version.Options{Tag: "v1.6"}, version.ErrNoTag},
		"tag of a tree":                {r.dir, version.Options{Tag: "tree"}, version.ErrNotCommit},
		"annotated tag of a file":      {r.dir, version.Options{Tag: "blob"}, version.ErrNotCommit},
		"tag of a missing object":      {broken.dir, version.Options{Tag: "gone"}, version.ErrNotCommit},
		"branch as a tag":              {r.dir, version.Options{Tag: "main"}, version.ErrNoTag},
		"revision syntax":              {r.dir, version.Options{Tag: "v1.5~1"}, version.ErrNoTag},
		"revision syntax, peeled":      {r.dir, version.Options{Tag: "v1.5^{commit}"}, version.ErrNoTag},
		"an option":                    {r.dir, version.Options{Tag: "--all"}, version.ErrNoTag},
		"no name":                      {r.dir, version.Options{Tag: "refs/tags/"}, version.ErrNoTag},
		"a pattern":                    {r.dir, version.Options{Tag: "v*"}, version.ErrNoTag},
		"two lines":                    {r.dir, version.Options{Tag: "v1.5\nx"}, version.ErrNoTag},
		"neighbour: the tag":           {r.dir, version.Options{Tag: "v1.5"}, nil},
		"neighbour: beside the broken": {broken.dir, version.Options{Tag: "v1.5", CountOnly: true}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := version.FromRepository(t.Context(), tt.dir, &tt.o)
			if tt.want == nil {
				if err != nil || got.Version.String() != "1.5" {
					t.Errorf("got %+v, %v", got, err)
				}
				return
			}
			e, ok := errors.AsType[*version.RepositoryError](err)
			if !ok || !errors.Is(err, tt.want) || e.Dir != tt.dir || got != nil {
				t.Fatalf("got %+v, %v; want %v", got, err, tt.want)
			}
			for _, class := range []error{evidence.ErrFormat, evidence.ErrMismatch, evidence.ErrLimit} {
				if errors.Is(err, class) {
					t.Errorf("%v judges the repository: %v", err, class)
				}
			}
		})
	}
}

func TestNoGitInPath(t *testing.T) {
	r := newRepo(t, 1)
	t.Setenv("PATH", t.TempDir())
	if _, err := version.FromRepository(t.Context(), r.dir, nil); !errors.Is(err, version.ErrNoGit) || !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("got %v, want ErrNoGit", err)
	}
}

func TestMissingHistory(t *testing.T) {
	r := newRepo(t, 0)
	for range 3 {
		r.git("commit", "-q", "--allow-empty", "-m", "x")
	}
	parent := r.git("rev-parse", "HEAD~1")
	if err := os.Remove(filepath.Join(r.dir, ".git", "objects", parent[:2], parent[2:])); err != nil {
		t.Fatal(err)
	}
	_, err := version.FromRepository(t.Context(), r.dir, nil)
	if e, ok := errors.AsType[*version.GitError](err); !ok || e.Command != "rev-list" || !strings.Contains(e.Stderr, parent) {
		t.Errorf("got %v, want a *GitError of rev-list that names %s", err, parent)
	}
}

func TestWorkTree(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(r *repo)
		want   version.WorkTree
	}{
		"nothing":          {func(r *repo) {}, version.StateClean},
		"touched":          {func(r *repo) { r.write("file", "3\n") }, version.StateClean},
		"changed":          {func(r *repo) { r.write("file", "4\n") }, version.StateDirty},
		"staged":           {func(r *repo) { r.write("file", "4\n"); r.git("add", "file") }, version.StateDirty},
		"removed":          {func(r *repo) { os.Remove(filepath.Join(r.dir, "file")) }, version.StateDirty},
		"untracked":        {func(r *repo) { r.write("more", "") }, version.StateDirty},
		"hidden untracked": {func(r *repo) { r.git("config", "status.showUntrackedFiles", "no"); r.write("more", "") }, version.StateDirty},
		"ignored":          {func(r *repo) { r.write(".git/info/exclude", "more\n"); r.write("more", "") }, version.StateClean},
		"core.bare":        {func(r *repo) { r.git("config", "core.bare", "yes") }, version.StateBare},
		"many changes": {func(r *repo) {
			for i := range 3000 {
				r.write(strings.Repeat("long", 40)+string(rune('a'+i%26))+time.Duration(i).String(), "")
			}
		}, version.StateDirty},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRepo(t, 3)
			tt.change(r)
			got, err := version.FromRepository(t.Context(), r.dir, nil)
			if err != nil || got.WorkTree != tt.want {
				t.Errorf("got %+v, %v; want %s", got, err, tt.want)
			}
		})
	}
}

func TestVerifyTag(t *testing.T) {
	r := newRepo(t, 10)
	r.git("tag", "v1.10")
	r.git("tag", "v1.10.0")
	r.git("tag", "v1.10.3")
	r.git("tag", "-m", "x", "v1.9", "main~1")
	r.git("tag", "v1.8")
	r.git("tag", "-m", "x", "v1.7", "main~2")
	r.git("tag", "v2.10")
	r.git("tag", "1.10")
	r.git("tag", "latest")
	r.git("tag", "-m", "x", "other")
	r.git("update-ref", "refs/tags/v1.010", "other") // an annotated tag under another name
	r.git("tag", "tree", "main^{tree}")
	for tag, want := range map[string]string{
		"v1.10":           "",
		"refs/tags/v1.10": "",
		"v1.10.0":         "",
		"v1.10.3":         "the name says 1.10.3, its commit is 1.10",
		"v1.9":            "",
		"v1.8":            "the name says 1.8, its commit is 1.10",
		"v1.7":            "the name says 1.7, its commit is 1.8",
		"v2.10":           "the name says 2.10, its commit is 1.10",
		"1.10":            "the name is not a version; its commit is 1.10",
		"latest":          "the name is not a version; its commit is 1.10",
		"v1.010":          `the annotated tag inside is "other"`,
	} {
		for _, o := range []*version.Options{nil, {CountOnly: true, Tag: "not read"}} {
			got, err := version.VerifyTag(t.Context(), r.dir, tag, o)
			if got == nil || got.Commit == "" {
				t.Errorf("%s: no release beside %v", tag, err)
				continue
			}
			e, ok := errors.AsType[*version.TagError](err)
			switch {
			case want == "" && err != nil:
				t.Errorf("%s: %v", tag, err)
			case want != "" && (!ok || !errors.Is(err, evidence.ErrMismatch) || !strings.HasSuffix(err.Error(), want) || e.Tag != tag):
				t.Errorf("%s: %v, want ...%s", tag, err, want)
			}
		}
	}
	for tag, want := range map[string]error{"": version.ErrNoTag, "v1.11": version.ErrNoTag, "tree": version.ErrNotCommit} {
		if got, err := version.VerifyTag(t.Context(), r.dir, tag, nil); !errors.Is(err, want) || errors.Is(err, evidence.ErrMismatch) || got != nil {
			t.Errorf("%q: %+v, %v; want %v", tag, got, err, want)
		}
	}
}

func TestCancelled(t *testing.T) {
	r := newRepo(t, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := version.FromRepository(ctx, r.dir, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}

	if runtime.GOOS == "windows" {
		t.Skip("no shell script as a git binary")
	}
	slow := filepath.Join(t.TempDir(), "git")
	write(t, slow, "#!/bin/sh\nexec sleep 60\n")
	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := version.FromRepository(ctx, r.dir, &version.Options{Git: slow}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want context.DeadlineExceeded", err)
	}
}

// The histories that come with the real evidence.
func TestRealHistories(t *testing.T) {
	needGit(t)
	dir := corpus.Dir(t, "real")
	for _, tt := range []struct {
		bundle, tag, want, commit string
	}{
		{"asm-1.482/source/hailbytes-asm.bundle", "", "1.482", "678c4d52"},
		{"asm-1.482/source/hailbytes-asm.bundle", "v1.482", "1.482", "678c4d52"},
		{"asm-1.482/source/hailbytes-asm.bundle", "v1.481", "1.481", "550ef835"},
		{"sat-1.205/source/hailbytes-sat.bundle", "v1.205", "1.205", ""},
	} {
		clone := filepath.Join(t.TempDir(), "clone")
		git(t, "", "clone", "-q", filepath.Join(dir, filepath.FromSlash(tt.bundle)), clone)
		got, err := version.FromRepository(t.Context(), clone, &version.Options{Tag: tt.tag})
		if err != nil || got.Version.String() != tt.want || !strings.HasPrefix(got.Commit, tt.commit) {
			t.Errorf("%s %s: %+v, %v; want %s", tt.bundle, tt.tag, got, err, tt.want)
			continue
		}
		if _, err := version.VerifyTag(t.Context(), clone, got.Version.Tag(), nil); err != nil {
			t.Error(err)
		}
	}
	shallow := t.TempDir()
	if out, err := exec.Command("tar", "-xzf", filepath.Join(dir, "asm-1.482/source/hailbytes-asm-shallow.tar.gz"), "-C", shallow).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	_, err := version.FromRepository(t.Context(), filepath.Join(shallow, "hailbytes-asm-shallow.git"), nil)
	if !errors.Is(err, version.ErrShallow) {
		t.Errorf("shallow clone: %v, want ErrShallow", err)
	}
}

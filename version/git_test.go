// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package version_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// repo is a repository that a test made.
type repo struct {
	t   testing.TB
	dir string
}

// needGit skips without a git binary: the package says so to its callers too.
func needGit(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git binary in PATH")
	}
}

// newRepo makes a repository with a history of n commits, every tenth a merge,
// and the one file "file" in its work tree.
func newRepo(t testing.TB, n int, init ...string) *repo {
	t.Helper()
	needGit(t)
	r := &repo{t, filepath.Join(t.TempDir(), "repo")}
	git(t, "", append(append([]string{"init", "-q", "-b", "main"}, init...), r.dir)...)
	r.importCommits(n)
	if n > 0 {
		r.git("reset", "-q", "--hard", "main")
	}
	return r
}

// importCommits feeds a fixed stream to git fast-import.
func (r *repo) importCommits(n int) {
	r.t.Helper()
	cmd := gitCommand(r.dir, "fast-import", "--quiet")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	for i := 1; i <= n; i++ {
		fmt.Fprintf(stdin, "commit refs/heads/main\nmark :%d\ncommitter A <a@example.com> %d +0000\ndata 2\nc\n", i, 1_700_000_000+i)
		if i%10 == 0 {
			fmt.Fprintf(stdin, "from :%d\nmerge :%d\n", i-1, i-5)
		}
		fmt.Fprintf(stdin, "M 100644 inline file\ndata <<E\n%d\nE\n\n", i)
	}
	stdin.Close()
	if err := cmd.Wait(); err != nil {
		r.t.Fatal(err)
	}
}

func (r *repo) git(args ...string) string {
	r.t.Helper()
	return git(r.t, r.dir, args...)
}

// write writes a file below the repository's top directory.
func (r *repo) write(name, text string) {
	r.t.Helper()
	write(r.t, filepath.Join(r.dir, name), text)
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o777); err != nil {
		t.Fatal(err)
	}
}

// git runs git as a developer would, with a configuration of its own.
func git(t testing.TB, dir string, args ...string) string {
	t.Helper()
	out, err := gitCommand(dir, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func gitCommand(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command("git", append([]string{"-c", "user.name=A", "-c", "user.email=a@example.com",
		"-c", "safe.directory=*", "-c", "protocol.file.allow=always"}, args...)...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull,
		"GIT_COMMITTER_DATE=1700000000 +0000", "GIT_AUTHOR_DATE=1700000000 +0000"}
	return cmd
}

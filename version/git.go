// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package version

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// git runs the git binary over one repository. A repository is input like any
// other: its configuration must not make us run a program or use the network,
// and the caller's environment must not make git read something else.
type git struct {
	binary string
	dir    string   // absolute: the directory that the caller asked for
	bare   bool     // dir is the git directory itself
	env    []string // complete
}

// overrides come before the repository's own configuration, in which each of
// these could name a program. An empty fsmonitor is none for every git; before 2.36
// "false" was the name of a hook.
var overrides = []string{
	"--no-pager", "--no-replace-objects",
	"-c", "core.fsmonitor=",
	"-c", "core.hooksPath=" + os.DevNull,
}

// environment returns all that git sees of ours. GIT_DIR and GIT_WORK_TREE are
// explicit, so git neither searches parent directories nor follows core.worktree. That also
// means that it does not ask who owns the repository (safe.directory): it need
// not, for nothing in the repository is executed.
func environment(gitDir, workTree string) []string {
	env := []string{
		"GIT_DIR=" + gitDir,
		"GIT_WORK_TREE=" + workTree,
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_SYSTEM=" + os.DevNull,
		"GIT_CONFIG_GLOBAL=" + os.DevNull,
		"HOME=" + os.DevNull, // a git before 2.32 does not know GIT_CONFIG_GLOBAL
		"XDG_CONFIG_HOME=" + os.DevNull,
		"GIT_ATTR_NOSYSTEM=1",
		"GIT_NO_REPLACE_OBJECTS=1",
		"GIT_GRAFT_FILE=" + os.DevNull,
		"GIT_NO_LAZY_FETCH=1",
		"GIT_ALLOW_PROTOCOL=", // none: a git that does not know GIT_NO_LAZY_FETCH cannot fetch either
		"GIT_OPTIONAL_LOCKS=0",
		"GIT_TERMINAL_PROMPT=0",
		"LC_ALL=C",
	}
	for _, name := range []string{"PATH", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "SYSTEMDRIVE"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// findGit returns the absolute path of the binary. It never takes one from the
// current directory (exec.ErrDot).
func findGit(name string) (string, error) {
	if name == "" {
		name = "git"
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", errors.Join(ErrNoGit, err)
	}
	return path, nil
}

// Bounds on what is kept of git's output: 100,000 tags with long names, and
// enough of a complaint to act on.
const (
	maxStdout = 16 << 20
	maxStderr = 4 << 10
)

// run returns what git wrote, also when it ends with a *GitError.
func (g *git) run(ctx context.Context, args ...string) (string, error) {
	stdout := &bounded{max: maxStdout}
	err := g.stream(ctx, stdout, args...)
	return stdout.String(), err
}

// stream runs git with its output going to stdout; an error of stdout ends it.
func (g *git) stream(ctx context.Context, stdout io.Writer, args ...string) error {
	stderr := &bounded{max: maxStderr, drop: true}
	cmd := exec.CommandContext(ctx, g.binary, slices.Concat(overrides, args)...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = g.dir, g.env, stdout, stderr
	cmd.WaitDelay = 2 * time.Second // for a grandchild that keeps the pipe open
	err := cmd.Run()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return &GitError{Command: subcommand(args), Stderr: stderr.String(), Err: err}
}

// subcommand finds the command behind "-c name=value" pairs.
func subcommand(args []string) string {
	for len(args) > 2 && args[0] == "-c" {
		args = args[2:]
	}
	return args[0]
}

// bounded keeps at most max bytes. What is more is an error, or dropped.
type bounded struct {
	bytes.Buffer
	max  int
	drop bool
}

var errOutput = errors.New("more output than expected")

func (b *bounded) Write(p []byte) (int, error) {
	room := b.max - b.Len()
	if len(p) <= room {
		return b.Buffer.Write(p)
	}
	b.Buffer.Write(p[:room])
	if !b.drop {
		return room, errOutput
	}
	return len(p), nil
}

// isObjectID reports whether s is a SHA-1 or SHA-256 object name in full.
func isObjectID(s string) bool {
	return (len(s) == 40 || len(s) == 64) && strings.Trim(s, "0123456789abcdef") == ""
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bufio"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/HailBytes/evidence/version"
)

// BenchmarkReleaseVersion runs release-version, and the library alone, beside
// git rev-list --count on the same 100,000 commits, in turn, and reports medians. The goal is "over-git-ms"
// below 20.
func BenchmarkReleaseVersion(b *testing.B) {
	const commits = 100_000
	program := filepath.Join(b.TempDir(), "release-version.exe")
	mustRun(b, exec.Command("go", "build", "-o", program, "github.com/HailBytes/evidence/examples/release-version"))
	repo := gitHistory(b, commits)
	for _, graph := range []bool{false, true} {
		if graph {
			mustRun(b, exec.Command("git", "-C", repo, "commit-graph", "write", "--reachable"))
		}
		b.Run(fmt.Sprintf("commits=%d,graph=%t", commits, graph), func(b *testing.B) {
			want := fmt.Sprintf("1.%d", commits)
			var git, binary, library, everything []time.Duration
			for b.Loop() {
				git = append(git, clock(func() { mustRun(b, exec.Command("git", "-C", repo, "rev-list", "--count", "HEAD")) }))
				binary = append(binary, clock(func() {
					if got := mustRun(b, exec.Command(program, repo)); got != want+"\n" {
						b.Fatalf("got %q, want %s", got, want)
					}
				}))
				library = append(library, clock(func() { computeVersion(b, repo, want, true) }))
				everything = append(everything, clock(func() { computeVersion(b, repo, want, false) }))
			}
			floor := medianOf(git)
			report := func(unit string, d time.Duration) { b.ReportMetric(float64(d.Microseconds())/1000, unit) }
			report("git-ms", floor)
			report("over-git-ms", medianOf(binary)-floor)
			report("library-over-git-ms", medianOf(library)-floor)
			report("everything-over-git-ms", medianOf(everything)-floor)
			b.ReportMetric(0, "ns/op") // the sum of four says nothing
		})
	}
}

func computeVersion(b *testing.B, repo, want string, countOnly bool) {
	r, err := version.FromRepository(b.Context(), repo, &version.Options{CountOnly: countOnly})
	if err != nil || r.Version.String() != want {
		b.Fatalf("got %+v, %v; want %s", r, err, want)
	}
}

func medianOf(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

func clock(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

func mustRun(b *testing.B, cmd *exec.Cmd) string {
	b.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil {
		b.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return string(out)
}

// gitHistory makes a repository of n commits, every tenth a merge, from a fixed stream.
func gitHistory(b *testing.B, n int) string {
	b.Helper()
	repo := filepath.Join(b.TempDir(), "repo")
	mustRun(b, exec.Command("git", "init", "-q", "-b", "main", repo))
	cmd := exec.Command("git", "-C", repo, "fast-import", "--quiet")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(stdin)
	for i := 1; i <= n; i++ {
		fmt.Fprintf(w, "commit refs/heads/main\nmark :%d\ncommitter A <a@example.com> %d +0000\ndata 2\nc\n", i, 1_600_000_000+60*i)
		if i > 1 {
			fmt.Fprintf(w, "from :%d\n", i-1)
		}
		if i%10 == 0 {
			fmt.Fprintf(w, "merge :%d\n", i-5)
		}
		fmt.Fprintf(w, "M 100644 inline file%d\ndata <<E\n%d\nE\n\n", i%100, i)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	stdin.Close()
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
	mustRun(b, exec.Command("git", "-C", repo, "reset", "-q", "--hard", "main"))
	return repo
}

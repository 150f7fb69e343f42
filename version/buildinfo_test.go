// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package version_test

import (
	"bytes"
	"debug/buildinfo"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/version"
)

const (
	commit = "678c4d5240bab55a8a31af48cf83375da4255ea3"
	prefix = "github.com/HailBytes/evidence/version."
)

func info(mainVersion string, settings ...string) *debug.BuildInfo {
	bi := &debug.BuildInfo{Main: debug.Module{Version: mainVersion}}
	for i := 0; i < len(settings); i += 2 {
		bi.Settings = append(bi.Settings, debug.BuildSetting{Key: settings[i], Value: settings[i+1]})
	}
	return bi
}

func TestFromBuildInfo(t *testing.T) {
	when := time.Date(2023, 12, 5, 1, 9, 34, 0, time.UTC)
	v := parse(t, "1.482")
	for name, tt := range map[string]struct {
		in      *debug.BuildInfo
		want    version.Build
		unknown string // the facts
	}{
		"nothing":        {nil, version.Build{}, "version commit time worktree"},
		"go run":         {info("(devel)"), version.Build{}, "version commit time worktree"},
		"no tag":         {info("v0.0.0-20231205010934-678c4d5240ba"), version.Build{}, "version commit time worktree"},
		"SemVer tag":     {info("v1.482.0"), version.Build{Version: v}, "commit time worktree"},
		"dirty":          {info("v1.482.0+dirty", "vcs.modified", "true"), version.Build{Version: v, WorkTree: version.StateDirty}, "commit time"},
		"after the tag":  {info("v1.482.1-0.20231205010934-678c4d5240ba"), version.Build{}, "version commit time worktree"},
		"pre-release":    {info("v1.482.0-rc.1"), version.Build{}, "version commit time worktree"},
		"pre-module tag": {info("v1.482.0+incompatible"), version.Build{Version: v}, "commit time worktree"},
		"stamped": {info("v1.482.0", "vcs", "git", "vcs.revision", commit, "vcs.time", "2023-12-05T01:09:34Z", "vcs.modified", "false"),
			version.Build{Version: v, Commit: commit, Time: when, WorkTree: version.StateClean}, ""},
		"linked": {info("(devel)", "-ldflags", "-s -w -X "+prefix+"linkedVersion=1.482 -X="+prefix+"linkedCommit="+commit+
			" -X '"+prefix+"linkedTime=2023-12-05T02:09:34+01:00' --X="+prefix+"linkedState=clean"),
			version.Build{Version: v, Commit: commit, Time: when, WorkTree: version.StateClean}, ""},
		"linked clean, then changed": {info("", "-ldflags", "-X "+prefix+"linkedVersion=v1.482 -X "+prefix+"linkedState=clean", "vcs.modified", "true"),
			version.Build{Version: v, WorkTree: version.StateDirty}, "commit time"},
		"both agree": {info("v1.482.0", "-ldflags", "-X "+prefix+"linkedVersion=1.482"), version.Build{Version: v}, "commit time worktree"},
		"another package's variable": {info("", "-ldflags", "-X main.linkedVersion=1.482 -X "+prefix+"x.linkedVersion=1.482"),
			version.Build{}, "version commit time worktree"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := version.FromBuildInfo(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			var unknown []string
			for _, u := range got.Unknown {
				unknown = append(unknown, u.Fact)
				if u.Reason == "" {
					t.Errorf("%s: no reason", u.Fact)
				}
			}
			got.Unknown = nil
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(version.Version{})); diff != "" || strings.Join(unknown, " ") != tt.unknown {
				t.Errorf("unknown %q, want %q\n%s", unknown, tt.unknown, diff)
			}
		})
	}
}

func TestFromBuildInfoRefuses(t *testing.T) {
	linked := func(assignment string) string { return "-X " + prefix + assignment }
	for name, tt := range map[string]struct {
		in   *debug.BuildInfo
		code string
		want error
	}{
		"two versions":   {info("v1.481.0", "-ldflags", linked("linkedVersion=1.482")), "version.contradiction", evidence.ErrMismatch},
		"two commits":    {info("", "vcs.revision", strings.Repeat("a", 40), "-ldflags", linked("linkedCommit="+commit)), "version.contradiction", evidence.ErrMismatch},
		"no version":     {info("", "-ldflags", linked("linkedVersion=dev")), "version.syntax", evidence.ErrFormat},
		"no commit":      {info("", "-ldflags", linked("linkedCommit=678c4d5")), "version.commit", evidence.ErrFormat},
		"no time":        {info("", "vcs.time", "yesterday"), "version.time", evidence.ErrFormat},
		"a large number": {info("", "-ldflags", linked("linkedVersion=1.99999999999999999999")), "version.range", evidence.ErrLimit},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := version.FromBuildInfo(tt.in)
			p, ok := errors.AsType[*evidence.Problem](err)
			if !ok || p.Code != tt.code || !errors.Is(err, tt.want) || !cmp.Equal(got, version.Build{}, cmp.AllowUnexported(version.Version{})) {
				t.Errorf("got %+v, %v; want %s", got, err, tt.code)
			}
		})
	}
}

// The flags of a release, put into a program by the real linker, come back:
// from the running program, and from its file.
func TestLinkedProgram(t *testing.T) {
	if testing.Short() {
		t.Skip("links a program")
	}
	release := &version.Release{
		Version: parse(t, "1.482"), Commit: commit, Time: time.Date(2023, 12, 5, 1, 9, 34, 0, time.UTC), WorkTree: version.StateClean,
	}
	program := filepath.Join(t.TempDir(), "program.exe")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", program, "-ldflags", release.LinkerFlags(), "./testdata/current")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(program).CombinedOutput()
	if want := "1.482 " + commit + " 2023-12-05T01:09:34Z"; err != nil || !bytes.HasPrefix(out, []byte(want)) {
		t.Errorf("the program says %q (%v), want %q", out, err, want)
	}
	f, err := os.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	bi, err := buildinfo.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	got, err := version.FromBuildInfo(bi)
	if err != nil || got.Version != release.Version || got.Commit != commit || !got.Time.Equal(release.Time) {
		t.Errorf("the file says %+v, %v", got, err)
	}
}

func TestCurrent(t *testing.T) {
	got, err := version.Current()
	if err != nil || !got.Version.IsZero() || len(got.Unknown) == 0 || got.Unknown[0].Fact != "version" {
		t.Errorf("a test binary says %+v, %v; want no version, and that it is unknown", got, err)
	}
}

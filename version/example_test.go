// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package version_test

import (
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/version"
)

func ExampleParse() {
	v, err := version.Parse("v1.482")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(v, v.Tag(), v.SemVer())

	_, err = version.Parse("1.482.0-rc.1")
	fmt.Println(errors.Is(err, evidence.ErrFormat), err)
	// Output:
	// 1.482 v1.482 1.482.0
	// true version "1.482.0-rc.1": a release has no sign and no pre-release or build suffix
}

func ExampleVersion_Compare() {
	var releases []version.Version
	for _, s := range []string{"1.100", "1.9", "1.10", "1.10.2"} {
		v, err := version.Parse(s)
		if err != nil {
			fmt.Println(err)
			return
		}
		releases = append(releases, v)
	}
	slices.SortFunc(releases, version.Version.Compare)
	fmt.Println(releases)
	// Output:
	// [1.9 1.10 1.10.2 1.100]
}

func ExampleFromBuildInfo() {
	build, err := version.FromBuildInfo(&debug.BuildInfo{Main: debug.Module{Version: "v1.482.0"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(build.Version)
	for _, u := range build.Unknown {
		fmt.Printf("%s: %s\n", u.Fact, u.Reason)
	}
	// Output:
	// 1.482
	// commit: not set by the linker, and not built inside a repository
	// time: not set by the linker, and not built inside a repository
	// worktree: not set by the linker, and not built inside a repository
}

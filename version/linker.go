// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package version

import (
	"fmt"
	"strings"
	"time"
)

// LinkerFlags returns the -X flags that make [Current] know the release, for
// go build -ldflags. In a Makefile:
//
//	LDFLAGS := $(shell release-version -json | jq -r .ldflags)
//	build:
//		go build -trimpath -ldflags "$(LDFLAGS)" ./cmd/server
//
// The flags hold no space or quote that a shell would need to be told about.
func (r *Release) LinkerFlags() string {
	flags := []string{"linkedVersion=" + r.Version.String(), "linkedCommit=" + r.Commit}
	if !r.Time.IsZero() {
		flags = append(flags, "linkedTime="+r.Time.Format(time.RFC3339))
	}
	if r.WorkTree == StateClean || r.WorkTree == StateDirty {
		flags = append(flags, "linkedState="+r.WorkTree.String())
	}
	for i, flag := range flags {
		flags[i] = fmt.Sprintf("-X %s.%s", importPath, flag)
	}
	return strings.Join(flags, " ")
}

// linkedIn returns our variables set by recorded linker flags. The go command
// records the flags as they were typed; -X=NAME=VALUE, -X NAME=VALUE and quotes around NAME=VALUE are all in use. The last value counts, as for the linker.
func linkedIn(flags string) map[string]string {
	linked := map[string]string{}
	for _, field := range strings.FieldsFunc(flags, func(r rune) bool { return strings.ContainsRune(" \t\r\n'\"", r) }) {
		field = strings.TrimPrefix(strings.TrimPrefix(field, "-"), "-") // --X
		field = strings.TrimPrefix(field, "X=")
		if rest, ok := strings.CutPrefix(field, importPath+"."); ok {
			name, value, _ := strings.Cut(rest, "=")
			linked[name] = value
		}
	}
	return linked
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package spdxexpr

import (
	_ "embed"
	"fmt"
	"iter"
	"strings"
	"sync"
)

// ListVersion is the version of the SPDX License List that the package knows.
const ListVersion = "3.29.0"

// listText has one identifier a line: id, tab, flags, and for a deprecated
// identifier that has a successor, tab and the successor.
//
// The identifiers are those of SPDX License List 3.29.0 (CC0-1.0), put together
// from the enumeration of 3.28.0 that CycloneDX publishes as spdx.xsd, the npm
// package spdx-license-ids 3.0.24 (CC0-1.0) and the release notes of 3.29.0;
// deprecation from the same package, OSI approval from the npm package
// spdx-license-list 6.12.0 (CC0-1.0, list 3.28.0), successors from the list's
// own notes on its deprecated entries.
//
//go:embed list.txt
var listText string

// Info is what the SPDX License List says of one identifier.
type Info struct {
	ID          string // as the list spells it
	Exception   bool   // an exception, valid only after WITH; otherwise a licence
	Deprecated  bool   // valid, but not for new documents
	OSIApproved bool   // approved by the Open Source Initiative, as of list 3.28.0; never set on an exception
	Replacement string // for a deprecated identifier the expression that replaced it; empty if there is none
}

type list struct {
	infos []Info         // in the list's order: licences, then exceptions, each without regard to case
	index map[string]int // lower-case identifier to infos
}

var loadList = sync.OnceValue(func() *list {
	l := &list{index: make(map[string]int)}
	for line := range strings.Lines(listText) {
		id, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		flags, replacement, _ := strings.Cut(rest, "\t")
		info := Info{ID: id, Replacement: replacement}
		for flag := range strings.FieldsSeq(flags) {
			switch flag {
			case "license":
			case "exception":
				info.Exception = true
			case "deprecated":
				info.Deprecated = true
			case "osi":
				info.OSIApproved = true
			default:
				panic(fmt.Sprintf("spdxexpr: list.txt: flag %q of %s", flag, id))
			}
		}
		l.index[strings.ToLower(id)] = len(l.infos)
		l.infos = append(l.infos, info)
	}
	return l
})

// Lookup returns what the list says of id, without regard to case.
func Lookup(id string) (Info, bool) {
	var buf [64]byte // longer than any identifier of the list
	if len(id) > len(buf) {
		return Info{}, false
	}
	key := buf[:0]
	for i := range len(id) {
		c := id[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		key = append(key, c)
	}
	l := loadList()
	i, ok := l.index[string(key)]
	if !ok {
		return Info{}, false
	}
	return l.infos[i], true
}

// List returns every identifier of the list, licences before exceptions, each
// in order without regard to case.
func List() iter.Seq[Info] {
	return func(yield func(Info) bool) {
		for _, info := range loadList().infos {
			if !yield(info) {
				return
			}
		}
	}
}

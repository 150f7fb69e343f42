// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package uat

import (
	"path"
	"slices"
	"strings"
)

// Source is a report with its own path in the evidence, with slashes.
type Source struct {
	Path   string
	Report *Report
}

// Attached is a file of the evidence that a test attached.
type Attached struct {
	TestID
	Report string // path of the report that says so
}

// Link finds the tests to which files of the evidence belong, such as
// screenshots, by their paths. An attachment is the file that it resolves to
// beside its report ([Attachment.Resolve]). Playwright's JSON report has the paths
// of the machine that ran the tests, and evidence is often moved: there the one
// file counts that ends in the last folder and name of the attachment; where
// several do, the one that ends in its path below the configuration file; where
// several do that, none. Nothing outside files is ever named, and nothing is opened.
//
// A file that several tests name belongs to the first. Files that no test names
// are not in the result.
func Link(files []string, sources []Source) map[string]Attached {
	links, _ := LinkAll(files, sources)
	return links
}

// LinkAll is Link, and returns the pictures besides that tests name and that are none
// of the files: their paths as the first report that names them has it.
func LinkAll(files []string, sources []Source) (links map[string]Attached, missing []string) {
	there := make(map[string]bool, len(files))
	byTail := make(map[string][]string, len(files))
	for _, f := range files {
		there[f] = true
		if t := tail(f); t != "" {
			byTail[t] = append(byTail[t], f)
		}
	}
	links = map[string]Attached{}
	seen := map[string]bool{}
	var ids numbering
	for _, src := range sources {
		for id, c := range (&run{Report: src.Report}).tests {
			id = ids.next(id)
			for _, a := range c.Attachments {
				file, err := a.Resolve(src.Path)
				if err != nil || !there[file] {
					file = a.among(byTail[tail(strings.ReplaceAll(a.Path, `\`, "/"))])
				}
				if file == "" {
					if name := strings.ReplaceAll(a.Path, `\`, "/"); strings.HasSuffix(strings.ToLower(name), ".png") && !seen[tail(name)] && len(byTail[tail(name)]) == 0 {
						seen[tail(name)] = true
						missing = append(missing, a.Path)
					}
					continue
				}
				if _, taken := links[file]; !taken {
					links[file] = Attached{id, src.Path}
				}
			}
		}
	}
	return links, missing
}

// among returns the one file of those that have the attachment's tail, or nothing.
func (a Attachment) among(files []string) string {
	const most = 100 // each attachment looks at all of them
	if len(files) > 1 && len(files) <= most && a.Relative != "" {
		files = slices.DeleteFunc(slices.Clone(files), func(f string) bool { return !strings.HasSuffix("/"+f, "/"+a.Relative) })
	}
	if len(files) != 1 {
		return ""
	}
	return files[0]
}

// tail returns the last folder and the name of a path: names alone repeat, as
// "test-finished-1.png" of every test. A path without a folder has none.
func tail(p string) string {
	dir, name := path.Split(p)
	folder := path.Base(path.Clean("/" + dir))
	if name == "" || folder == "/" || folder == ".." {
		return ""
	}
	return folder + "/" + name
}

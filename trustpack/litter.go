// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// leaveOut drops what desktops and editors leave in folders, with a warning for
// each. Nothing else is ever dropped, and nothing that the caller or a rule of
// the release says the kind of.
func (b *builder) leaveOut() {
	paths := make(map[string]bool, len(b.src))
	for i := range b.src {
		paths[b.src[i].Path] = true
	}
	b.src = slices.DeleteFunc(b.src, func(s Source) bool {
		what := litter(s.Path, paths)
		if what == "" || s.Kind != "" {
			return false
		}
		b.warnings = append(b.warnings, &evidence.Problem{
			Code: "build.left-out", Severity: evidence.SeverityWarning, Path: s.Path, Err: evidence.ErrUnsupported,
			Message: "is left out: " + what,
		})
		return true
	})
}

// litter says what a file is that nobody means to publish, "" for any other. A
// copy counts as a backup only where the file itself is there too, if its name
// does not say so by itself.
func litter(name string, paths map[string]bool) string {
	base := path.Base(name)
	switch ext := path.Ext(base); {
	case base == ".DS_Store", base == "Thumbs.db", base == "desktop.ini":
		return "a file of the desktop"
	case len(base) > 1 && strings.HasSuffix(base, "~"),
		len(base) > 2 && base[0] == '#' && strings.HasSuffix(base, "#"),
		base[0] == '.' && (ext == ".swp" || ext == ".swo" || ext == ".swx") && base != ext,
		(ext == ".bak" || ext == ".orig") && paths[strings.TrimSuffix(name, ext)]:
		return "a backup of an editor"
	}
	return ""
}

// hint says what may be the reason that a file was not recognized, or what the
// file says that a person should know.
func hint(name string, head []byte) string {
	switch {
	case path.Base(name) == lastRunName:
		if run, err := readLastRun(head, evidence.Limits{}); err == nil && run.status != "" && run.status != "passed" {
			return "the last run of Playwright was no pass: " + textfmt.Quote(run.status)
		}
	case !strings.EqualFold(path.Ext(name), ".csv"):
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return "it is in UTF-16; a licence report is read in UTF-8"
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return "it begins with a byte order mark; a licence report is read without one"
	default:
		line, _, _ := bytes.Cut(head, []byte("\n"))
		for _, sep := range [][2]string{{";", "semicolons"}, {"\t", "tabs"}, {"|", "vertical bars"}} {
			if bytes.Count(line, []byte(sep[0])) >= 2 && !bytes.Contains(line, []byte(",")) {
				return "its fields are separated by " + sep[1] + "; a licence report is read with commas"
			}
		}
	}
	return ""
}

// headWriter keeps the first bytes that are written to it.
type headWriter struct{ b []byte }

func (h *headWriter) Write(p []byte) (int, error) {
	const most = 16 << 10
	h.b = append(h.b, p[:min(len(p), most-len(h.b))]...)
	return len(p), nil
}

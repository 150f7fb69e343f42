// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"fmt"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// HealthOptions says what a report should be about. The zero value checks only
// that the tool ran.
type HealthOptions struct {
	// Image is the image that should have been scanned: a digest
	// ("sha256:<hex>"), a reference, or a reference with a digest. Empty is any.
	Image string

	// ImageIDs are further digests by which the report may name the image: of its
	// configuration, or of the platform's manifest behind an index.
	ImageIDs []string
}

// Health judges whether the report is evidence of a scan at all, and returns one
// check with the id "scan.health":
//
//   - fail: there is no run; a run has no list of results, or null; an invocation
//     was not successful, or a tool reported an error of its own; results stand in
//     files that were not read, or say nothing; another image was scanned.
//   - warn: a run does not name its tool; it is of a govulncheck before v1.1.4, which
//     leaves an empty list of results out and writes only when it is done; the tool warned of its own running, does
//     not say whether it was successful, or does not say which image it scanned
//     when that is asked for.
//   - pass: every run has a list of results, maybe empty, and nothing speaks
//     against it.
//
// An empty list of findings of a report whose health is not pass or warn is not a
// clean scan.
func (l *Log) Health(o *HealthOptions) evidence.Check {
	if o == nil {
		o = &HealthOptions{}
	}
	h := &health{log: l}
	if len(l.Runs) == 0 {
		h.add("scan.no-run", evidence.SeverityError, "", "the report holds no run: nothing says that anything was scanned")
	}
	if l.external {
		h.add("scan.external-results", evidence.SeverityError, "/inlineExternalProperties", "results stand in inlineExternalProperties, which are not read")
	}
	for i := range l.Runs {
		h.run(i, &l.Runs[i])
	}
	if o.Image != "" {
		h.image(o)
	}
	return h.check()
}

type health struct {
	log      *Log
	problems evidence.Problems
}

func (h *health) add(code string, s evidence.Severity, pointer, format string, args ...any) {
	h.problems = append(h.problems, &evidence.Problem{
		Code: code, Severity: s, Path: h.log.Name, Pointer: pointer,
		Message: fmt.Sprintf(format, args...), Err: evidence.ErrPolicy,
	})
}

func (h *health) run(i int, r *Run) {
	at := ""
	if h.log.Format == FormatSARIF {
		at = fmt.Sprintf("/runs/%d", i)
	}
	tool := textfmt.Quote(r.Tool.String())
	if r.Tool.Name == "" {
		h.add("scan.tool-untold", evidence.SeverityWarning, at, "the run does not name its tool")
	}
	switch r.results {
	case resultsAbsent:
		if r.absentBug {
			h.add("scan.results-absent", evidence.SeverityWarning, at, "%s leaves the list of results out when it found nothing (govulncheck-results-absent)", tool)
			break
		}
		h.add("scan.results-absent", evidence.SeverityError, at, "%s left no list of results: it did not look, or did not finish", tool)
	case resultsNull:
		h.add("scan.results-null", evidence.SeverityError, at+"/results", "the results of %s are null: it did not run, or failed (SARIF 2.1.0 section 3.14.23)", tool)
	}
	if r.unreadable > 0 {
		h.add("scan.results-empty", evidence.SeverityError, at+"/results", "%s of %s without a rule and without a message", textfmt.Count(r.unreadable, "result"), tool)
	}
	for _, kind := range r.external {
		if kind == "results" {
			h.add("scan.external-results", evidence.SeverityError, at, "results of %s stand in another file, which was not read", tool)
		}
	}
	for n := range r.Invocations {
		inv := &r.Invocations[n]
		at := fmt.Sprintf("%s/invocations/%d", at, n)
		switch {
		case !inv.Stated:
			h.add("scan.success-untold", evidence.SeverityWarning, at, "%s does not say whether it was successful", tool)
		case !inv.Successful:
			h.add("scan.failed", evidence.SeverityError, at, "%s says that it was not successful%s", tool, ending(inv))
		}
	}
	h.notifications(at, tool, r)
}

// ending says how an invocation ended, as far as the report says.
func ending(inv *Invocation) string {
	var b strings.Builder
	if inv.ExitCode != 0 {
		fmt.Fprintf(&b, ", exit code %d", inv.ExitCode)
	}
	if inv.ExitReason != "" {
		fmt.Fprintf(&b, ", signal %s", textfmt.Quote(inv.ExitReason))
	}
	if inv.Description != "" {
		fmt.Fprintf(&b, ": %s", textfmt.Quote(inv.Description))
	}
	return b.String()
}

func (h *health) notifications(at, tool string, r *Run) {
	errors, warnings := 0, 0
	var firstError, firstWarning string
	for _, n := range r.notifications {
		switch n.Level {
		case LevelError:
			if errors++; errors == 1 {
				firstError = n.Message
			}
		case LevelWarning:
			if warnings++; warnings == 1 {
				firstWarning = n.Message
			}
		}
	}
	if errors > 0 {
		h.add("scan.tool-error", evidence.SeverityError, at, "%s reported %s of its own, first %s", tool, textfmt.Count(errors, "error"), textfmt.Quote(firstError))
	}
	if warnings > 0 {
		h.add("scan.tool-warning", evidence.SeverityWarning, at, "%s reported %s of its own, first %s", tool, textfmt.Count(warnings, "warning"), textfmt.Quote(firstWarning))
	}
}

// image compares what each run scanned with what it should have.
func (h *health) image(o *HealthOptions) {
	want := &Target{Kind: TargetImage}
	if isDigest(o.Image) {
		want.Digests = []string{o.Image}
	} else {
		want.addReference(o.Image)
	}
	for i := range h.log.Runs {
		at, t := "", h.log.Runs[i].Target
		if h.log.Format == FormatSARIF {
			at = fmt.Sprintf("/runs/%d", i)
		}
		switch same, told := sameImage(want, o.ImageIDs, t); {
		case !told:
			h.add("scan.target-untold", evidence.SeverityWarning, at, "the report does not say which image was scanned, want %s", textfmt.Quote(o.Image))
		case !same:
			h.add("scan.target", evidence.SeverityError, at, "another image was scanned: got %s, want %s", textfmt.Quote(describeTarget(t)), textfmt.Quote(o.Image))
		}
	}
}

// sameImage compares by digest where both sides know one, else by repository.
// told is false if the report knows nothing to compare with.
func sameImage(want *Target, ids []string, got *Target) (same, told bool) {
	if got == nil {
		return false, false
	}
	known := got.Digests
	if got.ImageID != "" {
		known = append(known[:len(known):len(known)], got.ImageID)
	}
	if wanted := append(want.Digests[:len(want.Digests):len(want.Digests)], ids...); len(wanted) > 0 && len(known) > 0 {
		for _, d := range wanted {
			for _, k := range known {
				if d == k {
					return true, true
				}
			}
		}
		// An image's ID is of its configuration: another digest than the manifest's
		// says nothing where only the ID is known.
		return false, len(got.Digests) > 0
	}
	if len(want.Digests) > 0 || want.Repository == "" || got.Repository == "" {
		return false, false
	}
	return sameRepository(want.Repository, got.Repository), true
}

// sameRepository compares repositories; a registry that one side leaves out is
// taken to be the other's.
func sameRepository(a, b string) bool {
	if a == b {
		return true
	}
	if hasRegistry(a) == hasRegistry(b) {
		return false
	}
	if hasRegistry(b) {
		a, b = b, a
	}
	_, path, _ := strings.Cut(a, "/")
	return path == b
}

func describeTarget(t *Target) string {
	switch {
	case len(t.Digests) > 0 && t.Repository != "":
		return t.Repository + "@" + t.Digests[0]
	case t.Name != "":
		return t.Name
	}
	return t.ImageID
}

func (h *health) check() evidence.Check {
	findings := 0
	for i := range h.log.Runs {
		findings += len(h.log.Runs[i].Findings)
	}
	ok := fmt.Sprintf("%s completed, %s", textfmt.Count(len(h.log.Runs), "run"), textfmt.Count(findings, "finding"))
	return evidence.Judge("scan.health", h.log.Name, h.problems, ok)
}

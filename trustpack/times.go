// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"slices"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
)

// event is what a time is of.
type event uint8

// The events of a release, in the order in which they happen.
const (
	eventCommit   event = iota + 1 // of the release, in a git bundle
	eventImage                     // an image was built
	eventSBOM                      // an SBOM was made of it
	eventScan                      // it was scanned
	eventDatabase                  // the vulnerability data that a scan used
	eventTest                      // tests ran, or pages were tested
	eventRelease                   // release.created
)

// A time that is before another one, by more than clocks and time zones explain.
const clockSlack = 24 * time.Hour

// databaseAge is how old the data of a scan may be on the day of the scan.
const databaseAge = 30 * 24 * time.Hour

// precedence says what cannot have happened before what. SBOM and scan are made in
// either order, and any number of times after the release.
var precedence = []struct {
	first, then event
	slack       time.Duration
	id          string // of the check that says so
}{
	{eventCommit, eventImage, clockSlack, "release.time"},
	{eventCommit, eventSBOM, clockSlack, "sbom.time"},
	{eventCommit, eventScan, clockSlack, "scan.time"},
	{eventCommit, eventTest, clockSlack, "uat.time"},
	{eventCommit, eventRelease, clockSlack, "release.time"},
	{eventImage, eventSBOM, clockSlack, "sbom.time"},
	{eventImage, eventScan, clockSlack, "scan.time"},
	{eventImage, eventTest, clockSlack, "uat.time"},
	{eventImage, eventRelease, 7 * 24 * time.Hour, "release.time"}, // images may be built after the release was opened
	{eventDatabase, eventScan, clockSlack, "scan.time"},
}

// timeChecks holds all times against each other and against the day of the
// verification. What is wrong is implausible, and a warning: clocks are wrong, and
// files are made again.
func timeChecks(r *Release) evidence.Checks {
	t := timeCheck{r: r, problems: map[string]evidence.Problems{}, compared: map[string]bool{}}
	var all []happened
	if at, ok := r.commitTime(); ok {
		all = append(all, happened{eventCommit, at, "the commit"})
	}
	for _, s := range r.Subjects {
		if first := s.earliest(eventScan); first != nil && (t.scanned == nil || first[0].time.Before(t.scanned[0].time)) {
			t.scanned = first
		}
	}
	var images []happened
	for _, s := range r.Subjects {
		built := s.earliest(eventImage)
		images = append(images, built...)
		for _, d := range s.Documents {
			t.document(d, slices.Concat(all, built))
		}
	}
	// Tests are of the whole release: they may be as old as its first image.
	slices.SortStableFunc(images, func(a, b happened) int { return a.time.Compare(b.time) })
	first := slices.Concat(all, images[:min(len(images), 1)])
	for _, s := range r.Subjects {
		if s.Image != nil {
			continue
		}
		for _, d := range s.Documents {
			t.order(d.File.Path, first[len(all):], d.times)
		}
	}
	created := []happened{{eventRelease, r.Manifest.Release.Created, "the release"}}
	t.order(manifest.Name, first, created)
	t.notInFuture("release.time", manifest.Name, created)
	var checks evidence.Checks
	for _, id := range []string{"release.time", "sbom.time", "scan.time", "uat.time"} {
		if t.compared[id] || len(t.problems[id]) > 0 {
			c := evidence.Judge(id, "", t.problems[id], "the times are in an order in which things can have happened")
			c.Problems = slices.Clip(c.Problems[:min(len(c.Problems), mostProblems)])
			checks = append(checks, c)
		}
	}
	return checks
}

type timeCheck struct {
	r        *Release
	problems map[string]evidence.Problems // by id of the check
	compared map[string]bool
	scanned  []happened // the first scan of the release that states its time
}

func (t *timeCheck) warn(id, path, format string, args ...any) {
	t.problems[id] = append(t.problems[id], warning(id, path, format, args...))
}

// document compares the times of one file with those before it, and with each other.
func (t *timeCheck) document(d *Document, before []happened) {
	path := d.File.Path
	t.order(path, before, d.times)
	t.order(path, d.times, d.times)
	scans := slices.DeleteFunc(slices.Clone(d.times), func(h happened) bool { return h.what != eventScan })
	if len(scans) == 0 {
		scans = t.scanned // of a report that does not say when: when the release was scanned first
	}
	for _, scan := range scans {
		for _, data := range d.times {
			if data.what == eventDatabase && scan.time.Sub(data.time) > databaseAge {
				t.warn("scan.time", path, "%s is of %s, %d days before the scan", data.text, day(data.time), int(scan.time.Sub(data.time).Hours()/24))
			}
		}
	}
	for _, h := range d.times {
		t.notInFuture(timeID(h.what), path, []happened{h})
	}
	if d.File.Format == manifest.FormatTrivyJSON && d.File.Kind == manifest.KindScan && d.scanned && !slices.ContainsFunc(d.times, func(h happened) bool { return h.what == eventScan }) {
		t.warn("scan.time", path, "does not say when the scan was made")
	}
}

// order reports what happened before something that it can only have followed.
func (t *timeCheck) order(path string, first, then []happened) {
	for _, rule := range precedence {
		for _, a := range first {
			for _, b := range then {
				if a.what != rule.first || b.what != rule.then || b.time.IsZero() {
					continue
				}
				t.compared[rule.id] = true
				if b.time.Add(rule.slack).Before(a.time) {
					t.warn(rule.id, path, "%s is of %s, before %s of %s", b.text, day(b.time), a.text, day(a.time))
				}
			}
		}
	}
}

func (t *timeCheck) notInFuture(id, path string, list []happened) {
	if t.r.now.IsZero() {
		return
	}
	for _, h := range list {
		if h.time.IsZero() {
			continue
		}
		t.compared[id] = true
		if h.time.After(t.r.now.Add(clockSlack)) {
			t.warn(id, path, "%s is of %s, which is to come", h.text, day(h.time))
		}
	}
}

func timeID(what event) string {
	switch what {
	case eventSBOM:
		return "sbom.time"
	case eventScan, eventDatabase:
		return "scan.time"
	case eventTest:
		return "uat.time"
	}
	return "release.time"
}

// earliest returns the earliest time of an event that a subject's files state; none if
// they state none.
func (s *Subject) earliest(what event) []happened {
	var found []happened
	for _, d := range s.Documents {
		for _, h := range d.times {
			if h.what == what && (found == nil || h.time.Before(found[0].time)) {
				found = []happened{h}
			}
		}
	}
	return found
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

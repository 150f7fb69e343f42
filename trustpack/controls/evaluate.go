// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package controls

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/enum"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/manifest"
)

// Release is what a table is held against: what one pack holds, and what was found of it.
type Release struct {
	// Manifest is where the manifest itself stands.
	Manifest evidence.Source

	Images []string // names, in the order of the manifest
	Files  []File   // in the order of the manifest
	Gaps   []manifest.Gap

	// Checks are those of the verification. One about a file has its path as the subject,
	// one about an image its name, or "image " and the name. A pack of which a check of the
	// families archive and manifest, or one of release.identity, release.tag, release.source,
	// release.repository and release.expected, failed does not hold: nothing is satisfied by it.
	Checks evidence.Checks
}

// File is one file of a pack.
type File struct {
	evidence.Source
	Kind       manifest.Kind
	Image      string   // that it is about; empty for the release as a whole
	Tools      []string // names of those that made it
	Predicates []string // types of the statements that are signed in it
	Refused    string   // why it is not the evidence that it is declared to be; empty if it is
}

// Status is what the evidence says of a control. The zero value is invalid.
type Status uint8

// The statuses.
const (
	StatusInvalid      Status = iota
	StatusSatisfied           // the evidence shows it, and every check behind it passed
	StatusNotSatisfied        // a check behind it failed, or evidence is missing for a part
	StatusNotAssessed         // the pack does not say
	StatusGap                 // the manifest declares that the evidence is absent
)

var statusNames = enum.Names{"invalid", "satisfied", "not satisfied", "not assessed", "declared gap"}

// String returns "satisfied", "not satisfied", "not assessed" or "declared gap"; "invalid" for any other value.
func (s Status) String() string { return statusNames.Name(uint8(s)) }

// MarshalText implements encoding.TextMarshaler; an invalid status is an error.
func (s Status) MarshalText() ([]byte, error) { return statusNames.Marshal("status", uint8(s)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Status) UnmarshalText(text []byte) error {
	i, err := statusNames.Unmarshal("status", text)
	*s = Status(i)
	return err
}

// Result is what one release says of one control.
type Result struct {
	*Control
	Status Status
	Reason string // one line for a person
	Rows   []Observation
}

// Sources returns where the evidence of all rows stands, each place once.
func (r *Result) Sources() []evidence.Source {
	var list []evidence.Source
	for i := range r.Rows {
		for _, s := range r.Rows[i].Sources {
			if !slices.Contains(list, s) {
				list = append(list, s)
			}
		}
	}
	return list
}

// Target returns when a declared gap is to be closed, as the manifest says; empty where
// it does not say, or there is none.
func (r *Result) Target() string {
	for i := range r.Rows {
		for _, g := range r.Rows[i].Gaps {
			if text := g.Target.String(); text != "" {
				return text
			}
		}
	}
	return ""
}

// Observation is what one kind of evidence in the release comes to. It is the same for all
// controls that it speaks to.
type Observation struct {
	*Row

	// Status is a pass where the evidence is there and its checks passed, a failure where
	// one failed, a skip where there is nothing to judge by, an error where a check could not be made.
	Status  evidence.Status
	Reason  string            // one line for a person
	Sources []evidence.Source // the files, or the places of the manifest, that are the evidence
	Checks  evidence.Checks   // that were looked at
	Gaps    []manifest.Gap    // that declare it absent, for the release or an image
}

// Evaluate says of each control what the release says of it, in the order of the table.
func (t *Table) Evaluate(r *Release) []Result {
	e := newEvaluation(r)
	out := make([]Result, len(t.Controls))
	for i, c := range t.Controls {
		out[i].Control = c
		for _, row := range c.Rows {
			if row.Strength != StrengthNone {
				out[i].Rows = append(out[i].Rows, e.observe(row))
			}
		}
		e.settle(&out[i])
	}
	return out
}

// evaluation is one run of Evaluate.
type evaluation struct {
	*Release
	files  map[string]bool           // paths
	broken *evidence.Check           // that says that the pack does not hold
	seen   map[[2]string]Observation // by kinds and evidence
}

func newEvaluation(r *Release) *evaluation {
	e := &evaluation{Release: r, files: map[string]bool{}, seen: map[[2]string]Observation{}}
	for i := range r.Files {
		e.files[r.Files[i].Path] = true
	}
	holds := starts("archive.", "manifest.", "release.identity", "release.tag", "release.source", "release.repository", "release.expected")
	for i := range r.Checks {
		if c := &r.Checks[i]; holds(c.ID) && (c.Status == evidence.StatusFail || c.Status == evidence.StatusError) {
			e.broken = c
			break
		}
	}
	return e
}

// settle says what the observations of a control amount to.
func (e *evaluation) settle(r *Result) {
	find := func(want evidence.Status) *Observation {
		for i := range r.Rows {
			if o := &r.Rows[i]; o.Strength == StrengthShows && o.Status == want {
				return o
			}
		}
		return nil
	}
	gap := func() *Observation {
		for i := range r.Rows {
			if o := &r.Rows[i]; o.Strength != StrengthSupports && len(o.Gaps) > 0 {
				return o
			}
		}
		return nil
	}
	passed := find(evidence.StatusPass)
	if o := find(evidence.StatusFail); o != nil {
		r.Status, r.Reason = StatusNotSatisfied, o.Reason
		return
	}
	if o := gap(); o != nil {
		r.Status, r.Reason = StatusGap, o.Gaps[0].Reason
		return
	}
	r.Status = StatusNotAssessed
	for i := range r.Rows { // evidence that is there, and was not or could not be judged
		if o := &r.Rows[i]; o.Strength == StrengthShows && o.Status != evidence.StatusPass && (o.Status == evidence.StatusError || len(o.Sources) > 0) {
			r.Reason = o.Reason
			return
		}
	}
	switch {
	case passed != nil && e.broken != nil:
		r.Status, r.Reason = StatusNotSatisfied, "the pack does not hold: "+e.broken.ID+": "+e.broken.Message
	case passed != nil:
		r.Status, r.Reason = StatusSatisfied, passed.Reason
	default:
		r.Reason = e.unassessed(r)
	}
}

// unassessed says why nothing decides a control.
func (e *evaluation) unassessed(r *Result) string {
	for i := range r.Rows {
		if o := &r.Rows[i]; o.Strength == StrengthSupports && o.Status == evidence.StatusPass {
			return "the evidence supports an assessment, it does not show the control: " + o.Reason
		}
	}
	for i := range r.Rows {
		return r.Rows[i].Reason
	}
	return "no evidence of a pack speaks to it"
}

// observe says what the evidence of a row comes to.
func (e *evaluation) observe(row *Row) Observation {
	key := [2]string{row.Kinds, row.Evidence}
	o, known := e.seen[key]
	if !known {
		o = e.judge(row.kind)
		e.seen[key] = o
	}
	o.Row = row
	return o
}

func (e *evaluation) judge(k *kind) Observation {
	switch {
	case k.gap != "":
		return e.declared(k.gap)
	case k.never != "":
		return Observation{Status: evidence.StatusSkip, Reason: k.never}
	}
	j := judgement{kind: k, evaluation: e, images: map[string]bool{}}
	j.gaps()
	j.collect()
	j.checks()
	j.decide()
	return j.Observation
}

// declared is the observation that gaps of a kind are declared, or none is.
func (e *evaluation) declared(k manifest.Kind) Observation {
	o := Observation{Status: evidence.StatusSkip, Reason: "the manifest declares no gap of the kind " + string(k)}
	for i, g := range e.Gaps {
		if g.Kind == k {
			o.Gaps, o.Sources = append(o.Gaps, g), append(o.Sources, e.place("/gaps/"+strconv.Itoa(i)))
			o.Reason = g.Reason
		}
	}
	return o
}

func (e *evaluation) place(pointer string) evidence.Source {
	s := e.Manifest
	s.Pointer = pointer
	return s
}

// judgement is the observation of one kind in the making.
type judgement struct {
	Observation
	*kind
	*evaluation
	paths   map[string]bool // of the files that count
	refused string          // why a file does not
	skipped string          // why a file of them was not read
	excused map[string]bool // images with a declared gap; "" for the whole release
	images  map[string]bool // with a file that counts
}

func (j *judgement) gaps() {
	j.excused = map[string]bool{}
	for i, g := range j.Release.Gaps {
		if slices.Contains(j.kind.gaps, g.Kind) {
			j.Observation.Gaps = append(j.Observation.Gaps, g)
			j.Sources = append(j.Sources, j.place("/gaps/"+strconv.Itoa(i)))
			j.excused[g.Image] = true
		}
	}
}

// collect finds the files of the kind.
func (j *judgement) collect() {
	j.paths = map[string]bool{}
	for _, pointer := range j.manifest {
		j.Sources = append(j.Sources, j.place(pointer))
	}
	for i := range j.Files {
		f := &j.Files[i]
		if !slices.Contains(j.kind.files, f.Kind) || j.only != nil && !j.only(f) {
			continue
		}
		if f.Refused != "" {
			j.refused = cmp.Or(j.refused, f.Path+" "+f.Refused)
			continue
		}
		j.paths[f.Path] = true
		if f.Image != "" {
			j.images[f.Image] = true
		}
		j.Sources = append(j.Sources, f.Source)
	}
}

// checks picks those that judge the evidence: about its files, about images, and about
// the release as a whole. One about a file of another kind is not among them.
func (j *judgement) checks() {
	for _, c := range j.Release.Checks {
		if !slices.Contains(j.needed(), c.ID) && (j.family == nil || !j.family(c.ID)) {
			continue
		}
		if j.evaluation.files[c.Subject] && !j.paths[c.Subject] {
			continue
		}
		j.Observation.Checks = append(j.Observation.Checks, c)
		if len(j.each) > 0 && c.ID == j.each[0] && c.Status == evidence.StatusSkip {
			delete(j.paths, c.Subject)
			j.skipped = cmp.Or(j.skipped, c.Subject+": "+c.Message)
		}
	}
}

func (j *judgement) needed() []string { return slices.Concat(j.each, j.some, j.needs) }

func (j *judgement) decide() {
	set := func(s evidence.Status, format string, args ...any) {
		j.Status, j.Reason = s, fmt.Sprintf(format, args...)
	}
	if len(j.paths) == 0 && len(j.manifest) == 0 {
		switch {
		case j.refused != "":
			set(evidence.StatusFail, "%s", j.refused)
		case j.skipped != "":
			set(evidence.StatusSkip, "%s", j.skipped)
		case len(j.Observation.Gaps) > 0:
			set(evidence.StatusSkip, "declared absent: %s", j.Observation.Gaps[0].Reason)
		default:
			set(evidence.StatusSkip, "the pack holds no such evidence (%s)", j.kind.what())
		}
		return
	}
	var doubt *evidence.Check
	for i := range j.Observation.Checks {
		switch c := &j.Observation.Checks[i]; {
		case c.Status == evidence.StatusFail, c.Status == evidence.StatusWarn && slices.Contains(j.needed(), c.ID):
			set(evidence.StatusFail, "%s: %s", c.ID, c.Message)
			return
		case c.Status == evidence.StatusError && doubt == nil:
			doubt = c
		}
	}
	if j.refused != "" {
		set(evidence.StatusFail, "%s", j.refused)
		return
	}
	if doubt != nil {
		set(evidence.StatusError, "could not be checked: %s: %s", doubt.ID, doubt.Message)
		return
	}
	if image := j.without(); image != "" {
		set(evidence.StatusFail, "image %s has no such evidence (%s)", image, j.kind.what())
		return
	}
	if missing := j.missing(); missing != "" {
		set(evidence.StatusSkip, "%s", missing)
		return
	}
	set(evidence.StatusPass, "%s", j.passed())
}

// without returns an image that has no evidence of a kind which every image must have,
// and for which no gap is declared.
func (j *judgement) without() string {
	if !j.kind.images || len(j.images) == 0 || j.excused[""] {
		return ""
	}
	for _, image := range j.Release.Images {
		if !j.images[image] && !j.excused[image] {
			return image
		}
	}
	return ""
}

// missing says which needed check did not pass because it was not made, empty if all were.
func (j *judgement) missing() string {
	passed := map[[2]string]bool{} // by id and subject; with an empty subject for any
	for _, c := range j.Observation.Checks {
		if c.Status == evidence.StatusPass {
			passed[[2]string{c.ID, c.Subject}], passed[[2]string{c.ID}] = true, true
		}
	}
	for _, id := range j.needs {
		if !passed[[2]string{id}] {
			return j.unchecked(id)
		}
	}
	has := map[string]bool{} // images of which a file passed all of some
	for i := range j.Files {
		f := &j.Files[i]
		if !j.paths[f.Path] {
			continue
		}
		for _, id := range j.each {
			if !passed[[2]string{id, f.Path}] {
				return j.unchecked(id)
			}
		}
		has[f.Image] = has[f.Image] || !slices.ContainsFunc(j.some, func(id string) bool { return !passed[[2]string{id, f.Path}] })
	}
	if len(j.some) == 0 {
		return ""
	}
	if len(j.Release.Images) == 0 && len(has) > 0 && !slices.Contains(slices.Collect(maps.Values(has)), false) {
		return ""
	}
	for _, image := range j.Release.Images {
		if has[image] || j.excused[image] || j.excused[""] {
			continue
		}
		return j.unchecked(j.some[0]) + " for image " + textfmt.Quote(image)
	}
	if len(j.Release.Images) == 0 {
		return j.unchecked(j.some[0])
	}
	return ""
}

// unchecked says that a check was not made, and why if that is known.
func (j *judgement) unchecked(id string) string {
	text := id + " was not checked"
	why := j.Release.Checks.Find(id)
	if strings.HasPrefix(id, "attest.") && id != "attest.statement" {
		why = j.Release.Checks.Find("attest.images")
	}
	if why != nil && why.Status == evidence.StatusSkip {
		text += " (" + why.Message + ")"
	}
	return text
}

// passed says what passed.
func (j *judgement) passed() string {
	ids := j.needed()
	n := 0
	for _, c := range j.Observation.Checks {
		if c.Status == evidence.StatusPass {
			n++
		}
	}
	what := manifest.Name
	if len(j.manifest) == 0 {
		what = textfmt.Count(len(j.paths), "file")
	}
	return fmt.Sprintf("%s, %s passed, among them %s", what, textfmt.Count(n, "check"), strings.Join(ids, ", "))
}

// what names the kind for a person.
func (k *kind) what() string {
	var list []string
	for _, f := range k.files {
		list = append(list, string(f))
	}
	return strings.Join(list, ", ")
}

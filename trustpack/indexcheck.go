// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/manifest"
)

// checkIndex holds the page against the manifest and the evidence: byte for byte, it
// must be the one that this program makes of them. A person reads all of it, so all of
// it is compared, not only its data for programs.
//
// A pack of this project's making must have its page. One that another tool made may
// have none, or another one: a warning, as it is then no complete Trust Pack. A page of
// newer rules than this program's could not be checked.
func (v *verification) checkIndex(page []byte, sum *Summary) evidence.Check {
	const id = "index.agrees"
	judge := func(severity evidence.Severity, format string, args ...any) evidence.Check {
		return evidence.Judge(id, IndexName, evidence.Problems{{
			Code: id, Severity: severity, Path: IndexName, Message: fmt.Sprintf(format, args...), Err: evidence.ErrMismatch,
		}}, "")
	}
	absent := evidence.SeverityError
	if !v.mustHavePage() {
		absent = evidence.SeverityWarning
	}
	if page == nil {
		return judge(absent, "the pack has no page that could be read: it is no complete Trust Pack")
	}
	rules, err := rulesOf(page)
	switch {
	case errors.Is(err, errNoData):
		return judge(absent, "the page holds no data to compare: it is not one of this project's, and the pack is no complete Trust Pack")
	case err != nil:
		return judge(evidence.SeverityError, "the data of the page %v", err)
	case rules > SummaryRules:
		return evidence.Check{ID: id, Status: evidence.StatusError, Subject: IndexName, Message: fmt.Sprintf(
			"the page was made by rules of version %d, this program knows version %d: a newer program can check it", rules, SummaryRules)}
	case rules != SummaryRules:
		return judge(evidence.SeverityError, "the page states rules of version %d, which no release of this project had", rules)
	}
	want, err := renderIndex(v.p.m, sum)
	switch {
	case err != nil:
		return judge(evidence.SeverityError, "no page can be made of this MANIFEST.json: %v", err)
	case !bytes.Equal(page, want):
		return judge(evidence.SeverityError, "the page is not the one that MANIFEST.json and the evidence give")
	}
	return evidence.Check{ID: id, Status: evidence.StatusPass, Subject: IndexName, Message: "the page says what MANIFEST.json and the evidence say"}
}

// mustHavePage reports whether the pack claims to be one of this project's making, or
// is of a product that a profile is for.
func (v *verification) mustHavePage() bool {
	return statesSchema(v.p.m) || BuiltinProfile(v.p.m.Product) != nil || v.pol.Profile != nil
}

// statesSchema reports whether a manifest names our schema, whatever else it holds.
func statesSchema(m *manifest.Manifest) bool {
	d := jsonstrict.NewBytes(m.Raw(), jsonstrict.Options{AllowBOM: true})
	for d.Object(); d.Next(); {
		if string(d.Key()) == "schema" && d.Kind() == jsonstrict.String && d.String() == manifest.SchemaV1 {
			return true
		}
	}
	return false
}

// The data in a page for programs.
const (
	releaseData  = "release-data"
	evidenceData = "evidence-summary"
)

var errNoData = errors.New("are not there")

// rulesOf returns the version of the rules that made a page.
func rulesOf(page []byte) (int, error) {
	data, err := embeddedData(page, evidenceData)
	if errors.Is(err, errNoData) {
		if _, release := embeddedData(page, releaseData); !errors.Is(release, errNoData) {
			return 0, errors.New("lack the summary of the evidence")
		}
	}
	if err != nil {
		return 0, err
	}
	var head struct {
		Rules int `json:"rules"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return 0, fmt.Errorf("are no JSON: %w", err)
	}
	return head.Rules, nil
}

// embeddedData cuts one block of data out of a page.
func embeddedData(page []byte, id string) ([]byte, error) {
	_, rest, found := bytes.Cut(page, []byte(`<script type="application/json" id="`+id+`">`))
	if !found {
		return nil, errNoData
	}
	data, after, closed := bytes.Cut(rest, []byte(`</script>`))
	if !closed || bytes.Contains(after, []byte(`id="`+id+`"`)) {
		return nil, errors.New("are there more than once, or not to their end")
	}
	return data, nil
}

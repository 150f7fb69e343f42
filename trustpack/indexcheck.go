// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack/page"
)

// checkIndex holds the page against the manifest and the evidence: byte for byte, it
// must be the one that this program makes of them. A person reads all of it, so all of
// it is compared, not only its data for programs.
//
// A pack of this project's making must have its page. One that another tool made may
// have none, or another one: a warning, as it is then no complete Trust Pack. A page of
// newer rules than this program's could not be checked.
func (v *verification) checkIndex(text []byte, d *page.Data) evidence.Check {
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
	if text == nil {
		return judge(absent, "the pack has no page that could be read: it is no complete Trust Pack")
	}
	got, err := page.Read(text)
	switch {
	case errors.Is(err, page.ErrNoData):
		return judge(absent, "the page holds no data to compare: it is not one of this project's, and the pack is no complete Trust Pack")
	case err != nil:
		return judge(evidence.SeverityError, "%v", err)
	case got.Rules > page.Rules:
		return evidence.Check{ID: id, Status: evidence.StatusError, Subject: IndexName, Message: fmt.Sprintf(
			"the page was made by rules of version %d, this program knows version %d: a newer program can check it", got.Rules, page.Rules)}
	case got.Rules != page.Rules:
		return judge(evidence.SeverityError, "the page states rules of version %d, which no release of this project had", got.Rules)
	}
	message := "the page says what MANIFEST.json and the evidence say"
	switch {
	case got.Changes == nil && v.changes == nil:
	case got.Changes == nil:
		message += "; it does not say what changed since " + v.changes.Version
	case v.changes == nil:
		setChanges(d, got.Changes)
		message += "; what it says of changes since " + textfmt.Quote(got.Changes.Version) + " was not compared: give the older pack with -previous"
	case got.Changes.SHA256 != v.changes.SHA256:
		return judge(evidence.SeverityError, "the page compares with a pack of %s with the SHA-256 %s, the one given with -previous is of %s and has %s",
			textfmt.Quote(got.Changes.Version), textfmt.Quote(got.Changes.SHA256), v.changes.Version, v.changes.SHA256)
	default:
		setChanges(d, v.changes)
		message += ", and what changed since " + v.changes.Version
	}
	want, err := renderIndex(d)
	switch {
	case err != nil:
		return judge(evidence.SeverityError, "no page can be made of this MANIFEST.json: %v", err)
	case !bytes.Equal(text, want):
		return judge(evidence.SeverityError, "the page is not the one that MANIFEST.json and the evidence give")
	}
	return evidence.Check{ID: id, Status: evidence.StatusPass, Subject: IndexName, Message: message}
}

// mustHavePage reports whether the pack claims to be one of this project's making, or
// is of a product that a profile is for.
func (v *verification) mustHavePage() bool {
	_, known := ProfileNamed(v.p.m.Product)
	return known || statesSchema(v.p.m) || v.pol.Profile != nil
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

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"slices"

	"github.com/HailBytes/evidence/internal/jsonstrict"
)

// cdxLicenses reads a list of licence choices (CycloneDX 1.2 licenseChoice).
func (r *reader) cdxLicenses(dst *[]License, ex *Extras) {
	mark := r.licenses.mark()
	r.array(ex, "licenses", func() { r.licenses.push(r.cdxLicenseChoice()) })
	*dst = r.licenses.take(mark)
}

func (r *reader) cdxLicenseChoice() (l License) {
	d := r.d
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "license":
			r.cdxLicense(&l)
		case "expression":
			r.odd = r.odd || l.form != formDefault
			l.form = formExpression
			if d.Kind() == jsonstrict.Null {
				r.oddMember()
				break
			}
			l.Expression = assertable(d.String())
		case "acknowledgement":
			r.cdxAcknowledgement(&l)
		case "bom-ref":
			r.oddStr(&l.detail().Ref)
		default:
			r.extra(&l.detail().Outer) // expressionDetails, licensing, properties
		}
	}
	// Acknowledgement and bom-ref stand beside an expression, and inside a license.
	r.odd = r.odd || l.form == formDefault
	return l
}

func (l *License) detail() *LicenseDetail {
	if l.Detail == nil {
		l.Detail = new(LicenseDetail)
	}
	return l.Detail
}

func (r *reader) cdxAcknowledgement(l *License) {
	switch s := r.d.String(); s {
	case "declared":
		l.Kind = LicenseDeclared
	case "concluded":
		l.Kind = LicenseConcluded
	default:
		r.odd = true
	}
}

func (r *reader) cdxLicense(l *License) {
	d := r.d
	if d.Kind() == jsonstrict.Null {
		r.oddMember()
		return
	}
	r.odd = r.odd || l.form != formDefault || l.Kind != LicenseUnspecified || l.Detail != nil
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "id":
			r.odd = r.odd || l.form != formDefault
			l.form = formID
			if d.Kind() == jsonstrict.Null {
				r.oddMember()
				break
			}
			l.Expression = assertable(d.String())
		case "name":
			r.odd = r.odd || l.form != formDefault
			l.form = formName
			r.oddStr(&l.Name)
		case "acknowledgement":
			r.cdxAcknowledgement(l)
		case "bom-ref":
			r.oddStr(&l.detail().Ref)
		case "url":
			r.oddStr(&l.detail().URL)
		case "text":
			r.cdxAttachment(&l.detail().Text, &l.detail().Extras, "text")
		case "properties":
			r.cdxProperties(&l.detail().Properties, &l.detail().Extras)
		default:
			r.extra(&l.detail().Extras)
		}
	}
}

func (r *reader) cdxAttachment(dst **Attachment, ex *Extras, name string) {
	if r.null(ex, name) {
		return
	}
	d, a := r.d, new(Attachment)
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "contentType":
			r.str(&a.ContentType, &a.Extras, "contentType")
		case "encoding":
			r.str(&a.Encoding, &a.Extras, "encoding")
		case "content":
			r.str(&a.Content, &a.Extras, "content")
		default:
			r.extra(&a.Extras)
		}
	}
	*dst = a
}

// writeCDXLicense writes one choice. What was neither read nor says anything is an empty object.
func writeCDXLicense(w *writer, l *License) {
	var none LicenseDetail
	more := l.Detail
	if more == nil {
		more = &none
	}
	form := l.form
	if form == formDefault {
		form = l.defaultForm()
	}
	outer := w.begin(more.Outer)
	if form == formExpression {
		outer.text("expression", l.Expression)
		outer.acknowledgement(l.Kind)
		outer.str("bom-ref", more.Ref)
		outer.end()
		return
	}
	outer.key("license")
	o := w.begin(more.Extras)
	if form == formID {
		o.text("id", l.Expression)
	} else {
		o.str("name", l.Name)
	}
	o.acknowledgement(l.Kind)
	o.str("bom-ref", more.Ref)
	o.attachment("text", more.Text)
	o.str("url", more.URL)
	o.properties(more.Properties)
	o.end()
	outer.end()
}

// defaultForm chooses how to write a licence that no CycloneDX document wrote.
func (l *License) defaultForm() licenseForm {
	if l.Expression.IsZero() {
		return formName
	}
	for _, c := range l.Expression.text {
		if c == ' ' || c == '(' || c == '+' {
			return formExpression
		}
	}
	return formID
}

func (o *object) acknowledgement(k LicenseKind) {
	if k == LicenseDeclared || k == LicenseConcluded {
		o.key("acknowledgement")
		o.string(k.String())
	}
}

func (o *object) attachment(name string, a *Attachment) {
	raw := o.kept(name)
	if a == nil {
		if raw != nil {
			o.raw(name, raw)
		}
		return
	}
	o.key(name)
	sub := o.begin(a.Extras)
	sub.str("contentType", a.ContentType)
	sub.str("encoding", a.Encoding)
	sub.str("content", a.Content)
	sub.end()
}

// cdxLicenses writes licences, leaving out those that hold nothing that CycloneDX can say.
func (o *object) cdxLicenses(v []License) {
	listOf(o, "licenses", writableLicenses(v), writeCDXLicense, func(r *reader, dst *[]License, ex *Extras) {
		r.cdxLicenses(dst, ex)
		*dst = writableLicenses(*dst)
	})
}

// writableLicenses returns v without the licences that are not writable; v itself if all are.
func writableLicenses(v []License) []License {
	if !slices.ContainsFunc(v, func(l License) bool { return !l.writable() }) {
		return v
	}
	return slices.DeleteFunc(slices.Clone(v), func(l License) bool { return !l.writable() })
}

// writable reports whether l says anything in its own words.
func (l *License) writable() bool {
	return l.form != formDefault || l.Expression.Written() != "" || l.Name != "" || l.Detail != nil
}

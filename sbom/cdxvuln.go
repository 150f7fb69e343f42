// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

// cdxVulnerability reads a vulnerability (CycloneDX 1.4 vulnerabilities).
func (r *reader) cdxVulnerability(v *Vulnerability, index int) {
	d, ex := r.d, &v.Extras
	v.at = r.place(sectionVulnerabilities, index, nil)
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "bom-ref":
			r.str(&v.Ref, ex, "bom-ref")
		case "id":
			r.str(&v.ID, ex, "id")
		case "source":
			r.cdxSource(&v.Source, ex)
		case "references":
			r.array(ex, "references", func() {
				r.cdxAlias(add(r, &v.Aliases))
			})
		case "ratings":
			r.array(ex, "ratings", func() {
				r.cdxRating(add(r, &v.Ratings))
			})
		case "cwes":
			r.cdxIntegers(&v.CWEs, ex, "cwes")
		case "description":
			r.str(&v.Description, ex, "description")
		case "detail":
			r.str(&v.Details, ex, "detail")
		case "recommendation":
			r.str(&v.Recommendation, ex, "recommendation")
		case "workaround":
			r.str(&v.Workaround, ex, "workaround")
		case "advisories":
			r.array(ex, "advisories", func() {
				r.cdxAdvisory(add(r, &v.Advisories))
			})
		case "created":
			r.time(&v.Created, ex, "created")
		case "published":
			r.time(&v.Published, ex, "published")
		case "updated":
			r.time(&v.Updated, ex, "updated")
		case "rejected":
			r.time(&v.Rejected, ex, "rejected")
		case "analysis":
			r.cdxAnalysis(&v.Analysis, ex)
		case "affects":
			r.array(ex, "affects", func() {
				r.cdxAffected(add(r, &v.Affects))
			})
		case "properties":
			r.cdxProperties(&v.Properties, ex)
		default:
			r.extra(ex)
		}
	}
}

func (r *reader) cdxIntegers(dst *[]int, ex *Extras, name string) {
	r.array(ex, name, func() {
		var n int
		var odd Extras
		r.integer(&n, &odd, "")
		r.odd = r.odd || odd.len() > 0
		*add(r, dst) = n
	})
}

func (r *reader) cdxSource(dst **Source, ex *Extras) {
	if r.null(ex, "source") {
		return
	}
	d, s := r.d, new(Source)
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "name":
			r.str(&s.Name, &s.Extras, "name")
		case "url":
			r.str(&s.URL, &s.Extras, "url")
		default:
			r.extra(&s.Extras)
		}
	}
	*dst = s
}

func (r *reader) cdxAlias(a *Alias) {
	d, ex := r.d, &a.Extras
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "id":
			r.str(&a.ID, ex, "id")
		case "source":
			r.cdxSource(&a.Source, ex)
		default:
			r.extra(ex)
		}
	}
}

func (r *reader) cdxRating(v *Rating) {
	d, ex := r.d, &v.Extras
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "source":
			r.cdxSource(&v.Source, ex)
		case "score":
			r.float(&v.Score, ex, "score")
		case "severity":
			r.str(&v.Severity, ex, "severity")
		case "method":
			r.str(&v.Method, ex, "method")
		case "vector":
			r.str(&v.Vector, ex, "vector")
		case "justification":
			r.str(&v.Justification, ex, "justification")
		default:
			r.extra(ex)
		}
	}
}

func (r *reader) cdxAdvisory(a *Advisory) {
	d, ex := r.d, &a.Extras
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "title":
			r.str(&a.Title, ex, "title")
		case "url":
			r.str(&a.URL, ex, "url")
		default:
			r.extra(ex)
		}
	}
}

func (r *reader) cdxAnalysis(dst **Analysis, ex *Extras) {
	if r.null(ex, "analysis") {
		return
	}
	d, a := r.d, new(Analysis)
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "state":
			r.str(&a.State, &a.Extras, "state")
		case "justification":
			r.str(&a.Justification, &a.Extras, "justification")
		case "response":
			r.strings(&a.Responses, &a.Extras, "response")
		case "detail":
			r.str(&a.Details, &a.Extras, "detail")
		case "firstIssued":
			r.time(&a.FirstIssued, &a.Extras, "firstIssued")
		case "lastUpdated":
			r.time(&a.LastUpdated, &a.Extras, "lastUpdated")
		default:
			r.extra(&a.Extras)
		}
	}
	*dst = a
}

func (r *reader) cdxAffected(a *Affected) {
	d, ex := r.d, &a.Extras
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "ref":
			r.str(&a.Ref, ex, "ref")
		case "versions":
			r.array(ex, "versions", func() {
				r.cdxAffectedVersion(add(r, &a.Versions))
			})
		default:
			r.extra(ex)
		}
	}
}

func (r *reader) cdxAffectedVersion(v *AffectedVersion) {
	d, ex := r.d, &v.Extras
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "version":
			r.str(&v.Version, ex, "version")
		case "range":
			r.str(&v.Range, ex, "range")
		case "status":
			r.str(&v.Status, ex, "status")
		default:
			r.extra(ex)
		}
	}
}

func writeCDXVulnerability(w *writer, v *Vulnerability) {
	o := w.begin(v.Extras)
	o.str("bom-ref", v.Ref)
	o.str("id", v.ID)
	o.source(v.Source)
	listOf(o, "references", v.Aliases, func(w *writer, a *Alias) {
		o := w.begin(a.Extras)
		o.str("id", a.ID)
		o.source(a.Source)
		o.end()
	}, nil)
	listOf(o, "ratings", v.Ratings, writeCDXRating, nil)
	listOf(o, "cwes", v.CWEs, writeInteger, func(r *reader, dst *[]int, ex *Extras) { r.cdxIntegers(dst, ex, "") })
	o.str("description", v.Description)
	o.str("detail", v.Details)
	o.str("recommendation", v.Recommendation)
	o.str("workaround", v.Workaround)
	listOf(o, "advisories", v.Advisories, func(w *writer, a *Advisory) {
		o := w.begin(a.Extras)
		o.str("title", a.Title)
		o.str("url", a.URL)
		o.end()
	}, nil)
	o.time("created", v.Created)
	o.time("published", v.Published)
	o.time("updated", v.Updated)
	o.time("rejected", v.Rejected)
	if a := v.Analysis; a != nil {
		o.drop("analysis")
		o.key("analysis")
		writeCDXAnalysis(w, a)
	}
	listOf(o, "affects", v.Affects, writeCDXAffected, nil)
	o.properties(v.Properties)
	o.end()
}

func (o *object) source(s *Source) {
	if s == nil {
		return // a null is written with the other extras
	}
	o.drop("source")
	o.key("source")
	sub := o.begin(s.Extras)
	sub.str("name", s.Name)
	sub.str("url", s.URL)
	sub.end()
}

func writeCDXRating(w *writer, v *Rating) {
	o := w.begin(v.Extras)
	o.source(v.Source)
	o.float("score", v.Score)
	o.str("severity", v.Severity)
	o.str("method", v.Method)
	o.str("vector", v.Vector)
	o.str("justification", v.Justification)
	o.end()
}

func writeCDXAnalysis(w *writer, a *Analysis) {
	o := w.begin(a.Extras)
	o.str("state", a.State)
	o.str("justification", a.Justification)
	o.strings("response", a.Responses)
	o.str("detail", a.Details)
	o.time("firstIssued", a.FirstIssued)
	o.time("lastUpdated", a.LastUpdated)
	o.end()
}

func writeCDXAffected(w *writer, a *Affected) {
	o := w.begin(a.Extras)
	o.str("ref", a.Ref)
	listOf(o, "versions", a.Versions, func(w *writer, v *AffectedVersion) {
		o := w.begin(v.Extras)
		o.str("version", v.Version)
		o.str("range", v.Range)
		o.str("status", v.Status)
		o.end()
	}, nil)
	o.end()
}

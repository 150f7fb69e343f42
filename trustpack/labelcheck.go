// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// labelPrefix begins the labels that the OCI image specification names (annotations.md).
const labelPrefix = "org.opencontainers.image."

// mostLabels bounds the labels that are kept of one file; the specification names 15.
const mostLabels = 64

// noteLabel keeps a label of the image as the file states it. Those that may be written
// in several ways are compared by meaning elsewhere: release.identity and the times.
func (d *Document) noteLabel(name, value string) {
	key, ok := strings.CutPrefix(name, labelPrefix)
	if !ok || len(d.labels) >= mostLabels || key == "version" || key == "revision" || key == "source" {
		return
	}
	if t, err := time.Parse(time.RFC3339Nano, value); err == nil && key == "created" {
		value = t.UTC().Format(time.RFC3339Nano)
	}
	if d.labels == nil {
		d.labels = map[string]string{}
	}
	d.labels[name] = value
}

// labelsAgree holds the labels that files state of one image against each other: an image
// has one configuration. The images of an index have one each.
func labelsAgree(_ *Release, s *Subject) evidence.Checks {
	const id = "sbom.labels"
	if s.Image == nil || s.isIndex() {
		return nil
	}
	type statement struct {
		value string
		d     *Document
	}
	first := map[string]statement{}
	files := 0
	var problems evidence.Problems
	for _, d := range s.Documents {
		if len(d.labels) > 0 {
			files++
		}
		for _, name := range sortedKeys(d.labels) {
			value := d.labels[name]
			have, known := first[name]
			if !known {
				first[name] = statement{value, d}
			} else if have.value != value && len(problems) < mostProblems {
				p := warning(id, d.File.Path, "label %s is %s, in %s %s", textfmt.Quote(name), textfmt.Quote(value), have.d.File.Path, textfmt.Quote(have.value))
				p.Severity, p.Err = evidence.SeverityError, evidence.ErrMismatch
				problems = append(problems, p)
			}
		}
	}
	if files < 2 {
		return nil
	}
	return evidence.Checks{evidence.Judge(id, s.Name, problems, textfmt.Count(files, "file")+" state the same labels of the image")}
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"fmt"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// TrustFile is a file by which the caller says who is trusted: a trusted root or a key.
type TrustFile struct {
	Name   string          // as the caller names it
	SHA256 evidence.Digest // of its bytes

	// Newest is when the newest key or authority of a trusted root became valid; zero for a key.
	Newest time.Time
}

// trustedID is the check of the files by which the caller says who is trusted.
const trustedID = "attest.trusted"

// checkTrustFiles says how old the caller's trusted roots are, and warns of a file that
// the pack holds too: who takes it from there lets the pack vouch for itself.
func (v *verification) checkTrustFiles() {
	for _, f := range v.pol.TrustFiles {
		var problems evidence.Problems
		age := f.age(v.pol.Now)
		for i := range v.p.m.Files {
			if in := &v.p.m.Files[i]; in.SHA256 == f.SHA256 {
				text := "the pack holds this file too, as " + textfmt.Quote(in.Path) + ": it proves nothing, unless you have it from elsewhere"
				if age != "" {
					text += "; " + age
				}
				problems = append(problems, warning(trustedID, f.Name, "%s", text))
			}
		}
		if len(problems) > 0 || age != "" {
			v.report.judge(trustedID, f.Name, problems, age)
		}
	}
}

// age says how old a trusted root is at least.
func (f *TrustFile) age(now time.Time) string {
	if f.Newest.IsZero() {
		return ""
	}
	text := "newest key or authority of " + f.Newest.UTC().Format(time.DateOnly)
	if now.IsZero() {
		return text
	}
	return text + fmt.Sprintf(", %s ago", textfmt.Count(int(now.Sub(f.Newest).Hours()/24), "day"))
}

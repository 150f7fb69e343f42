// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/enum"
	"github.com/HailBytes/evidence/manifest"
)

// Verdicts are the three answers about a pack that must not be mixed up. Each is
// StatusPass, StatusFail, StatusError, or StatusSkip when nothing was given to judge by.
type Verdicts struct {
	Consistent evidence.Status `json:"consistent"` // structure, inventory, digests, and what documents say of each other
	Pinned     evidence.Status `json:"pinned"`     // the pack is the one whose digest the caller has from elsewhere
	Authentic  evidence.Status `json:"authentic"`  // signed by an identity or key that the caller expects
}

// Verdict names one of the three answers, for Policy.Require. The zero value is invalid.
type Verdict uint8

// The verdicts; see Verdicts.
const (
	VerdictInvalid    Verdict = iota
	VerdictConsistent Verdict = iota
	VerdictPinned     Verdict = iota
	VerdictAuthentic  Verdict = iota
)

var verdictNames = enum.Names{"invalid", "consistent", "pinned", "authentic"}

// String returns "consistent", "pinned" or "authentic"; "invalid" for any other value.
func (v Verdict) String() string { return verdictNames.Name(uint8(v)) }

// MarshalText implements encoding.TextMarshaler; an invalid verdict is an error.
func (v Verdict) MarshalText() ([]byte, error) { return verdictNames.Marshal("verdict", uint8(v)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (v *Verdict) UnmarshalText(text []byte) error {
	i, err := verdictNames.Unmarshal("verdict", text)
	*v = Verdict(i)
	return err
}

// Of returns the answer of one verdict; StatusInvalid where there is no such verdict.
func (v Verdicts) Of(name Verdict) evidence.Status {
	switch name {
	case VerdictConsistent:
		return v.Consistent
	case VerdictPinned:
		return v.Pinned
	case VerdictAuthentic:
		return v.Authentic
	}
	return evidence.StatusInvalid
}

// Report is what was found out about one pack. The zero Report does not hold.
type Report struct {
	Product       string             `json:"product,omitempty"`       // as the manifest says; empty when it cannot be read
	Version       string             `json:"version,omitempty"`       // likewise
	ContentDigest string             `json:"contentDigest,omitempty"` // "sha256:" and the SHA-256 of the MANIFEST.json bytes
	SHA256        string             `json:"sha256,omitempty"`        // of the ZIP, lower-case hex; empty unless it was needed
	Verdicts      Verdicts           `json:"verdicts"`
	Checks        evidence.Checks    `json:"checks"`
	Summary       *Summary           `json:"summary,omitempty"` // of the evidence; nil where it was not read
	Images        []ImageDigests     `json:"-"`                 // of the release, by every digest; nil where the evidence was not read
	Manifest      *manifest.Manifest `json:"-"`                 // what the pack says of itself; nil when it cannot be read
	Release       *Release           `json:"-"`                 // the evidence as one model, where Policy.KeepRelease asks for it
}

// OK reports whether at least one check was made and none failed or could not be made.
func (r *Report) OK() bool { return r != nil && r.Checks.OK() }

// Err returns nil if the report holds, and otherwise the error of its checks: see
// evidence.Checks.
func (r *Report) Err() error {
	if r == nil {
		return evidence.Checks(nil).Err()
	}
	return r.Checks.Err()
}

// Check returns the first check with the given id, nil if there is none.
func (r *Report) Check(id string) *evidence.Check { return r.Checks.Find(id) }

// VerdictText returns a verdict for a person: "pass", or "skip: no digest given".
func (r *Report) VerdictText(v Verdict) string {
	status, reason := r.Verdicts.Of(v), ""
	switch v {
	case VerdictPinned:
		reason = "no digest given"
	case VerdictAuthentic:
		reason = "no statement given"
		if c := r.Check("attest.statement"); c != nil && c.Status == evidence.StatusSkip {
			reason = c.Message
		}
	}
	if status != evidence.StatusSkip || reason == "" {
		return status.String()
	}
	return status.String() + ": " + reason
}

func (r *Report) add(c ...evidence.Check) { r.Checks = append(r.Checks, c...) }

// judge adds the check that problems amount to.
func (r *Report) judge(id, subject string, problems evidence.Problems, ok string) {
	r.add(evidence.Judge(id, subject, problems, ok))
}

// family returns the part of a check id before the first dot.
func family(id string) string {
	f, _, _ := strings.Cut(id, ".")
	return f
}

// settle computes the verdict that a set of checks amounts to: the worst of them.
func settle(checks evidence.Checks, in func(id string) bool) evidence.Status {
	verdict := evidence.StatusSkip
	for _, c := range checks {
		if !in(c.ID) {
			continue
		}
		switch {
		case c.Status == evidence.StatusFail || verdict == evidence.StatusFail:
			verdict = evidence.StatusFail
		case c.Status == evidence.StatusError || verdict == evidence.StatusError:
			verdict = evidence.StatusError
		case c.Status == evidence.StatusPass, c.Status == evidence.StatusWarn:
			verdict = evidence.StatusPass
		}
	}
	return verdict
}

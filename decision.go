// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import "time"

// Decision is who accepts something that would otherwise not pass, why, and until
// when. All three are required: nothing is accepted for ever.
type Decision struct {
	Owner   string    `json:"owner"`   // who decided
	Reason  string    `json:"reason"`  // why
	Expires time.Time `json:"expires"` // the first moment at which it holds no more
}

// Expired reports whether the decision holds no more. A zero now is no time: at it
// every decision is expired.
func (d Decision) Expired(now time.Time) bool { return now.IsZero() || !now.Before(d.Expires) }

// Missing names what the decision lacks: "owner", "reason", "expires".
func (d Decision) Missing() []string {
	var missing []string
	if d.Owner == "" {
		missing = append(missing, "owner")
	}
	if d.Reason == "" {
		missing = append(missing, "reason")
	}
	if d.Expires.IsZero() {
		missing = append(missing, "expires")
	}
	return missing
}

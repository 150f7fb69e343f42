package diag

import (
	"fmt"
	"slices"
)

// Status is the outcome of one check. The zero value is invalid: a check that
// nobody decided is not a pass.
type Status uint8

// The outcomes. Only StatusFail and StatusError keep a report from holding.
const (
	StatusInvalid Status = iota
	StatusPass           // checked, and it holds
	StatusFail           // checked, and it does not hold
	StatusWarn           // checked; holds, with something a person should know
	StatusSkip           // not asked for, or nothing to check; the message says which
	StatusError          // could not be checked; never a pass
)

var statusNames = [...]string{"invalid", "pass", "fail", "warn", "skip", "error"}

// String returns "pass", "fail", "warn", "skip" or "error"; "invalid" for any other value.
func (s Status) String() string {
	if int(s) >= len(statusNames) {
		s = StatusInvalid
	}
	return statusNames[s]
}

// MarshalText implements encoding.TextMarshaler; an invalid status is an error.
func (s Status) MarshalText() ([]byte, error) {
	if s == StatusInvalid || int(s) >= len(statusNames) {
		return nil, fmt.Errorf("invalid status %d", uint8(s))
	}
	return []byte(statusNames[s]), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Status) UnmarshalText(text []byte) error {
	i := slices.Index(statusNames[1:], string(text))
	if i < 0 {
		return fmt.Errorf("unknown status %s", Quote(string(text)))
	}
	*s = Status(i + 1)
	return nil
}

// Check is the outcome of one named rule over one subject.
type Check struct {
	ID       string   `json:"id"`                 // stable, dotted: "archive.structure", "sarif.schema"
	Status   Status   `json:"status"`             // pass, fail, warn, skip or error
	Subject  string   `json:"subject"`            // what was checked: a file, an image, a pack; empty for the whole input
	Message  string   `json:"message"`            // one line for a person
	Problems Problems `json:"problems,omitempty"` // the facts behind it, in document order
}

// Holds reports whether at least one check was made, and none failed or could
// not be made. A list that is empty or holds only skips does not hold.
func Holds(checks []Check) bool {
	made := false
	for _, c := range checks {
		switch c.Status {
		case StatusPass, StatusWarn:
			made = true
		case StatusSkip:
		default:
			return false
		}
	}
	return made
}

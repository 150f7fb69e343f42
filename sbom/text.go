// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/HailBytes/evidence/internal/enum"
)

// State says how a document states a value. The states are never folded into
// one another: a supplier that is left out, one that is the empty string, one
// that is NOASSERTION and one that is NONE are four different answers.
type State uint8

// The states. The zero value is StateAbsent.
const (
	StateAbsent      State = iota // the document does not have the field
	StateEmpty                    // the field is there and is the empty string
	StateNone                     // NONE: the author says that there is none (SPDX 2.3 §7.7, §7.13)
	StateNoAssertion              // NOASSERTION: not known, not looked for, or not told (SPDX 2.3 §7.5)
	StateRedacted                 // the author says that the value is withheld
	StateStated                   // the field holds a value
)

var stateNames = enum.Values{"absent", "empty", "none", "no-assertion", "redacted", "stated"}

// String returns "absent", "empty", "none", "no-assertion", "redacted" or "stated".
func (s State) String() string { return stateNames.Name("State", uint8(s)) }

// MarshalText implements encoding.TextMarshaler.
func (s State) MarshalText() ([]byte, error) { return stateNames.Marshal("State", uint8(s)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *State) UnmarshalText(text []byte) (err error) {
	*(*uint8)(s), err = stateNames.Unmarshal("State", text)
	return err
}

// Text is a string of a document together with its [State]. The zero Text is
// absent. Texts are comparable with ==.
type Text struct {
	text  string // as it is written; what it means is told by state
	state State
}

// NewText returns a Text that states s; the empty string gives StateEmpty.
// It gives no meaning to words such as NOASSERTION: see unstated.
func NewText(s string) Text {
	if s == "" {
		return Text{state: StateEmpty}
	}
	return Text{s, StateStated}
}

// unstated returns a Text that holds no value for the reason given.
// It panics when state is StateStated.
func unstated(state State) Text {
	switch state {
	case StateNone:
		return Text{"NONE", state}
	case StateNoAssertion:
		return Text{"NOASSERTION", state}
	case StateAbsent, StateEmpty, StateRedacted:
		return Text{state: state}
	}
	panic("sbom: unstated(" + state.String() + ")")
}

// State says how the value is stated.
func (t Text) State() State { return t.state }

// Stated reports whether t holds a value.
func (t Text) Stated() bool { return t.state == StateStated }

// IsZero reports whether the document does not have the field.
func (t Text) IsZero() bool { return t == Text{} }

// String returns the value, and the empty string in every state but StateStated.
func (t Text) String() string {
	if t.state != StateStated {
		return ""
	}
	return t.text
}

// Written returns the text as it stands in the document: the value, or words
// such as NOASSERTION. It is empty when the field is absent or empty, and when
// something else than the field itself says that the value is withheld.
func (t Text) Written() string { return t.text }

// MarshalJSON writes a stated or empty value as a string, an absent one as
// null, and any other as an object such as {"state":"no-assertion"}.
func (t Text) MarshalJSON() ([]byte, error) {
	switch t.state {
	case StateStated, StateEmpty:
		return json.Marshal(t.text)
	case StateAbsent:
		return []byte("null"), nil
	}
	return json.Marshal(map[string]State{"state": t.state})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (t *Text) UnmarshalJSON(data []byte) error {
	var text *string
	if json.Unmarshal(data, &text) == nil {
		if *t = (Text{}); text != nil {
			*t = NewText(*text)
		}
		return nil
	}
	var other struct{ State State }
	if err := json.Unmarshal(data, &other); err != nil {
		return err
	}
	if other.State == StateStated {
		return errors.New("sbom: a Text that is stated is a string")
	}
	*t = unstated(other.State)
	return nil
}

// redactable is the Text of any field: some tools write a word in place of what they withhold.
func redactable(s string) Text {
	if len(s) >= 8 && len(s) <= 10 && strings.EqualFold(strings.Trim(s, "[]<>"), "redacted") {
		return Text{s, StateRedacted}
	}
	return NewText(s)
}

// assertable is the Text of a field whose values NONE and NOASSERTION are words of SPDX.
func assertable(s string) Text {
	switch s {
	case "NOASSERTION":
		return Text{s, StateNoAssertion}
	case "NONE":
		return Text{s, StateNone}
	}
	return redactable(s)
}

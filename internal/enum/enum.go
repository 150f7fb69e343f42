// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package enum gives a small integer type its names: one table, from which text
// is written and read alike.
package enum

import (
	"fmt"
	"slices"
)

// Names are the names of the values 0, 1, 2, ... of a type whose zero value is invalid.
type Names []string

// Name returns the name of value i, that of the invalid value for one without a name.
func (n Names) Name(i uint8) string {
	if int(i) >= len(n) {
		i = 0
	}
	return n[i]
}

// Marshal returns the name of a valid value; what names the type in the error.
func (n Names) Marshal(what string, i uint8) ([]byte, error) {
	if i == 0 || int(i) >= len(n) {
		return nil, fmt.Errorf("invalid %s %d", what, i)
	}
	return []byte(n[i]), nil
}

// Parse returns the value with a name, 0 if there is none.
func (n Names) Parse(text string) uint8 {
	return uint8(max(slices.Index(n, text), 0))
}

// Unmarshal is Parse with an error for a name that no valid value has.
func (n Names) Unmarshal(what string, text []byte) (uint8, error) {
	i := slices.Index(n[1:], string(text))
	if i < 0 {
		return 0, fmt.Errorf("unknown %s %.64q", what, text)
	}
	return uint8(i + 1), nil
}

// Values are the names of the values 0, 1, 2, ... of a type whose zero value is one of them.
type Values []string

// Name returns the name of value i; for one without a name it is what and its number.
func (v Values) Name(what string, i uint8) string {
	if int(i) >= len(v) {
		return fmt.Sprintf("%s(%d)", what, i)
	}
	return v[i]
}

// Marshal is Name with an error for a value without a name.
func (v Values) Marshal(what string, i uint8) ([]byte, error) {
	if int(i) >= len(v) {
		return nil, fmt.Errorf("invalid %s %d", what, i)
	}
	return []byte(v[i]), nil
}

// Unmarshal returns the value with a name.
func (v Values) Unmarshal(what string, text []byte) (uint8, error) {
	i := slices.Index(v, string(text))
	if i < 0 {
		return 0, fmt.Errorf("unknown %s %.64q", what, text)
	}
	return uint8(i), nil
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import "github.com/HailBytes/evidence/internal/sbomterm"

// applyCISA gives the fields that such properties name, and that are absent, their state.
func (c *Component) applyCISA() {
	for _, p := range c.Properties {
		var state State
		switch p.Name {
		case sbomterm.CISAUnknown:
			state = StateNoAssertion
		case sbomterm.CISAWithheld:
			state = StateRedacted
		default:
			continue
		}
		// The state without the word: the field itself says nothing.
		t := Text{state: state}
		switch foldHashName(p.Value) {
		case "component name", "componentname":
			setAbsent(&c.Name, t)
		case "component version", "componentversion":
			setAbsent(&c.Version, t)
		case "component producer", "componentproducer":
			if c.Originator == nil {
				c.Originator = &Party{Name: t}
			}
		case "license", "component license", "componentlicense":
			if len(c.Licenses) == 0 {
				c.Licenses = []License{{Expression: t}}
			}
		}
	}
}

func setAbsent(dst *Text, t Text) {
	if dst.IsZero() {
		*dst = t
	}
}

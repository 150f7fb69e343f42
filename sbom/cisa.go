// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

// Properties by which a CycloneDX document says that a minimum element of CISA
// 2026 is not known or withheld. They are proposed for the property taxonomy of
// CycloneDX, not yet part of it.
const (
	cisaPrefix   = "cdx:cisa:"
	cisaUnknown  = cisaPrefix + "unknown-information"
	cisaWithheld = cisaPrefix + "withheld-information"
)

// applyCISA gives the fields that such properties name, and that are absent, their state.
func (c *Component) applyCISA() {
	for _, p := range c.Properties {
		var state State
		switch p.Name {
		case cisaUnknown:
			state = StateNoAssertion
		case cisaWithheld:
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

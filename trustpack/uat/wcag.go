// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package uat

import "strings"

// Criterion is one success criterion of WCAG 2.1.
type Criterion struct {
	ID       string `json:"id"`       // "1.4.3"
	Name     string `json:"name"`     // as the recommendation has it
	Level    string `json:"level"`    // "A", "AA" or "AAA"
	Since    string `json:"since"`    // version of WCAG that brought it: "2.0" or "2.1"
	Testable bool   `json:"testable"` // axe-core has a rule for it; rarely does one cover all of the criterion
}

// criteria are the 78 success criteria of WCAG 2.1 (W3C Recommendation of 5 June
// 2018) in order. Testable is what axe-core 4.14.1 gives rules for, without
// experimental and deprecated ones: the tags of axe.getRules().
var criteria = []Criterion{
	{"1.1.1", "Non-text Content", "A", "2.0", true},
	{"1.2.1", "Audio-only and Video-only (Prerecorded)", "A", "2.0", false},
	{"1.2.2", "Captions (Prerecorded)", "A", "2.0", true},
	{"1.2.3", "Audio Description or Media Alternative (Prerecorded)", "A", "2.0", false},
	{"1.2.4", "Captions (Live)", "AA", "2.0", false},
	{"1.2.5", "Audio Description (Prerecorded)", "AA", "2.0", false},
	{"1.2.6", "Sign Language (Prerecorded)", "AAA", "2.0", false},
	{"1.2.7", "Extended Audio Description (Prerecorded)", "AAA", "2.0", false},
	{"1.2.8", "Media Alternative (Prerecorded)", "AAA", "2.0", false},
	{"1.2.9", "Audio-only (Live)", "AAA", "2.0", false},
	{"1.3.1", "Info and Relationships", "A", "2.0", true},
	{"1.3.2", "Meaningful Sequence", "A", "2.0", false},
	{"1.3.3", "Sensory Characteristics", "A", "2.0", false},
	{"1.3.4", "Orientation", "AA", "2.1", false},
	{"1.3.5", "Identify Input Purpose", "AA", "2.1", true},
	{"1.3.6", "Identify Purpose", "AAA", "2.1", false},
	{"1.4.1", "Use of Color", "A", "2.0", true},
	{"1.4.2", "Audio Control", "A", "2.0", true},
	{"1.4.3", "Contrast (Minimum)", "AA", "2.0", true},
	{"1.4.4", "Resize text", "AA", "2.0", true},
	{"1.4.5", "Images of Text", "AA", "2.0", false},
	{"1.4.6", "Contrast (Enhanced)", "AAA", "2.0", true},
	{"1.4.7", "Low or No Background Audio", "AAA", "2.0", false},
	{"1.4.8", "Visual Presentation", "AAA", "2.0", false},
	{"1.4.9", "Images of Text (No Exception)", "AAA", "2.0", false},
	{"1.4.10", "Reflow", "AA", "2.1", false},
	{"1.4.11", "Non-text Contrast", "AA", "2.1", false},
	{"1.4.12", "Text Spacing", "AA", "2.1", true},
	{"1.4.13", "Content on Hover or Focus", "AA", "2.1", false},
	{"2.1.1", "Keyboard", "A", "2.0", true},
	{"2.1.2", "No Keyboard Trap", "A", "2.0", false},
	{"2.1.3", "Keyboard (No Exception)", "AAA", "2.0", true},
	{"2.1.4", "Character Key Shortcuts", "A", "2.1", false},
	{"2.2.1", "Timing Adjustable", "A", "2.0", true},
	{"2.2.2", "Pause, Stop, Hide", "A", "2.0", true},
	{"2.2.3", "No Timing", "AAA", "2.0", false},
	{"2.2.4", "Interruptions", "AAA", "2.0", true},
	{"2.2.5", "Re-authenticating", "AAA", "2.0", false},
	{"2.2.6", "Timeouts", "AAA", "2.1", false},
	{"2.3.1", "Three Flashes or Below Threshold", "A", "2.0", false},
	{"2.3.2", "Three Flashes", "AAA", "2.0", false},
	{"2.3.3", "Animation from Interactions", "AAA", "2.1", false},
	{"2.4.1", "Bypass Blocks", "A", "2.0", true},
	{"2.4.2", "Page Titled", "A", "2.0", true},
	{"2.4.3", "Focus Order", "A", "2.0", false},
	{"2.4.4", "Link Purpose (In Context)", "A", "2.0", true},
	{"2.4.5", "Multiple Ways", "AA", "2.0", false},
	{"2.4.6", "Headings and Labels", "AA", "2.0", false},
	{"2.4.7", "Focus Visible", "AA", "2.0", false},
	{"2.4.8", "Location", "AAA", "2.0", false},
	{"2.4.9", "Link Purpose (Link Only)", "AAA", "2.0", true},
	{"2.4.10", "Section Headings", "AAA", "2.0", false},
	{"2.5.1", "Pointer Gestures", "A", "2.1", false},
	{"2.5.2", "Pointer Cancellation", "A", "2.1", false},
	{"2.5.3", "Label in Name", "A", "2.1", true},
	{"2.5.4", "Motion Actuation", "A", "2.1", false},
	{"2.5.5", "Target Size", "AAA", "2.1", false},
	{"2.5.6", "Concurrent Input Mechanisms", "AAA", "2.1", false},
	{"3.1.1", "Language of Page", "A", "2.0", true},
	{"3.1.2", "Language of Parts", "AA", "2.0", true},
	{"3.1.3", "Unusual Words", "AAA", "2.0", false},
	{"3.1.4", "Abbreviations", "AAA", "2.0", false},
	{"3.1.5", "Reading Level", "AAA", "2.0", false},
	{"3.1.6", "Pronunciation", "AAA", "2.0", false},
	{"3.2.1", "On Focus", "A", "2.0", false},
	{"3.2.2", "On Input", "A", "2.0", false},
	{"3.2.3", "Consistent Navigation", "AA", "2.0", false},
	{"3.2.4", "Consistent Identification", "AA", "2.0", false},
	{"3.2.5", "Change on Request", "AAA", "2.0", true},
	{"3.3.1", "Error Identification", "A", "2.0", false},
	{"3.3.2", "Labels or Instructions", "A", "2.0", true},
	{"3.3.3", "Error Suggestion", "AA", "2.0", false},
	{"3.3.4", "Error Prevention (Legal, Financial, Data)", "AA", "2.0", false},
	{"3.3.5", "Help", "AAA", "2.0", false},
	{"3.3.6", "Error Prevention (All)", "AAA", "2.0", false},
	{"4.1.1", "Parsing", "A", "2.0", false},
	{"4.1.2", "Name, Role, Value", "A", "2.0", true},
	{"4.1.3", "Status Messages", "AA", "2.1", false},
}

// otherRules are the rules of axe-core 4.14.1 that a run of WCAG 2.1 A and AA
// does without: best practices, rules of other levels and versions, and those that
// are experimental or deprecated, and so off unless asked for.
var otherRules = func() map[string]bool {
	m := map[string]bool{}
	for id := range strings.FieldsSeq(`
accesskeys aria-allowed-role aria-dialog-name aria-roledescription aria-text aria-treeitem-name audio-caption
color-contrast-enhanced css-orientation-lock duplicate-id duplicate-id-active empty-heading empty-table-header
focus-order-semantics frame-tested heading-order hidden-content identical-links-same-purpose image-redundant-alt
label-title-only landmark-banner-is-top-level landmark-complementary-is-top-level
landmark-contentinfo-is-top-level landmark-main-is-top-level landmark-no-duplicate-banner
landmark-no-duplicate-contentinfo landmark-no-duplicate-main landmark-one-main landmark-unique
meta-refresh-no-exceptions meta-viewport-large p-as-heading page-has-heading-one presentation-role-conflict
region scope-attr-valid skip-link tabindex table-duplicate-name table-fake-caption target-size td-has-header`) {
		m[id] = true
	}
	return m
}()

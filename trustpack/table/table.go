// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package table

import "github.com/HailBytes/evidence"

// Key says of which pack a row is.
type Key struct {
	PackID        string `json:"pack_id"` // SHA-256 of MANIFEST.json, hexadecimal
	Product       string `json:"product"`
	Version       string `json:"version"`        // "1.482"
	VersionNumber int64  `json:"version_number"` // the commit count, 482: sorts as releases do; 0 where the version has none
}

// At says where the fact of a row stands.
type At struct {
	SourcePath    string `json:"source_path"`    // file of the pack
	SourceSHA256  string `json:"source_sha256"`  // of that file, hexadecimal
	SourcePointer string `json:"source_pointer"` // JSON Pointer, or "line N"; empty for the whole file
}

// Rows are the tables of one pack.
type Rows struct {
	Packs         []Pack          `json:"packs"`
	Images        []Image         `json:"images"`
	Files         []File          `json:"files"`
	Packages      []Package       `json:"packages"`
	Findings      []Finding       `json:"findings"`
	Tests         []Test          `json:"tests"`
	Accessibility []Accessibility `json:"accessibility"`
	Attestations  []Attestation   `json:"attestations"`
	Checks        []Check         `json:"checks"`
	Controls      []Control       `json:"controls"`
	Gaps          []Gap           `json:"gaps"`
}

// Pack is one verified pack.
type Pack struct {
	Key
	ZIPSHA256  string          `json:"zip_sha256"` // empty where the ZIP was not hashed
	Tag        string          `json:"tag"`
	Commit     string          `json:"commit"`
	Repository string          `json:"repository"`
	Created    string          `json:"created"`
	Consistent evidence.Status `json:"consistent"`
	Pinned     evidence.Status `json:"pinned"`
	Authentic  evidence.Status `json:"authentic"`
	Files      int64           `json:"files"`
	Bytes      int64           `json:"bytes"` // of all files
	At
}

// Image is one image that the manifest lists.
type Image struct {
	Key
	Image      string `json:"image"` // its name in the pack
	Reference  string `json:"reference"`
	Repository string `json:"repository"` // registry and path of the reference
	Digest     string `json:"digest"`
	Platform   string `json:"platform"`
	Signing    string `json:"signing"` // as the manifest claims: "signed" or "unsigned"
	At
}

// File is one file that the manifest lists.
type File struct {
	Key
	Path        string `json:"path"`
	SHA256      string `json:"sha256"`
	Size        int64  `json:"size"`
	MediaType   string `json:"media_type"`
	Kind        string `json:"kind"`
	Format      string `json:"format"`
	Image       string `json:"image"`
	Tool        string `json:"tool"`
	ToolVersion string `json:"tool_version"`
	At
}

// Package is one component.
type Package struct {
	Key
	Image           string `json:"image"` // empty for the release as a whole
	PURL            string `json:"purl"`
	Type            string `json:"purl_type"`
	Name            string `json:"name"` // with its namespace
	PackageVersion  string `json:"package_version"`
	License         string `json:"license_expression"`
	LicenseCategory string `json:"license_category"`
	Relation        string `json:"relation"`      // "direct", "transitive" or "unknown"
	SourceCount     int64  `json:"sources_count"` // SBOMs that list it
	Findings        int64  `json:"findings"`      // about it
	At
}

// Finding is one finding.
type Finding struct {
	Key
	Image         string   `json:"image"`
	Vulnerability string   `json:"vulnerability"` // or the id of the rule
	Class         string   `json:"class"`
	Aliases       []string `json:"aliases"`
	Severity      string   `json:"severity"`
	SeverityRank  int64    `json:"severity_rank"` // a larger one is worse
	CVSSScore     float64  `json:"cvss_score"`    // 0 where none is known
	PURL          string   `json:"purl"`
	Name          string   `json:"name"`
	Installed     string   `json:"installed"`
	Fixed         []string `json:"fixed"` // the first versions without it
	Tools         []string `json:"tools"`
	Reachable     string   `json:"reachable"`
	Waivers       []string `json:"waivers"` // claims that let it pass, and whether each counts: "vex: component not present (not counted)"
	Waived        bool     `json:"waived"`  // one of them counts
	Title         string   `json:"title"`
	At
}

// Test is one test of one report.
type Test struct {
	Key
	Suite      string   `json:"suite"` // class, module or file
	Name       string   `json:"name"`
	Status     string   `json:"status"`
	DurationMS int64    `json:"duration_ms"`
	Attempts   int64    `json:"attempts"`
	Files      []string `json:"attachments"` // as the report names them
	At
}

// Accessibility is one rule that does not hold on one page.
type Accessibility struct {
	Key
	Page        string   `json:"page"`
	Rule        string   `json:"rule"`
	WCAG        []string `json:"wcag"` // success criteria: "1.4.3"
	Impact      string   `json:"impact"`
	Nodes       int64    `json:"nodes"`        // elements that fail
	NeedsReview int64    `json:"needs_review"` // elements that a person must look at
	Help        string   `json:"help"`
	At
}

// Attestation is one signature or signed statement. Nothing of it is verified: the
// checks attest.* of its file say what holds.
type Attestation struct {
	Key
	Image         string   `json:"image"`
	Format        string   `json:"format"`
	PredicateType string   `json:"predicate_type"` // empty for a signature without a statement
	Subjects      []string `json:"subject_digests"`
	Results       []string `json:"results"` // "attest.signature: pass", for each check of the file
	At
}

// Check is one check of the verification.
type Check struct {
	Key
	ID      string          `json:"check_id"`
	Status  evidence.Status `json:"status"`
	Subject string          `json:"subject"`
	Message string          `json:"message"`
	At
}

// Control is one kind of evidence that speaks to one control, and what the release says of
// the control by all of them: see package controls.
type Control struct {
	Key
	Framework string   `json:"framework"`
	Edition   string   `json:"edition"`
	ID        string   `json:"control_id"`
	State     string   `json:"state"`    // of the control: "satisfied", "not satisfied", "not assessed", "declared gap"
	Strength  string   `json:"strength"` // of this kind of evidence: "shows", "supports", "gap"
	Evidence  string   `json:"evidence"` // the kind
	Result    string   `json:"result"`   // of this kind of evidence, as for a check
	Reason    string   `json:"reason"`   // why the state is what it is
	About     string   `json:"about"`
	CheckIDs  []string `json:"check_ids"` // that were looked at
	At                 // the first file that is the evidence, else the manifest
}

// Gap is evidence, or a control, that the manifest declares absent.
type Gap struct {
	Key
	Kind   string `json:"kind"`
	Image  string `json:"image"`
	Reason string `json:"reason"`
	Target string `json:"target"`
	At
}

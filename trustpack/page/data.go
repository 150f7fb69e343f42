// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package page

// Rules is the version of what a page shows and how it counts. It grows with every
// change that gives other Data for the same evidence, so that the page of an older
// pack is not taken for a false one.
const Rules = 3

// Data is what a page shows: plain values, every string hostile text. Lists are in
// the order in which they are shown. Where a fact stands is "path#pointer": a path of
// Files, with a JSON pointer into it where one is known. An int in Via or Component is an
// index in Packages. A view without entries is left out.
type Data struct {
	Rules      int    `json:"rules"` // 0 means Rules
	Product    string `json:"product"`
	Version    string `json:"version"`
	Tag        string `json:"tag,omitempty"`
	Commit     string `json:"commit,omitempty"`
	Repository string `json:"repository,omitempty"`
	Created    string `json:"created,omitempty"` // RFC 3339

	Images       []Image       `json:"images,omitempty"`
	Artifacts    []Artifact    `json:"artifacts,omitempty"`
	Scans        []Scan        `json:"scans,omitempty"`
	Findings     []Finding     `json:"findings,omitempty"` // worst first
	Packages     []Package     `json:"packages,omitempty"`
	Licenses     []License     `json:"licenses,omitempty"`
	Tests        []Test        `json:"tests,omitempty"` // worst first
	Pictures     []Picture     `json:"pictures,omitempty"`
	Pages        []WebPage     `json:"pages,omitempty"` // that were tested for accessibility
	Criteria     []Criterion   `json:"criteria,omitempty"`
	Attestations []Attestation `json:"attestations,omitempty"`
	Controls     []Control     `json:"controls,omitempty"`
	Files        []File        `json:"files,omitempty"`
	Gaps         []Gap         `json:"gaps,omitempty"`
	Notes        []string      `json:"notes,omitempty"`    // what a reader must know before the counts: a file that could not be read, a scan that broke off
	Commands     []Command     `json:"commands,omitempty"` // that verify the pack, the safest first
	Changes      *Changes      `json:"changes,omitempty"`  // nil where no previous release was given
}

// Image is one container image. What its signing says is a claim of the pack.
type Image struct {
	Name      string    `json:"name"`
	Reference string    `json:"reference"`
	Digest    string    `json:"digest"`
	Platform  string    `json:"platform,omitempty"`
	Signed    bool      `json:"signed"`
	Identity  string    `json:"identity,omitempty"`
	Issuer    string    `json:"issuer,omitempty"`
	Commands  []Command `json:"commands,omitempty"` // the safest first
}

// Command is a line for a POSIX shell.
type Command struct {
	Label string `json:"label"`
	Line  string `json:"line"`
	Weak  bool   `json:"weak,omitempty"` // accepts more than it should; the label says what
}

// Artifact is what else the release shipped.
type Artifact struct {
	Name   string `json:"name"`
	Kind   string `json:"kind"`
	ID     string `json:"id,omitempty"`
	SHA256 string `json:"sha256,omitempty"` // hexadecimal
}

// Scan is one report of a scanner.
type Scan struct {
	Image    string `json:"image,omitempty"`
	Tool     string `json:"tool,omitempty"`
	Time     string `json:"time,omitempty"`     // RFC 3339
	Database string `json:"database,omitempty"` // time of the scanner's data, RFC 3339
	Complete bool   `json:"complete"`           // nothing says that the scan broke off
	File     string `json:"file"`
}

// Finding is one finding about one subject, merged over tools and files.
type Finding struct {
	ID         string   `json:"id"`
	Aliases    []string `json:"aliases,omitempty"`
	Severity   string   `json:"severity"` // "critical", "high", "medium", "low", "negligible", "none" or "unknown"
	Score      float64  `json:"score,omitempty"`
	Title      string   `json:"title,omitempty"`
	Image      string   `json:"image,omitempty"`     // empty for the release as a whole
	Component  *int     `json:"component,omitempty"` // in Packages; nil where no SBOM lists it
	Package    string   `json:"package,omitempty"`   // name, as the scanner has it
	Installed  string   `json:"installed,omitempty"`
	Fixed      []string `json:"fixed,omitempty"` // the first versions without it
	Reachable  string   `json:"reachable,omitempty"`
	References []string `json:"references,omitempty"` // URLs
	Ratings    []Rating `json:"ratings,omitempty"`
	Waivers    []Waiver `json:"waivers,omitempty"`
	New        bool     `json:"new,omitempty"` // not in the previous release
	Sources    []string `json:"sources,omitempty"`
}

// Rating is one grade of a finding.
type Rating struct {
	By       string  `json:"by"` // who rated, and whose report says so
	Severity string  `json:"severity"`
	Score    float64 `json:"score,omitempty"`
}

// Waiver is somebody's word that a finding needs no attention. It is a claim.
type Waiver struct {
	Kind   string `json:"kind"` // "VEX", "exception", "suppression"
	Text   string `json:"text"` // status, who says so, and why
	Source string `json:"source,omitempty"`
}

// Package is one component of one image.
type Package struct {
	Name     string   `json:"name"`
	Version  string   `json:"version,omitempty"`
	Type     string   `json:"type,omitempty"` // of its package URL: "deb", "npm"
	PURL     string   `json:"purl,omitempty"`
	Image    string   `json:"image,omitempty"`
	License  string   `json:"license,omitempty"`
	Category string   `json:"category,omitempty"` // of the licence
	Direct   bool     `json:"direct,omitempty"`   // the root depends on it
	Via      *int     `json:"via,omitempty"`      // in Packages: what it came in by, on a shortest way from one that is direct
	Sources  []string `json:"sources,omitempty"`
}

// License is one licence and how much of the release has it.
type License struct {
	ID       string   `json:"id"` // empty for what has no known licence
	Category string   `json:"category"`
	Packages int      `json:"packages"`
	Modules  []string `json:"modules,omitempty"` // that only a licence report names
}

// Test is one acceptance test.
type Test struct {
	Name     string   `json:"name"`
	Suite    string   `json:"suite,omitempty"`
	Outcome  string   `json:"outcome"` // "passed", "flaky", "skipped", "failed", "error"
	Seconds  float64  `json:"seconds,omitempty"`
	Message  string   `json:"message,omitempty"`
	Pictures []int    `json:"pictures,omitempty"`
	Sources  []string `json:"sources,omitempty"`
}

// Picture is one screenshot.
type Picture struct {
	File      string `json:"file"`
	Width     int    `json:"width"`
	Height    int    `json:"height"`
	Thumbnail []byte `json:"thumbnail,omitempty"` // PNG
}

// WebPage is one page of the product, tested for accessibility.
type WebPage struct {
	URL     string   `json:"url"`
	Engine  string   `json:"engine,omitempty"`
	Time    string   `json:"time,omitempty"` // RFC 3339
	Notes   []string `json:"notes,omitempty"`
	Rules   []Rule   `json:"rules,omitempty"` // that did not simply pass
	Sources []string `json:"sources,omitempty"`
}

// Rule is what one rule said of one page.
type Rule struct {
	ID       string   `json:"id"`
	Help     string   `json:"help,omitempty"`
	Outcome  string   `json:"outcome"` // "violation", "review", "advice"
	Impact   string   `json:"impact,omitempty"`
	Criteria []string `json:"criteria,omitempty"`
	Elements int      `json:"elements"`
	Targets  []string `json:"targets,omitempty"` // selectors of the first elements
}

// Criterion is one success criterion of WCAG 2.1 A or AA.
type Criterion struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Level    string `json:"level"`
	Status   string `json:"status"`
	Elements int    `json:"elements,omitempty"`
}

// Attestation is one signature or signed statement. Nothing here verified it.
type Attestation struct {
	Image    string `json:"image,omitempty"`
	Type     string `json:"type"`              // predicate type, "signature" without one
	Subject  string `json:"subject,omitempty"` // digest
	About    string `json:"about,omitempty"`   // what the subject is in this pack
	Identity string `json:"identity,omitempty"`
	Issuer   string `json:"issuer,omitempty"`
	Time     string `json:"time,omitempty"` // RFC 3339
	File     string `json:"file"`
}

// Control is one requirement of a framework and what the evidence does for it.
type Control struct {
	Framework string   `json:"framework"`
	ID        string   `json:"id"`
	About     string   `json:"about,omitempty"`
	Status    string   `json:"status"` // "satisfied", "not satisfied", "not assessed", "declared gap"
	Reason    string   `json:"reason,omitempty"`
	Checks    []string `json:"checks,omitempty"`
	Files     []string `json:"files,omitempty"`
}

// File is one file of the pack.
type File struct {
	Path   string `json:"path"`
	Kind   string `json:"kind"`
	Format string `json:"format,omitempty"`
	Image  string `json:"image,omitempty"`
	Tool   string `json:"tool,omitempty"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"` // hexadecimal
}

// Gap is evidence or a control that the maker declares absent.
type Gap struct {
	Kind   string `json:"kind"`
	Image  string `json:"image,omitempty"` // empty for the release as a whole
	Reason string `json:"reason"`
	Target string `json:"target,omitempty"`
}

// Changes is what changed since a previous release.
type Changes struct {
	Version       string   `json:"version"`
	Commit        string   `json:"commit,omitempty"`
	SHA256        string   `json:"sha256"`        // of the previous ZIP
	ContentDigest string   `json:"contentDigest"` // of the previous pack
	Rows          []Change `json:"rows,omitempty"`
	NotCompared   []string `json:"notCompared,omitempty"` // what only one of the packs has
}

// Change is one thing that changed.
type Change struct {
	Kind     string `json:"kind"` // "image", "finding", "package", "licence", "test", "accessibility", "attestation", "tool", "pin", "gap"
	What     string `json:"what"` // "added", "removed", "changed"
	Image    string `json:"image,omitempty"`
	Name     string `json:"name"`
	Before   string `json:"before,omitempty"`
	After    string `json:"after,omitempty"`
	Severity string `json:"severity,omitempty"` // of a finding
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package table

// SchemaVersion is the version of the columns. Any change of them makes a new one.
const SchemaVersion = 1

// Key says of which pack a row is.
type Key struct {
	PackID        string `json:"pack_id" parquet:"pack_id,dict"` // SHA-256 of MANIFEST.json, hexadecimal
	Product       string `json:"product" parquet:"product,dict"`
	Version       string `json:"version" parquet:"version,dict"`          // "1.482"
	VersionNumber int64  `json:"version_number" parquet:"version_number"` // the commit count, 482: sorts as releases do; 0 where the version has none
}

// At says where the fact of a row stands.
type At struct {
	SourcePath    string `json:"source_path" parquet:"source_path,dict"`                // file of the pack
	SourceSHA256  string `json:"source_sha256" parquet:"source_sha256,optional,dict"`   // of that file, hexadecimal
	SourcePointer string `json:"source_pointer" parquet:"source_pointer,optional,dict"` // JSON Pointer, or "line N"; empty for the whole file
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
	ZIPSHA256     string `json:"zip_sha256" parquet:"zip_sha256,optional"` // empty where the ZIP was not hashed
	Tag           string `json:"tag" parquet:"tag,optional,dict"`
	Commit        string `json:"commit" parquet:"commit,optional,dict"`
	Repository    string `json:"repository" parquet:"repository,optional,dict"`
	Created       Time   `json:"created" parquet:"created,optional,timestamp(millisecond)"`
	Consistent    string `json:"consistent" parquet:"consistent,dict"` // "pass", "fail" or "error"; "skip" where documents were not compared
	Pinned        string `json:"pinned" parquet:"pinned,dict"`         // likewise; "skip" where no digest was expected
	Authentic     string `json:"authentic" parquet:"authentic,dict"`   // likewise; "skip" where no signer was expected
	Files         int64  `json:"files" parquet:"files"`
	Bytes         int64  `json:"bytes" parquet:"bytes"` // of all files
	SchemaVersion int64  `json:"schema_version" parquet:"schema_version"`
	Settings      string `json:"settings" parquet:"settings,optional,dict"` // how the pack was read, as whoever wrote the table names it
	At
}

// Image is one image that the manifest lists.
type Image struct {
	Key
	Image      string `json:"image" parquet:"image,optional,dict"` // its name in the pack
	Reference  string `json:"reference" parquet:"reference,optional,dict"`
	Repository string `json:"repository" parquet:"repository,optional,dict"` // registry and path of the reference
	Digest     string `json:"digest" parquet:"digest,optional,dict"`
	Platform   string `json:"platform" parquet:"platform,optional,dict"`
	Signing    string `json:"signing" parquet:"signing,optional,dict"` // as the manifest claims: "signed" or "unsigned"
	At
}

// File is one file that the manifest lists.
type File struct {
	Key
	Path        string `json:"path" parquet:"path,optional,dict"`
	SHA256      string `json:"sha256" parquet:"sha256,optional,dict"`
	Size        int64  `json:"size" parquet:"size"`
	MediaType   string `json:"media_type" parquet:"media_type,optional,dict"`
	Kind        string `json:"kind" parquet:"kind,optional,dict"`
	Format      string `json:"format" parquet:"format,optional,dict"`
	Image       string `json:"image" parquet:"image,optional,dict"`
	Tool        string `json:"tool" parquet:"tool,optional,dict"`
	ToolVersion string `json:"tool_version" parquet:"tool_version,optional,dict"`
	At
}

// Package is one component.
type Package struct {
	Key
	Image           string   `json:"image" parquet:"image,optional,dict"` // empty for the release as a whole
	PURL            string   `json:"purl" parquet:"purl,optional,dict"`
	Type            string   `json:"purl_type" parquet:"purl_type,optional,dict"`
	Namespace       string   `json:"namespace" parquet:"namespace,optional,dict"` // of the package URL: "debian", "github.com/spf13"
	Name            string   `json:"name" parquet:"name,optional,dict"`           // as the SBOM has it, with its group
	PackageVersion  string   `json:"package_version" parquet:"package_version,optional,dict"`
	Distro          string   `json:"distro" parquet:"distro,optional,dict"` // qualifier of the package URL: "debian-12"
	Arch            string   `json:"arch" parquet:"arch,optional,dict"`     // likewise: "amd64"
	Supplier        string   `json:"supplier" parquet:"supplier,optional,dict"`
	License         string   `json:"license_expression" parquet:"license_expression,optional,dict"`
	Licenses        []string `json:"licenses" parquet:"licenses,list"` // identifiers in the expression
	LicenseCategory string   `json:"license_category" parquet:"license_category,optional,dict"`
	CPEs            []string `json:"cpes" parquet:"cpes,list"`
	SHA256          string   `json:"sha256" parquet:"sha256,optional,dict"`     // of the package's file, where an SBOM states it
	Relation        string   `json:"relation" parquet:"relation,optional,dict"` // "direct", "transitive" or "unknown"
	InSPDX          bool     `json:"in_spdx" parquet:"in_spdx"`                 // an SPDX document lists it
	InCycloneDX     bool     `json:"in_cyclonedx" parquet:"in_cyclonedx"`       // a CycloneDX document lists it
	SourceCount     int64    `json:"sources_count" parquet:"sources_count"`     // SBOMs that list it
	Findings        int64    `json:"findings" parquet:"findings"`               // about it
	At
}

// Finding is one finding.
type Finding struct {
	Key
	Image         string   `json:"image" parquet:"image,optional,dict"`
	Vulnerability string   `json:"vulnerability" parquet:"vulnerability,optional,dict"` // or the id of the rule
	Class         string   `json:"class" parquet:"class,optional,dict"`
	Aliases       []string `json:"aliases" parquet:"aliases,list"`
	Severity      string   `json:"severity" parquet:"severity,optional,dict"`
	SeverityRank  int64    `json:"severity_rank" parquet:"severity_rank"`             // a larger one is worse
	CVSSScore     float64  `json:"cvss_score" parquet:"cvss_score,optional"`          // 0 where none is known
	CVSSVersion   string   `json:"cvss_version" parquet:"cvss_version,optional,dict"` // "3.1"; of the vector
	CVSSVector    string   `json:"cvss_vector" parquet:"cvss_vector,optional,dict"`   // the one that the score was computed from
	PURL          string   `json:"purl" parquet:"purl,optional,dict"`
	Name          string   `json:"name" parquet:"name,optional,dict"`
	Installed     string   `json:"installed" parquet:"installed,optional,dict"`
	Fixed         []string `json:"fixed" parquet:"fixed,list"` // the first versions without it
	Tools         []string `json:"tools" parquet:"tools,list"`
	Reachable     string   `json:"reachable" parquet:"reachable,optional,dict"`
	Waivers       []string `json:"waivers" parquet:"waivers,list"` // claims that let it pass, and whether each counts: "vex: component not present (not counted)"
	Waived        bool     `json:"waived" parquet:"waived"`        // one of them counts
	Title         string   `json:"title" parquet:"title,optional,dict"`
	At
}

// Test is one test of one report.
type Test struct {
	Key
	Suite      string   `json:"suite" parquet:"suite,optional,dict"` // class, module or file
	Name       string   `json:"name" parquet:"name,optional,dict"`
	Status     string   `json:"status" parquet:"status,dict"`
	DurationMS int64    `json:"duration_ms" parquet:"duration_ms"`
	Attempts   int64    `json:"attempts" parquet:"attempts"`
	Files      []string `json:"attachments" parquet:"attachments,list"` // as the report names them
	At
}

// Accessibility is one rule that does not hold on one page.
type Accessibility struct {
	Key
	Page        string   `json:"page" parquet:"page,optional,dict"`
	Rule        string   `json:"rule" parquet:"rule,optional,dict"`
	WCAG        []string `json:"wcag" parquet:"wcag,list"` // success criteria: "1.4.3"
	Impact      string   `json:"impact" parquet:"impact,optional,dict"`
	Nodes       int64    `json:"nodes" parquet:"nodes"`               // elements that fail
	NeedsReview int64    `json:"needs_review" parquet:"needs_review"` // elements that a person must look at
	Help        string   `json:"help" parquet:"help,optional,dict"`
	At
}

// Attestation is one signature or signed statement. Nothing of it is verified: the
// checks attest.* of its file say what holds.
type Attestation struct {
	Key
	Image            string   `json:"image" parquet:"image,optional,dict"`
	Format           string   `json:"format" parquet:"format,optional,dict"`
	PredicateType    string   `json:"predicate_type" parquet:"predicate_type,optional,dict"` // empty for a signature without a statement
	Subjects         []string `json:"subject_digests" parquet:"subject_digests,list"`
	SignerIdentity   string   `json:"signer_identity" parquet:"signer_identity,optional,dict"` // as the certificate claims; empty for a key
	SignerIssuer     string   `json:"signer_issuer" parquet:"signer_issuer,optional,dict"`     // likewise, as are those that follow
	SourceRepository string   `json:"source_repository" parquet:"source_repository,optional,dict"`
	SourceCommit     string   `json:"source_commit" parquet:"source_commit,optional,dict"`
	SourceRef        string   `json:"source_ref" parquet:"source_ref,optional,dict"`
	Results          []string `json:"results" parquet:"results,list"` // "attest.signature: pass", for each check of the file
	At
}

// Check is one check of the verification.
type Check struct {
	Key
	ID      string `json:"check_id" parquet:"check_id,optional,dict"`
	Status  string `json:"status" parquet:"status,dict"`
	Subject string `json:"subject" parquet:"subject,optional,dict"`
	Message string `json:"message" parquet:"message,optional,dict"`
	At
}

// Control is one kind of evidence that speaks to one control, and what the release says of
// the control by all of them: see package controls.
type Control struct {
	Key
	Framework string   `json:"framework" parquet:"framework,dict"`
	Edition   string   `json:"edition" parquet:"edition,optional,dict"`
	ID        string   `json:"control_id" parquet:"control_id,dict"`
	State     string   `json:"state" parquet:"state,dict"`                // of the control: "satisfied", "not satisfied", "not assessed", "declared gap"
	Strength  string   `json:"strength" parquet:"strength,dict"`          // of this kind of evidence: "shows", "supports", "gap"
	Evidence  string   `json:"evidence" parquet:"evidence,optional,dict"` // the kind
	Result    string   `json:"result" parquet:"result,dict"`              // of this kind of evidence, as for a check
	Reason    string   `json:"reason" parquet:"reason,optional,dict"`     // why the state is what it is
	About     string   `json:"about" parquet:"about,optional,dict"`
	CheckIDs  []string `json:"check_ids" parquet:"check_ids,list"` // that were looked at
	At                 // the first file that is the evidence, else the manifest
}

// Gap is evidence, or a control, that the manifest declares absent.
type Gap struct {
	Key
	Kind   string `json:"kind" parquet:"kind,optional,dict"`
	Image  string `json:"image" parquet:"image,optional,dict"`
	Reason string `json:"reason" parquet:"reason,optional,dict"`
	Target string `json:"target" parquet:"target,optional,dict"`             // a day or a quarter
	Due    Time   `json:"due" parquet:"due,optional,timestamp(millisecond)"` // when the target is over
	At
}

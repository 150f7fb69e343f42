// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"encoding/json"
	"slices"
	"strings"
)

// Finding is one thing that a report found: one result of one report as the
// readers give it, or what [Merge] makes of all results about the same thing.
//
// Strings are as the report has them unless the comment says otherwise; they are
// hostile text. Slices may be shared between findings and must not be changed.
type Finding struct {
	Class Class `json:"class"`

	// ID names the vulnerability by its best known identifier: CVE before GHSA
	// before any other. For the other classes it is the rule's.
	ID      string   `json:"id"`
	Aliases []string `json:"aliases,omitempty"` // other identifiers of the same vulnerability, sorted; not ID

	Severity     Severity `json:"severity"`              // computed from Ratings, see Rating
	Score        float64  `json:"score,omitempty"`       // CVSS score that goes with it, 0 to 10; 0 when none is known
	SeverityFrom Basis    `json:"severityFrom,omitzero"` // what decided; zero where the report states none, then Severity is SeverityUnknown
	Ratings      []Rating `json:"ratings,omitempty"`     // as told, by every tool, in the report's order
	Level        Level    `json:"level"`                 // SARIF's level, computed by section 3.27.10; from Severity for other formats
	Kind         Kind     `json:"kind"`                  // KindFail but for SARIF reports that say otherwise
	Baseline     Baseline `json:"baseline,omitzero"`     // as the report compares itself with an earlier one
	RuleID       string   `json:"ruleId,omitempty"`      // as the report names the rule; for Grype "ID-package"
	RuleName     string   `json:"ruleName,omitempty"`    // the rule's short stable name
	Title        string   `json:"title,omitempty"`       // one line
	Description  string   `json:"description,omitempty"`
	Message      string   `json:"message,omitempty"` // the result's own message, placeholders filled in

	Package   *Package   `json:"package,omitempty"`   // nil for classes without one
	Target    *Target    `json:"target,omitempty"`    // what was scanned; nil when the report does not say
	Locations []Location `json:"locations,omitempty"` // in the target

	Reachability Reachability `json:"reachability"`
	Stacks       []Stack      `json:"stacks,omitempty"` // call stacks that prove it, outermost caller first

	CWEs         []string      `json:"cwes,omitempty"`       // "CWE-79", by number
	Advisories   []string      `json:"advisories,omitempty"` // of a distributor, about this and maybe other vulnerabilities: "DSA-5514-1"
	References   []string      `json:"references,omitempty"` // URLs
	Suppressions []Suppression `json:"suppressions,omitempty"`
	Suppressed   bool          `json:"suppressed"` // by Suppressions and the rules of SARIF section 3.27.23; a [Gate] honours it only where told to
	Fingerprints []Fingerprint `json:"fingerprints,omitempty"`

	// Source says where the finding stands; of a merged finding, its first member.
	Source Source `json:"-"`

	// Members are the results that a merged finding was made of, in the order of
	// file, run and result; nil for a finding that was read.
	Members []*Finding `json:"-"`

	// Origins are the sources that the report itself names for a finding, if the
	// report was written from others by WriteSARIF; see [Finding.Provenance].
	Origins []Origin `json:"-"`

	identity identity // of a merged finding
}

// Origin is one result that tells of a finding, and what it says in its own words:
// by this, every datum of a merged finding can be traced to file, run and result.
type Origin struct {
	Source
	ID           string       `json:"id"`
	RuleID       string       `json:"ruleId,omitempty"`
	Severity     Severity     `json:"severity"`
	Package      string       `json:"package,omitempty"`
	Versions     []string     `json:"versions,omitempty"`
	Fixed        []string     `json:"fixed,omitempty"`
	Reachability Reachability `json:"reachability,omitempty"`
	Suppressed   bool         `json:"suppressed,omitempty"`
}

// Provenance returns every result that tells of the finding.
func (f *Finding) Provenance() []Origin {
	members := f.Members
	if members == nil {
		members = []*Finding{f}
	}
	var list []Origin
	for _, m := range members {
		if m.Origins != nil {
			list = append(list, m.Origins...)
			continue
		}
		o := Origin{Source: m.Source, ID: m.ID, RuleID: m.RuleID, Severity: m.Severity, Reachability: m.Reachability, Suppressed: m.Suppressed}
		if m.Package != nil {
			o.Package, o.Versions, o.Fixed = m.Package.Name, m.Package.Versions, m.Package.Fixed
		}
		list = append(list, o)
	}
	return list
}

// plainFinding is Finding without its methods.
type plainFinding Finding

// MarshalJSON implements json.Marshaler: the fields as tagged, and "sources" with
// the finding's Provenance.
func (f *Finding) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		*plainFinding
		Sources []Origin `json:"sources"`
	}{(*plainFinding)(f), f.Provenance()})
}

// UnmarshalJSON implements json.Unmarshaler; "sources" become Origins.
func (f *Finding) UnmarshalJSON(data []byte) error {
	v := struct {
		*plainFinding
		Sources []Origin `json:"sources"`
	}{plainFinding: (*plainFinding)(f)}
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	f.Origins = v.Sources
	return nil
}

// Package is the software that a finding is about.
type Package struct {
	Name      string   `json:"name"`                // as the tool names it: "apt", "org.apache.tomcat:tomcat-catalina", "golang.org/x/net"
	PURL      string   `json:"purl,omitempty"`      // canonical; as told, from the tool's package type, or from an SBOM
	Ecosystem string   `json:"ecosystem,omitempty"` // package URL type: "deb", "npm", "golang"; empty when not known
	Versions  []string `json:"versions,omitempty"`  // installed; more than one only in a merged finding
	Fixed     []string `json:"fixed,omitempty"`     // the first versions without the vulnerability, one per release line
	Fix       FixState `json:"fix"`
	Path      string   `json:"path,omitempty"` // of the file that holds or declares it, in the target
}

// Version returns the installed version, the first if there are several; "" if unknown.
func (p *Package) Version() string {
	if p == nil || len(p.Versions) == 0 {
		return ""
	}
	return p.Versions[0]
}

// String returns "name@version", or the name alone.
func (p *Package) String() string {
	if v := p.Version(); v != "" {
		return p.Name + "@" + v
	}
	return p.Name
}

// TargetKind says what a tool scanned. Beside those that have a constant the kinds are
// "repository", "vm", "sbom", "cluster" and "other".
type TargetKind string

// The kinds of target that programs ask for.
const (
	TargetImage      TargetKind = "image"
	TargetModule     TargetKind = "module" // a Go module
	TargetFilesystem TargetKind = "filesystem"
)

// Target is what a tool scanned.
type Target struct {
	Kind       TargetKind `json:"kind"`
	Name       string     `json:"name"`                 // as told: an image reference, a module path, a folder
	Repository string     `json:"repository,omitempty"` // image: registry and path, "docker.io/library/nginx"; without registry where the report leaves it out
	Tags       []string   `json:"tags,omitempty"`
	Digests    []string   `json:"digests,omitempty"` // image: digests of the manifest or index, "sha256:<hex>"
	ImageID    string     `json:"imageId,omitempty"` // image: digest of its configuration
	Arch       string     `json:"arch,omitempty"`    // image: "amd64"; empty when not stated
	OS         string     `json:"os,omitempty"`      // "debian 12.15"

	// Config is what the report says of the image besides; nil where it says nothing.
	Config *ImageConfig `json:"-"`
}

// ImageConfig is what Trivy's own format says of an image.
type ImageConfig struct {
	Labels       map[string]string // of the configuration
	Created      string            // of the configuration, as stated: RFC 3339
	Layers       []string          // digests of the unpacked layers that Trivy scanned, the base first
	ConfigLayers []string          // the same, as the configuration lists them
	Blobs        []string          // the same layers' digests as the image's manifest lists them
}

// Location is one place of a finding in its target.
type Location struct {
	URI         string `json:"uri,omitempty"`    // as told, or from the run's table of artifacts
	Base        string `json:"base,omitempty"`   // uriBaseId; [Run.Resolve] gives the absolute URI
	Root        string `json:"root,omitempty"`   // URI that Base stands for; empty when the report does not say
	StartLine   int    `json:"line,omitempty"`   // from 1; 0 when not told
	StartColumn int    `json:"column,omitempty"` // from 1
	Offset      int    `json:"offset,omitempty"` // from 1, of the first character or byte, where the report gives no line
	EndLine     int    `json:"endLine,omitempty"`
	EndColumn   int    `json:"endColumn,omitempty"`
	Logical     string `json:"logical,omitempty"` // fully qualified name of the logical location
	Layer       string `json:"layer,omitempty"`   // digest of the image layer
	Message     string `json:"message,omitempty"`
	Snippet     string `json:"snippet,omitempty"`
}

// Stack is one call stack.
type Stack struct {
	Message string  `json:"message,omitempty"`
	Frames  []Frame `json:"frames"` // outermost caller first, the vulnerable symbol last
}

// Frame is one call of a Stack.
type Frame struct {
	Symbol string `json:"symbol,omitempty"` // "golang.org/x/net/html.Parse"
	Module string `json:"module,omitempty"` // "golang.org/x/net@v0.10.0"
	URI    string `json:"uri,omitempty"`
	Base   string `json:"base,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// Suppression is somebody's word that a finding needs no attention (SARIF section
// 3.35). In evidence it is the vendor's word.
type Suppression struct {
	Kind          string `json:"kind"`             // "inSource", "external"; "ignore" and "vex" for Trivy's modified findings
	Status        string `json:"status,omitempty"` // "accepted", "underReview", "rejected"; empty means accepted
	Justification string `json:"justification,omitempty"`
	Source        string `json:"source,omitempty"` // file that holds it, where told
}

// Fingerprint identifies a result in the producer's own terms (SARIF sections
// 3.27.16 and 3.27.17). It is kept, not used: Grype gives several
// vulnerabilities of one file the same one.
type Fingerprint struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	Partial bool   `json:"partial,omitempty"`
}

// Source is where a finding stands, and what tool says so.
type Source struct {
	File    string `json:"file,omitempty"` // ReadOptions.Name
	Run     int    `json:"run"`            // index in Log.Runs
	Result  int    `json:"result"`         // index in the run's results, counting those that are not findings
	Pointer string `json:"pointer,omitempty"`
	Line    int    `json:"line,omitempty"` // from 1; 0 when the format has no place for one finding
	Tool    string `json:"tool,omitempty"`
	Version string `json:"toolVersion,omitempty"`
}

// suppressed applies SARIF sections 3.27.23 and 3.35.3: a result counts as
// suppressed if there is a suppression, and none is under review or rejected.
func suppressed(list []Suppression) bool {
	for _, s := range list {
		if s.Status != "" && s.Status != "accepted" {
			return false
		}
	}
	return len(list) > 0
}

// Is reports whether id names the finding's vulnerability: it is the ID, or an
// alias. Of several CVEs that one advisory joins, only the ID counts: a word
// about one of them says nothing of the others.
func (f *Finding) Is(id string) bool {
	if strings.EqualFold(f.ID, id) {
		return true
	}
	if isCVE(id) && isCVE(f.ID) {
		return false
	}
	return slices.ContainsFunc(f.Aliases, func(a string) bool { return strings.EqualFold(a, id) })
}

// grade computes Severity, Score and SeverityFrom from Ratings.
func (f *Finding) grade() {
	r := decide(f.Ratings)
	if r == nil {
		f.Severity = SeverityUnknown
		return
	}
	f.Severity, f.SeverityFrom, f.Score = r.Severity, r.Basis, 0
	if r.Basis == BasisVector || r.Basis == BasisScore {
		f.Score = r.Score
		return
	}
	// The word decides, the number goes with it.
	var best *Rating
	for i := range f.Ratings {
		c := &f.Ratings[i]
		if (c.Basis == BasisVector || c.Basis == BasisScore) && (best == nil || stronger(c, best)) {
			best = c
		}
	}
	if best != nil {
		f.Score = best.Score
	}
}

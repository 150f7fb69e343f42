// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"strconv"
	"strings"

	cvss20 "github.com/pandatix/go-cvss/20"
	cvss30 "github.com/pandatix/go-cvss/30"
	cvss31 "github.com/pandatix/go-cvss/31"
	cvss40 "github.com/pandatix/go-cvss/40"

	"github.com/HailBytes/evidence/internal/enum"
)

// Severity is the comparable grade of a finding. SeverityUnknown compares below
// all others but means that the finding is without a severity, not that it is harmless:
// a [Gate] treats it by itself.
type Severity uint8

// The severities, weakest first.
const (
	SeverityInvalid    Severity = iota
	SeverityUnknown    Severity = iota
	SeverityNone       Severity = iota // graded, and found harmless: CVSS 0.0
	SeverityNegligible Severity = iota // as Debian and Grype use it
	SeverityLow        Severity = iota
	SeverityMedium     Severity = iota
	SeverityHigh       Severity = iota
	SeverityCritical   Severity = iota
)

var severityNames = enum.Names{"invalid", "unknown", "none", "negligible", "low", "medium", "high", "critical"}

// String returns the severity in lower case.
func (s Severity) String() string { return severityNames.Name(uint8(s)) }

// MarshalText implements encoding.TextMarshaler; the zero value is an error.
func (s Severity) MarshalText() ([]byte, error) { return severityNames.Marshal("severity", uint8(s)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Severity) UnmarshalText(text []byte) error {
	i, err := severityNames.Unmarshal("severity", text)
	*s = Severity(i)
	return err
}

// ParseSeverity returns the severity that a tool's word means, in any case:
// the names above, and the words that Red Hat, npm, Ubuntu and GitHub use for
// them. It returns SeverityInvalid for any other text.
func ParseSeverity(word string) Severity {
	word = strings.ToLower(strings.TrimSpace(word))
	switch word {
	case "moderate":
		return SeverityMedium
	case "important":
		return SeverityHigh
	case "unimportant", "minimal":
		return SeverityNegligible
	case "info", "informational":
		return SeverityNone
	case "unspecified", "unassigned", "undefined", "untriaged":
		return SeverityUnknown
	}
	i, err := severityNames.Unmarshal("severity", []byte(word))
	if err != nil {
		return SeverityInvalid
	}
	return Severity(i)
}

// Basis says what a rating stands on. The order is that in which ratings decide
// a finding's severity: the tool's own word, a CVSS vector, a number, a level.
type Basis uint8

// The bases, strongest first.
const (
	basisInvalid Basis = iota
	BasisText    Basis = iota // the tool's word: "HIGH"
	BasisVector  Basis = iota // a CVSS vector, scored here
	BasisScore   Basis = iota // a number without a vector: "security-severity", "baseScore"
	BasisBand    Basis = iota // a number that stands for a word: Trivy writes 8.0 for HIGH
	BasisLevel   Basis = iota // SARIF's level
)

var basisNames = enum.Names{"invalid", "text", "vector", "score", "band", "level"}

// String returns the basis in lower case.
func (b Basis) String() string { return basisNames.Name(uint8(b)) }

// MarshalText implements encoding.TextMarshaler; the zero value is an error.
func (b Basis) MarshalText() ([]byte, error) { return basisNames.Marshal("basis", uint8(b)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *Basis) UnmarshalText(text []byte) error {
	i, err := basisNames.Unmarshal("basis", text)
	*b = Basis(i)
	return err
}

// Rating is one grade that a report gives a finding.
type Rating struct {
	Basis    Basis    `json:"basis"`
	Severity Severity `json:"severity"`
	Score    float64  `json:"score,omitempty"`  // 0 to 10; computed from Vector, else as told; 0 for BasisText and BasisLevel
	Vector   string   `json:"vector,omitempty"` // BasisVector: as told, "CVSS:3.1/AV:N/..."; CVSS 2 has no prefix
	Source   string   `json:"source,omitempty"` // who rated: "nvd", "ghsa", "debian"; empty when the tool does not say
	Word     string   `json:"word,omitempty"`   // as told: "HIGH", "8.0", "error"
	Tool     string   `json:"tool,omitempty"`   // whose report it stands in; set in merged findings
}

// severityOfScore returns the qualitative rating of a CVSS v3 or v4 score
// (CVSS 3.1 specification section 5, CVSS 4.0 section 6). GitHub reads
// "security-severity" by the same bands.
func severityOfScore(score float64) Severity {
	switch {
	case score >= 9:
		return SeverityCritical
	case score >= 7:
		return SeverityHigh
	case score >= 4:
		return SeverityMedium
	case score > 0:
		return SeverityLow
	}
	return SeverityNone
}

// rateVector parses and scores a CVSS vector of any version: the base score, or
// for version 4 the score of the metrics given.
func rateVector(vector, source string) (Rating, bool) {
	r := Rating{Basis: BasisVector, Vector: vector, Source: source}
	switch {
	case vector == "":
		return Rating{}, false
	case strings.HasPrefix(vector, "CVSS:4.0/"):
		v, err := cvss40.ParseVector(vector)
		if err != nil {
			return Rating{}, false
		}
		r.Score = scoreCVSS4(v)
	case strings.HasPrefix(vector, "CVSS:3.1/"):
		v, err := cvss31.ParseVector(vector)
		if err != nil {
			return Rating{}, false
		}
		r.Score = v.BaseScore()
	case strings.HasPrefix(vector, "CVSS:3.0/"):
		v, err := cvss30.ParseVector(vector)
		if err != nil {
			return Rating{}, false
		}
		r.Score = v.BaseScore()
	default:
		v, err := cvss20.ParseVector(strings.Trim(vector, "()"))
		if err != nil {
			return Rating{}, false
		}
		r.Score = v.BaseScore()
		r.Severity = severityOfScore2(r.Score)
		return r, true
	}
	r.Severity = severityOfScore(r.Score)
	return r, true
}

// severityOfScore2 returns NVD's rating of a CVSS v2 score, which has no critical.
func severityOfScore2(score float64) Severity {
	switch {
	case score >= 7:
		return SeverityHigh
	case score >= 4:
		return SeverityMedium
	}
	return SeverityLow
}

// rateScore reads a number from 0 to 10.
func rateScore(text, source string) (Rating, bool) {
	if text = strings.TrimSpace(text); text == "" || text == "null" { // Snyk writes "null"
		return Rating{}, false
	}
	score, err := strconv.ParseFloat(text, 64)
	if err != nil || !(score >= 0 && score <= 10) {
		return Rating{}, false
	}
	return Rating{Basis: BasisScore, Severity: severityOfScore(score), Score: score, Source: source, Word: text}, true
}

// rateText reads a tool's word.
func rateText(word, source string) (Rating, bool) {
	s := SeverityInvalid
	if word != "" {
		s = ParseSeverity(word)
	}
	if s == SeverityInvalid {
		return Rating{}, false
	}
	return Rating{Basis: BasisText, Severity: s, Source: source, Word: word}, true
}

// rateLevel reads a level as a severity, as GitHub shows them where nothing else is told.
func rateLevel(l Level) Rating {
	s := SeverityUnknown
	switch l {
	case LevelError:
		s = SeverityHigh
	case LevelWarning:
		s = SeverityMedium
	case LevelNote:
		s = SeverityLow
	case LevelNone:
		s = SeverityNone
	}
	return Rating{Basis: BasisLevel, Severity: s, Word: l.String()}
}

// vectorRank orders vectors by the version of the standard, newest first.
func vectorRank(vector string) int {
	switch {
	case strings.HasPrefix(vector, "CVSS:4"):
		return 0
	case strings.HasPrefix(vector, "CVSS:3.1"):
		return 1
	case strings.HasPrefix(vector, "CVSS:3.0"):
		return 2
	}
	return 3
}

// decide returns the rating that decides a severity, nil if there is none: the
// first basis in order; among words the first, as a tool says its own before
// others'; among vectors the newest standard, then the highest score; among
// numbers the highest.
//
// A tool that says "unknown" in words knows of no grade: what it then writes as
// number and level are fillers, and only a vector overrides the word.
func decide(ratings []Rating) *Rating {
	var best, unknown *Rating
	for i := range ratings {
		r := &ratings[i]
		if r.Basis == BasisText && r.Severity == SeverityUnknown {
			if unknown == nil {
				unknown = r
			}
			continue
		}
		if best == nil || stronger(r, best) {
			best = r
		}
	}
	if unknown != nil && (best == nil || best.Basis > BasisVector) {
		return unknown
	}
	return best
}

func stronger(a, b *Rating) bool {
	if a.Basis != b.Basis {
		return a.Basis < b.Basis
	}
	switch a.Basis {
	case BasisText:
		return false
	case BasisVector:
		if ra, rb := vectorRank(a.Vector), vectorRank(b.Vector); ra != rb {
			return ra < rb
		}
	}
	return a.Score > b.Score
}

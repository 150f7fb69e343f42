// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"fmt"
	"slices"

	"github.com/HailBytes/evidence/internal/enum"
)

// Class says what a finding is about.
type Class uint8

// The classes. Only vulnerabilities have packages that are matched across tools;
// license findings have a package, too.
const (
	classInvalid          Class = iota
	ClassVulnerability    Class = iota // a published weakness of a package
	ClassMisconfiguration Class = iota // of an infrastructure file, an image or a cluster
	ClassSecret           Class = iota // a credential in a file
	ClassLicense          Class = iota // a licence that the tool's policy does not like
	ClassCode             Class = iota // static analysis of the product's own code, and all else
)

var classNames = enum.Names{"invalid", "vulnerability", "misconfiguration", "secret", "license", "code"}

// String returns the class in lower case.
func (c Class) String() string { return classNames.Name(uint8(c)) }

// MarshalText implements encoding.TextMarshaler; the zero value is an error.
func (c Class) MarshalText() ([]byte, error) { return classNames.Marshal("class", uint8(c)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (c *Class) UnmarshalText(text []byte) error {
	i, err := classNames.Unmarshal("class", text)
	*c = Class(i)
	return err
}

// Level is SARIF's own grade of a result (SARIF 2.1.0 section 3.27.10). What it
// means depends on the tool; see [Severity] for the comparable one.
type Level uint8

// The levels, weakest first.
const (
	levelInvalid Level = iota
	LevelNone    Level = iota
	LevelNote    Level = iota
	LevelWarning Level = iota
	LevelError   Level = iota
)

var levelNames = enum.Names{"invalid", "none", "note", "warning", "error"}

// String returns the level as SARIF writes it.
func (l Level) String() string { return levelNames.Name(uint8(l)) }

// MarshalText implements encoding.TextMarshaler; the zero value is an error.
func (l Level) MarshalText() ([]byte, error) { return levelNames.Marshal("level", uint8(l)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *Level) UnmarshalText(text []byte) error {
	i, err := levelNames.Unmarshal("level", text)
	*l = Level(i)
	return err
}

// Kind is SARIF's nature of a result (section 3.27.9). Results of kind pass and
// notApplicable are not findings and are only counted.
type Kind uint8

// The kinds of results that are findings.
const (
	kindInvalid       Kind = iota
	KindFail          Kind = iota // the rule found a problem; what every other format reports
	KindOpen          Kind = iota // the rule could not decide: a person must
	KindReview        Kind = iota // a person must look
	KindInformational Kind = iota // no problem, says the tool
)

var kindNames = enum.Names{"invalid", "fail", "open", "review", "informational"}

// String returns the kind as SARIF writes it.
func (k Kind) String() string { return kindNames.Name(uint8(k)) }

// MarshalText implements encoding.TextMarshaler; the zero value is an error.
func (k Kind) MarshalText() ([]byte, error) { return kindNames.Marshal("kind", uint8(k)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *Kind) UnmarshalText(text []byte) error {
	i, err := kindNames.Unmarshal("kind", text)
	*k = Kind(i)
	return err
}

// Baseline is what a result says of itself against an earlier run (section
// 3.27.24). Results that are absent are not findings and are only counted.
type Baseline uint8

// The states. BaselineNone, the zero value: the report compares with nothing.
const (
	BaselineNone      Baseline = iota
	BaselineNew       Baseline = iota
	BaselineUnchanged Baseline = iota
	BaselineUpdated   Baseline = iota
	BaselineAbsent    Baseline = iota
)

var baselineNames = enum.Names{"", "new", "unchanged", "updated", "absent"}

// String returns the state as SARIF writes it, "" for BaselineNone.
func (b Baseline) String() string { return baselineNames.Name(uint8(b)) }

// MarshalText implements encoding.TextMarshaler.
func (b Baseline) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *Baseline) UnmarshalText(text []byte) error {
	i := slices.Index(baselineNames, string(text))
	if i < 0 {
		return fmt.Errorf("unknown baseline state %q", text)
	}
	*b = Baseline(i)
	return nil
}

// Reachability says how far a vulnerable package is in use, as far as a tool
// looked. Larger is closer: a merged finding has the largest of its members.
type Reachability uint8

// The steps. ReachUnknown, the zero value: no tool looked; it is not "unreachable".
const (
	ReachUnknown  Reachability = iota
	ReachRequired Reachability = iota // the module is in the build list, none of its vulnerable packages is imported
	ReachImported Reachability = iota // a vulnerable package is imported; no call was found, or none looked for
	ReachSymbol   Reachability = iota // a vulnerable symbol is in the binary; whether it is called is not known
	ReachCalled   Reachability = iota // a call stack from the product's code to the vulnerable symbol is known
)

var reachNames = enum.Names{"unknown", "required", "imported", "symbol", "called"}

// String returns the step in lower case.
func (r Reachability) String() string { return reachNames.Name(uint8(r)) }

// MarshalText implements encoding.TextMarshaler.
func (r Reachability) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *Reachability) UnmarshalText(text []byte) error {
	i := slices.Index(reachNames, string(text))
	if i < 0 {
		return fmt.Errorf("unknown reachability %q", text)
	}
	*r = Reachability(i)
	return nil
}

// FixState says whether there is a version without the vulnerability. Its String, in
// the words of Trivy's "Status", is one of
//
//	"unknown"              the report does not say: the zero value
//	"fixed"                Package.Fixed names a version
//	"affected"             no fixed version exists yet
//	"will_not_fix"         the distributor will not fix it
//	"fix_deferred"         the distributor puts it off
//	"end_of_life"          the distribution or package gets no fixes any more
//	"under_investigation"  the distributor is still looking
//	"not_affected"         the distributor says that its package is not affected
type FixState uint8

const (
	fixUnknown   FixState = iota
	fixAvailable          // the others are known by their names only
)

var fixNames = enum.Values{"unknown", "fixed", "affected", "will_not_fix", "fix_deferred", "end_of_life", "under_investigation", "not_affected"}

// String returns the state in the words of Trivy's "Status".
func (s FixState) String() string { return fixNames.Name("FixState", uint8(s)) }

// MarshalText implements encoding.TextMarshaler.
func (s FixState) MarshalText() ([]byte, error) { return fixNames.Marshal("FixState", uint8(s)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *FixState) UnmarshalText(text []byte) (err error) {
	*(*uint8)(s), err = fixNames.Unmarshal("FixState", text)
	return err
}

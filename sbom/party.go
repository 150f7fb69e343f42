// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"strings"

	"github.com/HailBytes/evidence/internal/enum"
)

// PartyKind tells people, organizations and tools apart.
type PartyKind uint8

// The kinds of party.
const (
	PartyUnknown PartyKind = iota
	PartyPerson
	PartyOrganization
	PartyTool
)

var partyNames = enum.Values{"unknown", "person", "organization", "tool"}

// String returns "person", "organization", "tool" or "unknown".
func (k PartyKind) String() string { return partyNames.Name("PartyKind", uint8(k)) }

// MarshalText implements encoding.TextMarshaler.
func (k PartyKind) MarshalText() ([]byte, error) { return partyNames.Marshal("PartyKind", uint8(k)) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *PartyKind) UnmarshalText(text []byte) (err error) {
	*(*uint8)(k), err = partyNames.Unmarshal("PartyKind", text)
	return err
}

// Party is a person or organization that made, supplied or described something.
type Party struct {
	Kind PartyKind `json:"kind"`
	// Name holds the name; its state is StateNoAssertion where an SPDX document says
	// NOASSERTION in place of a party.
	Name     Text     `json:"name"`
	Email    string   `json:"email,omitzero"`
	Phone    string   `json:"phone,omitzero"`    // CycloneDX
	URLs     []string `json:"urls,omitzero"`     // CycloneDX organizations
	Contacts []Party  `json:"contacts,omitzero"` // CycloneDX: people in the organization
	Ref      string   `json:"ref,omitzero"`      // bom-ref, or spdxId of an SPDX 3 agent
	Extras   Extras   `json:"extras,omitzero"`   // address

	written string // the SPDX 2 form, if it is not what spdxText composes
}

// Stated reports whether a party is named. It is false for nil, and for NOASSERTION.
func (p *Party) Stated() bool { return p != nil && p.Name.Stated() }

// String returns the name and, in parentheses, the email address; empty when no party is named.
func (p *Party) String() string {
	if !p.Stated() {
		return ""
	}
	if p.Email == "" {
		return p.Name.String()
	}
	return p.Name.String() + " (" + p.Email + ")"
}

// parseParty reads the SPDX 2 form "Person: name (email)" (SPDX 2.3 §6.8, §7.5).
func parseParty(s string) Party {
	p := Party{Name: assertable(s)}
	if !p.Name.Stated() {
		return p
	}
	kind, rest, ok := strings.Cut(s, ":")
	switch kind {
	case "Person":
		p.Kind = PartyPerson
	case "Organization":
		p.Kind = PartyOrganization
	case "Tool":
		p.Kind = PartyTool
	default:
		ok = false
	}
	if !ok {
		return p
	}
	rest = strings.TrimSpace(rest)
	if p.Kind != PartyTool && strings.HasSuffix(rest, ")") {
		if i := strings.LastIndexByte(rest, '('); i >= 0 {
			p.Email = strings.TrimSpace(rest[i+1 : len(rest)-1])
			rest = strings.TrimSpace(rest[:i])
		}
	}
	p.Name = NewText(rest)
	if p.spdxText() != s {
		p.written = s
	}
	return p
}

// spdxText returns the SPDX 2 form of p.
func (p *Party) spdxText() string {
	if p.written != "" {
		if q := parseParty(p.written); q.Kind == p.Kind && q.Name == p.Name && q.Email == p.Email {
			return p.written
		}
	}
	var s string
	switch p.Kind {
	case PartyPerson:
		s = "Person: "
	case PartyOrganization:
		s = "Organization: "
	case PartyTool:
		s = "Tool: "
	}
	s += p.Name.Written()
	if p.Email != "" {
		s += " (" + p.Email + ")"
	}
	return s
}

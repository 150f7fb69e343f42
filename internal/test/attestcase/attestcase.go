// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package attestcase reads the cases of the corpus' attestations, for the tests of
// the packages and of the binary that verify them.
package attestcase

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/HailBytes/evidence/internal/test/corpus"
)

// Case is one file with a policy and the verdict that it must get.
type Case struct {
	ID      string
	Family  string
	File    string // relative to Dir
	Expect  string // "pass", "fail", or "pae-only" for a file that is no attestation
	Stage   string // where a strict verifier stops; empty where the case does not say
	Policy  Policy
	Dir     string
	Missing []string `json:"strictStatementFailure"` // members that the statement lacks
}

// Policy is what the case asks for. Files are relative to Case.Dir.
type Policy struct {
	TrustedRoot         string
	SAN, SANRegexp      string
	Issuer              string
	SourceRepositoryURI string
	Digest              string
	Artifact            string
	TransparencyLog     *int
	ObserverTimestamps  *int
	SignedTimestamps    *int
	SCT                 *int
	Keys                []string
	Key                 string
	Threshold           int
	PredicateType       string
	PredicateFile       string
	LayoutKeys          []string
	LinkDir             string
	AllowInspections    bool
}

// Load returns the cases, skipping the test where the corpus is not there.
func Load(t testing.TB) []Case {
	t.Helper()
	dir := corpus.Dir(t, "attest")
	var cases []Case
	if err := json.Unmarshal(Read(t, filepath.Join(dir, "cases.json")), &cases); err != nil {
		t.Fatal(err)
	}
	for i := range cases {
		cases[i].Dir = dir
	}
	return cases
}

// Path returns the place of one of the case's files.
func (c *Case) Path(file string) string { return filepath.Join(c.Dir, filepath.FromSlash(file)) }

// Read reads a file that must be there.
func Read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

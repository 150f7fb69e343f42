// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/cli"
	"github.com/HailBytes/evidence/internal/test/attestcase"
	"github.com/HailBytes/evidence/internal/test/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m, map[string]cli.Run{"attest-verify": run}) }

func TestStories(t *testing.T) { clitest.Run(t) }

func TestSchema(t *testing.T) { clitest.Schema(t, run, "attest-verify", result{}, nil) }

// TestCorpus gives every case of the corpus its verdict through the command line,
// by the artifact's path and by its digest.
func TestCorpus(t *testing.T) {
	count := map[string]int{}
	for _, c := range attestcase.Load(t) {
		if c.Expect == "pae-only" {
			continue
		}
		for _, subject := range subjects(t, &c) {
			args := append(append([]string{"-json"}, subject...), trust(&c)...)
			code, stdout, stderr := clitest.Call(t, run, "", append(args, c.Path(c.File))...)
			count[c.Expect]++
			want := map[string]int{"pass": cli.ExitHolds, "fail": cli.ExitFails}[c.Expect]
			if c.Expect == "fail" && c.Family == "real" && (c.Policy.SAN == "" && c.Policy.SANRegexp == "" || c.Policy.Issuer == "") && c.Policy.Key == "" {
				want = cli.ExitCannot // the case is that nobody says who should have signed
			}
			if code != want {
				t.Errorf("%s %v: exit code %d, want %d: %s %s", c.ID, subject, code, want, stdout, stderr)
				continue
			}
			var out struct {
				OK    bool
				Stage string
			}
			if err := json.Unmarshal([]byte(stdout), &out); err != nil || out.OK != (code == 0) {
				t.Errorf("%s: %v in %q", c.ID, err, stdout)
			}
			if c.Stage != "" && out.Stage != c.Stage {
				t.Errorf("%s: stage %q, want %q", c.ID, out.Stage, c.Stage)
			}
		}
	}
	t.Logf("verdicts: %v", count)
}

// subjects returns the flags for every way to name the artifact.
func subjects(t *testing.T, c *attestcase.Case) [][]string {
	t.Helper()
	p := &c.Policy
	switch {
	case len(p.LayoutKeys) > 0:
		return [][]string{nil}
	case p.Artifact != "":
		return [][]string{
			{"-artifact", c.Path(p.Artifact)},
			{"--digest", evidence.Sum256(attestcase.Read(t, c.Path(p.Artifact))).String()},
		}
	case p.Digest != "":
		return [][]string{{"-digest", p.Digest}}
	}
	return [][]string{{"-unsafe-any-subject"}}
}

// trust returns the flags for whom to trust and what to expect.
func trust(c *attestcase.Case) []string {
	p := &c.Policy
	var args []string
	add := func(flag, value string) {
		if value != "" {
			args = append(args, flag, value)
		}
	}
	number := func(flag string, n *int) {
		if n != nil {
			add(flag, strconv.Itoa(*n))
		}
	}
	file := func(flag, name string) {
		if name != "" {
			add(flag, filepath.Join(c.Dir, name))
		}
	}
	for _, k := range p.LayoutKeys {
		file("-layout-key", k)
		file("-link-dir", p.LinkDir)
	}
	if p.AllowInspections {
		args = append(args, "-unsafe-run-inspections")
	}
	for _, k := range p.Keys {
		file("-key", k)
	}
	file("-key", p.Key)
	if p.Threshold > 1 {
		add("-threshold", strconv.Itoa(p.Threshold))
	}
	if len(p.Keys) == 0 {
		file("-trusted-root", p.TrustedRoot)
		number("-min-tlog", p.TransparencyLog)
		number("-min-timestamps", p.ObserverTimestamps)
		number("-min-signed-timestamps", p.SignedTimestamps)
		if p.Key == "" {
			number("-min-sct", p.SCT)
			add("-certificate-identity", p.SAN)
			add("-certificate-identity-regexp", p.SANRegexp)
			add("-certificate-oidc-issuer", p.Issuer)
			add("-source-repository", p.SourceRepositoryURI)
		}
	}
	add("-predicate-type", p.PredicateType)
	file("-predicate", p.PredicateFile)
	return args
}

func TestHelp(t *testing.T) {
	code, stdout, stderr := clitest.Call(t, run, "", "-h")
	if code != 0 || !strings.Contains(stdout+stderr, "-unsafe-any-subject") {
		t.Errorf("exit code %d: %s", code, stdout+stderr)
	}
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/policyfile"
	"github.com/HailBytes/evidence/internal/regular"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sarif"
	"github.com/HailBytes/evidence/trustpack"
)

// Policy is a policy file. [Policy.Verification] makes of it what trustpack.Verify is
// given; Publisher and ImageSigners are for the caller to turn into verifiers, and
// Install is for package trustpack/install.
type Policy struct {
	Name string // of the file, or of the shipped policy

	Publisher    []Signer // one of whom must have signed the statement about the pack
	ImageSigners []Signer // one of whom must have signed images, and what is attested of them
	Require      []trustpack.Verdict

	Product string // of the release; empty accepts any
	Version string // of the release; empty accepts any
	AtLeast string // oldest version that is accepted; empty for none

	Profile         string // name or file of the evidence that a release must hold; empty for that of the product
	UnsafeNoProfile bool

	// Gate is what the file itself says of the product. What it names in other files is
	// added by Verification.
	Gate trustpack.Gate

	VEX      []string  // files with the caller's own VEX documents
	NewSince *Baseline // nil for none

	Install Install

	dir    string // that file names are relative to
	sbom   string // profile of package sbom/quality; empty for none
	checks []string
	rules  []*rule
	uses   uses
}

// Signer says whose signature counts: a key, or a keyless identity. Either Key is set, or
// Issuer, TrustedRoot and one of Identity and IdentityPattern. Files are as
// [Policy.File] resolves them.
type Signer struct {
	Key string // file with a public key

	Identity         string // exact identity in the certificate
	IdentityPattern  string // RE2 pattern for the whole identity
	Issuer           string // exact OIDC issuer
	SourceRepository string // exact source repository in the certificate; empty accepts any
	TrustedRoot      string // file with the trusted root
}

// Baseline is the pack of a release that was accepted.
type Baseline struct {
	Pack          string          // file
	ContentDigest evidence.Digest // of the pack: a file with other content is refused
}

// Install says what else than the release's own images may be started with it.
type Install struct {
	// ThirdParty are references with digest: "docker.io/library/postgres:16.13@sha256:...".
	// A tag, where there is one, must be that of the deployment.
	ThirdParty []string

	// Mirrors gives the repositories, or beginnings of repositories, under which images
	// are deployed, and those of which they are copies.
	Mirrors map[string]string

	UnsafeThirdPartyTags []string // references with a tag, whose content is whatever the registry gives
	UnsafeBuild          []string // services whose image is built where it is deployed
	UnsafeProvider       []string // services that an external program provides
	UnsafeWatch          []string // services whose files are replaced while they run
}

//go:embed shipped/*.yaml
var shipped embed.FS

// Names returns the names of the shipped policies.
func Names() []string {
	files, err := fs.Glob(shipped, "shipped/*.yaml")
	if err != nil {
		panic(err)
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(path.Base(f), ".yaml")
	}
	return files
}

// Load reads a shipped policy by its name, or a file. The error of a file that is no
// policy is that of [Parse].
func Load(name string) (*Policy, []byte, error) {
	if slices.Contains(Names(), name) {
		data, err := shipped.ReadFile("shipped/" + name + ".yaml")
		if err != nil {
			return nil, nil, err
		}
		p, err := Parse(data, name)
		return p, data, err
	}
	data, err := regular.ReadFileOrPipe(name, policyfile.MaxBytes)
	if err != nil {
		return nil, nil, fmt.Errorf("no shipped policy (%s) has this name: %w", strings.Join(Names(), ", "), err)
	}
	p, err := Parse(data, name)
	return p, data, err
}

// File returns a file that the policy names: relative names are relative to the folder
// of the policy file.
func (p *Policy) File(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(p.dir, name)
}

// Verification returns what trustpack.Verify is given, without the signers. It reads the
// files that the policy names. Now is the time of the verification.
//
// An error means that nothing can be checked by this policy; it has no class.
func (p *Policy) Verification(ctx context.Context, now time.Time) (trustpack.Policy, error) {
	pol, err := p.verification(ctx, now)
	if err != nil {
		return trustpack.Policy{}, fmt.Errorf("policy %s: %v", p.Name, err) // without its class: it is no verdict on a pack
	}
	return pol, nil
}

func (p *Policy) verification(ctx context.Context, now time.Time) (trustpack.Policy, error) {
	pol := trustpack.Policy{
		Product: p.Product, Version: p.Version, Require: slices.Clone(p.Require), UnsafeNoProfile: p.UnsafeNoProfile, Now: now,
	}
	profile := p.Profile
	if _, builtin := trustpack.ProfileNamed(profile); profile != "" && !builtin {
		profile = p.File(profile)
	}
	var err error
	if pol.Profile, _, err = trustpack.LoadProfile(profile); err != nil {
		return pol, fmt.Errorf("profile: %w", err)
	}
	gate := p.Gate
	if gate.Findings != nil {
		findings := *gate.Findings
		if findings.VEX, err = p.readVEX(); err != nil {
			return pol, err
		}
		gate.Findings = &findings
	}
	if p.NewSince != nil {
		if gate.UnsafeNewSince, err = p.readBaseline(ctx); err != nil {
			return pol, fmt.Errorf("unsafeNewSince: %w", err)
		}
	}
	gate.Rules = p.allRules(now)
	pol.Gate = &gate
	return pol, nil
}

func (p *Policy) readVEX() ([]*sarif.VEX, error) {
	var list []*sarif.VEX
	for _, name := range p.VEX {
		data, err := regular.ReadFile(p.File(name), evidence.Limits{}.OrDefault().DocumentBytes)
		if err != nil {
			return nil, fmt.Errorf("vex: %w", err)
		}
		v, err := sarif.ReadVEX(bytes.NewReader(data), &sarif.ReadOptions{Name: name})
		if err != nil {
			return nil, fmt.Errorf("vex: %s: %w", name, err)
		}
		list = append(list, v)
	}
	return list, nil
}

func (p *Policy) readBaseline(ctx context.Context) (*trustpack.Release, error) {
	file, err := trustpack.OpenFile(p.File(p.NewSince.Pack), nil)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if got := file.ContentDigest(); got != p.NewSince.ContentDigest {
		return nil, fmt.Errorf("%s has content digest %s, want %s", p.NewSince.Pack, got, p.NewSince.ContentDigest)
	}
	return file.Release(ctx)
}

// Weakened names what of the part install lets start that would be refused otherwise, by
// the names that the file has for it.
func (i *Install) Weakened() evidence.Checks {
	const id = "policy.weakened"
	var problems evidence.Problems
	for _, w := range []struct {
		name, what string
		list       []string
	}{
		{"unsafeThirdPartyTags", "the registry decides what is started as ", i.UnsafeThirdPartyTags},
		{"unsafeBuild", "the images are built where they are deployed, of ", i.UnsafeBuild},
		{"unsafeProvider", "external programs provide ", i.UnsafeProvider},
		{"unsafeWatch", "files are replaced while it runs, in ", i.UnsafeWatch},
	} {
		if len(w.list) > 0 {
			problems = append(problems, &evidence.Problem{
				Code: id, Severity: evidence.SeverityWarning, Err: evidence.ErrPolicy,
				Message: w.name + ": " + w.what + textfmt.Clip(strings.Join(w.list, ", "), 400),
			})
		}
	}
	if len(problems) == 0 {
		return nil
	}
	return evidence.Checks{evidence.Judge(id, "", problems, "")}
}

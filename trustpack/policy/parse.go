// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"errors"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/glob"
	"github.com/HailBytes/evidence/internal/imageref"
	"github.com/HailBytes/evidence/internal/policyfile"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/sarif"
	"github.com/HailBytes/evidence/sbom/quality"
	"github.com/HailBytes/evidence/trustpack"
	"github.com/HailBytes/evidence/trustpack/license"
	"github.com/HailBytes/evidence/version"
)

// Parse reads a policy, YAML or JSON, as the package's documentation describes it.
// Name is the file's name in problems, and the folder of files that it names. Members
// that are not known, given twice, malformed or that contradict each other are refused
// together. The error is a *Problem or Problems with codes policy.*, pointer, line and
// column; of class ErrLimit for a file above 4 MiB.
func Parse(data []byte, name string) (*Policy, error) {
	f, err := policyfile.Parse(data, name, evidence.Limits{})
	if err != nil {
		return nil, err
	}
	r := reader{f: f, p: &Policy{Name: name, dir: filepath.Dir(name)}, data: data}
	r.root(f.Root())
	f.Add("", r.problems)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return r.p, nil
}

type reader struct {
	f        *policyfile.File
	p        *Policy
	data     []byte
	problems evidence.Problems // that readers of parts found
}

// take adds what the reader of a part of the file refuses.
func (r *reader) take(err error) {
	if list, ok := errors.AsType[evidence.Problems](err); ok {
		r.problems = append(r.problems, list...)
	} else if p, ok := errors.AsType[*evidence.Problem](err); ok {
		r.problems = append(r.problems, p)
	}
}

// members hands each member of a mapping to the function of its name.
func members(n *policyfile.Node, read map[string]func(*policyfile.Node)) {
	for name, m := range n.Members() {
		if f := read[name]; f != nil {
			f(m)
			continue
		}
		var known []string
		for name := range read {
			known = append(known, name)
		}
		slices.Sort(known)
		m.Unknown(known...)
	}
}

func (r *reader) root(n *policyfile.Node) {
	p := r.p
	var profile, noProfile *policyfile.Node
	members(n, map[string]func(*policyfile.Node){
		"publisher":    func(m *policyfile.Node) { p.Publisher = signers(m) },
		"imageSigners": func(m *policyfile.Node) { p.ImageSigners = signers(m) },
		"require":      r.require,
		"release":      r.release,
		"profile":      func(m *policyfile.Node) { profile, p.Profile = m, m.Text() },
		"unsafeNoProfile": func(m *policyfile.Node) {
			if p.UnsafeNoProfile = m.Bool(); p.UnsafeNoProfile {
				noProfile = m
			}
		},
		"findings": r.findings,
		"licenses": func(*policyfile.Node) {
			var err error
			p.Gate.Licenses, err = license.ParsePolicy(r.data, "", "/licenses")
			r.take(err)
		},
		"tests":         func(m *policyfile.Node) { p.Gate.Tests = m.Bool() },
		"accessibility": func(m *policyfile.Node) { p.Gate.Accessibility = m.Bool() },
		"sbom": func(m *policyfile.Node) {
			members(m, map[string]func(*policyfile.Node){"profile": func(m *policyfile.Node) { p.sbom = sbomProfile(m) }})
			m.Complete("profile")
		},
		"maxAge":  r.maxAge,
		"checks":  func(m *policyfile.Node) { p.checks = checkIDs(m) },
		"rules":   r.rules,
		"install": r.install,
	})
	if profile != nil && noProfile != nil {
		contradicts(noProfile, profile, "profile")
	}
	if p.checksNothing() && len(r.problems) == 0 && r.f.Err() == nil {
		n.Refuse("policy.empty", "the policy checks nothing")
	}
}

// checksNothing reports whether a pack that holds is acceptable under the policy
// whatever it says.
func (p *Policy) checksNothing() bool {
	g := &p.Gate
	return len(p.Publisher)+len(p.ImageSigners)+len(p.Require)+len(p.checks)+len(p.rules) == 0 &&
		p.Product == "" && p.Version == "" && p.AtLeast == "" && p.Profile == "" && p.sbom == "" &&
		g.Findings == nil && g.Licenses == nil && !g.Tests && !g.Accessibility && g.MaxAge == (trustpack.Ages{})
}

func contradicts(n, other *policyfile.Node, name string) {
	n.Refuse("policy.contradiction", "contradicts %s in line %d", name, other.Line())
}

func signers(n *policyfile.Node) []Signer {
	var list []Signer
	for item := range n.Items() {
		list = append(list, signer(item))
	}
	if len(list) == 0 {
		n.Refuse("policy.empty", "names nobody")
	}
	return list
}

func signer(n *policyfile.Node) (s Signer) {
	at := map[string]*policyfile.Node{}
	text := func(name string, to *string) func(*policyfile.Node) {
		return func(m *policyfile.Node) { *to, at[name] = m.Text(), m }
	}
	members(n, map[string]func(*policyfile.Node){
		"key": text("key", &s.Key), "identity": text("identity", &s.Identity), "identityPattern": text("identityPattern", &s.IdentityPattern),
		"issuer": text("issuer", &s.Issuer), "sourceRepository": text("sourceRepository", &s.SourceRepository), "trustedRoot": text("trustedRoot", &s.TrustedRoot),
	})
	if at["key"] != nil {
		for _, name := range []string{"identity", "identityPattern", "issuer", "sourceRepository", "trustedRoot"} {
			if m := at[name]; m != nil {
				contradicts(m, at["key"], "key")
			}
		}
		return s
	}
	if a, b := at["identity"], at["identityPattern"]; a != nil && b != nil {
		contradicts(b, a, "identity")
	} else if a == nil && b == nil {
		n.Complete("identity")
	}
	if _, err := regexp.Compile(s.IdentityPattern); err != nil {
		at["identityPattern"].Refuse("policy.pattern", "%v", err)
	}
	n.Complete("issuer", "trustedRoot")
	return s
}

func (r *reader) require(n *policyfile.Node) {
	for item := range n.Items() {
		var v trustpack.Verdict
		if text := item.Text(); text != "" {
			if err := v.UnmarshalText([]byte(text)); err != nil {
				item.Refuse("policy.verdict", "%v: want consistent, pinned or authentic", err)
			}
			r.p.Require = append(r.p.Require, v)
		}
	}
}

func (r *reader) release(n *policyfile.Node) {
	var exact, least *policyfile.Node
	version := func(to *string, at **policyfile.Node) func(*policyfile.Node) {
		return func(m *policyfile.Node) {
			*to = m.Text()
			if _, err := version.Parse(*to); *to != "" && err != nil {
				m.Refuse("policy.version", "%v", err)
				return
			}
			*at = m
		}
	}
	members(n, map[string]func(*policyfile.Node){
		"product": func(m *policyfile.Node) { r.p.Product = m.Text() },
		"version": version(&r.p.Version, &exact),
		"atLeast": version(&r.p.AtLeast, &least),
	})
	if exact != nil && least != nil && older(r.p.Version, r.p.AtLeast) {
		contradicts(least, exact, "version")
	}
}

// older compares two versions that parse.
func older(a, b string) bool {
	v, err1 := version.Parse(a)
	w, err2 := version.Parse(b)
	return err1 == nil && err2 == nil && v.Compare(w) < 0
}

func (r *reader) findings(n *policyfile.Node) {
	g := &sarif.Gate{}
	r.p.Gate.Findings = g
	members(n, map[string]func(*policyfile.Node){
		"failOn": func(m *policyfile.Node) {
			if word := m.Text(); word != "" {
				if g.FailOn = sarif.ParseSeverity(word); g.FailOn == sarif.SeverityInvalid {
					m.Refuse("policy.severity", "%s is no severity", textfmt.Quote(word))
				}
			}
		},
		"exceptions": func(*policyfile.Node) {
			var err error
			g.Exceptions, err = sarif.ParseExceptions(r.data, r.p.Name, "/findings/exceptions")
			r.take(err)
		},
		"vex":               func(m *policyfile.Node) { r.p.VEX = m.Texts() },
		"trustVEX":          func(m *policyfile.Node) { r.p.Gate.TrustVEX = patterns(m) },
		"trustSuppressions": func(m *policyfile.Node) { g.TrustSuppressions = m.Texts() },
		"unsafePassUnknown": func(m *policyfile.Node) { g.UnsafePassUnknown = m.Bool() },
		"unsafeOnlyFixable": func(m *policyfile.Node) { g.UnsafeOnlyFixable = m.Bool() },
		"unsafeAnyProduct":  func(m *policyfile.Node) { g.UnsafeAnyProduct = m.Bool() },
		"unsafeOnlyReached": func(m *policyfile.Node) {
			if text := m.Text(); text != "" {
				if err := g.UnsafeOnlyReached.UnmarshalText([]byte(text)); err != nil || g.UnsafeOnlyReached == sarif.ReachUnknown {
					m.Refuse("policy.reachability", "%s is none of required, imported, symbol and called", textfmt.Quote(text))
				}
			}
		},
		"unsafeOnlyClasses": func(m *policyfile.Node) {
			for item := range m.Items() {
				var c sarif.Class
				if text := item.Text(); text != "" {
					if err := c.UnmarshalText([]byte(text)); err != nil {
						item.Refuse("policy.class", "%v", err)
					}
					g.UnsafeOnlyClasses = append(g.UnsafeOnlyClasses, c)
				}
			}
		},
		"unsafeNewSince": r.newSince,
	})
	n.Complete("failOn")
}

func (r *reader) newSince(n *policyfile.Node) {
	b := &Baseline{}
	members(n, map[string]func(*policyfile.Node){
		"pack": func(m *policyfile.Node) { b.Pack = m.Text() },
		"contentDigest": func(m *policyfile.Node) {
			if text := m.Text(); text != "" {
				var err error
				if b.ContentDigest, err = evidence.ParseSHA256(strings.TrimPrefix(text, "sha256:")); err != nil {
					m.Refuse("policy.digest", "%v", err)
				}
			}
		},
	})
	n.Complete("pack", "contentDigest")
	r.p.NewSince = b
}

func patterns(n *policyfile.Node) []string {
	var list []string
	for item := range n.Items() {
		text := item.Text()
		if _, err := glob.Compile(text); text != "" && err != nil {
			item.Refuse("policy.pattern", "%s: %v", textfmt.Quote(text), err)
		}
		list = append(list, text)
	}
	return list
}

func sbomProfile(n *policyfile.Node) string {
	name := n.Text()
	if _, known := quality.ProfileNamed(name); name != "" && !known {
		var names []string
		for _, p := range quality.Profiles() {
			names = append(names, p.Name)
		}
		n.Refuse("policy.profile", "%s is none of %s", textfmt.Quote(name), strings.Join(names, ", "))
	}
	return name
}

func (r *reader) maxAge(n *policyfile.Node) {
	a := &r.p.Gate.MaxAge
	age := func(to *time.Duration) func(*policyfile.Node) { return func(m *policyfile.Node) { *to = duration(m) } }
	members(n, map[string]func(*policyfile.Node){"pack": age(&a.Pack), "scan": age(&a.Scan), "database": age(&a.Database)})
}

// duration reads "30d" or "36h".
func duration(n *policyfile.Node) time.Duration {
	const most = 100 * 365 * 24 // hours
	text := n.Text()
	unit := map[string]int{"h": 1, "d": 24}[text[max(len(text)-1, 0):]]
	count, err := strconv.Atoi(text[:max(len(text)-1, 0)])
	if text != "" && (unit == 0 || err != nil || count <= 0 || count > most/unit) {
		n.Refuse("policy.age", "%s is no age: want days (30d) or hours (36h)", textfmt.Quote(text))
		return 0
	}
	return time.Duration(count*unit) * time.Hour
}

// checkID is the form of the ids of checks: "release.pins".
var checkID = regexp.MustCompile(`^[a-z]+(\.[a-zA-Z0-9-]+)+$`)

func checkIDs(n *policyfile.Node) []string {
	return unique(n, func(item *policyfile.Node, id string) {
		if !checkID.MatchString(id) {
			item.Refuse("policy.check", "%s is no id of a check", textfmt.Quote(id))
		}
	})
}

// unique reads a list of texts, none of which may stand there twice.
func unique(n *policyfile.Node, each func(item *policyfile.Node, text string)) []string {
	first := map[string]*policyfile.Node{}
	var list []string
	for item := range n.Items() {
		text := item.Text()
		if text == "" {
			continue
		}
		if before := first[text]; before != nil {
			item.Refuse("policy.duplicate", "%s is also in line %d", textfmt.Quote(text), before.Line())
			continue
		}
		first[text] = item
		if each != nil {
			each(item, text)
		}
		list = append(list, text)
	}
	return list
}

func (r *reader) install(n *policyfile.Node) {
	in := &r.p.Install
	pinned := map[string]*policyfile.Node{} // by repository
	ref := func(m *policyfile.Node, text string) (imageref.Ref, bool) {
		ref, err := imageref.Parse(text)
		if err != nil {
			m.Refuse("policy.reference", "%v", err)
		}
		return ref, err == nil
	}
	var tags *policyfile.Node
	members(n, map[string]func(*policyfile.Node){
		"thirdParty": func(m *policyfile.Node) {
			in.ThirdParty = unique(m, func(item *policyfile.Node, text string) {
				if ref, ok := ref(item, text); ok && ref.Digest.IsZero() {
					item.Refuse("policy.reference", "%s has no digest; unsafeThirdPartyTags takes references without one", textfmt.Quote(text))
				} else {
					pinned[ref.Repository()] = item
				}
			})
		},
		"unsafeThirdPartyTags": func(m *policyfile.Node) { tags = m },
		"mirrors": func(m *policyfile.Node) {
			in.Mirrors = map[string]string{}
			for from, to := range m.Members() {
				of := to.Text()
				for _, text := range []string{from, of} {
					if ref, err := imageref.Parse(text); text != "" && (err != nil || ref.Tag != "" || !ref.Digest.IsZero()) {
						to.Refuse("policy.reference", "%s is no repository, or beginning of one", textfmt.Quote(text))
					}
				}
				in.Mirrors[from] = of
			}
		},
		"unsafeBuild":    func(m *policyfile.Node) { in.UnsafeBuild = unique(m, nil) },
		"unsafeProvider": func(m *policyfile.Node) { in.UnsafeProvider = unique(m, nil) },
		"unsafeWatch":    func(m *policyfile.Node) { in.UnsafeWatch = unique(m, nil) },
	})
	if tags == nil {
		return
	}
	in.UnsafeThirdPartyTags = unique(tags, func(item *policyfile.Node, text string) {
		ref, ok := ref(item, text)
		switch {
		case !ok:
		case ref.Tag == "" || !ref.Digest.IsZero():
			item.Refuse("policy.reference", "%s is no reference with a tag and without a digest", textfmt.Quote(text))
		case pinned[ref.Repository()] != nil:
			contradicts(item, pinned[ref.Repository()], "thirdParty")
		}
	})
}

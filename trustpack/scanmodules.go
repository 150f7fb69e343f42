// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/purl"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/manifest"
)

// goFacts is what a file states of the Go program of the release.
type goFacts struct {
	toolchains map[string]bool            // "1.26.8"
	modules    map[string]map[string]bool // versions by path, without "v"
	findings   int                        // about Go modules
	scanner    bool                       // it is of govulncheck
}

func newGoFacts() *goFacts {
	return &goFacts{toolchains: map[string]bool{}, modules: map[string]map[string]bool{}}
}

// clone returns g with strings of its own.
func (g *goFacts) clone() *goFacts {
	out := &goFacts{toolchains: cloneSet(g.toolchains), modules: map[string]map[string]bool{}, findings: g.findings, scanner: g.scanner}
	for path, versions := range g.modules {
		out.modules[strings.Clone(path)] = cloneSet(versions)
	}
	return out
}

func cloneSet(set map[string]bool) map[string]bool {
	out := map[string]bool{}
	for text := range set {
		out[strings.Clone(text)] = true
	}
	return out
}

func (g *goFacts) toolchain(version string) {
	if version = strings.TrimPrefix(version, "go"); version != "" {
		g.toolchains[version] = true
	}
}

func (g *goFacts) module(path, version string) {
	version = strings.TrimPrefix(strings.TrimPrefix(version, "v"), "go")
	if path == "" || path == "stdlib" || version == "" || version == "UNKNOWN" || version == "(devel)" {
		return // the toolchain is compared by itself
	}
	if g.modules[path] == nil {
		g.modules[path] = map[string]bool{}
	}
	g.modules[path][version] = true
}

// stateGo notes what an SBOM or a scan states of Go modules.
func (d *Document) stateGo() {
	g := newGoFacts()
	if d.SBOM != nil {
		for i := range d.SBOM.Components {
			c := &d.SBOM.Components[i]
			u, err := purl.Parse(c.PURL())
			if err != nil || u.Type != "golang" {
				continue
			}
			g.module(strings.TrimPrefix(u.Namespace+"/"+u.Name, "/"), u.Version)
			if version, ok := c.Property("syft:metadata:goCompiledVersion"); ok {
				g.toolchain(version)
			}
			if u.Name == "stdlib" && u.Namespace == "" {
				g.toolchain(strings.TrimPrefix(u.Version, "v"))
			}
		}
	} else {
		for i := range d.Scan.Runs {
			run := &d.Scan.Runs[i]
			if strings.EqualFold(run.Tool.Name, "govulncheck") {
				g.scanner = true
				g.toolchain(run.Tool.GoVersion)
				for i, m := range run.Modules {
					if i > 0 && run.ScanMode == "binary" { // the first is the product's own; of source, not all may be built
						g.module(m.Path, m.Version)
					}
				}
			}
			for _, f := range run.Findings {
				if f.Package == nil || f.Package.Ecosystem != "golang" {
					continue
				}
				g.findings++
				for _, v := range f.Package.Versions {
					g.module(f.Package.Name, v)
				}
			}
		}
	}
	if g.scanner || len(g.modules) > 0 || g.findings > 0 {
		d.golang = g
	}
}

// moduleChecks holds what govulncheck looked at against the Go modules of the SBOMs:
// the module versions are those of one build.
func moduleChecks(r *Release) evidence.Checks {
	const id = "scan.modules"
	built := newGoFacts()
	found, foundElsewhere, scanned := 0, 0, false
	for d := range r.Documents() {
		switch {
		case d.golang == nil:
		case d.golang.scanner:
			scanned = true
			found += d.golang.findings
		case d.File.Kind == manifest.KindSBOM:
			for v := range d.golang.toolchains {
				built.toolchains[v] = true
			}
			for path, versions := range d.golang.modules {
				for v := range versions {
					built.module(path, v)
				}
			}
		default:
			foundElsewhere += d.golang.findings
		}
	}
	var checks evidence.Checks
	for d := range r.Documents() {
		if d.golang == nil || !d.golang.scanner {
			continue
		}
		var problems evidence.Problems
		for v := range d.golang.toolchains {
			if len(built.toolchains) > 0 && !built.toolchains[v] {
				problems = append(problems, warning(id, d.File.Path, "judged the standard library of go%s, the SBOMs are of programs made with go%s", v, sortedKeys(built.toolchains)[0]))
			}
		}
		for _, path := range sortedKeys(d.golang.modules) {
			have := built.modules[path]
			for _, v := range sortedKeys(d.golang.modules[path]) {
				if len(have) == 0 || have[v] {
					continue
				}
				p := warning(id, d.File.Path, "saw module %s in version %s, the SBOMs hold %s", textfmt.Quote(path), textfmt.Quote(v), strings.Join(sortedKeys(have), ", "))
				p.Severity, p.Err = evidence.SeverityError, evidence.ErrMismatch
				problems = append(problems, p)
			}
		}
		if scanned && found == 0 && foundElsewhere > 0 {
			problems = append(problems, warning(id, d.File.Path, "found nothing, other scans found %s in Go modules", textfmt.Count(foundElsewhere, "vulnerability")))
		}
		c := evidence.Judge(id, d.File.Path, problems, "saw the modules that the SBOMs hold")
		c.Problems = slices.Clip(c.Problems[:min(len(c.Problems), mostProblems)])
		checks = append(checks, c)
	}
	return checks
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

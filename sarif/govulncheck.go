// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"strings"

	"github.com/HailBytes/evidence"
)

// govulncheck reads govulncheck's results (x/vuln internal/sarif): one per entry
// of the Go vulnerability database, about all modules that it concerns. The
// level is relative to -scan, so reachability is read from the message's verb,
// the scan level and the scan mode. One finding per module comes back.
func (r *runReader) govulncheck(p *pending, u *rule) []*Finding {
	f := p.finding
	f.Class = ClassVulnerability
	if u == nil {
		u = &rule{}
	}
	if u.ids == nil || u.ids.RuleID != f.RuleID {
		u.ids = &Finding{RuleID: f.RuleID}
		u.ids.setIDs(append([]string{f.RuleID}, u.tags...)...)
	}
	f.ID, f.Aliases, f.Advisories = u.ids.ID, u.ids.Aliases, u.ids.Advisories
	f.Title = strings.TrimPrefix(f.Title, "["+f.RuleID+"] ")
	verb, list := govulncheckMessage(f.Message)
	switch {
	case verb == "calls" && r.binary(p):
		f.Reachability = ReachSymbol
	case verb == "calls":
		f.Reachability = ReachCalled
	case verb == "imports":
		f.Reachability = ReachImported
	case verb == "depends":
		f.Reachability = ReachRequired
	default:
		r.note("govulncheck-message", evidence.SeverityWarning, "result %d does not say in known words how the vulnerability is reached", f.Source.Result)
	}
	modules := r.modulesOf(f, verb, list)
	out := make([]*Finding, 0, len(modules))
	for i, m := range modules {
		g := f
		if i > 0 {
			if g = r.newFinding(); r.d.Err() != nil {
				return out
			}
			*g = *f
		}
		out = append(out, g)
		if m.path != "" {
			g.Package = goPackage(m.path, m.version)
		}
		g.grade()
		g.ensureID()
	}
	if len(modules) > 1 {
		stacks := map[string][]Stack{}
		for _, s := range f.Stacks {
			stacks[lastModule(s)] = append(stacks[lastModule(s)], s)
		}
		for i, m := range modules {
			out[i].Stacks = stacks[m.path]
		}
	}
	return out
}

// binary reports whether a run looked at a binary: as it says, or for versions
// that do not say, by frames without a place in a file.
func (r *runReader) binary(p *pending) bool {
	if r.run.ScanMode != "" {
		return r.run.ScanMode == "binary"
	}
	for _, s := range p.finding.Stacks {
		for _, f := range s.Frames {
			if f.Line > 0 {
				return false
			}
		}
	}
	return true
}

// govulncheckMessage takes "Your code calls vulnerable functions in 1 package
// (a, b)." apart. The list is of modules for "depends", else of packages.
func govulncheckMessage(text string) (verb string, list []string) {
	rest, ok := strings.CutPrefix(text, "Your code ")
	if !ok {
		return "", nil
	}
	verb, rest, _ = strings.Cut(rest, " ")
	if _, rest, ok = strings.Cut(rest, "("); ok {
		names, _, _ := strings.Cut(rest, ")")
		names = strings.ReplaceAll(names, ", and ", ", ")
		names = strings.ReplaceAll(names, " and ", ", ")
		for name := range strings.SplitSeq(names, ", ") {
			if name = strings.TrimSpace(name); name != "" {
				list = addString(list, name)
			}
		}
	}
	return verb, list
}

type goModule struct{ path, version string }

// modulesOf returns the modules that a result is about: of its call stacks, else
// of the names in the message.
func (r *runReader) modulesOf(f *Finding, verb string, list []string) []goModule {
	var out []goModule
	at := map[string]int{}
	add := func(m goModule) {
		i, ok := at[m.path]
		if !ok {
			at[m.path] = len(out)
			out = append(out, m)
		} else if out[i].version == "" {
			out[i].version = m.version
		}
	}
	for _, s := range f.Stacks {
		if n := len(s.Frames); n > 0 {
			path, version, _ := strings.Cut(s.Frames[n-1].Module, "@")
			if path != "" {
				add(goModule{path, version})
			}
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, name := range list {
		if verb != "depends" {
			name = r.moduleOfPackage(name)
		}
		add(goModule{path: name})
	}
	if len(out) == 0 {
		out = append(out, goModule{})
	}
	return out
}

// moduleOfPackage returns the module of a package: the longest path that the run
// itself names as a module, else what the hosts' conventions say. A package whose
// module cannot be told stands for itself.
func (r *runReader) moduleOfPackage(pkg string) string {
	if isStandardLibrary(pkg) {
		return "stdlib"
	}
	known := r.knownModules()
	path := pkg
	for range 32 { // elements of a path
		if known[path] {
			return path
		}
		i := strings.LastIndexByte(path, '/')
		if i < 0 {
			break
		}
		path = path[:i]
	}
	return conventionalModule(pkg)
}

// isStandardLibrary tells packages of the standard library by the first element
// of their path, which for others is a host name.
func isStandardLibrary(pkg string) bool {
	first, _, _ := strings.Cut(pkg, "/")
	return !strings.Contains(first, ".")
}

// knownModules returns the modules that call stacks and messages of the run name.
func (r *runReader) knownModules() map[string]bool {
	if r.modules != nil {
		return r.modules
	}
	r.modules = map[string]bool{}
	for i := range r.pending {
		f := r.pending[i].finding
		for _, s := range f.Stacks {
			for _, fr := range s.Frames {
				path, _, _ := strings.Cut(fr.Module, "@")
				r.modules[path] = true
			}
		}
		if verb, list := govulncheckMessage(f.Message); verb == "depends" {
			for _, m := range list {
				r.modules[m] = true
			}
		}
	}
	delete(r.modules, "")
	return r.modules
}

// conventionalModule cuts a package path where the host's rules put the module's
// end: two elements for gopkg.in, three for the code hosts and golang.org/x, and
// a major version suffix where one follows.
func conventionalModule(pkg string) string {
	parts := strings.Split(pkg, "/")
	n := 0
	switch parts[0] {
	case "github.com", "gitlab.com", "bitbucket.org", "codeberg.org":
		n = 3
	case "golang.org":
		n = 3
	case "gopkg.in":
		n = 2
		if len(parts) > 1 && !strings.Contains(parts[1], ".v") {
			n = 3
		}
	case "google.golang.org", "k8s.io", "sigs.k8s.io", "go.uber.org", "go.etcd.io", "cloud.google.com":
		n = 2
	default:
		return pkg
	}
	if len(parts) <= n {
		return pkg
	}
	if v, ok := strings.CutPrefix(parts[n], "v"); ok && isDigits(v) && v != "0" && v != "1" {
		n++
	}
	return strings.Join(parts[:n], "/")
}

func lastModule(s Stack) string {
	if len(s.Frames) == 0 {
		return ""
	}
	path, _, _ := strings.Cut(s.Frames[len(s.Frames)-1].Module, "@")
	return path
}

// goPackage makes a package of a Go module. The version is kept as told.
func goPackage(path, version string) *Package {
	p := &Package{Name: path, Ecosystem: "golang"}
	if version != "" {
		p.Versions = []string{version}
	}
	return p
}

// govulncheckTarget sets the module that was scanned: where the first call stack
// begins. A run without call stacks does not say.
func (r *runReader) govulncheckTarget() {
	if r.run.ScanMode == "binary" {
		return
	}
	for _, f := range r.run.Findings {
		for _, s := range f.Stacks {
			if len(s.Frames) < 2 {
				continue
			}
			path, version, _ := strings.Cut(s.Frames[0].Module, "@")
			if path == "" || version != "" && version != "(devel)" {
				continue
			}
			r.run.Target = &Target{Kind: TargetModule, Name: path}
			for _, f := range r.run.Findings {
				f.Target = r.run.Target
			}
			return
		}
	}
}

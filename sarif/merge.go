// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence/internal/purl"
)

// Merge makes one finding of all results that are about the same thing, across
// tools, files, runs and images, and returns them ordered by severity (worst
// first), identifier, package and target. Each has its results as Members and
// shares their memory; the logs are not changed.
//
// Vulnerabilities are the same by identifier, package without version, and image
// repository or module:
//
//   - Identifiers are joined by the aliases that any of the reports tells, and the
//     best known one names the finding. Two CVEs are never joined, whatever an
//     advisory about both says: a word about one is none about the other.
//   - Packages are compared by package URL, else by kind and name. A report that
//     does not tell the kind (Trivy's SARIF) is joined with one that does, if the
//     name is that of exactly one package there.
//   - A target whose registry is left out is the one with that path; a report
//     that does not say what it scanned is about the only target that the others
//     name, if there is only one.
//
// Findings of other classes are the same by rule, target and place.
//
// The outcome does not depend on the order of the logs, and merging a log with
// itself adds nothing but members.
func Merge(logs ...*Log) []*Finding {
	var all []*Finding
	for _, l := range logs {
		for i := range l.Runs {
			all = append(all, l.Runs[i].Findings...)
		}
	}
	return mergeFindings(all)
}

// mergeFindings merges findings, those that were merged before by their members.
func mergeFindings(findings []*Finding) []*Finding {
	var members []*Finding
	for _, f := range findings {
		if f.Members != nil {
			members = append(members, f.Members...)
		} else {
			members = append(members, f)
		}
	}
	x := newIndex(members)
	groups := map[identity][]*Finding{}
	for _, f := range members {
		id := x.identity(f)
		groups[id] = append(groups[id], f)
	}
	x.joinUnknown(groups)
	merged := make([]*Finding, 0, len(groups))
	for id, group := range groups {
		merged = append(merged, x.merge(id, group))
	}
	slices.SortFunc(merged, compareFindings)
	return merged
}

// compareFindings orders merged findings.
func compareFindings(a, b *Finding) int {
	return cmp.Or(
		-cmp.Compare(a.Severity, b.Severity),
		cmp.Compare(a.Class, b.Class),
		compareIDs(a.ID, b.ID),
		cmp.Compare(a.packageName(), b.packageName()),
		a.identity.compare(b.identity),
	)
}

func (f *Finding) packageName() string {
	if f.Package == nil {
		return ""
	}
	return f.Package.Name
}

// identity is what makes two results findings of the same thing.
type identity struct {
	class     Class
	id        string // canonical
	ecosystem string // package URL type; empty when not known
	name      string // of the package, as its ecosystem writes it
	target    string
	place     string // for classes other than vulnerabilities
}

func (i identity) compare(j identity) int {
	return cmp.Or(cmp.Compare(i.class, j.class), cmp.Compare(i.id, j.id), cmp.Compare(i.ecosystem, j.ecosystem),
		cmp.Compare(i.name, j.name), cmp.Compare(i.target, j.target), cmp.Compare(i.place, j.place))
}

// index is what all findings together say of identifiers and targets.
type index struct {
	ids     *aliasSets
	targets map[string]string     // target key to the key that it is joined under
	root    func(*Finding) string // what the roots of all places on the finding's side have in common
}

func newIndex(members []*Finding) *index {
	common := commonRoot(members)
	return &index{newAliasSets(members), joinTargets(members), func(*Finding) string { return common }}
}

// commonRoot returns the folder that the roots of all locations are in. Places are
// compared by what is below it, so that two checkouts of one project compare, and
// two modules of one report are apart.
func commonRoot(findings []*Finding) string {
	common, found := "", false
	for _, f := range findings {
		for i := range f.Locations[:min(len(f.Locations), 1)] {
			root := folder(f.Locations[i].Root)
			switch {
			case root == "":
			case !found:
				common, found = root, true
			default:
				for !strings.HasPrefix(root, common) {
					common = common[:strings.LastIndexByte(strings.TrimSuffix(common, "/"), '/')+1]
				}
			}
		}
	}
	return common
}

func (x *index) identity(f *Finding) identity {
	id := identity{class: f.Class, id: f.ID, target: x.targets[targetKey(f.Target)]}
	if f.Class == ClassVulnerability {
		id.id = x.ids.canonical(f.ID)
		id.ecosystem, id.name = packageKey(f.Package)
		return id
	}
	if f.Class == ClassLicense && f.Package != nil {
		_, id.name = packageKey(f.Package)
	}
	id.place = placeKey(f, x.root(f))
	return id
}

// packageKey returns kind and name of a package, without its version.
func packageKey(p *Package) (ecosystem, name string) {
	if p == nil {
		return "", ""
	}
	if p.PURL != "" {
		if u, err := purl.Parse(p.PURL); err == nil {
			k := purl.KeyOf(u)
			return k.Type, purlName(purl.PURL{Type: k.Type, Namespace: k.Namespace, Name: k.Name})
		}
	}
	if p.Ecosystem == "pypi" {
		return p.Ecosystem, normalPyPI(p.Name)
	}
	return p.Ecosystem, p.Name
}

// normalPyPI is PEP 503: lower case, runs of "-", "_" and "." are one "-".
func normalPyPI(name string) string {
	parts := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '-' || r == '_' || r == '.' })
	return strings.Join(parts, "-")
}

// targetKey returns what a target is told by: image repositories without tag and
// digest, so that releases of one image compare; names of everything else.
func targetKey(t *Target) string {
	switch {
	case t == nil:
		return ""
	case t.Repository != "":
		return "image:" + t.Repository
	case t.Kind == TargetImage && t.ImageID != "" && t.Name == "":
		return "image:" + t.ImageID
	case t.Kind == TargetImage:
		return "image:" + t.Name
	}
	return string(t.Kind) + ":" + t.Name
}

// joinTargets maps every target key to the one that it is joined under.
func joinTargets(members []*Finding) map[string]string {
	keys := map[string]string{}
	for _, f := range members {
		k := targetKey(f.Target)
		keys[k] = k
	}
	// A path without registry is the one repository that ends with it.
	byPath := map[string][]string{}
	for k := range keys {
		if repo, ok := strings.CutPrefix(k, "image:"); ok && hasRegistry(repo) {
			_, path, _ := strings.Cut(repo, "/")
			byPath["image:"+path] = append(byPath["image:"+path], k)
		}
	}
	for k := range keys {
		if full := byPath[k]; len(full) == 1 {
			keys[k] = full[0]
		}
	}
	// A report that does not say what it scanned is about the only target there is.
	if _, ok := keys[""]; ok {
		known := map[string]bool{}
		for k, joined := range keys {
			if k != "" {
				known[joined] = true
			}
		}
		if len(known) == 1 {
			for k := range known {
				keys[""] = k
			}
		}
	}
	return keys
}

// folder ends the URI of a folder with a slash, as it should.
func folder(uri string) string {
	if uri == "" || strings.HasSuffix(uri, "/") {
		return uri
	}
	return uri + "/"
}

// placeKey returns where a finding of static analysis and the like is. A
// fingerprint of the line stays the same when the line moves, and serves where
// the tool gives one; else it is the line itself. Where no line is given, the
// message tells findings apart.
func placeKey(f *Finding, common string) string {
	var b strings.Builder
	if len(f.Locations) > 0 {
		l := &f.Locations[0]
		switch {
		case l.Root != "":
			b.WriteString(strings.TrimPrefix(folder(l.Root), common))
		case l.Base != "" && common != "":
			b.WriteString("base:" + l.Base + "/")
		}
		b.WriteString(strings.TrimPrefix(strings.TrimPrefix(l.URI, "file://"), "./"))
		b.WriteByte('#')
		b.WriteString(l.Logical)
	}
	for _, p := range f.Fingerprints {
		if p.Partial && p.Name == "primaryLocationLineHash" {
			b.WriteString("#hash=")
			b.WriteString(p.Value)
			return b.String()
		}
	}
	if len(f.Locations) > 0 {
		l := &f.Locations[0]
		b.WriteByte('#')
		b.WriteString(strconv.Itoa(l.StartLine))
		b.WriteByte(':')
		b.WriteString(strconv.Itoa(l.StartColumn))
		if l.StartLine == 0 {
			b.WriteByte('@')
			b.WriteString(strconv.Itoa(l.Offset))
			if f.Class == ClassCode || f.Class == ClassMisconfiguration {
				b.WriteString(f.ownMessage())
			}
		}
	} else {
		b.WriteString(f.Message)
	}
	return b.String()
}

// ownMessage returns what a result says of its place, without the lines about the
// rule that Trivy writes around it in SARIF.
func (f *Finding) ownMessage() string {
	if text, _ := line(f.Message, "Message: "); text != "" {
		return text
	}
	return f.Message
}

// joinUnknown moves findings whose kind of package is not known to the group of
// the same vulnerability, target and package name whose kind is, if there is
// exactly one.
func (x *index) joinUnknown(groups map[identity][]*Finding) {
	known := map[identity][]identity{} // without kind
	add := func(loose, full identity) {
		if !slices.Contains(known[loose], full) {
			known[loose] = append(known[loose], full)
		}
	}
	for id := range groups {
		if id.class == ClassVulnerability && id.ecosystem != "" {
			loose := id
			loose.ecosystem = ""
			add(loose, id)
		}
	}
	for id, group := range groups {
		if id.class != ClassVulnerability || id.ecosystem != "" {
			continue
		}
		full := known[id]
		if len(full) == 0 { // PyYAML and pyyaml
			loose := id
			loose.name = normalPyPI(id.name)
			for _, k := range known[loose] {
				if k.ecosystem == "pypi" {
					full = append(full, k)
				}
			}
		}
		if len(full) == 1 {
			groups[full[0]] = append(groups[full[0]], group...)
			delete(groups, id)
		}
	}
}

// merge makes one finding of the members of a group.
func (x *index) merge(id identity, members []*Finding) *Finding {
	slices.SortStableFunc(members, func(a, b *Finding) int {
		return cmp.Or(cmp.Compare(a.Source.File, b.Source.File), cmp.Compare(a.Source.Run, b.Source.Run),
			cmp.Compare(a.Source.Result, b.Source.Result), cmp.Compare(a.packageName(), b.packageName()))
	})
	f := &Finding{identity: id, Class: id.class, ID: id.id, Members: members, Source: members[0].Source, Kind: KindInformational, Suppressed: true}
	f.Baseline = members[0].Baseline
	var best *Finding // whose rating decides
	for _, m := range members {
		mergeTexts(f, m)
		f.Level = max(f.Level, m.Level)
		f.Kind = min(f.Kind, m.Kind) // fail before open before review
		f.Reachability = max(f.Reachability, m.Reachability)
		f.Suppressed = f.Suppressed && m.Suppressed
		if f.Baseline != m.Baseline {
			f.Baseline = BaselineNone
		}
		if best == nil || graver(m, best) {
			best = m
		}
	}
	mergeLists(f, members)
	f.Severity, f.SeverityFrom, f.Score = best.Severity, best.SeverityFrom, best.Score
	f.Package = mergePackages(members)
	f.Target = mergeTargets(members)
	if f.Class == ClassVulnerability {
		f.Aliases = x.aliases(f.ID, members)
	}
	return f
}

// graver reports whether a's severity goes before b's: the worse, then that on the
// stronger basis, then the higher score. A second report cannot make a finding
// less grave; what each says stays in Ratings.
func graver(a, b *Finding) bool {
	rank := func(f *Finding) int {
		if f.SeverityFrom == basisInvalid {
			return int(BasisLevel) + 1
		}
		return int(f.SeverityFrom)
	}
	return cmp.Or(cmp.Compare(a.Severity, b.Severity), -cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Score, b.Score)) > 0
}

func mergeTexts(f, m *Finding) {
	f.RuleID = cmp.Or(f.RuleID, m.RuleID)
	f.RuleName = cmp.Or(f.RuleName, m.RuleName)
	f.Title = cmp.Or(f.Title, m.Title)
	f.Description = cmp.Or(f.Description, m.Description)
	f.Message = cmp.Or(f.Message, m.Message)
}

// mergeLists joins the lists of all members, each entry once.
func mergeLists(f *Finding, members []*Finding) {
	var ratings []Rating
	for _, m := range members {
		for _, r := range m.Ratings {
			r.Tool = cmp.Or(r.Tool, m.Source.Tool)
			ratings = append(ratings, r)
		}
	}
	f.Ratings = unique(ratings)
	f.Locations = collect(members, func(m *Finding) []Location { return m.Locations })
	f.Suppressions = collect(members, func(m *Finding) []Suppression { return m.Suppressions })
	f.Fingerprints = collect(members, func(m *Finding) []Fingerprint { return m.Fingerprints })
	f.CWEs = collect(members, func(m *Finding) []string { return m.CWEs })
	f.Advisories = collect(members, func(m *Finding) []string { return m.Advisories })
	f.References = collect(members, func(m *Finding) []string { return m.References })
	var stacks []Stack
	for _, m := range members {
		stacks = append(stacks, m.Stacks...)
	}
	f.Stacks = uniqueStacks(stacks)
}

// collect joins one list of all members, each entry once.
func collect[T comparable](members []*Finding, list func(*Finding) []T) []T {
	if len(members) == 1 {
		return slices.Clip(list(members[0]))
	}
	var all []T
	for _, m := range members {
		all = append(all, list(m)...)
	}
	return unique(all)
}

// unique removes all but the first of equal entries, in linear time.
func unique[T comparable](list []T) []T {
	if len(list) < 2 {
		return list
	}
	seen := make(map[T]struct{}, len(list))
	return slices.DeleteFunc(list, func(v T) bool {
		_, again := seen[v]
		seen[v] = struct{}{}
		return again
	})
}

// mergePackages returns what the members say of the package.
func mergePackages(members []*Finding) *Package {
	var p *Package
	for _, m := range members {
		q := m.Package
		if q == nil {
			continue
		}
		if p == nil {
			p = &Package{}
		}
		if p.PURL == "" && q.PURL != "" {
			p.PURL, p.Name, p.Ecosystem = q.PURL, q.Name, q.Ecosystem
		}
		p.Name = cmp.Or(p.Name, q.Name)
		p.Ecosystem = cmp.Or(p.Ecosystem, q.Ecosystem)
		p.Path = cmp.Or(p.Path, q.Path)
		p.Versions = append(p.Versions, q.Versions...)
		p.Fixed = append(p.Fixed, q.Fixed...)
		if p.Fix == fixUnknown || q.Fix == fixAvailable {
			p.Fix = q.Fix
		}
	}
	if p == nil {
		return nil
	}
	p.Versions, p.Fixed = uniqueVersions(p.Versions), uniqueVersions(p.Fixed)
	if len(p.Versions) > 1 && p.PURL != "" {
		if u, err := purl.Parse(p.PURL); err == nil {
			p.PURL = u.WithoutVersion().String()
		}
	}
	return p
}

// uniqueVersions sorts versions and leaves one of those that are written in
// several ways: tools write Go's with and without the leading letters.
func uniqueVersions(list []string) []string {
	slices.SortFunc(list, func(a, b string) int {
		return cmp.Or(compareNatural(bareVersion(a), bareVersion(b)), cmp.Compare(a, b))
	})
	return slices.CompactFunc(list, func(a, b string) bool { return bareVersion(a) == bareVersion(b) })
}

// bareVersion cuts the "v" or "go" in front of a digit.
func bareVersion(v string) string {
	for _, prefix := range []string{"v", "go"} {
		if rest, ok := strings.CutPrefix(v, prefix); ok && digits(rest) > 0 {
			return rest
		}
	}
	return v
}

// mergeTargets returns the target that says most.
func mergeTargets(members []*Finding) *Target {
	var best *Target
	for _, m := range members {
		t := m.Target
		if t == nil {
			continue
		}
		if best == nil || said(t) > said(best) {
			best = t
		}
	}
	return best
}

func said(t *Target) int {
	n := 2*len(t.Digests) + len(t.Tags)
	if hasRegistry(t.Repository) {
		n += 8
	}
	if t.ImageID != "" {
		n++
	}
	return n
}

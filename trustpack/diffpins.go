// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/imageref"
	"github.com/HailBytes/evidence/manifest"
)

// PinChange is a pin that came, went, or is another one.
type PinChange struct {
	Path   string  `json:"path"`             // of the file; of the later one if it was renamed
	Kind   PinKind `json:"kind,omitempty"`   // empty for a file of which something else than its pins changed
	Name   string  `json:"name,omitempty"`   // what the pin is said of
	Before string  `json:"before,omitempty"` // values, joined by ", "; of a file its digest
	After  string  `json:"after,omitempty"`
	Looser bool    `json:"looser"` // leaves more open than before: a tag for a digest, a moving tag for an exact one, a variable
}

// pinKey says of what a pin is said. The path is empty for a file that only one of the
// releases has: the pins of a file that was renamed are compared too.
type pinKey struct {
	path string
	kind PinKind
	name string
}

// pinState is what one release says by the pins of one key.
type pinState struct {
	path   string
	values []string
	level  int // of the loosest
}

func (s *pinState) value() string {
	if s == nil {
		return ""
	}
	slices.Sort(s.values)
	return strings.Join(slices.Compact(s.values), ", ")
}

// pins compares what deployment files pin, and holds those of the later release
// against its manifest.
func (d *differ) pins() {
	files := func(s *side) map[string]*Document {
		found := map[string]*Document{}
		for doc := range s.Documents() {
			if doc.File.Kind == manifest.KindPins {
				found[doc.File.Path] = doc
			}
		}
		return found
	}
	old, now := files(d.before), files(d.after)
	for _, path := range slices.Sorted(maps.Keys(old)) {
		if doc := now[path]; old[path].pinned && doc != nil && !doc.pinned {
			d.lost(manifest.KindPins, "", "the pins of %s cannot be read in %s", path, d.out.After.Version)
		}
	}
	if len(old) > 0 && len(now) == 0 {
		d.oneSided(manifest.KindPins, "deployment file", "", true, false)
	}
	was, is := pinStates(old, now), pinStates(now, old)
	keys := maps.Clone(was)
	maps.Copy(keys, is)
	told := map[string]bool{} // files of which a pin changed
	for k := range keys {
		a, b := was[k], is[k]
		c := PinChange{Kind: k.kind, Name: k.name, Before: a.value(), After: b.value(), Looser: a != nil && b != nil && b.level < a.level}
		if a != nil && b != nil && c.Before == c.After && !c.Looser {
			continue
		}
		for _, s := range []*pinState{a, b} {
			if s != nil {
				c.Path = s.path
				told[s.path] = true
			}
		}
		d.out.Pins = append(d.out.Pins, c)
	}
	d.otherLines(old, now, told)
	slices.SortFunc(d.out.Pins, func(a, b PinChange) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Kind, b.Kind), strings.Compare(a.Name, b.Name))
	})
	own := d.after.own()
	for _, path := range slices.Sorted(maps.Keys(now)) {
		for _, p := range checkPins(own, d.after.Manifest, now[path]).problems {
			if p.Severity == evidence.SeverityError {
				d.out.wrongPins = append(d.out.wrongPins, p)
			}
		}
	}
}

// otherLines lists the files of which no pin changed, and something else did.
func (d *differ) otherLines(old, now map[string]*Document, told map[string]bool) {
	paths := maps.Clone(old)
	maps.Copy(paths, now)
	for path := range paths {
		c := PinChange{Path: path}
		if doc := old[path]; doc != nil {
			c.Before = doc.File.SHA256.String()
		}
		if doc := now[path]; doc != nil {
			c.After = doc.File.SHA256.String()
		}
		if c.Before != c.After && !told[path] {
			d.out.Pins = append(d.out.Pins, c)
		}
	}
}

// pinStates collects the pins of the files of one release.
func pinStates(files, others map[string]*Document) map[pinKey]*pinState {
	all := map[pinKey]*pinState{}
	for path, doc := range files {
		common := ""
		if others[path] != nil {
			common = path
		}
		for i := range doc.Pins {
			pin := &doc.Pins[i]
			k := pinKey{common, pin.Kind, pin.Name}
			level := pinLevel(pin)
			if all[k] == nil {
				all[k] = &pinState{path, nil, level}
			}
			all[k].path = min(all[k].path, path)
			all[k].values = append(all[k].values, cmp.Or(pin.Value, "(not stated)"))
			all[k].level = min(all[k].level, level)
		}
	}
	return all
}

// pinLevel grades how firmly a pin names one thing. Those of one kind compare: 6 for a
// digest, 4 for an exact version, 2 for what moves, 0 for what is not said; 1 less for
// what is chosen later.
func pinLevel(p *Pin) int {
	level := 4
	switch {
	case p.Value == "":
		return 0
	case p.Kind == pinImage:
		ref, err := imageref.Parse(p.Value)
		switch {
		case err != nil:
			return 0
		case !ref.Digest.IsZero():
			level = 6
		case looseTag(ref) != "":
			level = 2
		}
	case p.Kind == pinPlugin && !exactVersion.MatchString(p.Value):
		level = 2
	case p.Kind == pinRef && !commitForm.MatchString(p.Value) && !exactTag.MatchString(strings.TrimPrefix(p.Value, "refs/tags/")):
		level = 2
	}
	if p.Open {
		level--
	}
	return level
}

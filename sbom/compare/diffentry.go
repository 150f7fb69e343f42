// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/HailBytes/evidence/sbom"
)

// namedValue is one of the facts that a component has many of: a property, or an external reference by type.
type namedValue struct{ name, value string }

func compareEntries(a, b namedValue) int {
	if c := strings.Compare(a.name, b.name); c != 0 {
		return c
	}
	return strings.Compare(a.value, b.value)
}

// propertyEntries returns properties, sorted, each once.
func propertyEntries(properties []sbom.Property) []namedValue {
	if len(properties) == 0 {
		return nil
	}
	list := make([]namedValue, 0, len(properties))
	for i := range properties {
		if p := &properties[i]; !layerProperty(p.Name) && !bridges(p.Name) {
			list = append(list, namedValue{p.Name, plain(p.Value)})
		}
	}
	slices.SortFunc(list, compareEntries)
	return slices.Compact(list)
}

// layerProperty reports whether a property says in which layer of an image a
// scanner found the component. Each build of an image makes other layers, of the same packages.
func layerProperty(name string) bool {
	if rest, ok := strings.CutPrefix(name, "syft:location:"); ok {
		_, field, _ := strings.Cut(rest, ":")
		return field == "layerID"
	}
	return name == "aquasecurity:trivy:LayerDigest" || name == "aquasecurity:trivy:LayerDiffID"
}

// referenceEntries returns external references by type, sorted, each once.
func referenceEntries(references []sbom.ExternalReference) []namedValue {
	if len(references) == 0 {
		return nil
	}
	list := make([]namedValue, len(references))
	for i := range references {
		r := &references[i]
		hashes := make([]string, len(r.Hashes))
		for j, h := range r.Hashes {
			hashes[j] = string(h.Algorithm) + ":" + strings.ToLower(h.Value)
		}
		value := r.Locator
		if r.Comment != "" {
			value += " (" + plain(r.Comment) + ")"
		}
		if all := join(hashes); all != "" {
			value += " " + all
		}
		list[i] = namedValue{r.Type, value}
	}
	slices.SortFunc(list, compareEntries)
	return slices.Compact(list)
}

// entriesDigest stands for a list where lists are held against each other; empty for none.
func entriesDigest(list []namedValue) string {
	if len(list) == 0 {
		return ""
	}
	var text []byte
	for _, e := range list {
		for _, s := range []string{e.name, e.value} {
			text = append(binary.AppendUvarint(text, uint64(len(s))), s...) // a value may hold any byte
		}
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// entryChanges yields each name whose values differ, with those that only one of two sorted lists has.
func entryChanges(before, after []namedValue, yield func(name, from, to string)) {
	for len(before) > 0 || len(after) > 0 {
		var name string
		if len(after) == 0 || len(before) > 0 && before[0].name <= after[0].name {
			name = before[0].name
		} else {
			name = after[0].name
		}
		var from, to []string
		from, before = entryValues(before, name)
		to, after = entryValues(after, name)
		if slices.Equal(from, to) {
			continue
		}
		yield(name, join(without(from, to)), join(without(to, from)))
	}
}

// entryValues cuts the values of one name off the front of a sorted list.
func entryValues(list []namedValue, name string) (values []string, rest []namedValue) {
	for len(list) > 0 && list[0].name == name {
		values, list = append(values, list[0].value), list[1:]
	}
	return values, list
}

// without returns what is in a and not in b. Both are sorted.
func without(a, b []string) []string {
	var out []string
	for _, s := range a {
		if _, ok := slices.BinarySearch(b, s); !ok {
			out = append(out, s)
		}
	}
	return out
}

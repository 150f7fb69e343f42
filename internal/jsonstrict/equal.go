// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package jsonstrict

import (
	"hash/maphash"
	"math"
	"math/bits"
	"strconv"
)

// Number returns the value of a number, and whether it is an integer as JSON Schema
// counts them (JSON Schema core §4.2.3): 1.0 is one. A number that is too large is infinite.
func (v Value) Number() (f float64, integer bool) {
	n := v.number()
	if n.exact {
		return float64(n.i), true
	}
	return n.f, n.f == math.Trunc(n.f)
}

// number is the value of a number: exact where it is an integer that fits.
type number struct {
	exact bool
	i     int64
	f     float64
}

func (v Value) number() number {
	text := v.String()
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return number{exact: true, i: i}
	}
	f, _ := strconv.ParseFloat(text, 64)
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return number{exact: true, i: int64(f)}
	}
	return number{f: f}
}

// Equal reports whether a and b are the same value: the order of members, the way in
// which a character is written, and the way in which a number is written make no
// difference. It takes time in proportion to the smaller of the two.
func Equal(a, b Value) bool {
	kind := a.Kind()
	if kind != b.Kind() {
		return false
	}
	switch kind {
	case String:
		return a.String() == b.String()
	case Number:
		return a.number() == b.number()
	case Array:
		return equalElements(a, b)
	case Object:
		return equalMembers(a, b)
	}
	return true
}

func equalElements(a, b Value) bool {
	i, j := a.i+1, b.i+1
	for i < a.end() && j < b.end() {
		p, q := Value{a.x, i}, Value{b.x, j}
		if !Equal(p, q) {
			return false
		}
		i, j = p.end(), q.end()
	}
	return i == a.end() && j == b.end()
}

// equalMembers compares in the order of the text as long as the names are the same,
// which they are in most documents, and looks the rest up by name.
func equalMembers(a, b Value) bool {
	i, j := a.i+1, b.i+1
	var rest map[string]Value // of b
	for i < a.end() {
		name, p := Value{a.x, i}.String(), Value{a.x, i + 1}
		if rest == nil && (j == b.end() || Value{b.x, j}.String() != name) {
			rest = map[string]Value{}
			for k := j; k < b.end(); {
				q := Value{b.x, k + 1}
				rest[Value{b.x, k}.String()] = q
				k = q.end()
			}
		}
		q := Value{b.x, j + 1}
		if rest != nil {
			var ok bool
			if q, ok = rest[name]; !ok {
				return false
			}
			delete(rest, name)
		} else {
			j = q.end()
		}
		if !Equal(p, q) {
			return false
		}
		i = p.end()
	}
	return rest != nil && len(rest) == 0 || rest == nil && j == b.end()
}

// Hasher hashes values: those that are [Equal] have the same hash. It remembers what
// it returned, so that it takes linear time to hash values from the inside outward.
// The values are those of one Index. It is not safe for concurrent use.
type Hasher struct {
	seed maphash.Seed
	keys [2]uint64
	done map[uint32]uint64 // of objects and arrays, by cell
}

// NewHasher returns a Hasher with hashes that nobody can foresee.
func NewHasher() *Hasher {
	h := &Hasher{seed: maphash.MakeSeed(), done: map[uint32]uint64{}}
	h.keys = [2]uint64{maphash.String(h.seed, "left"), maphash.String(h.seed, "right")}
	return h
}

// Hash returns the hash of v.
func (h *Hasher) Hash(v Value) uint64 {
	if k := v.Kind(); k != Object && k != Array {
		return h.hash(v)
	}
	sum, ok := h.done[v.i]
	if !ok {
		sum = h.hash(v)
		h.done[v.i] = sum
	}
	return sum
}

func (h *Hasher) hash(v Value) uint64 {
	kind := v.Kind()
	switch kind {
	case String:
		return maphash.String(h.seed, v.String())
	case Number:
		n := v.number()
		if n.exact {
			return h.mix(uint64(kind), uint64(n.i))
		}
		return h.mix(uint64(kind)+1, math.Float64bits(n.f))
	case Array:
		sum := uint64(kind)
		for _, e := range v.Elements() {
			sum = h.mix(sum, h.known(e))
		}
		return sum
	case Object:
		var sum uint64 // members in any order
		for name, value := range v.Members() {
			sum += h.mix(maphash.String(h.seed, name.String()), h.known(value))
		}
		return h.mix(uint64(kind), sum)
	}
	return h.mix(uint64(kind), 0)
}

// known is Hash, and does not remember what it had to find out.
func (h *Hasher) known(v Value) uint64 {
	if k := v.Kind(); k == Object || k == Array {
		if sum, ok := h.done[v.i]; ok {
			return sum
		}
	}
	return h.hash(v)
}

// mix makes one hash of two, by the keys that nobody knows.
func (h *Hasher) mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a^h.keys[0], b^h.keys[1])
	return high ^ low
}

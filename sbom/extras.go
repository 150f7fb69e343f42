// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"bytes"
	"encoding/json"
	"iter"
	"slices"

	"github.com/HailBytes/evidence/internal/jsonstrict"
)

// Extras keeps, in document order, the members of an object that the model has
// no field for, and those that a field cannot hold as they are written: a null,
// an empty array, a time in another zone than UTC. Writing in the same format
// gives them back, so that nothing is lost.
//
// A member that has both a field and an entry here is written as the entry
// says for as long as the entry means what the field holds; a field that was
// changed since wins.
//
// The zero Extras is empty and takes one word.
type Extras struct {
	list *[]extra
}

type extra struct {
	name  string
	value []byte
}

// len returns the number of entries.
func (e Extras) len() int {
	if e.list == nil {
		return 0
	}
	return len(*e.list)
}

// IsZero reports whether there is no entry.
func (e Extras) IsZero() bool { return e.len() == 0 }

// All yields each member's name and its JSON text. The text must not be changed.
// In a document that was read from XML or tag-value, names and values are those
// of the JSON form, and what that form has no place for (an element of a
// foreign namespace) has a name that begins with "<" or "#".
func (e Extras) All() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		if e.list == nil {
			return
		}
		for _, x := range *e.list {
			if !yield(x.name, x.value) {
				return
			}
		}
	}
}

// Get returns the JSON text of a member, nil if there is none.
func (e Extras) Get(name string) []byte {
	if e.list != nil {
		for _, x := range *e.list {
			if x.name == name {
				return x.value
			}
		}
	}
	return nil
}

// set puts a member in place of one of the same name, or at the end. The value
// must be JSON text; set keeps it and does not check it.
func (e *Extras) set(name string, value []byte) {
	if e.list == nil {
		e.list = new([]extra)
	}
	for i := range *e.list {
		if (*e.list)[i].name == name {
			(*e.list)[i].value = value
			return
		}
	}
	*e.list = append(*e.list, extra{name, value})
}

// add is set for a name that is known to be new.
func (e *Extras) add(name string, value []byte) {
	if e.list == nil {
		e.list = new([]extra)
	}
	*e.list = append(*e.list, extra{name, value})
}

// remove removes a member; a name that is not there is no error.
func (e *Extras) remove(name string) {
	if e.list != nil {
		*e.list = slices.DeleteFunc(*e.list, func(x extra) bool { return x.name == name })
	}
}

// UnmarshalJSON reads what MarshalJSON writes.
func (e *Extras) UnmarshalJSON(data []byte) error {
	*e = Extras{}
	d := jsonstrict.NewBytes(bytes.Clone(data), jsonstrict.Options{})
	for d.Object(); d.Next(); {
		name := string(d.Key())
		e.add(name, d.Raw())
	}
	return d.End()
}

// MarshalJSON writes one object with the members as they were read.
func (e Extras) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for name, value := range e.All() {
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		n, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		b.Write(n)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package depcheck

import (
	"fmt"
	"go/types"
)

// ForeignTypes returns every place where the exported interface of pkg names a
// type from a package that is not allowed: in signatures, exported or embedded
// fields, methods, constraints, and in those of the allowed packages' types that it names
// in turn (an alias of an internal type is interface too).
func ForeignTypes(pkg *types.Package, allowed func(path string) bool) []Foreign {
	w := &walker{allowed: allowed, seen: map[types.Type]bool{}}
	scope := pkg.Scope()
	for _, name := range scope.Names() { // sorted
		if object := scope.Lookup(name); object.Exported() {
			w.object(pkg.Name()+"."+name, object)
		}
	}
	return w.found
}

type walker struct {
	allowed func(path string) bool
	seen    map[types.Type]bool
	found   []Foreign
}

func (w *walker) object(place string, object types.Object) {
	name, ok := object.(*types.TypeName)
	if !ok {
		w.walk(place, object.Type())
		return
	}
	if alias, ok := object.Type().(*types.Alias); ok {
		w.walk(place, alias.Rhs())
		return
	}
	w.walk(place, name.Type())
}

// walk visits every type that t is made of.
func (w *walker) walk(place string, t types.Type) {
	switch t := t.(type) {
	case *types.Named:
		w.named(place, t)
	case *types.Alias:
		w.walk(place, t.Rhs())
		w.list(place+", type argument", t.TypeArgs())
	case *types.Pointer:
		w.walk(place, t.Elem())
	case *types.Slice:
		w.walk(place, t.Elem())
	case *types.Array:
		w.walk(place, t.Elem())
	case *types.Chan:
		w.walk(place, t.Elem())
	case *types.Map:
		w.walk(place+", key", t.Key())
		w.walk(place+", element", t.Elem())
	case *types.Signature:
		w.signature(place, t)
	case *types.Struct:
		for field := range t.Fields() {
			if field.Exported() || field.Embedded() {
				w.walk(place+"."+field.Name(), field.Type())
			}
		}
	case *types.Interface:
		for method := range t.ExplicitMethods() {
			w.walk(place+"."+method.Name(), method.Type())
		}
		for embedded := range t.EmbeddedTypes() {
			w.walk(place, embedded)
		}
	case *types.Union:
		for term := range t.Terms() {
			w.walk(place, term.Type())
		}
	case *types.TypeParam:
		if w.seen[t] {
			return
		}
		w.seen[t] = true
		w.walk(place+", constraint", t.Constraint())
	}
}

func (w *walker) named(place string, t *types.Named) {
	w.list(place+", type argument", t.TypeArgs())
	object := t.Obj()
	if object.Pkg() == nil { // error, comparable
		return
	}
	if !w.allowed(object.Pkg().Path()) {
		w.found = append(w.found, Foreign{place, object.Pkg().Path() + "." + object.Name()})
		return
	}
	t = t.Origin()
	if w.seen[t] {
		return
	}
	w.seen[t] = true
	place = object.Pkg().Name() + "." + object.Name()
	for param := range t.TypeParams().TypeParams() {
		w.walk(place, param)
	}
	w.walk(place, t.Underlying())
	for method := range t.Methods() {
		if method.Exported() {
			w.walk(place+"."+method.Name(), method.Type())
		}
	}
}

func (w *walker) signature(place string, t *types.Signature) {
	for param := range t.TypeParams().TypeParams() {
		w.walk(place, param)
	}
	for i := range t.Params().Len() {
		w.walk(fmt.Sprintf("%s, parameter %d", place, i+1), t.Params().At(i).Type())
	}
	for i := range t.Results().Len() {
		w.walk(fmt.Sprintf("%s, result %d", place, i+1), t.Results().At(i).Type())
	}
}

func (w *walker) list(place string, list *types.TypeList) {
	for t := range list.Types() {
		w.walk(place, t)
	}
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package apicheck keeps the exported interface of every public package as text
// under testdata, so that a change to it is a line that a reviewer sees.
//
//	go test ./internal/test/apicheck -update
//
// writes what the packages declare now.
package apicheck

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// Surface returns the exported declarations of pkg, one a line, sorted: constants
// with their values, variables, functions, types, and the exported fields and methods of each type.
// The package's own name is left out; module is cut from the paths of our own packages.
// An alias of an internal type is listed with that type's fields and methods, for
// they are interface as well.
func Surface(pkg *types.Package, module string) []string {
	s := &surface{pkg: pkg, module: module}
	scope := pkg.Scope()
	for _, name := range scope.Names() {
		object := scope.Lookup(name)
		if !object.Exported() {
			continue
		}
		switch object := object.(type) {
		case *types.Const:
			s.add("const %s %s = %s", name, s.text(object.Type()), object.Val().ExactString())
		case *types.Var:
			s.add("var %s %s", name, s.text(object.Type()))
		case *types.Func:
			s.add("func %s%s", name, s.signature(object))
		case *types.TypeName:
			s.typeName(object)
		}
	}
	slices.Sort(s.lines)
	return s.lines
}

type surface struct {
	pkg    *types.Package
	module string
	lines  []string
}

func (s *surface) add(format string, args ...any) {
	s.lines = append(s.lines, fmt.Sprintf(format, args...))
}

func (s *surface) text(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p == s.pkg {
			return ""
		}
		return strings.TrimPrefix(p.Path(), s.module+"/")
	})
}

func (s *surface) signature(f *types.Func) string {
	return strings.TrimPrefix(s.text(f.Type()), "func")
}

func (s *surface) typeName(object *types.TypeName) {
	name := object.Name()
	if alias, ok := object.Type().(*types.Alias); ok {
		s.add("type %s = %s", name, s.text(alias.Rhs()))
		if named, ok := types.Unalias(alias).(*types.Named); ok && named.Obj().Pkg() != nil &&
			strings.HasPrefix(named.Obj().Pkg().Path(), s.module+"/internal/") {
			s.members(name, named)
		}
		return
	}
	named := object.Type().(*types.Named)
	s.add("type %s%s %s", name, s.typeParams(named), s.kind(named))
	s.members(name, named)
}

func (s *surface) typeParams(named *types.Named) string {
	var params []string
	for p := range named.TypeParams().TypeParams() {
		params = append(params, p.Obj().Name()+" "+s.text(p.Constraint()))
	}
	if params == nil {
		return ""
	}
	return "[" + strings.Join(params, ", ") + "]"
}

// kind is the underlying type, but for structs and interfaces only the word: their members have lines of their own.
func (s *surface) kind(named *types.Named) string {
	switch u := named.Underlying().(type) {
	case *types.Struct:
		if !types.Comparable(named) {
			return "struct // not comparable"
		}
		return "struct"
	case *types.Interface:
		for method := range u.Methods() {
			if !method.Exported() {
				return "interface // nobody else can implement it"
			}
		}
		return "interface"
	default:
		return s.text(u)
	}
}

func (s *surface) members(name string, named *types.Named) {
	switch u := named.Underlying().(type) {
	case *types.Struct:
		for i := range u.NumFields() {
			field := u.Field(i)
			switch {
			case field.Exported() && field.Embedded():
				s.add("type %s struct, embeds %s", name, s.text(field.Type()))
			case field.Exported():
				s.add("type %s struct, %s %s%s", name, field.Name(), s.text(field.Type()), tag(u.Tag(i)))
			}
		}
	case *types.Interface:
		for method := range u.Methods() {
			if method.Exported() {
				s.add("type %s interface, %s%s", name, method.Name(), s.signature(method))
			}
		}
	}
	// Methods as a pointer has them, promoted ones too.
	set := types.NewMethodSet(types.NewPointer(named))
	if types.IsInterface(named) {
		return
	}
	for i := range set.Len() {
		method, ok := set.At(i).Obj().(*types.Func)
		if !ok || !method.Exported() {
			continue
		}
		receiver := "*" + name
		if types.NewMethodSet(named).Lookup(method.Pkg(), method.Name()) != nil {
			receiver = name
		}
		s.add("method (%s) %s%s", receiver, method.Name(), s.signature(method))
	}
}

// tag keeps the JSON name: it is interface too.
func tag(text string) string {
	if text == "" {
		return ""
	}
	return " `" + text + "`"
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package license

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// GoMod is what a go.mod file says of versions.
type GoMod struct {
	Module       string      // path of the main module
	Requirements []Component // in document order, replacements applied

	hashed []module.Version // what go.sum must hold a hash of; a folder has none
}

// maxGoModBytes bounds a go.mod; real files stay under 100 KB.
const maxGoModBytes = 4 << 20

// ReadGoMod reads a go.mod file (Go Modules Reference, "go.mod files"), of at most
// Limits.DocumentBytes and 4 MiB, with at most Limits.Elements requirements. A
// requirement that is replaced by another version has that version and the path
// that the program imports; one that is replaced by a folder has no version. Other
// directives are checked and make no difference here: exclude and retract choose
// no version of a go.mod that is tidy, and tool names a package of a requirement.
//
// The error is a *Problem with line and column, or that of r.
func ReadGoMod(r io.Reader, o *ReadOptions) (*GoMod, error) {
	var l evidence.Limits
	if o != nil {
		l = o.Limits
	}
	l = l.OrDefault()
	most := min(l.DocumentBytes, maxGoModBytes)
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > most {
		return nil, &evidence.Problem{Code: "gomod.size", Severity: evidence.SeverityError, Err: evidence.ErrLimit, Message: fmt.Sprintf("go.mod is longer than %d bytes", most)}
	}
	f, err := modfile.Parse("go.mod", data, nil)
	if err != nil {
		return nil, goModProblem(data, err)
	}
	if f.Module == nil {
		return nil, &evidence.Problem{Code: "gomod.syntax", Severity: evidence.SeverityError, Line: 1, Column: 1, Err: evidence.ErrFormat, Message: "go.mod names no module"}
	}
	if len(f.Require) > l.Elements {
		return nil, &evidence.Problem{Code: "gomod.requirements", Severity: evidence.SeverityError, Err: evidence.ErrLimit, Message: fmt.Sprintf("go.mod has more than %d requirements", l.Elements)}
	}
	// A replacement of one version says more than that of the whole module.
	replaced := map[string]module.Version{} // by "path" and "path@version"
	for _, rep := range f.Replace {
		key := rep.Old.Path
		if rep.Old.Version != "" {
			key += "@" + rep.Old.Version
		}
		replaced[key] = rep.New
	}
	mod := &GoMod{Module: f.Module.Mod.Path}
	for _, req := range f.Require {
		c := Component{Name: req.Mod.Path, Version: req.Mod.Version}
		hashed := req.Mod
		if other, ok := replaced[c.Name+"@"+c.Version]; ok {
			hashed = other
		} else if other, ok := replaced[c.Name]; ok {
			hashed = other
		}
		c.Version = hashed.Version
		mod.Requirements = append(mod.Requirements, c)
		if hashed.Version != "" {
			mod.hashed = append(mod.hashed, hashed)
		}
	}
	return mod, nil
}

// goModProblem makes a problem of the first error of modfile.
func goModProblem(data []byte, err error) *evidence.Problem {
	p := &evidence.Problem{Code: "gomod.syntax", Severity: evidence.SeverityError, Err: evidence.ErrFormat, Message: textfmt.Clip(err.Error(), 300)}
	if list, ok := errors.AsType[modfile.ErrorList](err); ok && len(list) > 0 {
		at := list[0].Pos // whose column counts characters
		p.Line, p.Offset, p.Message = at.Line, int64(at.Byte), textfmt.Clip(list[0].Err.Error(), 300)
		p.Column = at.Byte - bytes.LastIndexByte(data[:min(at.Byte, len(data))], '\n')
	}
	return p
}

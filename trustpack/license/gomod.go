package license

import (
	"errors"
	"io"

	"golang.org/x/mod/modfile"

	"github.com/HailBytes/evidence/internal/diag"
)

// GoMod is what a go.mod file says of versions.
type GoMod struct {
	Module       string      // path of the main module
	Requirements []Component // in document order, replacements applied
}

// ReadGoMod reads a go.mod file. A requirement that is replaced by another
// version has that version and the path that the program imports; one that is
// replaced by a folder has no version. The error is a *Problem with line and
// column, or that of r.
func ReadGoMod(r io.Reader) (*GoMod, error) {
	const most = 4 << 20 // real files stay under 100 KB
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, err
	}
	if len(data) > most {
		return nil, &Problem{Code: "gomod.size", Severity: diag.SeverityError, Err: ErrLimit, Message: "go.mod is longer than 4 MiB"}
	}
	f, err := modfile.Parse("go.mod", data, nil)
	if err != nil {
		p := &Problem{Code: "gomod.syntax", Severity: diag.SeverityError, Err: ErrFormat, Message: diag.Clip(err.Error(), 300)}
		var list modfile.ErrorList
		if errors.As(err, &list) && len(list) > 0 {
			p.Line, p.Column, p.Message = list[0].Pos.Line, list[0].Pos.LineRune, diag.Clip(list[0].Err.Error(), 300)
		}
		return nil, p
	}
	if f.Module == nil {
		return nil, &Problem{Code: "gomod.syntax", Severity: diag.SeverityError, Line: 1, Column: 1, Err: ErrFormat, Message: "go.mod names no module"}
	}
	replaced := map[string]string{} // "path" and "path@version" to the new version
	for _, rep := range f.Replace {
		key := rep.Old.Path
		if rep.Old.Version != "" {
			key += "@" + rep.Old.Version
		}
		replaced[key] = rep.New.Version
	}
	mod := &GoMod{Module: f.Module.Mod.Path}
	for _, req := range f.Require {
		c := Component{Name: req.Mod.Path, Version: req.Mod.Version}
		if v, ok := replaced[c.Name+"@"+c.Version]; ok {
			c.Version = v
		} else if v, ok := replaced[c.Name]; ok {
			c.Version = v
		}
		mod.Requirements = append(mod.Requirements, c)
	}
	return mod, nil
}

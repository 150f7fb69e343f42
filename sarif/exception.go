// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/claim"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/policyfile"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// Exception is a decision to accept a finding until a day. Everything that it names
// is compared with what the finding states; where the finding does not state it,
// the exception does not count. What it leaves out is any.
type Exception struct {
	Vulnerability string    // required: an identifier of the finding, or an alias; for other classes the rule
	PURL          string    // package; with a version, that version only; empty is any package
	Versions      string    // range of installed versions: ">=1.2, <2.0" or a VERS; empty is any
	Image         string    // repository, with tag or digest if these only; or the name of another target; empty is any
	Owner         string    // required: who decided
	Reason        string    // required
	Expires       time.Time // required: the first moment at which it holds no more

	File string // the exceptions' name
	Line int    // from 1
}

// String returns the file, line and vulnerability.
func (e *Exception) String() string {
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Vulnerability)
}

// Expired reports whether the exception holds no more.
func (e *Exception) Expired(now time.Time) bool { return !now.Before(e.Expires) }

// ReadExceptions reads a file of exceptions, YAML or JSON:
//
//	exceptions:
//	  - vulnerability: CVE-2011-3374
//	    purl: pkg:deb/debian/apt
//	    versions: ">=2.6, <2.8"
//	    image: ghcr.io/acme/web
//	    owner: security@acme.example
//	    reason: needs a local account, which the image has not
//	    expires: 2026-12-31
//
// Expires is a day (the exception holds to its end, UTC) or an RFC 3339 time.
// Members that are not known, given twice, missing or malformed are refused, all
// at once, with their places; so are YAML aliases, anchors and several documents.
func ReadExceptions(r io.Reader, o *ReadOptions) ([]*Exception, error) {
	opts := o.orZero()
	data, err := policyfile.Read(r, opts.Name, opts.Limits)
	if err != nil {
		return nil, err
	}
	p := &exceptionReader{o: opts}
	if b := bytes.TrimLeft(data, " \t\r\n\xef\xbb\xbf"); len(b) > 0 && (b[0] == '{' || b[0] == '[') {
		p.json(data)
	} else {
		p.yaml(data)
	}
	slices.SortStableFunc(p.problems, func(a, b *evidence.Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Pointer, b.Pointer))
	})
	if err := p.problems.Err(); err != nil {
		return nil, err
	}
	return p.list, nil
}

type exceptionReader struct {
	o        ReadOptions
	list     []*Exception
	problems evidence.Problems
}

func (p *exceptionReader) refuse(code string, line, column int, pointer, format string, args ...any) {
	p.problems = append(p.problems, &evidence.Problem{Code: code, Severity: evidence.SeverityError, Path: p.o.Name, Line: line, Column: column,
		Pointer: pointer, Message: fmt.Sprintf(format, args...), Err: evidence.ErrFormat})
}

func (p *exceptionReader) yaml(data []byte) {
	d := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := d.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			p.refuse("exceptions.empty", 0, 0, "", "file holds no document")
			return
		}
		p.refuse("exceptions.yaml", yamlLine(err), 0, "", "%s", textfmt.Clip(err.Error(), 200))
		return
	}
	if err := d.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		p.refuse("exceptions.documents", 0, 0, "", "file holds several documents")
		return
	}
	if !p.plain(doc.Content[0], "") {
		return
	}
	p.document(doc.Content[0])
}

// yamlLine finds "line N" in an error of the library, which has it only as text.
func yamlLine(err error) int {
	_, rest, ok := strings.Cut(err.Error(), "line ")
	if !ok {
		return 0
	}
	n, _ := strconv.Atoi(rest[:digits(rest)])
	return n
}

// plain refuses anchors and aliases, and names given twice.
func (p *exceptionReader) plain(n *yaml.Node, pointer string) bool {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		p.refuse("exceptions.alias", n.Line, n.Column, pointer, "YAML anchors and aliases are not allowed")
		return false
	}
	ok := true
	if n.Kind == yaml.MappingNode {
		seen := map[string]bool{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			k := n.Content[i]
			if seen[k.Value] {
				p.refuse("exceptions.duplicate", k.Line, k.Column, pointer+"/"+jsonstrict.EscapePointer(k.Value), "member %s is given twice", textfmt.Quote(k.Value))
				ok = false
			}
			seen[k.Value] = true
			ok = p.plain(k, pointer) && p.plain(n.Content[i+1], pointer+"/"+jsonstrict.EscapePointer(k.Value)) && ok
		}
		return ok
	}
	for i, c := range n.Content {
		ok = p.plain(c, pointer+"/"+strconv.Itoa(i)) && ok
	}
	return ok
}

func (p *exceptionReader) document(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		p.refuse("exceptions.shape", n.Line, n.Column, "", "want a member exceptions with a list")
		return
	}
	found := false
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Value != "exceptions" {
			p.refuse("exceptions.unknown", k.Line, k.Column, "/"+jsonstrict.EscapePointer(k.Value), "unknown member %s", textfmt.Quote(k.Value))
			continue
		}
		found = true
		if v.Kind != yaml.SequenceNode {
			if v.Tag != "!!null" {
				p.refuse("exceptions.shape", v.Line, v.Column, "/exceptions", "want a list")
			}
			continue
		}
		for i, item := range v.Content {
			p.exception(item, "/exceptions/"+strconv.Itoa(i))
		}
	}
	if !found && len(p.problems) == 0 {
		p.refuse("exceptions.missing", n.Line, n.Column, "", "want a member exceptions with a list")
	}
}

func (p *exceptionReader) exception(n *yaml.Node, pointer string) {
	if n.Kind != yaml.MappingNode {
		p.refuse("exceptions.shape", n.Line, n.Column, pointer, "an exception is a mapping")
		return
	}
	f := fields{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if v.Kind != yaml.ScalarNode || v.Tag == "!!null" {
			p.refuse("exceptions.shape", v.Line, v.Column, pointer+"/"+jsonstrict.EscapePointer(k.Value), "want a text")
			f[k.Value] = field{refused: true}
			continue
		}
		f[k.Value] = field{text: v.Value, line: v.Line, column: v.Column}
	}
	p.add(f, n.Line, n.Column, pointer)
}

// json reads the same document from JSON.
func (p *exceptionReader) json(data []byte) {
	d := jsonstrict.NewBytes(data, jsonstrict.Options{Limits: p.o.Limits, AllowBOM: true})
	found := false
	for d.Object(); d.Next(); {
		if string(d.Key()) != "exceptions" {
			pos := d.Pos()
			p.refuse("exceptions.unknown", pos.Line, pos.Column, d.Pointer(), "unknown member %s", textfmt.Quote(string(d.Key())))
			continue
		}
		found = true
		for d.Array(); d.Next(); {
			at, pointer, f := d.Pos(), d.Pointer(), fields{}
			for d.Object(); d.Next(); {
				name := string(d.Key())
				pos := d.Pos()
				f[name] = field{text: d.String(), line: pos.Line, column: pos.Column}
			}
			if d.Err() == nil {
				p.add(f, at.Line, at.Column, pointer)
			}
		}
	}
	if err := d.End(); err != nil {
		problem, ok := errors.AsType[*evidence.Problem](err)
		if !ok {
			problem = &evidence.Problem{Code: "exceptions.json", Severity: evidence.SeverityError, Message: err.Error(), Err: evidence.ErrFormat}
		}
		p.problems = append(p.problems, problem.At(p.o.Name))
		return
	}
	if !found && len(p.problems) == 0 {
		p.refuse("exceptions.missing", 1, 1, "", "want a member exceptions with a list")
	}
}

type field struct {
	text         string
	line, column int
	refused      bool // told already
}

type fields map[string]field

// add makes an exception of its members, or says what is wrong with them.
func (p *exceptionReader) add(f fields, line, column int, pointer string) {
	e := &Exception{File: p.o.Name, Line: line}
	bad := len(p.problems)
	wrong := func(name, code, format string, args ...any) {
		at := f[name]
		if at.line == 0 {
			at.line, at.column = line, column
		}
		p.refuse("exceptions."+code, at.line, at.column, pointer+"/"+name, format, args...)
	}
	take := func(name string, required bool) string {
		v, ok := f[name]
		text := strings.TrimSpace(v.text)
		switch {
		case v.refused:
		case !ok && required:
			wrong(name, "required", "%s is required", name)
		case ok && text == "":
			wrong(name, "empty", "%s is empty", name)
		}
		return text
	}
	for name := range f {
		switch name {
		case "vulnerability", "purl", "versions", "image", "owner", "reason", "expires":
		default:
			wrong(name, "unknown", "unknown member %s", textfmt.Quote(name))
		}
	}
	e.Vulnerability, e.Owner, e.Reason = take("vulnerability", true), take("owner", true), take("reason", true)
	e.PURL, e.Versions, e.Image = take("purl", false), take("versions", false), take("image", false)
	if text := take("expires", true); text != "" {
		var err error
		if e.Expires, err = policyfile.Expiry(text); err != nil {
			wrong("expires", "time", "%v", err)
		}
	}
	if _, err := claim.ParsePackage(e.PURL, ""); err != nil {
		wrong("purl", "purl", "%v", err)
	} else if _, err := claim.ParsePackage(e.PURL, e.Versions); err != nil {
		wrong("versions", "versions", "%v", err)
	}
	if len(p.problems) == bad {
		p.list = append(p.list, e)
	}
}

// scope returns what the exception is about.
func (e *Exception) scope() (*scope, error) {
	for _, required := range []struct{ name, text string }{{"vulnerability", e.Vulnerability}, {"owner", e.Owner}, {"reason", e.Reason}} {
		if required.text == "" {
			return nil, fmt.Errorf("sarif: exception %s has no %s", e, required.name)
		}
	}
	if e.Expires.IsZero() {
		return nil, fmt.Errorf("sarif: exception %s has no expiry", e)
	}
	pkg, err := claim.ParsePackage(e.PURL, e.Versions)
	if err != nil {
		return nil, fmt.Errorf("sarif: exception %s: %w", e, err)
	}
	s := &scope{exception: e}
	if !pkg.Any() {
		s.packages = []claim.Package{pkg}
	}
	if e.Image != "" {
		s.targets = []targetClaim{imageClaim(e.Image)}
	}
	return s, nil
}

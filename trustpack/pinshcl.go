// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// hclTree makes the tree of a template in HCL 2: blocks become maps named by
// their type and labels. Expressions are not evaluated by the library, whose
// functions and loops know no bound: variables and locals are looked up here,
// and what only a function would tell is open.
type hclTree struct {
	*pinTree
	data  []byte
	named map[string]hclsyntax.Expression // "var.NAME" and "local.NAME"
}

// The library's parser calls itself for each bracket, and for each of the operators
// that nest without one ("!", "-", "?", "[*]", "%{if}"); the lines of a text and
// the parts of a name joined by "::" take it quadratic time.
const (
	hclNesting   = 200
	hclOperators = 2_000 // of one file: real ones have some 20
	hclLines     = 5_000 // of the texts of one file ("<<EOF"): real ones have some 100
)

func (t *pinTree) parseHCL(data []byte) (*pinNode, error) {
	h := &hclTree{pinTree: t, data: data, named: map[string]hclsyntax.Expression{}}
	if err := h.bounded(); err != nil {
		return nil, err
	}
	file, diags := hclsyntax.ParseConfig(data, t.src.Path, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, h.syntax(diags)
	}
	body := file.Body.(*hclsyntax.Body)
	h.declare(body)
	return h.body(body, h.at(body.SrcRange), 0)
}

func (h *hclTree) syntax(diags hcl.Diagnostics) error {
	for _, d := range diags {
		if d.Severity == hcl.DiagError {
			at := h.src
			if d.Subject != nil {
				at = h.at(*d.Subject)
			}
			return pinProblem("pins.syntax", evidence.ErrFormat, at, "not HCL: %s", textfmt.Clip(d.Summary+": "+d.Detail, 200))
		}
	}
	return pinProblem("pins.syntax", evidence.ErrFormat, h.src, "not HCL")
}

// bounded refuses nesting that the parser would follow down its stack.
func (h *hclTree) bounded() error {
	tokens, diags := hclsyntax.LexConfig(h.data, h.src.Path, hcl.InitialPos)
	if diags.HasErrors() {
		return h.syntax(diags)
	}
	depth, operators, lines := 0, 0, 0
	for i := range tokens {
		switch tokens[i].Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc,
			hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			depth++
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc,
			hclsyntax.TokenTemplateSeqEnd:
			depth--
		}
		switch tokens[i].Type {
		case hclsyntax.TokenBang, hclsyntax.TokenMinus, hclsyntax.TokenQuestion, hclsyntax.TokenStar, hclsyntax.TokenTemplateControl, hclsyntax.TokenDoubleColon:
			operators++
		case hclsyntax.TokenStringLit:
			lines++
		}
		if depth > hclNesting || operators > hclOperators || lines > hclLines {
			return pinProblem("pins.depth", evidence.ErrLimit, h.at(tokens[i].Range), "more than %s, %s or %s of text",
				textfmt.Count(hclNesting, "open bracket"), textfmt.Count(hclOperators, "operator"), textfmt.Count(hclLines, "line"))
		}
	}
	return nil
}

// at returns the place of a range; the library's own column counts characters.
func (h *hclTree) at(r hcl.Range) evidence.Source {
	src := h.src
	start := min(max(r.Start.Byte, 0), len(h.data))
	src.Line, src.Column = r.Start.Line, start-bytes.LastIndexByte(h.data[:start], '\n')
	return src
}

// declare notes the expressions of variables and locals.
func (h *hclTree) declare(body *hclsyntax.Body) {
	for _, b := range body.Blocks {
		switch {
		case b.Type == "variable" && len(b.Labels) == 1:
			if a := b.Body.Attributes["default"]; a != nil {
				h.named["var."+b.Labels[0]] = a.Expr
			}
		case b.Type == "local" && len(b.Labels) == 1:
			if a := b.Body.Attributes["expression"]; a != nil {
				h.named["local."+b.Labels[0]] = a.Expr
			}
		case b.Type == "locals":
			for name, a := range b.Body.Attributes {
				h.named["local."+name] = a.Expr
			}
		}
	}
}

// body makes a map of attributes and blocks, in the order of the file; blocks of
// one name and labels are merged into one list of fields.
func (h *hclTree) body(b *hclsyntax.Body, at evidence.Source, depth int) (*pinNode, error) {
	out, err := h.node(at, "", depth)
	if err != nil {
		return nil, err
	}
	out.kids = []pinField{}
	for _, a := range slices.SortedFunc(maps.Values(b.Attributes), byPlace) {
		value, err := h.value(a.Expr, depth+1)
		if err != nil {
			return nil, err
		}
		out.kids = append(out.kids, pinField{name: a.Name, at: h.at(a.NameRange), pinNode: value})
	}
	for _, block := range b.Blocks {
		at := h.at(block.TypeRange)
		value, err := h.body(block.Body, at, depth+1+len(block.Labels))
		if err != nil {
			return nil, err
		}
		for i := len(block.Labels) - 1; i >= 0; i-- {
			outer, err := h.node(at, "", depth+1)
			if err != nil {
				return nil, err
			}
			outer.kids = []pinField{{name: block.Labels[i], at: h.at(block.LabelRanges[i]), pinNode: value}}
			value = outer
		}
		out.kids = append(out.kids, pinField{name: block.Type, at: at, pinNode: value})
	}
	return out, nil
}

func byPlace(a, b *hclsyntax.Attribute) int { return a.SrcRange.Start.Byte - b.SrcRange.Start.Byte }

// value makes the node of an expression.
func (h *hclTree) value(e hclsyntax.Expression, depth int) (*pinNode, error) {
	out, err := h.node(h.at(e.Range()), "", depth)
	if err != nil {
		return nil, err
	}
	list := func(parts ...hclsyntax.Expression) (*pinNode, error) {
		out.list = true
		for _, part := range parts {
			kid, err := h.value(part, depth+1)
			if err != nil {
				return nil, err
			}
			out.kids = append(out.kids, pinField{pinNode: kid})
		}
		return out, nil
	}
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		out.text, out.open = literalText(e.Val)
		return out, h.spend(out)
	case *hclsyntax.ParenthesesExpr:
		return h.value(e.Expression, depth+1)
	case *hclsyntax.TemplateWrapExpr:
		return h.value(e.Wrapped, depth+1)
	case *hclsyntax.TemplateExpr:
		return out, h.template(out, e.Parts, depth)
	case *hclsyntax.ScopeTraversalExpr:
		return h.variable(out, e.Traversal, depth)
	case *hclsyntax.TupleConsExpr:
		return list(e.Exprs...)
	case *hclsyntax.ObjectConsExpr:
		out.kids = []pinField{}
		for _, item := range e.Items {
			name, err := h.key(item.KeyExpr, depth+1)
			if err != nil {
				return nil, err
			}
			value, err := h.value(item.ValueExpr, depth+1)
			if err != nil {
				return nil, err
			}
			out.kids = append(out.kids, pinField{name: name, at: h.at(item.KeyExpr.Range()), pinNode: value})
		}
		return out, nil
	case *hclsyntax.FunctionCallExpr: // what it makes of its arguments is open, what they hold is not
		return list(e.Args...)
	case *hclsyntax.ConditionalExpr:
		return list(e.TrueResult, e.FalseResult)
	}
	out.open = true
	return out, nil
}

// key returns the name of an object's member: a bare word stands for itself.
func (h *hclTree) key(e hclsyntax.Expression, depth int) (string, error) {
	if word := hcl.ExprAsKeyword(e); word != "" {
		return word, nil
	}
	if k, ok := e.(*hclsyntax.ObjectConsKeyExpr); ok {
		e = k.Wrapped
	}
	n, err := h.value(e, depth)
	if err != nil {
		return "", err
	}
	return n.text, nil
}

// template joins the parts of a text; one that is no known text makes it open.
func (h *hclTree) template(out *pinNode, parts []hclsyntax.Expression, depth int) error {
	var b strings.Builder
	for _, part := range parts {
		kid, err := h.value(part, depth+1)
		if err != nil {
			return err
		}
		out.open = out.open || kid.open || !kid.scalar()
		b.WriteString(kid.text)
	}
	out.text = b.String()
	return h.spend(out)
}

// spend counts the text that a node was given.
func (h *hclTree) spend(n *pinNode) error {
	_, err := h.node(n.at, n.text, 0)
	return err
}

// variable looks up var.NAME, local.NAME and what they hold: local.images.web.
func (h *hclTree) variable(out *pinNode, t hcl.Traversal, depth int) (*pinNode, error) {
	out.open = true
	if len(t) < 2 {
		return out, nil
	}
	attr, ok := t[1].(hcl.TraverseAttr)
	e := h.named[t.RootName()+"."+attr.Name]
	if !ok || e == nil {
		return out, nil
	}
	value, err := h.value(e, depth+1)
	if err != nil {
		return nil, err
	}
	for _, step := range t[2:] {
		switch step := step.(type) {
		case hcl.TraverseAttr:
			value = value.get(step.Name)
		case hcl.TraverseIndex:
			name, _ := literalText(step.Key)
			value = value.get(name)
		}
		if value == nil {
			return out, nil
		}
	}
	value.at = out.at // where it is used
	if t.RootName() == "var" && value.scalar() {
		value.open = true // a default: whoever builds may give another value
	}
	return value, nil
}

// literalText returns the text of a literal; null is no text, and open.
func literalText(v cty.Value) (text string, open bool) {
	if v.IsNull() || !v.IsKnown() {
		return "", true
	}
	s, err := convert.Convert(v, cty.String)
	if err != nil {
		return "", true
	}
	return s.AsString(), false
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"regexp"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/imageref"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// packerFile reads a Packer template: HCL 2, the same as JSON, or the JSON form of
// Packer before 1.5.
type packerFile struct {
	pinFile
	*pinTree
	json   bool
	values map[string]*pinNode // JSON only: variables and locals by name
}

func readPacker(t *pinTree, root *pinNode) (*pinFile, error) {
	p := &packerFile{pinTree: t, values: map[string]*pinNode{}}
	known := false
	for _, f := range root.kids {
		switch f.name {
		case "packer", "source", "build", "variable", "locals", "local", "data", "builders", "provisioners":
			known = true
		}
	}
	if !known {
		return nil, pinProblem("pins.packer", evidence.ErrUnsupported, root.at, "not a Packer template: it has no block that Packer knows")
	}
	if strings.HasSuffix(strings.ToLower(t.src.Path), ".json") {
		p.json = true
		if err := p.expandAll(root); err != nil {
			return nil, err
		}
	}
	for _, f := range root.kids {
		switch f.name {
		case "packer":
			p.packer(f.pinNode)
		case "variable":
			for _, v := range f.kids {
				if value := v.get("default"); value != nil {
					p.named(v.name, value)
				}
			}
		case "variables", "locals":
			for _, v := range f.kids {
				p.named(v.name, v.pinNode)
			}
		case "local":
			for _, v := range f.kids {
				if value := v.get("expression"); value != nil {
					p.named(v.name, value)
				}
			}
		case "source", "data":
			for _, kind := range f.kids {
				for _, b := range kind.kids {
					p.builder(kind.name, kind.name+"."+b.name, b)
				}
			}
		case "builders":
			for _, b := range f.kids {
				kind := b.get("type")
				if kind == nil {
					continue
				}
				name := kind.text
				if n := b.get("name"); n != nil {
					name = n.text
				}
				p.builder(kind.text, name, b)
			}
		}
	}
	p.walk("", pinField{pinNode: root})
	return &p.pinFile, nil
}

// packer reads the versions of Packer and of its plugins.
func (p *packerFile) packer(n *pinNode) {
	if v := n.get("required_version"); v != nil {
		p.add(pinPlugin, "packer", v.text, v.open, v.at)
	}
	for _, f := range n.kids {
		if f.name != "required_plugins" {
			continue
		}
		for _, plugin := range f.kids {
			version := plugin.get("version")
			if version == nil {
				version = &pinNode{at: plugin.at}
			}
			p.add(pinPlugin, plugin.name, version.text, version.open, version.at)
		}
	}
}

// named reads a variable or a local value by its name.
func (p *packerFile) named(name string, value *pinNode) {
	p.setting(name, value)
	words := nameWords(name)
	if len(words) == 0 {
		return
	}
	switch words[len(words)-1] {
	case "image", "images":
		p.references(name, value)
	}
}

// references takes every text of a value that is named for images as a reference.
func (p *packerFile) references(name string, value *pinNode) {
	if value.scalar() {
		if r, err := imageref.Parse(value.text); err == nil && (r.Tag != "" || !r.Digest.IsZero()) {
			p.add(pinImage, name, value.text, value.open, value.at)
		}
		return
	}
	for _, f := range value.kids {
		inner := name
		if f.name != "" {
			inner = f.name
		}
		p.references(inner, f.pinNode)
	}
}

// builder reads what a machine image is made from.
func (p *packerFile) builder(kind, name string, b pinField) {
	text := func(names ...string) string {
		if n := b.get(names...); n != nil {
			return n.text
		}
		return ""
	}
	at, value := b.pinNode.at, ""
	newest := text("most_recent") == "true"
	if filter := b.get("source_ami_filter"); filter != nil {
		newest, at, value = text("source_ami_filter", "most_recent") == "true", filter.at, text("source_ami_filter", "filters", "name")
	}
	moves := true
	switch {
	case newest:
		p.warn("pins.most-recent", at, "%s starts from the newest machine image that its filter finds (most_recent)", textfmt.Quote(name))
	case text("source_image_family") != "" && text("source_image") == "":
		p.warn("pins.most-recent", at, "%s starts from the newest machine image of the family %s", textfmt.Quote(name), textfmt.Quote(text("source_image_family")))
	case text("image_sku") != "" && (text("image_version") == "" || text("image_version") == "latest"):
		p.warn("pins.most-recent", at, "%s starts from the newest version of %s", textfmt.Quote(name), textfmt.Quote(text("image_offer")+" "+text("image_sku")))
	default:
		moves = false
	}
	for _, v := range []string{text("source_ami"), text("source_image"), text("image_version"), text("filters", "name")} {
		if value == "" {
			value = v
		}
	}
	if value != "" || moves {
		p.add(pinMachineImage, name, value, moves, at)
	}
	if image := b.get("image"); kind == "docker" && image != nil {
		p.add(pinImage, name, image.text, image.open, image.at)
	}
}

// walk looks for what may stand anywhere: tags and labels, settings of
// provisioners, and references of images in commands.
func (p *packerFile) walk(parent string, f pinField) {
	if f.scalar() {
		p.tokens(parent, f.pinNode)
		return
	}
	labels := false
	if words := nameWords(f.name); len(words) > 0 {
		last := words[len(words)-1]
		labels = last == "tags" || last == "labels"
	}
	settings := f.name == "environment_vars" || f.name == "env" || f.name == "changes"
	for _, kid := range f.kids {
		if labels || settings && !f.list {
			p.setting(kid.name, kid.pinNode)
		}
		if key, value, ok := strings.Cut(kid.text, "="); ok && settings && f.list && kid.scalar() {
			p.setting(strings.TrimPrefix(key, "LABEL "), &pinNode{text: strings.Trim(value, `"'`), open: kid.open, at: kid.pinNode.at})
		}
		name := parent
		if kid.name != "" {
			name = kid.name
			if kid.scalar() && namesImage(name) {
				p.names = append(p.names, Pin{Name: name, Value: kid.text, Source: kid.pinNode.at})
			}
		}
		p.walk(name, kid)
	}
}

// namesImage reports whether a setting of a builder is the name of what it builds:
// "ami_name", "managed_image_name".
func namesImage(setting string) bool {
	words := nameWords(setting)
	return len(words) > 1 && words[len(words)-1] == "name" && slices.ContainsFunc(words, func(w string) bool {
		return w == "ami" || w == "image" || w == "snapshot" || w == "vm" || w == "template"
	})
}

// tokens finds references in a text: those with a digest, and what docker is
// asked to pull or run.
func (p *packerFile) tokens(name string, n *pinNode) {
	if !strings.Contains(n.text, "@sha") && !strings.Contains(n.text, "pull ") {
		return
	}
	command := ""
	for _, word := range strings.FieldsFunc(n.text, func(r rune) bool { return strings.ContainsRune(" \t\r\n\"'`;,()=", r) }) {
		r, err := imageref.Parse(word)
		if err == nil && (!r.Digest.IsZero() || command == "pull" && (r.Tag != "" || strings.Contains(word, "/"))) {
			p.add(pinImage, name, word, n.open, n.at)
		}
		if command != "pull" || !strings.HasPrefix(word, "-") {
			command = word
		}
	}
}

// packerReference matches the references to variables that JSON strings hold, in
// the form of HCL and in that of Packer before 1.5.
var packerReference = regexp.MustCompile("\\$\\{(?:var|local)\\.([A-Za-z0-9_-]+)\\}|\\{\\{\\s*user\\s+[`'\"]([^`'\"]+)[`'\"]\\s*\\}\\}")

// expandAll resolves the references in every string of a JSON template.
func (p *packerFile) expandAll(root *pinNode) error {
	for _, f := range root.kids {
		switch f.name {
		case "variable":
			for _, v := range f.kids {
				if value := v.get("default"); value != nil {
					p.values[v.name] = value
				}
			}
		case "variables", "locals":
			for _, v := range f.kids {
				p.values[v.name] = v.pinNode
			}
		}
	}
	return p.expandTree(root)
}

func (p *packerFile) expandTree(n *pinNode) error {
	if n.scalar() {
		text, open, err := p.expand(n.text, n.at, 0)
		n.text, n.open = text, open
		return err
	}
	for _, f := range n.kids {
		if err := p.expandTree(f.pinNode); err != nil {
			return err
		}
	}
	return nil
}

func (p *packerFile) expand(text string, at evidence.Source, depth int) (string, bool, error) {
	if !strings.Contains(text, "${") && !strings.Contains(text, "{{") {
		return text, false, nil
	}
	var failed error
	open := true // whoever builds may give a variable another value
	out := packerReference.ReplaceAllStringFunc(text, func(ref string) string {
		m := packerReference.FindStringSubmatch(ref)
		value := p.values[m[1]+m[2]]
		if failed != nil || !value.scalar() {
			return ""
		}
		if _, failed = p.node(at, value.text, depth); failed != nil {
			return ""
		}
		var inner string
		inner, _, failed = p.expand(value.text, at, depth+1)
		return inner
	})
	return out, open, failed
}

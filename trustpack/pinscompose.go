// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// composeFile reads a compose file (Compose Specification): the images of its
// services, and what settings and labels say of the release. Later documents of a
// file override earlier ones. Variables have the defaults that the file gives them:
// what the environment holds where it is deployed is not known.
type composeFile struct {
	pinFile
	*pinTree
	services []pinField
	index    map[string]int // in services, by name
}

func readCompose(t *pinTree, documents []*pinNode) (*pinFile, error) {
	c := &composeFile{pinTree: t, index: map[string]int{}}
	found := false
	for _, doc := range documents {
		services := doc.get("services")
		if services == nil {
			continue
		}
		found = true
		if services.list || services.scalar() && services.text != "" {
			return nil, pinProblem("pins.compose", evidence.ErrFormat, services.at, "services is not a map")
		}
		for _, s := range services.kids {
			if err := c.service(s); err != nil {
				return nil, err
			}
		}
	}
	if !found {
		return nil, pinProblem("pins.compose", evidence.ErrUnsupported, t.src, "not a compose file: it has no services")
	}
	for _, s := range c.services {
		if err := c.read(s); err != nil {
			return nil, err
		}
	}
	return &c.pinFile, nil
}

// service notes a service, or what a later document says of it.
func (c *composeFile) service(s pinField) error {
	if s.list || s.scalar() && s.text != "" {
		return pinProblem("pins.compose", evidence.ErrFormat, s.pinNode.at, "service %s is not a map", textfmt.Quote(s.name))
	}
	i, ok := c.index[s.name]
	if !ok {
		c.index[s.name] = len(c.services)
		c.services = append(c.services, s)
		return nil
	}
	earlier, merged := c.services[i], *s.pinNode
	have := map[string]bool{}
	for _, f := range merged.kids {
		have[f.name] = true
	}
	for _, f := range earlier.kids {
		if !have[f.name] {
			merged.kids = append(merged.kids, f)
		}
	}
	c.services[i] = pinField{name: s.name, at: s.at, pinNode: &merged}
	return nil
}

func (c *composeFile) read(s pinField) error {
	image, elsewhere := c.image(s.pinNode)
	switch {
	case image != nil:
		text, open, err := c.interpolate(image)
		if err != nil {
			return err
		}
		c.add(pinImage, s.name, text, open, image.at)
	case elsewhere != "":
		c.warn("pins.elsewhere", s.pinNode.at, "the image of service %s stands in %s, which is not read from here", textfmt.Quote(s.name), textfmt.Quote(elsewhere))
	case s.get("build") != nil:
		c.warn("pins.build", s.pinNode.at, "service %s is built where it is deployed: no image is pinned", textfmt.Quote(s.name))
	case s.get("provider") == nil:
		c.warn("pins.no-image", s.pinNode.at, "service %s has no image", textfmt.Quote(s.name))
	}
	for _, name := range []string{"environment", "labels"} {
		if err := c.settings(s.get(name)); err != nil {
			return err
		}
	}
	if deploy := s.get("deploy", "labels"); deploy != nil {
		if err := c.settings(deploy); err != nil {
			return err
		}
	}
	if volumes := s.get("volumes"); volumes != nil {
		for _, v := range volumes.kids {
			kind, source := v.get("type"), v.get("source")
			if kind == nil || kind.text != "image" || source == nil {
				continue
			}
			text, open, err := c.interpolate(source)
			if err != nil {
				return err
			}
			c.add(pinImage, s.name, text, open, source.at)
		}
	}
	return nil
}

// image returns the image of a service, its own or that of the service that it
// extends; or the file in which that one stands.
func (c *composeFile) image(s *pinNode) (image *pinNode, elsewhere string) {
	for range pinDepth {
		if image := s.get("image"); image != nil && image.text != "" || s.get("build") != nil {
			return image, ""
		}
		base := s.get("extends")
		if base == nil {
			return nil, ""
		}
		if file := base.get("file"); file != nil {
			return nil, file.text
		}
		if service := base.get("service"); service != nil {
			base = service
		}
		i, ok := c.index[base.text]
		if !ok {
			return nil, ""
		}
		s = c.services[i].pinNode
	}
	return nil, "" // services that extend one another
}

// settings reads a map of names and values, or a list of "name=value".
func (c *composeFile) settings(n *pinNode) error {
	if n == nil {
		return nil
	}
	for _, f := range n.kids {
		name, value := f.name, *f.pinNode
		if n.list {
			name, value.text, _ = strings.Cut(f.text, "=")
		}
		if kind, _ := settingKind(name); kind == "" || !f.scalar() {
			continue
		}
		var err error
		if value.text, value.open, err = c.interpolate(&value); err != nil {
			return err
		}
		c.setting(name, &value)
	}
	return nil
}

// interpolate fills in the variables of a text (Compose Specification,
// Interpolation): "$NAME", "${NAME}", and "${NAME:-default}" and "${NAME-default}"
// with their default; "$$" is a dollar sign. Open reports that there was a
// variable.
func (c *composeFile) interpolate(n *pinNode) (text string, open bool, err error) {
	text, open, ok := interpolate(n.text, 0)
	if !ok {
		return "", false, pinProblem("pins.variable", evidence.ErrFormat, n.at, "%s has a variable that is not well-formed", textfmt.Quote(n.text))
	}
	return text, open, nil
}

func interpolate(s string, depth int) (text string, open, ok bool) {
	if depth > pinDepth {
		return "", false, false
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, "$")
		b.WriteString(before)
		if !found {
			return b.String(), open, true
		}
		if rest, ok := strings.CutPrefix(after, "$"); ok {
			b.WriteByte('$')
			s = rest
			continue
		}
		open = true
		inner, braced := strings.CutPrefix(after, "{")
		name := inner[:len(inner)-len(strings.TrimLeft(inner, variableBytes))]
		if name == "" {
			return "", false, false
		}
		if !braced {
			s = inner[len(name):]
			continue
		}
		body := inner[len(name):]
		end := closing(body)
		if end < 0 {
			return "", false, false
		}
		operand := body[:end]
		s = body[end+1:]
		switch {
		case operand == "":
		case strings.HasPrefix(operand, ":-"), strings.HasPrefix(operand, "-"):
			value, _, ok := interpolate(strings.TrimPrefix(strings.TrimPrefix(operand, ":"), "-"), depth+1)
			if !ok {
				return "", false, false
			}
			b.WriteString(value)
		case strings.HasPrefix(operand, ":?"), strings.HasPrefix(operand, "?"), strings.HasPrefix(operand, ":+"), strings.HasPrefix(operand, "+"):
		default:
			return "", false, false
		}
	}
}

const variableBytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"

// closing returns where the brace closes that stands open before s, -1 for nowhere.
func closing(s string) int {
	depth := 1
	for i := range len(s) {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

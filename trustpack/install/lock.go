// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/imageref"
)

// pin is the image that a service or job is to be started with.
type pin struct {
	section, name string // "services", "web"
	reference     string
}

// image judges the image of a service or job, and notes what it is pinned to.
func (g *Gate) image(section, name, text string) evidence.Check {
	subject := section + "." + name + ".image"
	ref, err := imageref.Parse(text)
	if err == nil && g.pin && ref.Digest.IsZero() && ref.Tag != "" {
		if img := g.own(ref); img != nil && g.ownTag(img, ref.Tag) {
			locked := ref.Repository() + "@" + img.Digest.String()
			g.pinned = append(g.pinned, pin{section, name, locked})
			return pass("gate.image", subject, "%s: image %s of %s, pinned to %s by the lock file", ref.Familiar(), img.Name, g.release, img.Digest)
		}
	}
	c := g.reference(subject, text)
	if c.Status == evidence.StatusPass && !ref.Digest.IsZero() {
		g.pinned = append(g.pinned, pin{section, name, ref.Repository() + "@" + ref.Digest.String()})
	}
	return c
}

// Lock returns a compose file that pins the image of each service and job to the digest
// that was verified, to be given to docker compose as the last -f. A third-party image
// that the policy names by its tag alone is not in it.
func (g *Gate) Lock() ([]byte, error) {
	sections := map[string]map[string]map[string]string{}
	for _, p := range g.pinned {
		if sections[p.section] == nil {
			sections[p.section] = map[string]map[string]string{}
		}
		sections[p.section][p.name] = map[string]string{"image": p.reference}
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "# What trustpack-gate verified for %s. Use: docker compose -f COMPOSE -f THIS up --no-build\n", g.release)
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	if err := e.Encode(sections); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

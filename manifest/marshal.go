// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
)

// Marshal returns the canonical form of m: equal manifests give equal bytes.
// The error is that of [Manifest.Validate]: what Parse would refuse is not written.
func (m *Manifest) Marshal() ([]byte, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return m.canonical(), nil
}

// canonical is Marshal for any value, valid or not.
func (m *Manifest) canonical() []byte {
	w := &writer{buf: make([]byte, 0, 1024+320*len(m.Files))}
	w.manifest(m)
	return w.buf
}

// manifest writes the document. Every method below writes the members of one
// type in the order of RFC 8785, which for these names is that of their bytes.
func (w *writer) manifest(m *Manifest) {
	o := w.object(m.Extra)
	o.name("artifacts")
	list(w, m.Artifacts, (*writer).artifact)
	o.name("files")
	list(w, m.Files, (*writer).file)
	o.name("gaps")
	list(w, m.Gaps, (*writer).gap)
	o.name("images")
	list(w, m.Images, (*writer).image)
	o.string("product", m.Product)
	o.name("release")
	w.release(&m.Release)
	o.string("schema", SchemaV1)
	o.string("version", m.Version)
	o.end()
	w.buf = append(w.buf, '\n')
}

func (w *writer) release(r *Release) {
	o := w.object(r.Extra)
	o.optional("commit", r.Commit)
	o.string("created", r.Created.UTC().Format(time.RFC3339Nano))
	o.optional("repository", r.Repository)
	o.string("tag", r.Tag)
	o.end()
}

func (w *writer) image(i *Image) {
	o := w.object(i.Extra)
	o.string("digest", i.Digest.String())
	o.string("name", i.Name)
	o.optional("platform", i.Platform)
	o.string("reference", i.Reference)
	o.name("signing")
	w.signing(&i.Signing)
	o.end()
}

func (w *writer) signing(s *Signing) {
	o := w.object(s.Extra)
	o.optional("bundle", s.Bundle)
	o.optional("certificate", s.Certificate)
	o.optional("certificateIdentity", s.CertificateIdentity)
	o.optional("certificateIdentityRegexp", s.CertificateIdentityRegexp)
	o.optional("certificateOidcIssuer", s.CertificateOIDCIssuer)
	o.string("status", string(s.Status))
	o.end()
}

func (w *writer) artifact(a *Artifact) {
	o := w.object(a.Extra)
	o.optional("id", a.ID)
	o.string("kind", string(a.Kind))
	o.string("name", a.Name)
	if !a.SHA256.IsZero() {
		o.name("sha256")
		w.hex(a.SHA256)
	}
	o.end()
}

func (w *writer) file(f *File) {
	o := w.object(f.Extra)
	o.optional("format", string(f.Format))
	o.optional("image", f.Image)
	o.string("kind", string(f.Kind))
	o.string("mediaType", f.MediaType)
	o.string("path", f.Path)
	o.name("sha256")
	w.hex(f.SHA256)
	o.name("size")
	w.buf = strconv.AppendInt(w.buf, f.Size, 10) // up to 2^53-1 as RFC 8785 writes it
	if !f.Tool.IsZero() {
		o.name("tool")
		w.tool(&f.Tool)
	}
	o.end()
}

func (w *writer) tool(t *Tool) {
	o := w.object(t.Extra)
	o.string("name", t.Name)
	o.optional("version", t.Version)
	o.end()
}

func (w *writer) gap(g *Gap) {
	o := w.object(g.Extra)
	o.optional("image", g.Image)
	o.string("kind", string(g.Kind))
	o.string("reason", g.Reason)
	o.optional("target", g.Target.String())
	o.end()
}

// hex writes the value of a digest without its algorithm.
func (w *writer) hex(d evidence.Digest) {
	w.buf = append(d.AppendHex(append(w.buf, '"')), '"')
}

func list[T any](w *writer, values []T, write func(*writer, *T)) {
	w.open('[')
	for i := range values {
		if w.stopped {
			break
		}
		w.next()
		write(w, &values[i])
	}
	w.close(']')
}

// object writes the members of one object, with the unknown ones in between.
type object struct {
	w    *writer
	rest Extra // not written yet, sorted
}

func (w *writer) object(extra Extra) object {
	byName := func(a, b Member) int { return compareNames(a.Name, b.Name) }
	if !slices.IsSortedFunc(extra, byName) {
		extra = slices.SortedStableFunc(slices.Values(extra), byName)
	}
	w.open('{')
	return object{w, extra}
}

// name begins the member called name.
func (o *object) name(name string) {
	for len(o.rest) > 0 && compareNames(o.rest[0].Name, name) < 0 {
		o.extra()
	}
	o.w.name(name)
}

func (o *object) extra() {
	o.w.name(o.rest[0].Name)
	o.w.value(jsonstrict.NewBytes(o.rest[0].Value, jsonstrict.Options{}))
	o.rest = o.rest[1:]
}

func (o *object) string(name, value string) {
	o.name(name)
	o.w.string(value)
}

func (o *object) optional(name, value string) {
	if value != "" {
		o.string(name, value)
	}
}

func (o *object) end() {
	for len(o.rest) > 0 {
		o.extra()
	}
	o.w.close('}')
}

// MarshalJSON implements json.Marshaler: the canonical form without its white
// space, as encoding/json compacts it. Use [Manifest.Marshal] for MANIFEST.json.
func (m *Manifest) MarshalJSON() ([]byte, error) { return m.Marshal() }

// MarshalJSON implements json.Marshaler: the file as it stands in a manifest.
func (f File) MarshalJSON() ([]byte, error) { return marshal(&f, (*writer).file) }

// MarshalJSON implements json.Marshaler: the image as it stands in a manifest.
func (i Image) MarshalJSON() ([]byte, error) { return marshal(&i, (*writer).image) }

// MarshalJSON implements json.Marshaler: the release as it stands in a manifest.
func (r Release) MarshalJSON() ([]byte, error) { return marshal(&r, (*writer).release) }

// MarshalJSON implements json.Marshaler: the artifact as it stands in a manifest.
func (a Artifact) MarshalJSON() ([]byte, error) { return marshal(&a, (*writer).artifact) }

// MarshalJSON implements json.Marshaler: the gap as it stands in a manifest.
func (g Gap) MarshalJSON() ([]byte, error) { return marshal(&g, (*writer).gap) }

func marshal[T any](v *T, write func(*writer, *T)) (json.RawMessage, error) {
	w := &writer{}
	write(w, v)
	return w.buf, nil
}

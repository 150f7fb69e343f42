// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package imageref reads image references. It holds the one rule for which
// references name the same repository.
//
// The grammar is that of distribution/reference. Names are completed as Docker
// completes them: "nginx", "library/nginx", "docker.io/library/nginx",
// "index.docker.io/library/nginx" and "registry-1.docker.io/library/nginx" are one
// repository. The letters of a host have no case; those of a path must be small.
package imageref

import (
	"errors"
	"strings"

	"github.com/distribution/reference"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// CodeSyntax is the code of every problem of this package.
const CodeSyntax = "image.reference"

// maxBytes bounds a reference: a host of 255 bytes, a path of 255, a tag of 128
// and a digest of 136 fit.
const maxBytes = 1024

// Ref is an image reference taken apart. It is comparable. The zero Ref names nothing.
type Ref struct {
	Domain string          // registry, "docker.io" where the reference names none: "ghcr.io", "localhost:5000"
	Path   string          // "library/nginx", "hailbytes/asm-web"; never empty
	Tag    string          // empty where the reference has none: "latest" is not guessed
	Digest evidence.Digest // zero where the reference has none
}

// Parse reads a reference. The error is an *evidence.Problem of class
// ErrFormat, or ErrUnsupported for a digest of an algorithm that is not known.
func Parse(s string) (Ref, error) {
	if len(s) > maxBytes {
		return Ref{}, refuse(s, evidence.ErrFormat, "it is longer than "+textfmt.Size(maxBytes))
	}
	name, digits, hasDigest := strings.Cut(s, "@")
	if _, err := reference.ParseNormalizedNamed(name); err != nil {
		return Ref{}, refuse(s, evidence.ErrFormat, err.Error())
	}
	named, err := reference.ParseNormalizedNamed(lowerHost(name))
	if err != nil {
		return Ref{}, refuse(s, evidence.ErrFormat, err.Error())
	}
	r := Ref{Domain: reference.Domain(named), Path: reference.Path(named)}
	if r.Domain == "" { // the library takes "my_host.io/a" for a path of two parts
		return Ref{}, refuse(s, evidence.ErrFormat, "its host has a character that no host name has")
	}
	if tagged, ok := named.(reference.Tagged); ok {
		r.Tag = tagged.Tag()
	}
	if !hasDigest {
		return r, nil
	}
	if r.Digest, err = evidence.ParseDigest(digits); err != nil {
		class := evidence.ErrFormat
		if errors.Is(err, evidence.ErrUnsupported) {
			class = evidence.ErrUnsupported
		}
		return Ref{}, refuse(s, class, err.Error())
	}
	return r, nil
}

func refuse(s string, class error, why string) error {
	return &evidence.Problem{
		Code: CodeSyntax, Severity: evidence.SeverityError, Err: class,
		Message: "image reference " + textfmt.Quote(s) + ": " + textfmt.Clip(why, 160),
	}
}

// lowerHost writes the host of a reference in lower case, and the two other hosts
// of Docker Hub as "docker.io". A first component is a host if it has a dot or a
// colon, or is "localhost".
func lowerHost(name string) string {
	host, path, ok := strings.Cut(name, "/")
	if !ok {
		return name
	}
	lower := strings.ToLower(host)
	switch {
	case lower == "registry-1.docker.io", lower == "index.docker.io":
		lower = "docker.io"
	case lower != "localhost" && !strings.ContainsAny(host, ".:"):
		return name
	}
	return lower + "/" + path
}

// Repository returns registry and path, "docker.io/library/nginx"; "" for the zero Ref.
func (r Ref) Repository() string {
	if r.Path == "" {
		return ""
	}
	return r.Domain + "/" + r.Path
}

// Name returns the last component of the path: "nginx".
func (r Ref) Name() string { return r.Path[strings.LastIndexByte(r.Path, '/')+1:] }

// Familiar returns the shortest text that means the same, as people write it:
// "nginx:1.27" for "docker.io/library/nginx:1.27".
func (r Ref) Familiar() string {
	name := r.Repository()
	if hub, ok := strings.CutPrefix(name, "docker.io/"); ok {
		name = hub
		if official, ok := strings.CutPrefix(hub, "library/"); ok && !strings.Contains(official, "/") {
			name = official
		}
	}
	return r.after(name)
}

// String returns the whole reference: "docker.io/library/nginx:1.27@sha256:...".
func (r Ref) String() string { return r.after(r.Repository()) }

func (r Ref) after(name string) string {
	if r.Tag != "" {
		name += ":" + r.Tag
	}
	if !r.Digest.IsZero() {
		name += "@" + r.Digest.String()
	}
	return name
}

// Repository returns the repository that a reference names; "" for text that is
// not a reference.
func Repository(s string) string {
	r, err := Parse(s)
	if err != nil {
		return ""
	}
	return r.Repository()
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
)

// SchemaV1 is the "schema" member of a manifest of version 1, and the $id of [Schema].
const SchemaV1 = schemaPrefix + "v1"

const schemaPrefix = "https://hailbytes.com/schemas/trust-pack/manifest/"

// Name is the path of the manifest in a pack. It is never listed in Files.
const Name = "MANIFEST.json"

// Manifest is the content of one MANIFEST.json of version 1. The zero value is
// not valid; fill Product, Version and Release, then [Manifest.Marshal].
//
// Methods that do not change a Manifest may be called concurrently.
type Manifest struct {
	Product   string     // required: [a-z0-9]+(-[a-z0-9]+)*, "asm"
	Version   string     // required: "1.482", see package version
	Release   Release    // required
	Images    []Image    // container images of the release, by unique name
	Artifacts []Artifact // what else the release shipped
	Files     []File     // every entry of the pack but MANIFEST.json itself, sorted bytewise by path
	Gaps      []Gap      // evidence and controls that are declared absent
	Extra     Extra      // members that this package does not know

	raw []byte
}

// Release says which release of the product this is.
type Release struct {
	Tag        string    // required: git tag, "v1.482"
	Commit     string    // optional: 40 or 64 lower-case hexadecimal digits
	Repository string    // optional: https URL without user, query and fragment
	Created    time.Time // required: whole seconds, written in UTC
	Extra      Extra
}

// Image is one container image of the release.
type Image struct {
	Name      string          // required, unique: letters and digits joined by ".", "-", "_"; names files: sbom/<name>.spdx.json
	Reference string          // required: "ghcr.io/hailbytes/asm-web:1.482", may end in "@" and Digest
	Digest    evidence.Digest // required: digest of the image's manifest or index
	Platform  string          // optional: "linux/amd64", "linux/arm64/v8"
	Signing   Signing         // required
	Extra     Extra
}

// SigningStatus says whether an image is signed. The empty status is invalid.
type SigningStatus string

// The states of signing.
const (
	Signed   SigningStatus = "signed"
	Unsigned SigningStatus = "unsigned"
)

// Signing is what the manifest claims of an image's signature. It is the
// vendor's word: what is trusted comes from the verifier's caller.
//
// An unsigned image has nothing but the status. A signed one has an identity
// with its issuer, a certificate or a bundle.
type Signing struct {
	Status                    SigningStatus // required
	CertificateIdentity       string        // optional: exact identity; excludes CertificateIdentityRegexp
	CertificateIdentityRegexp string        // optional: RE2 pattern, as cosign takes it
	CertificateOIDCIssuer     string        // required with an identity, and only then
	Certificate               string        // optional: path of a file of KindCertificate
	Bundle                    string        // optional: path of a file of KindSignature or KindAttestation
	Extra                     Extra
}

func (s *Signing) isZero() bool {
	return s.Status == "" && s.CertificateIdentity == "" && s.CertificateIdentityRegexp == "" &&
		s.CertificateOIDCIssuer == "" && s.Certificate == "" && s.Bundle == "" && len(s.Extra) == 0
}

// Artifact is something the release shipped that is neither an image nor in the pack.
type Artifact struct {
	Kind   ArtifactKind    // required
	Name   string          // required
	ID     string          // optional: identifier where it was published, "ami-0123456789abcdef0"
	SHA256 evidence.Digest // optional: of the artifact's bytes
	Extra  Extra
}

// SizeUnknown is the Size of a file whose manifest, of another tool's making,
// does not give one. It is not valid in a manifest of ours.
const SizeUnknown int64 = -1

// MaxSize is the largest size of a file, 2^53-1 bytes: the largest integer that
// every JSON reader keeps (RFC 7493 section 2.2).
const MaxSize int64 = 1<<53 - 1

// File is one entry of the pack.
type File struct {
	Path      string          // required, unique: see CheckPath
	SHA256    evidence.Digest // required: of the content
	Size      int64           // required: bytes, 0 to MaxSize
	MediaType string          // required: "application/spdx+json", RFC 6838 in lower case
	Kind      Kind            // required: one of FileKinds
	Format    Format          // optional
	Image     string          // optional: Name of the image that the file is about
	Tool      Tool            // optional: what made the file
	Extra     Extra
}

// Tool is the program that made a file.
type Tool struct {
	Name    string // required where there is a tool: "syft"
	Version string // optional: unknown for tools that do not say it
	Extra   Extra
}

// IsZero reports whether no tool is given.
func (t Tool) IsZero() bool { return t.Name == "" && t.Version == "" && len(t.Extra) == 0 }

// Gap declares that evidence, or a control, is absent.
type Gap struct {
	Kind   Kind   // required: one of GapKinds
	Image  string // optional: Name of the image that lacks it; empty for the whole release
	Reason string // required: one line for a reader
	Target Target // optional: when it is to be closed
	Extra  Extra
}

// Extra holds the members of an object that this package does not know, sorted
// as they are written. They come from a later minor version, are reported, kept
// and written back.
type Extra []Member

// Member is a member that this package does not know.
type Member struct {
	Name  string
	Value json.RawMessage // one JSON value
}

// Get returns the value of the member called name.
func (e Extra) Get(name string) (json.RawMessage, bool) {
	for _, m := range e {
		if m.Name == name {
			return m.Value, true
		}
	}
	return nil, false
}

// Raw returns the bytes that the manifest was parsed from; nil for one that was
// not parsed. Their SHA-256 is the pack's content digest. Do not change them.
func (m *Manifest) Raw() []byte { return m.raw }

// Sort puts Files in the order in which a manifest lists them.
func (m *Manifest) Sort() {
	slices.SortStableFunc(m.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
}

// File returns the file at path, nil if there is none. Files must be sorted, as
// they are after parsing.
func (m *Manifest) File(path string) *File {
	i, found := slices.BinarySearchFunc(m.Files, path, func(f File, path string) int { return strings.Compare(f.Path, path) })
	if !found {
		return nil
	}
	return &m.Files[i]
}

// FilesOf returns the files of kind k, in order.
func (m *Manifest) FilesOf(k Kind) iter.Seq[*File] {
	return m.files(func(f *File) bool { return f.Kind == k })
}

// FilesAbout returns the files that are about the image called name, in order;
// with an empty name, those that are about no image.
func (m *Manifest) FilesAbout(name string) iter.Seq[*File] {
	return m.files(func(f *File) bool { return f.Image == name })
}

func (m *Manifest) files(keep func(*File) bool) iter.Seq[*File] {
	return func(yield func(*File) bool) {
		for i := range m.Files {
			if f := &m.Files[i]; keep(f) && !yield(f) {
				return
			}
		}
	}
}

// ImageByName returns the image called name, nil if there is none.
func (m *Manifest) ImageByName(name string) *Image {
	for i := range m.Images {
		if m.Images[i].Name == name {
			return &m.Images[i]
		}
	}
	return nil
}

// Gap returns the gap that declares kind k absent for the image called name
// (empty for the whole release), nil if there is none. A gap of the whole
// release covers every image.
func (m *Manifest) Gap(k Kind, name string) *Gap {
	var whole *Gap
	for i := range m.Gaps {
		g := &m.Gaps[i]
		if g.Kind == k && g.Image == name {
			return g
		}
		if g.Kind == k && g.Image == "" {
			whole = g
		}
	}
	return whole
}

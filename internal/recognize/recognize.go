// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package recognize tells what a file of release evidence is from its content:
// which kind and format, which tool wrote it and when, and which container image
// it speaks of. The path is asked only where content cannot tell.
//
// It reads headers and the few members that identify a subject, not meaning: a
// file that is recognized may still be invalid. Memory does not follow the size
// of the file. Functions are safe for concurrent use.
package recognize

import (
	"bufio"
	"bytes"
	"io"
	"path"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/manifest"
)

// Result is what content says of itself. Fields that it does not say are empty.
type Result struct {
	Kind        manifest.Kind   // KindOther when nothing placed the file
	Format      manifest.Format // empty when unknown
	MediaType   string          // never empty
	ToolName    string          // as the tool writes its own name
	ToolVersion string          // without a leading "v"
	Time        time.Time       // newest time that the content states, UTC; zero for none
	Images      []Image         // container images that the content is about
	Lists       []string        // digests that an image index gives of its manifests, or an image manifest of its configuration
	Signer      Signer          // of the certificate in it
	ByPath      bool            // the path decided the kind, not the content
	Problem     string          // why content that looked like a known format could not be read
}

// Image is one container image as a file names it. Either may be empty.
type Image struct {
	Reference string // "ghcr.io/owner/name" with or without ":tag"; never with a digest
	Digest    string // "sha256:<lower hex>"
}

// Signer is who a Fulcio certificate was issued to.
type Signer struct {
	Identity string // subject alternative name
	Issuer   string // OIDC issuer

	// Of the run that signed; empty where the certificate does not say.
	Repository string // URL of the source
	Commit     string
	Ref        string // "refs/tags/v1.482"
}

// headBytes is how much of a file the text recognizers see.
const headBytes = 64 << 10

// File recognizes the file at name (slashes, relative) with the content of r. It
// reads r to its end only where it must. Its error is that of r.
func File(name string, r io.Reader, l evidence.Limits) (Result, error) {
	b := bufio.NewReaderSize(r, headBytes)
	head, err := b.Peek(headBytes)
	if err != nil && err != io.EOF {
		return Result{}, err
	}
	whole := err == io.EOF
	wide := bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) // UTF-16
	if wide {
		text, _ := jsonstrict.UTF8(b)
		b = bufio.NewReaderSize(text, headBytes)
		if head, err = b.Peek(headBytes); err != nil && err != io.EOF {
			return Result{}, err
		}
	}
	var res Result
	switch trimmed := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n"); {
	case len(trimmed) > 0 && trimmed[0] == '<':
		res = fromXML(head)
	case wide, len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '['):
		text, _ := jsonstrict.UTF8(b)
		src := &errReader{r: text}
		res = fromJSON(src, l)
		if src.err != nil {
			return Result{}, src.err
		}
	default:
		res = fromText(name, head, whole)
	}
	if res.Kind == "" {
		res.Kind = kindOfPath(name)
		res.ByPath = res.Kind != manifest.KindOther
	}
	if res.MediaType == "" {
		res.MediaType = mediaTypeOf(name, res.Format)
	}
	res.ToolVersion = strings.TrimPrefix(res.ToolVersion, "v")
	res.Time = res.Time.UTC()
	return res, nil
}

// errReader keeps an error of the underlying reader apart from what a parser makes of it.
type errReader struct {
	r   io.Reader
	err error
}

func (e *errReader) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	if err != nil && err != io.EOF {
		e.err = err
	}
	return n, err
}

// kindOfPath goes by the layout that writers follow, for content that says nothing.
func kindOfPath(name string) manifest.Kind {
	dir, base := path.Split(name)
	under := func(folder string) bool { return strings.Contains("/"+dir, "/"+folder+"/") }
	switch {
	case base == "go.mod", base == "go.sum", under("source"):
		return manifest.KindSource
	case under("pins"):
		return manifest.KindPins
	}
	return manifest.KindOther
}

// mediaTypes by file extension are fixed here, since the system's own table
// differs from machine to machine and packs must not.
var mediaTypes = map[string]string{
	".json": "application/json", ".sarif": "application/sarif+json", ".xml": "application/xml",
	".csv": "text/csv", ".txt": "text/plain", ".log": "text/plain", ".md": "text/markdown",
	".html": "text/html", ".htm": "text/html", ".svg": "image/svg+xml", ".png": "image/png",
	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp", ".gif": "image/gif",
	".yml": "application/yaml", ".yaml": "application/yaml", ".pdf": "application/pdf",
	".zip": "application/zip", ".gz": "application/gzip", ".tgz": "application/gzip", ".tar": "application/x-tar",
	".pem": "application/x-pem-file", ".crt": "application/x-pem-file", ".pub": "application/x-pem-file",
	".hcl": "text/plain", ".mod": "text/plain", ".sum": "text/plain", ".go": "text/plain", ".toml": "application/toml",
	".webm": "video/webm", ".mp4": "video/mp4",
}

func mediaTypeOf(name string, format manifest.Format) string {
	if format.Known() {
		return format.MediaType()
	}
	if t := mediaTypes[strings.ToLower(path.Ext(name))]; t != "" {
		return t
	}
	return manifest.Format("").MediaType()
}

// newest keeps the later time.
func (r *Result) newest(t time.Time) {
	if t.After(r.Time) {
		r.Time = t
	}
}

// stamp takes a time in RFC 3339 form; one without a zone says too little and is left out.
func (r *Result) stamp(s string) {
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		r.newest(t)
	}
}

// image adds what a reference and a digest say, once.
func (r *Result) image(reference, digest string) {
	reference, digest = strings.TrimSpace(reference), strings.ToLower(strings.TrimSpace(digest))
	if ref, d, ok := strings.Cut(reference, "@"); ok {
		reference = ref
		if digest == "" {
			digest = strings.ToLower(d)
		}
	}
	if !isDigest(digest) {
		digest = ""
	}
	if reference == "" && digest == "" {
		return
	}
	img := Image{reference, digest}
	for _, have := range r.Images {
		if have == img {
			return
		}
	}
	if len(r.Images) < 1024 {
		r.Images = append(r.Images, img)
	}
}

func isDigest(s string) bool {
	hex, ok := strings.CutPrefix(s, "sha256:")
	return ok && len(hex) == 64 && strings.Trim(hex, "0123456789abcdef") == ""
}

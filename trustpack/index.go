// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/manifest"
)

// The parts of index.html. Style and script stand in the page, allowed by their
// hash: a policy of 'self' means different things for pages opened from disk.
var (
	//go:embed page/index.html.tmpl
	pageTemplate string
	//go:embed page/style.css
	pageStyle string
	//go:embed page/script.js
	pageScript string

	page = template.Must(template.New(IndexName).Parse(pageTemplate))
)

// pageData is what the template shows. Everything in it that comes from
// evidence is a plain string, which html/template escapes for its place.
type pageData struct {
	Style                 template.CSS
	Script                template.JS
	StyleHash, ScriptHash string

	Product, Version                 string
	Tag, Commit, Repository, Created string
	FileCount                        int
	TotalSize                        string

	Images    []pageImage
	Artifacts []pageArtifact
	Groups    []pageGroup
	Gaps      []pageGap
	Verify    []pageCommand
	Summary   *pageSummary // nil for a page without one
	Data      json.RawMessage
}

type (
	pageImage struct {
		Name, Reference, Digest, Platform, Identity string
		Signed                                      bool
		Commands                                    []pageCommand
	}
	pageCommand  struct{ ID, Label, Text string }
	pageArtifact struct{ Name, Kind, ID, SHA256 string }
	pageGap      struct{ Kind, Image, Reason, Target string }
	pageGroup    struct {
		Kind, Title, Count, Size string
		Files                    []pageFile
	}
	pageFile struct{ Path, Link, Format, Image, Tool, Size, SHA256 string }
)

// kindTitles gives the evidence its order and its headings.
var kindTitles = []struct {
	kind  manifest.Kind
	title string
}{
	{manifest.KindSBOM, "Software bills of materials"},
	{manifest.KindScan, "Vulnerability scans"},
	{manifest.KindVEX, "Exploitability statements (VEX)"},
	{manifest.KindLicenseReport, "Licence reports"},
	{manifest.KindTestReport, "Acceptance tests"},
	{manifest.KindAccessibility, "Accessibility"},
	{manifest.KindScreenshot, "Screenshots"},
	{manifest.KindSignature, "Signatures"},
	{manifest.KindCertificate, "Signing certificates"},
	{manifest.KindAttestation, "Attestations"},
	{manifest.KindTrustRoot, "Keys and trust roots (claims of this pack)"},
	{manifest.KindImageManifest, "Image manifests and references"},
	{manifest.KindPins, "Deployment pins"},
	{manifest.KindSource, "Source"},
	{manifest.KindOther, "Other files"},
}

// renderIndex returns index.html for m and what its evidence comes to. An entry for
// index.html itself is left out, so the page can be made before, and compared
// after, it is listed.
func renderIndex(m *manifest.Manifest, sum *Summary) ([]byte, error) {
	m = withoutIndex(m)
	data, err := indexData(m)
	if err != nil {
		return nil, err
	}
	p := pageData{
		Style: template.CSS(pageStyle), Script: template.JS(pageScript),
		StyleHash: cspHash(pageStyle), ScriptHash: cspHash(pageScript),
		Product: m.Product, Version: m.Version, Tag: m.Release.Tag, Commit: m.Release.Commit,
		Repository: m.Release.Repository, FileCount: len(m.Files), Data: data,
		TotalSize: formatSize(totalSize(m.Files)),
	}
	if !m.Release.Created.IsZero() {
		p.Created = m.Release.Created.UTC().Format(time.RFC3339)
	}
	for i := range m.Images {
		p.Images = append(p.Images, imageOnPage(m, i))
	}
	for _, a := range m.Artifacts {
		p.Artifacts = append(p.Artifacts, pageArtifact{a.Name, string(a.Kind), a.ID, a.SHA256.Hex()})
	}
	for _, g := range m.Gaps {
		p.Gaps = append(p.Gaps, pageGap{string(g.Kind), g.Image, g.Reason, g.Target.String()})
	}
	for _, k := range kindTitles {
		if g := groupOnPage(m, k.kind, k.title); len(g.Files) > 0 {
			p.Groups = append(p.Groups, g)
		}
	}
	p.Verify = verifyOnPage(m)
	if sum != nil {
		if p.Summary, err = summaryOnPage(sum); err != nil {
			return nil, err
		}
	}
	var out bytes.Buffer
	if err := page.Execute(&out, p); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// indexFile is the manifest's entry for the page.
func indexFile(page []byte) manifest.File {
	return manifest.File{
		Path: IndexName, SHA256: evidence.Sum256(page), Size: int64(len(page)),
		MediaType: manifest.FormatHTML.MediaType(), Kind: manifest.KindIndex, Format: manifest.FormatHTML,
	}
}

func withoutIndex(m *manifest.Manifest) *manifest.Manifest {
	copied := *m
	copied.Files = slices.DeleteFunc(slices.Clone(m.Files), func(f manifest.File) bool { return f.Path == IndexName })
	return &copied
}

// indexData is the release data in the page: the manifest without the page's own entry.
func indexData(m *manifest.Manifest) (json.RawMessage, error) { return m.Marshal() }

func imageOnPage(m *manifest.Manifest, i int) pageImage {
	img := &m.Images[i]
	out := pageImage{
		Name: img.Name, Reference: img.Reference, Digest: img.Digest.String(), Platform: img.Platform,
		Identity: img.Signing.CertificateIdentity, Signed: img.Signing.Status == manifest.Signed,
	}
	for j, c := range VerifyCommands(m, img) {
		out.Commands = append(out.Commands, pageCommand{fmt.Sprintf("command-%d-%d", i, j), c.Label, c.Line})
	}
	return out
}

func groupOnPage(m *manifest.Manifest, kind manifest.Kind, title string) pageGroup {
	g := pageGroup{Kind: string(kind), Title: title}
	var size int64
	for f := range m.FilesOf(kind) {
		size += max(f.Size, 0)
		tool := f.Tool.Name
		if f.Tool.Version != "" {
			tool += " " + f.Tool.Version
		}
		g.Files = append(g.Files, pageFile{
			Path: f.Path, Link: linkTo(f.Path), Format: string(f.Format), Image: f.Image, Tool: tool,
			Size: formatSize(f.Size), SHA256: f.SHA256.Hex(),
		})
	}
	g.Count = textfmt.Count(len(g.Files), "file")
	g.Size = formatSize(size)
	return g
}

func verifyOnPage(m *manifest.Manifest) []pageCommand {
	name := shellQuote(FileName(m.Product, m.Version))
	release := shellQuote(m.Product + "@" + m.Version)
	return []pageCommand{
		{"verify-0", "Consistent, and the very pack that was published (get the digest from the release, not from here):",
			"trustpack-verify -expect " + release + " -sha256 DIGEST " + name},
		{"verify-1", "Signed by the expected workflow, with the statement that is published beside the pack:",
			"trustpack-verify -expect " + release + " -require authentic -bundle " + shellQuote(StatementName(FileName(m.Product, m.Version))) +
				" -trusted-root trusted_root.json -certificate-identity IDENTITY -certificate-oidc-issuer " + shellQuote(githubIssuer) + " " + name},
		{"verify-2", "Without this project's tools, the digest of the ZIP alone:", "sha256sum " + name},
	}
}

// passive are the file types that no browser runs.
var passive = []string{
	".json", ".sarif", ".csv", ".txt", ".md", ".png", ".jpg", ".jpeg", ".pem", ".pub", ".crt",
	".yml", ".yaml", ".hcl", ".mod", ".sum", ".log", ".bundle", ".gz", ".zip", ".spdx",
}

// linkTo returns a relative URL for a file that a browser shows without running
// it; empty for all others.
func linkTo(name string) string {
	if !slices.Contains(passive, strings.ToLower(path.Ext(name))) {
		return ""
	}
	return (&url.URL{Path: "./" + name}).EscapedPath()
}

func cspHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

func totalSize(files []manifest.File) (n int64) {
	for i := range files {
		n += max(files[i].Size, 0)
	}
	return n
}

// formatSize prints bytes in decimal units, as file managers do.
func formatSize(n int64) string {
	switch {
	case n < 0:
		return "unknown"
	case n < 1000:
		return textfmt.Count(int(n), "byte")
	}
	value, unit := float64(n), ""
	for _, unit = range []string{"kB", "MB", "GB", "TB", "PB"} {
		if value /= 1000; value < 999.95 {
			break
		}
	}
	return strconv.FormatFloat(value, 'f', 1, 64) + " " + unit
}

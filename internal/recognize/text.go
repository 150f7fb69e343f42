// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package recognize

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"encoding/xml"
	"io"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"

	"github.com/HailBytes/evidence/internal/imageref"
	"github.com/HailBytes/evidence/internal/junit"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack/license"
)

// fromText recognizes everything that is neither JSON nor XML.
func fromText(name string, head []byte, whole bool) Result {
	switch {
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return Result{Kind: manifest.KindScreenshot, Format: manifest.FormatPNG}
	case bytes.HasPrefix(head, []byte("# v2 git bundle\n")), bytes.HasPrefix(head, []byte("# v3 git bundle\n")):
		return Result{Kind: manifest.KindSource, Format: manifest.FormatGitBundle, ToolName: "git"}
	case bytes.Contains(head, []byte("-----BEGIN ")):
		return fromPEM(head)
	case bytes.IndexByte(head, 0) >= 0:
		return Result{}
	case tagValue.Match(head):
		return fromTagValue(head)
	}
	if !whole && len(head) == headBytes { // do not judge half a line
		head = head[:bytes.LastIndexByte(head, '\n')+1]
	}
	if ref, digest, ok := imageReference(string(head)); ok && whole && (digest != "" || path.Ext(name) == ".txt") {
		res := Result{Kind: manifest.KindImageManifest, Format: manifest.FormatImageReference}
		res.image(ref, digest)
		return res
	}
	switch ext := strings.ToLower(path.Ext(name)); {
	case goLicenses(head):
		return Result{Kind: manifest.KindLicenseReport, Format: manifest.FormatGoLicensesCSV, ToolName: "go-licenses"}
	case ext == ".hcl" && packerBlock.Match(head):
		return Result{Kind: manifest.KindPins, Format: manifest.FormatPacker}
	case (ext == ".yml" || ext == ".yaml") && whole && isCompose(head):
		return Result{Kind: manifest.KindPins, Format: manifest.FormatCompose}
	}
	return Result{}
}

var (
	tagValue    = regexp.MustCompile(`(?m)\A(?:\s*#.*\n|\s*\n)*\s*SPDXVersion:\s*SPDX-`)
	packerBlock = regexp.MustCompile(`(?m)^\s*(?:packer\s*\{|source\s+"[^"]+"\s+"[^"]+"\s*\{|build\s*\{)`)
	created     = regexp.MustCompile(`(?m)^Created:\s*(\S+)`)
	creatorTool = regexp.MustCompile(`(?m)^Creator:\s*Tool:\s*(\S+)`)
)

func fromTagValue(head []byte) Result {
	res := Result{Kind: manifest.KindSBOM, Format: manifest.FormatSPDXTagValue}
	if m := created.FindSubmatch(head); m != nil {
		res.stamp(string(m[1]))
	}
	if m := creatorTool.FindSubmatch(head); m != nil {
		res.ToolName, res.ToolVersion = splitTool(string(m[1]))
	}
	return res
}

// splitTool cuts "syft-1.19.0" (SPDX 2.3 section 6.8: toolidentifier-version).
func splitTool(s string) (name, version string) {
	if i := strings.LastIndexByte(s, '-'); i > 0 && i+1 < len(s) && strings.ContainsAny(s[i+1:i+2], "0123456789v") {
		return s[:i], s[i+1:]
	}
	return s, ""
}

// imageReference reads a file that holds one reference and nothing else: by digest, or
// by a tag, with the host of its registry. Much text is a reference without those.
func imageReference(text string) (ref, digest string, ok bool) {
	text = strings.TrimSpace(text)
	r, err := imageref.Parse(text)
	if err != nil || r.Digest.IsZero() && (r.Tag == "" || !strings.Contains(text[:max(0, strings.IndexByte(text, '/'))], ".")) {
		return "", "", false
	}
	ref, digest, _ = strings.Cut(text, "@")
	return ref, digest, true
}

// goLicenses goes by the rows of a report: an import path below a host, a URL or
// Unknown, and a licence, without a header. Lines of the tool's log may stand
// among them.
func goLicenses(head []byte) bool {
	report, err := license.ReadReport(bytes.NewReader(head), nil)
	if err != nil {
		return false
	}
	for i := range report.Rows {
		host, _, slash := strings.Cut(report.Rows[i].Package, "/")
		if !slash || !strings.Contains(host, ".") || report.Rows[i].Version != "" {
			return false
		}
	}
	return true
}

// isCompose asks for a services mapping whose members have an image or a build.
func isCompose(head []byte) bool {
	if bytes.Count(head, []byte("&")) > 64 { // anchors are cheap to write and dear to expand
		return false
	}
	var doc struct {
		Services map[string]yaml.Node `yaml:"services"`
	}
	if yaml.Unmarshal(head, &doc) != nil {
		return false
	}
	for _, service := range doc.Services {
		for i := 0; i+1 < len(service.Content); i += 2 {
			if key := service.Content[i].Value; key == "image" || key == "build" {
				return true
			}
		}
	}
	return false
}

// PrivateKey is the Problem of a file that must never be published.
const PrivateKey = "holds a private key"

// fromPEM tells certificates, public keys and signatures apart. A private key is
// named for what it is, so that a builder can refuse it.
func fromPEM(head []byte) Result {
	res := Result{Format: manifest.FormatPEM}
	for block, rest := pem.Decode(head); block != nil; block, rest = pem.Decode(rest) {
		switch {
		case block.Type == "CERTIFICATE":
			res.Kind = manifest.KindCertificate
			if res.Signer.Identity == "" {
				res.Signer = SignerOf(block.Bytes)
			}
		case block.Type == "PUBLIC KEY" && res.Kind == "":
			res.Kind = manifest.KindTrustRoot
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			return Result{Kind: manifest.KindOther, Problem: PrivateKey}
		}
	}
	if res.Kind == "" {
		return Result{}
	}
	return res
}

// SignerOf reads what a Fulcio certificate, as DER, says of its holder (Fulcio,
// oid-info.md, below 1.3.6.1.4.1.57264.1). Of any other certificate it is empty.
func SignerOf(der []byte) Signer {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return Signer{}
	}
	var s Signer
	bare := "" // the issuer in older certificates, not as DER
	for _, ext := range cert.Extensions {
		number, ok := strings.CutPrefix(ext.Id.String(), "1.3.6.1.4.1.57264.1.")
		if !ok {
			continue
		}
		var text string
		if rest, err := asn1.Unmarshal(ext.Value, &text); err != nil || len(rest) != 0 {
			text = ""
		}
		switch number {
		case "1":
			bare = string(ext.Value)
		case "8":
			s.Issuer = text
		case "12":
			s.Repository = text
		case "13":
			s.Commit = text
		case "14":
			s.Ref = text
		}
	}
	if s.Issuer == "" {
		s.Issuer = bare
	}
	switch {
	case s.Issuer == "":
		return Signer{}
	case len(cert.URIs) == 1:
		s.Identity = cert.URIs[0].String()
	case len(cert.EmailAddresses) == 1:
		s.Identity = cert.EmailAddresses[0]
	default:
		return Signer{}
	}
	return s
}

// fromXML goes by the root element.
func fromXML(head []byte) Result {
	d := xml.NewDecoder(bytes.NewReader(head))
	d.CharsetReader = asciiReader
	for {
		tok, err := d.Token()
		if err != nil {
			return Result{}
		}
		root, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		switch {
		case root.Name.Local == "bom" && strings.HasPrefix(root.Name.Space, "http://cyclonedx.org/schema/bom/"):
			return Result{Kind: manifest.KindSBOM, Format: manifest.FormatCycloneDXXML}
		case root.Name.Local == "testsuites", root.Name.Local == "testsuite":
			return fromJUnit(d, root)
		}
		return Result{}
	}
}

// asciiReader reads a text of any encoding that extends ASCII, a question mark
// for every other byte: what is looked for here is ASCII.
func asciiReader(_ string, r io.Reader) (io.Reader, error) {
	return transform.NewReader(r, runes.Map(func(c rune) rune {
		if c >= utf8.RuneSelf {
			return '?'
		}
		return c
	})), nil
}

// fromJUnit takes times and the writer's name from what the head of a report
// holds. The findings of a scanner in this form are a scan, of a format that
// nothing here reads.
func fromJUnit(d *xml.Decoder, el xml.StartElement) Result {
	res := Result{Kind: manifest.KindTestReport, Format: manifest.FormatJUnitXML}
	var scan junit.Scan
	scan.Root(attr(el, "name"))
	for {
		name := attr(el, "name")
		switch el.Name.Local {
		case "testsuites", "testsuite":
			res.stamp(attr(el, "timestamp"))
			switch {
			case name == "pytest":
				res.ToolName = "pytest"
			case junit.PlaywrightSuite(name):
				res.ToolName = "Playwright"
			}
		case "testcase":
			scan.Case(name)
		}
		for {
			tok, err := d.Token()
			if err != nil {
				if scan.Is() {
					return Result{Kind: manifest.KindScan, ToolName: scan.Tool(), Time: res.Time}
				}
				return res
			}
			if next, ok := tok.(xml.StartElement); ok {
				el = next
				break
			}
		}
	}
}

func attr(el xml.StartElement, name string) string {
	for _, a := range el.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

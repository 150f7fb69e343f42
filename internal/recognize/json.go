// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package recognize

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/imageref"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/manifest"
)

// facts is what one pass over a JSON document collects. Formats share member
// names, so a member is read by its shape and the format decided at the end.
type facts struct {
	res Result
	has map[string]bool   // top-level members that are present and not null
	str map[string]string // top-level members that are short strings

	described map[string]bool // SPDX ids that the document describes
	packages  []spdxPackage   // SPDX packages that may be the described image
	manifests []string        // digests that an image index lists
	statement statement
	vulns     bool // Trivy: a result holds findings other than licences
	licenses  bool // Trivy: a result holds licences
	axe, raw  int  // elements of a top-level array in axe-core's shapes
	cosign    int  // elements of a top-level array in the shape of cosign verify
	elements  int
}

type spdxPackage struct{ id, name, digest, purl, purpose string }

type statement struct {
	typ, predicateType string
	digests            []string
	names              []string
}

const (
	shortString   = 4096
	mostManifests = 1000 // of an index: there are fewer platforms
)

func fromJSON(r io.Reader, l evidence.Limits) Result {
	d := jsonstrict.New(r, jsonstrict.Options{Limits: l, AllowNUL: true})
	f := &facts{has: map[string]bool{}, str: map[string]string{}, described: map[string]bool{}}
	for n := 0; n == 0 || d.More(); n++ {
		switch d.Kind() {
		case jsonstrict.Object:
			f.document(d)
		case jsonstrict.Array:
			f.array(d)
		default:
			d.Skip()
		}
		if n == 0 {
			f.res.Problem = ""
		}
	}
	err := d.End()
	f.decide()
	if err != nil {
		f.res.Problem = err.Error()
	}
	return f.res
}

// document reads one top-level object.
func (f *facts) document(d *jsonstrict.Decoder) {
	for d.Object(); d.Next(); {
		key, kind := string(d.Key()), d.Kind()
		if kind != jsonstrict.Null {
			f.has[key] = true
		}
		switch {
		case kind == jsonstrict.String && key == "payload", kind == jsonstrict.String && key == "Payload":
			f.payload(d)
		case kind == jsonstrict.String:
			if b := d.Bytes(); len(b) <= shortString {
				f.str[key] = string(b)
			}
		case kind == jsonstrict.Object:
			f.member(key, d)
		case kind == jsonstrict.Array:
			f.list(key, d)
		}
	}
}

// member reads a top-level member that is an object.
func (f *facts) member(key string, d *jsonstrict.Decoder) {
	switch key {
	case "creationInfo": // SPDX 2.3 section 6.8, 6.9
		for d.Object(); d.Next(); {
			switch k := string(d.Key()); {
			case k == "created" && d.Kind() == jsonstrict.String:
				f.res.stamp(d.String())
			case k == "creators" && d.Kind() == jsonstrict.Array:
				for d.Array(); d.Next(); {
					if tool, ok := strings.CutPrefix(text(d), "Tool: "); ok && f.res.ToolName == "" {
						f.res.ToolName, f.res.ToolVersion = splitTool(tool)
					}
				}
			}
		}
	case "metadata": // CycloneDX 1.5 metadata
		f.cycloneDXMetadata(d)
	case "Metadata": // Trivy
		f.trivyMetadata(d)
	case "Trivy":
		for d.Object(); d.Next(); {
			if string(d.Key()) == "Version" {
				f.str["Trivy.Version"] = text(d)
			}
		}
	case "testEngine":
		f.testEngine(d)
	case "env": // axe-core's rawEnv reporter
		for d.Object(); d.Next(); {
			switch k := string(d.Key()); {
			case k == "testEngine" && d.Kind() == jsonstrict.Object:
				f.testEngine(d)
			case k == "timestamp":
				f.str["timestamp"] = text(d)
			}
		}
	case "stats": // Playwright
		for d.Object(); d.Next(); {
			if string(d.Key()) == "startTime" {
				f.res.stamp(text(d))
			}
		}
	case "config": // Playwright, govulncheck's first message, or an image manifest
		for d.Object(); d.Next(); {
			switch k := string(d.Key()); k {
			case "scanner_name", "scanner_version", "version", "digest":
				f.str["config."+k] = text(d)
			}
		}
	case "dsseEnvelope":
		for d.Object(); d.Next(); {
			if string(d.Key()) == "payload" && d.Kind() == jsonstrict.String {
				f.payload(d)
			}
		}
	case "messageSignature":
		for d.Object(); d.Next(); {
			if string(d.Key()) == "messageDigest" && d.Kind() == jsonstrict.Object {
				for d.Object(); d.Next(); {
					if string(d.Key()) == "digest" {
						if raw, err := base64.StdEncoding.DecodeString(text(d)); err == nil && len(raw) == 32 {
							f.statement.digests = append(f.statement.digests, fmt.Sprintf("sha256:%x", raw))
						}
					}
				}
			}
		}
	case "verificationMaterial":
		f.verificationMaterial(d)
	}
}

// list reads a top-level member that is an array.
func (f *facts) list(key string, d *jsonstrict.Decoder) {
	each := func(read func()) {
		for d.Array(); d.Next(); {
			if d.Kind() == jsonstrict.Object {
				read()
			}
		}
	}
	switch key {
	case "manifests": // image index
		each(func() {
			for d.Object(); d.Next(); {
				if string(d.Key()) != "digest" || len(f.manifests) == mostManifests {
					continue
				}
				if digest := text(d); digest != "" {
					f.manifests = append(f.manifests, digest)
				}
			}
		})
	case "documentDescribes":
		for d.Array(); d.Next(); {
			f.described[text(d)] = true
		}
	case "packages":
		each(func() { f.spdxPackage(d) })
	case "relationships":
		each(func() { f.spdxRelationship(d) })
	case "runs":
		each(func() { f.sarifRun(d) })
	case "Results":
		each(func() {
			for d.Object(); d.Next(); {
				switch string(d.Key()) {
				case "Licenses":
					f.licenses = f.licenses || d.Kind() == jsonstrict.Array
				case "Vulnerabilities", "Misconfigurations", "Secrets":
					f.vulns = f.vulns || d.Kind() == jsonstrict.Array
				}
			}
		})
	case "subject":
		f.statement.subjects(d)
	}
}

// array reads a document whose top level is an array.
func (f *facts) array(d *jsonstrict.Decoder) {
	for d.Array(); d.Next(); {
		f.elements++
		if d.Kind() != jsonstrict.Object {
			continue
		}
		has := map[string]bool{}
		for d.Object(); d.Next(); {
			k, kind := string(d.Key()), d.Kind()
			has[k] = true
			switch {
			case k == "testEngine" && kind == jsonstrict.Object:
				f.testEngine(d)
			case k == "timestamp" && kind == jsonstrict.String:
				f.str["timestamp"] = text(d)
				f.res.stamp(f.str["timestamp"])
			case k == "critical" && kind == jsonstrict.Object:
				f.critical(d)
			}
		}
		switch {
		case has["violations"] && has["url"]:
			f.axe++
		case has["id"] && has["nodes"] || has["id"] && has["pageLevel"] && has["result"]:
			f.raw++
		case has["critical"]:
			f.cosign++
		}
	}
}

// decide names the format, most telling members first.
func (f *facts) decide() {
	res, has, str := &f.res, f.has, f.str
	set := func(kind manifest.Kind, format manifest.Format) { res.Kind, res.Format = kind, format }
	switch {
	case f.axe > 0 && f.axe == f.elements, f.raw > 0 && f.raw == f.elements:
		set(manifest.KindAccessibility, manifest.FormatAxeJSON)
		res.ToolName = "axe-core"
	case f.cosign > 0 && f.cosign == f.elements:
		set(manifest.KindSignature, manifest.FormatCosignVerify)
		res.ToolName = "cosign"
	case strings.HasPrefix(str["spdxVersion"], "SPDX-"):
		set(manifest.KindSBOM, manifest.FormatSPDXJSON)
		f.spdxImages()
	case has["@graph"] && strings.Contains(str["@context"], "spdx.org/rdf/3"):
		set(manifest.KindSBOM, manifest.FormatSPDXJSON)
	case str["bomFormat"] == "CycloneDX":
		set(manifest.KindSBOM, manifest.FormatCycloneDXJSON)
		if has["vulnerabilities"] && !has["components"] {
			res.Kind = manifest.KindVEX
		}
	case has["runs"] && (str["version"] != "" || strings.Contains(str["$schema"], "sarif")):
		set(manifest.KindScan, manifest.FormatSARIF)
	case has["SchemaVersion"] && (has["ArtifactName"] || has["Results"]):
		set(manifest.KindScan, manifest.FormatTrivyJSON)
		if f.licenses && !f.vulns {
			res.Kind = manifest.KindLicenseReport
		}
		res.ToolName, res.ToolVersion = "Trivy", str["Trivy.Version"]
		res.stamp(str["CreatedAt"])
		if len(res.Images) == 0 && str["ArtifactType"] == "container_image" {
			res.image(str["ArtifactName"], "")
		}
	case str["config.scanner_name"] == "govulncheck":
		set(manifest.KindScan, manifest.FormatGovulncheckJSON)
		res.ToolName, res.ToolVersion = "govulncheck", str["config.scanner_version"]
	case strings.HasPrefix(str["@context"], "https://openvex.dev/ns"):
		set(manifest.KindVEX, manifest.FormatOpenVEX)
		res.stamp(str["timestamp"])
		if strings.Contains(str["tooling"], "govulncheck") {
			res.ToolName = "govulncheck"
		}
	case has["suites"] && has["config"] && (has["stats"] || has["errors"]):
		set(manifest.KindTestReport, manifest.FormatPlaywrightJSON)
		res.ToolName, res.ToolVersion = "Playwright", str["config.version"]
	case has["testEngine"] && (has["violations"] || has["passes"]), has["raw"] && has["env"] && res.ToolName == "axe-core":
		set(manifest.KindAccessibility, manifest.FormatAxeJSON)
		res.stamp(str["timestamp"])
	case has["violations"] && has["passes"] && has["url"]:
		set(manifest.KindAccessibility, manifest.FormatAxeJSON)
		res.ToolName = "axe-core"
		res.stamp(str["timestamp"])
	case strings.HasPrefix(str["mediaType"], "application/vnd.dev.sigstore.bundle"):
		set(f.statement.kind(), manifest.FormatSigstoreBundle)
		f.statementImages()
	case strings.HasPrefix(str["mediaType"], "application/vnd.dev.sigstore.trustedroot"):
		set(manifest.KindTrustRoot, manifest.FormatTrustedRoot)
	case has["tlogs"] && has["certificateAuthorities"]:
		set(manifest.KindTrustRoot, manifest.FormatTrustedRoot)
	case str["payloadType"] != "" && has["payload"] && has["signatures"]:
		set(f.statement.kind(), manifest.FormatDSSE)
		f.statementImages()
	case strings.HasPrefix(str["_type"], "https://in-toto.io/Statement/"):
		// A bare statement is unsigned; cosign writes one beside its signature.
		res.Kind = manifest.KindOther
	case has["Base64Signature"] && has["Payload"]:
		set(manifest.KindSignature, manifest.FormatCosignSignature)
		res.ToolName = "cosign"
	case has["base64Signature"] && has["cert"]:
		set(manifest.KindSignature, manifest.FormatCosignSignature)
		res.ToolName = "cosign"
	case has["schemaVersion"] && has["config"] && has["layers"]:
		set(manifest.KindImageManifest, manifest.FormatOCIManifest)
		f.imageMediaType()
		if digest := str["config.digest"]; digest != "" {
			res.Lists = []string{digest}
		}
	case has["schemaVersion"] && has["manifests"]:
		set(manifest.KindImageManifest, manifest.FormatOCIIndex)
		f.imageMediaType()
		res.Lists = f.manifests
	}
}

// imageMediaType takes the type that an image manifest gives itself: OCI's or Docker's.
func (f *facts) imageMediaType() {
	switch t := f.str["mediaType"]; t {
	case "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json",
		"application/vnd.docker.distribution.manifest.v2+json", "application/vnd.docker.distribution.manifest.list.v2+json":
		f.res.MediaType = t
	}
}

// text reads a string of moderate size; anything else is skipped and empty.
func text(d *jsonstrict.Decoder) string {
	if d.Kind() != jsonstrict.String {
		d.Skip()
		return ""
	}
	if b := d.Bytes(); len(b) <= shortString {
		return string(b)
	}
	return ""
}

func (f *facts) testEngine(d *jsonstrict.Decoder) {
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "name":
			f.res.ToolName = text(d)
		case "version":
			f.res.ToolVersion = text(d)
		}
	}
}

func (f *facts) spdxPackage(d *jsonstrict.Decoder) {
	var p spdxPackage
	for d.Object(); d.Next(); {
		switch k := string(d.Key()); {
		case k == "SPDXID":
			p.id = text(d)
		case k == "name":
			p.name = text(d)
		case k == "primaryPackagePurpose":
			p.purpose = text(d)
		case k == "checksums" && d.Kind() == jsonstrict.Array:
			for d.Array(); d.Next(); {
				if d.Kind() == jsonstrict.Object {
					var algorithm, value string
					for d.Object(); d.Next(); {
						switch string(d.Key()) {
						case "algorithm":
							algorithm = text(d)
						case "checksumValue":
							value = text(d)
						}
					}
					if algorithm == "SHA256" {
						p.digest = "sha256:" + value
					}
				}
			}
		case k == "externalRefs" && d.Kind() == jsonstrict.Array:
			for d.Array(); d.Next(); {
				if d.Kind() == jsonstrict.Object {
					for d.Object(); d.Next(); {
						if string(d.Key()) == "referenceLocator" {
							if s := text(d); strings.HasPrefix(s, "pkg:oci/") {
								p.purl = s
							}
						}
					}
				}
			}
		}
	}
	if p.purpose == "CONTAINER" || p.purl != "" {
		f.packages = append(f.packages, p)
	}
}

func (f *facts) spdxRelationship(d *jsonstrict.Decoder) {
	var from, to, typ string
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "spdxElementId":
			from = text(d)
		case "relatedSpdxElement":
			to = text(d)
		case "relationshipType":
			typ = text(d)
		}
	}
	switch {
	case typ == "DESCRIBES" && from == "SPDXRef-DOCUMENT":
		f.described[to] = true
	case typ == "DESCRIBED_BY" && to == "SPDXRef-DOCUMENT":
		f.described[from] = true
	}
}

// spdxImages takes the described package if it is a container image.
func (f *facts) spdxImages() {
	for _, p := range f.packages {
		if !f.described[p.id] && len(f.described) > 0 {
			continue
		}
		digest := p.digest
		if digest == "" {
			digest = ociDigest(p.purl)
		}
		f.res.image(p.name, digest)
	}
}

// ociDigest returns the version of an oci package URL, which is the digest.
func ociDigest(purl string) string {
	rest, _, _ := strings.Cut(purl, "?")
	_, version, _ := strings.Cut(rest, "@")
	digest, err := url.PathUnescape(version)
	if err != nil {
		return ""
	}
	return digest
}

func (f *facts) cycloneDXMetadata(d *jsonstrict.Decoder) {
	for d.Object(); d.Next(); {
		switch k := string(d.Key()); {
		case k == "timestamp":
			f.res.stamp(text(d))
		case k == "tools":
			f.cycloneDXTools(d)
		case k == "component" && d.Kind() == jsonstrict.Object:
			var typ, name, version, purl string
			for d.Object(); d.Next(); {
				switch string(d.Key()) {
				case "type":
					typ = text(d)
				case "name":
					name = text(d)
				case "version":
					version = text(d)
				case "purl":
					purl = text(d)
				}
			}
			if typ == "container" {
				digest := ociDigest(purl)
				if isDigest(version) {
					digest = version
				}
				f.res.image(name, digest)
			}
		}
	}
}

// cycloneDXTools reads the first tool of either shape: a list of tools (to 1.4),
// or an object with components (since 1.5).
func (f *facts) cycloneDXTools(d *jsonstrict.Decoder) {
	switch d.Kind() {
	case jsonstrict.Object:
		for d.Object(); d.Next(); {
			if string(d.Key()) == "components" && d.Kind() == jsonstrict.Array {
				f.cycloneDXTools(d)
			}
		}
	case jsonstrict.Array:
		for d.Array(); d.Next(); {
			if d.Kind() != jsonstrict.Object {
				continue
			}
			var name, version string
			for d.Object(); d.Next(); {
				switch string(d.Key()) {
				case "name":
					name = text(d)
				case "version":
					version = text(d)
				}
			}
			if f.res.ToolName == "" {
				f.res.ToolName, f.res.ToolVersion = name, version
			}
		}
	}
}

func (f *facts) trivyMetadata(d *jsonstrict.Decoder) {
	for d.Object(); d.Next(); {
		if string(d.Key()) == "RepoDigests" && d.Kind() == jsonstrict.Array {
			for d.Array(); d.Next(); {
				f.res.image(text(d), "")
			}
		}
	}
}

func (f *facts) sarifRun(d *jsonstrict.Decoder) {
	for d.Object(); d.Next(); {
		switch k := string(d.Key()); {
		case k == "tool" && d.Kind() == jsonstrict.Object:
			for d.Object(); d.Next(); {
				if string(d.Key()) == "driver" && d.Kind() == jsonstrict.Object {
					f.sarifDriver(d)
				}
			}
		case k == "invocations" && d.Kind() == jsonstrict.Array:
			for d.Array(); d.Next(); {
				if d.Kind() == jsonstrict.Object {
					for d.Object(); d.Next(); {
						if k := string(d.Key()); k == "endTimeUtc" || k == "startTimeUtc" {
							f.res.stamp(text(d))
						}
					}
				}
			}
		case k == "properties" && d.Kind() == jsonstrict.Object:
			var name string
			found := false
			for d.Object(); d.Next(); {
				switch k := string(d.Key()); {
				case k == "imageName":
					name = text(d)
				case k == "repoDigests" && d.Kind() == jsonstrict.Array:
					for d.Array(); d.Next(); {
						f.res.image(text(d), "")
						found = true
					}
				}
			}
			if !found && name != "" {
				f.res.image(name, "")
			}
		}
	}
}

func (f *facts) sarifDriver(d *jsonstrict.Decoder) {
	var name, version, semantic string
	for d.Object(); d.Next(); {
		switch string(d.Key()) {
		case "name":
			name = text(d)
		case "version":
			version = text(d)
		case "semanticVersion":
			semantic = text(d)
		}
	}
	if version == "" {
		version = semantic
	}
	if f.res.ToolName == "" {
		f.res.ToolName, f.res.ToolVersion = name, version
	}
}

// critical reads the payload of a cosign signature ("simple signing").
func (f *facts) critical(d *jsonstrict.Decoder) {
	var ref, digest string
	for d.Object(); d.Next(); {
		if d.Kind() != jsonstrict.Object {
			continue
		}
		for d.Object(); d.Next(); {
			switch string(d.Key()) {
			case "docker-reference":
				ref = text(d)
			case "docker-manifest-digest":
				digest = text(d)
			}
		}
	}
	f.res.image(ref, digest)
}

// payload reads the base64 payload of an envelope: an in-toto Statement, or
// cosign's own payload.
func (f *facts) payload(d *jsonstrict.Decoder) {
	src := base64.NewDecoder(base64.StdEncoding, bytes.NewReader(bytes.Clone(d.Bytes())))
	p := jsonstrict.New(src, jsonstrict.Options{AllowNUL: true})
	if p.Kind() != jsonstrict.Object {
		return
	}
	for p.Object(); p.Next(); {
		switch k := string(p.Key()); {
		case k == "_type":
			f.statement.typ = text(p)
		case k == "predicateType":
			f.statement.predicateType = text(p)
		case k == "subject" && p.Kind() == jsonstrict.Array:
			f.statement.subjects(p)
		case k == "critical" && p.Kind() == jsonstrict.Object:
			f.critical(p)
		}
	}
}

func (s *statement) subjects(d *jsonstrict.Decoder) {
	for d.Array(); d.Next(); {
		if d.Kind() != jsonstrict.Object {
			continue
		}
		var name, digest string
		for d.Object(); d.Next(); {
			switch k := string(d.Key()); {
			case k == "name":
				name = text(d)
			case k == "digest" && d.Kind() == jsonstrict.Object:
				for d.Object(); d.Next(); {
					if string(d.Key()) == "sha256" {
						digest = "sha256:" + text(d)
					}
				}
			}
		}
		if digest != "" && len(s.digests) < 1024 {
			s.digests = append(s.digests, digest)
			s.names = append(s.names, name)
		}
	}
}

// kind tells a plain signature, whose statement says nothing more, from an attestation.
func (s *statement) kind() manifest.Kind {
	if s.typ == "" || strings.HasPrefix(s.predicateType, "https://sigstore.dev/cosign/sign/") {
		return manifest.KindSignature
	}
	return manifest.KindAttestation
}

// statementImages takes the subjects as images. A subject's name is free text,
// so it counts as a reference only where it has the form of one.
func (f *facts) statementImages() {
	for i, digest := range f.statement.digests {
		name := ""
		if i < len(f.statement.names) {
			if n := f.statement.names[i]; strings.Contains(n, "/") && imageref.Repository(n) != "" {
				name = n
			}
		}
		f.res.image(name, digest)
	}
}

// verificationMaterial reads the certificate and the log times of a bundle.
func (f *facts) verificationMaterial(d *jsonstrict.Decoder) {
	certificate := func() {
		for d.Object(); d.Next(); {
			if string(d.Key()) == "rawBytes" && d.Kind() == jsonstrict.String {
				if der, err := base64.StdEncoding.DecodeString(text(d)); err == nil && f.res.Signer.Identity == "" {
					f.res.Signer = SignerOf(der)
				}
			}
		}
	}
	for d.Object(); d.Next(); {
		switch k := string(d.Key()); {
		case k == "certificate" && d.Kind() == jsonstrict.Object:
			certificate()
		case k == "x509CertificateChain" && d.Kind() == jsonstrict.Object:
			for d.Object(); d.Next(); {
				if string(d.Key()) == "certificates" && d.Kind() == jsonstrict.Array {
					for d.Array(); d.Next(); {
						if d.Kind() == jsonstrict.Object {
							certificate()
						}
					}
				}
			}
		case k == "tlogEntries" && d.Kind() == jsonstrict.Array:
			for d.Array(); d.Next(); {
				if d.Kind() != jsonstrict.Object {
					continue
				}
				for d.Object(); d.Next(); {
					if string(d.Key()) == "integratedTime" {
						f.integrated(d)
					}
				}
			}
		}
	}
}

// integrated reads a log time: seconds since 1970, as a string in protobuf's JSON form.
func (f *facts) integrated(d *jsonstrict.Decoder) {
	var seconds int64
	switch d.Kind() {
	case jsonstrict.Number:
		seconds = d.Int64()
	case jsonstrict.String:
		if _, err := fmt.Sscan(text(d), &seconds); err != nil {
			return
		}
	}
	if seconds > 0 && seconds < 1<<34 {
		f.res.newest(time.Unix(seconds, 0))
	}
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence/internal/test/corpus"
	"github.com/HailBytes/evidence/sbom"
)

// inventory is a CycloneDX document with these members of the top level.
func inventory(members string) string {
	return `{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
 "metadata": {"timestamp": "2026-01-02T03:04:05Z", "component": {"bom-ref": "root", "type": "application", "name": "shop", "version": "1.0"}},
 ` + members + `}`
}

// tell writes Changes as lines, sorted within each list.
func tell(c *Changes) []string {
	lines := []string{}
	for _, s := range c.Added {
		lines = append(lines, strings.TrimSpace("added "+s.Name+" "+s.Version))
	}
	for _, s := range c.Removed {
		lines = append(lines, strings.TrimSpace("removed "+s.Name+" "+s.Version))
	}
	for _, list := range []struct {
		word string
		list []ComponentChange
	}{
		{"upgraded", c.Upgraded}, {"downgraded", c.Downgraded}, {"reversioned", c.VersionChanged},
		{"relicensed", c.Relicensed}, {"rehashed", c.Rehashed}, {"changed", c.Changed},
	} {
		for _, x := range list.list {
			lines = append(lines, fmt.Sprintf("%s %s by %s: %s %q to %q", list.word, x.Name, x.By, x.Field, x.From, x.To))
		}
	}
	for _, r := range c.RelationshipsAdded {
		lines = append(lines, fmt.Sprintf("edge added %s %s%s %s", r.From, r.Type, r.Scope, r.To))
	}
	for _, r := range c.RelationshipsRemoved {
		lines = append(lines, fmt.Sprintf("edge removed %s %s%s %s", r.From, r.Type, r.Scope, r.To))
	}
	for _, e := range slices.Concat(c.Files, c.Services) {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s %s %s", e.Change, e.Name, e.Field, e.From, e.To)))
	}
	for _, v := range c.Vulnerabilities {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s of %s %s %s %s", v.Change, v.ID, v.Affects, v.Field, v.From, v.To)))
	}
	for _, m := range c.Metadata {
		lines = append(lines, fmt.Sprintf("metadata %s %q to %q", m.Field, m.From, m.To))
	}
	return lines
}

func TestDiff(t *testing.T) {
	for _, c := range []struct {
		name, before, after string
		want                []string
	}{
		{"added and removed",
			`"components": [{"type": "library", "name": "a", "version": "1", "purl": "pkg:npm/a@1"}]`,
			`"components": [{"type": "library", "name": "b", "version": "2", "purl": "pkg:npm/b@2"}]`,
			[]string{"added b 2", "removed a 1"}},
		{"upgraded by the rules of the ecosystem, the epoch first",
			`"components": [{"type": "library", "name": "a", "version": "9.0-1", "purl": "pkg:deb/debian/a@9.0-1?arch=amd64"}]`,
			`"components": [{"type": "library", "name": "a", "version": "1:2.0-1", "purl": "pkg:deb/debian/a@1%3A2.0-1?arch=amd64"}]`,
			[]string{`upgraded a by purl: version "9.0-1" to "1:2.0-1"`}},
		{"downgraded, not compared as text",
			`"components": [{"type": "library", "name": "a", "version": "1.10.0", "purl": "pkg:npm/a@1.10.0"}]`,
			`"components": [{"type": "library", "name": "a", "version": "1.9.0", "purl": "pkg:npm/a@1.9.0"}]`,
			[]string{`downgraded a by purl: version "1.10.0" to "1.9.0"`}},
		{"versions without an order",
			`"components": [{"type": "library", "name": "a", "version": "deadbeef"}]`,
			`"components": [{"type": "library", "name": "a", "version": "cafe"}]`,
			[]string{`reversioned a by name: version "deadbeef" to "cafe"`}},
		{"two versions of one component, the nearest to each",
			`"components": [{"type": "library", "name": "a", "version": "4.1.0", "purl": "pkg:npm/a@4.1.0"}, {"type": "library", "name": "a", "version": "3.0.0", "purl": "pkg:npm/a@3.0.0"}]`,
			`"components": [{"type": "library", "name": "a", "version": "3.0.1", "purl": "pkg:npm/a@3.0.1"}, {"type": "library", "name": "a", "version": "4.2.0", "purl": "pkg:npm/a@4.2.0"}]`,
			[]string{`upgraded a by purl: version "3.0.0" to "3.0.1"`, `upgraded a by purl: version "4.1.0" to "4.2.0"`}},
		{"one of two versions went, the other moved",
			`"components": [{"type": "library", "name": "a", "version": "1.0.0", "purl": "pkg:npm/a@1.0.0"}, {"type": "library", "name": "a", "version": "2.0.0", "purl": "pkg:npm/a@2.0.0"}]`,
			`"components": [{"type": "library", "name": "a", "version": "2.1.0", "purl": "pkg:npm/a@2.1.0"}]`,
			[]string{"removed a 1.0.0", `upgraded a by purl: version "2.0.0" to "2.1.0"`}},
		{"by CPE, where there is no package URL",
			`"components": [{"type": "library", "name": "OpenSSL", "version": "3.0.1", "cpe": "cpe:2.3:a:openssl:openssl:3.0.1:*:*:*:*:*:*:*"}]`,
			`"components": [{"type": "library", "name": "openssl", "version": "3.0.2", "cpe": "cpe:2.3:a:openssl:openssl:3.0.2:*:*:*:*:*:*:*"}]`,
			[]string{`upgraded openssl by cpe: version "3.0.1" to "3.0.2"`, `changed openssl by cpe: name "OpenSSL" to "openssl"`}},
		{"a CPE does not outdo two package URLs",
			`"components": [{"type": "library", "name": "a", "version": "1", "purl": "pkg:npm/a@1", "cpe": "cpe:2.3:a:x:x:1:*:*:*:*:*:*:*"}]`,
			`"components": [{"type": "library", "name": "a", "version": "1", "purl": "pkg:pypi/a@1", "cpe": "cpe:2.3:a:x:x:1:*:*:*:*:*:*:*"}]`,
			[]string{"added a 1", "removed a 1"}},
		{"by digest: renamed",
			`"components": [{"type": "library", "name": "a", "version": "1", "hashes": [{"alg": "SHA-256", "content": "2222222222222222222222222222222222222222222222222222222222222222"}]}]`,
			`"components": [{"type": "library", "name": "b", "version": "1", "hashes": [{"alg": "SHA-256", "content": "2222222222222222222222222222222222222222222222222222222222222222"}]}]`,
			[]string{`changed b by hash: name "a" to "b"`}},
		{"the digest of nothing joins nobody",
			`"components": [{"type": "library", "name": "a", "hashes": [{"alg": "SHA-256", "content": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}]}]`,
			`"components": [{"type": "library", "name": "b", "hashes": [{"alg": "SHA-256", "content": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}]}]`,
			[]string{"added b", "removed a"}},
		{"rehashed: same version, other bytes",
			`"components": [{"type": "library", "name": "a", "version": "1", "hashes": [{"alg": "SHA-1", "content": "1111111111111111111111111111111111111111"}]}]`,
			`"components": [{"type": "library", "name": "a", "version": "1", "hashes": [{"alg": "SHA-1", "content": "2222222222222222222222222222222222222222"}]}]`,
			[]string{`rehashed a by name: hashes "SHA-1:1111111111111111111111111111111111111111" to "SHA-1:2222222222222222222222222222222222222222"`}},
		{"another algorithm is not another content",
			`"components": [{"type": "library", "name": "a", "version": "1", "hashes": [{"alg": "SHA-1", "content": "1111111111111111111111111111111111111111"}]}]`,
			`"components": [{"type": "library", "name": "a", "version": "1", "hashes": [{"alg": "MD5", "content": "22222222222222222222222222222222"}]}]`,
			[]string{`changed a by name: hashes "SHA-1:1111111111111111111111111111111111111111" to "MD5:22222222222222222222222222222222"`}},
		{"other bytes of another version go without saying",
			`"components": [{"type": "library", "name": "a", "version": "1", "hashes": [{"alg": "SHA-1", "content": "1111111111111111111111111111111111111111"}]}]`,
			`"components": [{"type": "library", "name": "a", "version": "2", "hashes": [{"alg": "SHA-1", "content": "2222222222222222222222222222222222222222"}]}]`,
			[]string{`upgraded a by name: version "1" to "2"`}},
		{"relicensed",
			`"components": [{"type": "library", "name": "a", "version": "1", "licenses": [{"license": {"id": "MIT"}}]}]`,
			`"components": [{"type": "library", "name": "a", "version": "1", "licenses": [{"expression": "MIT OR GPL-3.0-only"}]}]`,
			[]string{`relicensed a by name: licenseDeclared "MIT" to "GPL-3.0-only OR MIT"`}},
		{"a licence put in other words",
			`"components": [{"type": "library", "name": "a", "version": "1", "licenses": [{"license": {"id": "MIT"}}, {"license": {"id": "Zlib"}}]}]`,
			`"components": [{"type": "library", "name": "a", "version": "1", "licenses": [{"expression": "(Zlib AND mit)"}]}]`,
			[]string{}},
		{"order, refs and nesting",
			`"components": [{"bom-ref": "1", "type": "library", "name": "a", "purl": "pkg:npm/a@1"}, {"bom-ref": "2", "type": "library", "name": "b", "purl": "pkg:npm/b@1"}],
			 "dependencies": [{"ref": "root", "dependsOn": ["1", "2"]}, {"ref": "1", "dependsOn": ["2"]}]`,
			`"components": [{"bom-ref": "y", "type": "library", "name": "b", "purl": "pkg:npm/b@1"}, {"bom-ref": "x", "type": "library", "name": "a", "purl": "pkg:npm/a@1"}],
			 "dependencies": [{"ref": "x", "dependsOn": ["y"]}, {"ref": "root", "dependsOn": ["y", "x"]}]`,
			[]string{}},
		{"an edge of an upgraded component is the same edge",
			`"components": [{"bom-ref": "1", "type": "library", "name": "a", "version": "1", "purl": "pkg:npm/a@1"}, {"bom-ref": "2", "type": "library", "name": "b", "version": "1", "purl": "pkg:npm/b@1"}],
			 "dependencies": [{"ref": "1", "dependsOn": ["2"]}]`,
			`"components": [{"bom-ref": "1", "type": "library", "name": "a", "version": "2", "purl": "pkg:npm/a@2"}, {"bom-ref": "2", "type": "library", "name": "b", "version": "1", "purl": "pkg:npm/b@1"}],
			 "dependencies": [{"ref": "1", "dependsOn": ["2"]}]`,
			[]string{`upgraded a by purl: version "1" to "2"`}},
		{"edges that came and went, and one that an addition implies",
			`"components": [{"bom-ref": "1", "type": "library", "name": "a", "version": "1", "purl": "pkg:npm/a@1"}, {"bom-ref": "2", "type": "library", "name": "b", "version": "1", "purl": "pkg:npm/b@1"}],
			 "dependencies": [{"ref": "1", "dependsOn": ["2"]}]`,
			`"components": [{"bom-ref": "1", "type": "library", "name": "a", "version": "1", "purl": "pkg:npm/a@1"}, {"bom-ref": "2", "type": "library", "name": "b", "version": "1", "purl": "pkg:npm/b@1"}, {"bom-ref": "3", "type": "library", "name": "c", "version": "1", "purl": "pkg:npm/c@1"}],
			 "dependencies": [{"ref": "2", "dependsOn": ["1", "3"]}]`,
			[]string{"added c 1", "edge added b 1 dependsOn a 1", "edge removed a 1 dependsOn b 1"}},
		{"the subject under another name",
			`"components": []`, `"components": [], "dependencies": [{"ref": "root", "dependsOn": []}]`,
			[]string{"edge added shop 1.0 dependsOn NONE"}},
		{"description, copyright, supplier and CPE",
			`"components": [{"type": "library", "name": "a", "version": "1", "description": "adds", "copyright": "(c) A", "supplier": {"name": "A"}, "cpe": "cpe:2.3:a:x:a:1:*:*:*:*:*:*:*", "purl": "pkg:npm/a@1"}]`,
			`"components": [{"type": "library", "name": "a", "version": "1", "description": "subtracts", "copyright": "(c) B", "supplier": {"name": "B"}, "cpe": "cpe:2.3:a:y:a:1:*:*:*:*:*:*:*", "purl": "pkg:npm/a@1"}]`,
			[]string{`changed a by purl: copyright "(c) A" to "(c) B"`, `changed a by purl: cpe "a:x:a" to "a:y:a"`, `changed a by purl: description "adds" to "subtracts"`, `changed a by purl: supplier "A" to "B"`}},
		{"the version in a package URL or CPE alone, and the media type",
			`"components": [{"type": "library", "name": "a", "version": "1", "purl": "pkg:npm/a@1", "cpe": "cpe:2.3:a:x:a:1:*:*:*:*:*:*:*", "mime-type": "text/plain"}]`,
			`"components": [{"type": "library", "name": "a", "version": "1", "purl": "pkg:npm/a@2", "cpe": "cpe:2.3:a:x:a:2:*:*:*:*:*:*:*", "mime-type": "text/html"}]`,
			[]string{`changed a by purl: cpe "cpe:2.3:a:x:a:1:*:*:*:*:*:*:*" to "cpe:2.3:a:x:a:2:*:*:*:*:*:*:*"`, `changed a by purl: mimeType "text/plain" to "text/html"`,
				`changed a by purl: purl "pkg:npm/a@1" to "pkg:npm/a@2"`}},
		{"a package URL that moves with its version",
			`"components": [{"type": "library", "name": "a", "version": "1", "purl": "pkg:npm/a@1", "cpe": "cpe:2.3:a:x:a:1:*:*:*:*:*:*:*"}]`,
			`"components": [{"type": "library", "name": "a", "version": "2", "purl": "pkg:npm/a@2", "cpe": "cpe:2.3:a:x:a:2:*:*:*:*:*:*:*"}]`,
			[]string{`upgraded a by purl: version "1" to "2"`}},
		{"references of the document",
			`"externalReferences": [{"type": "advisories", "url": "https://example.com/1"}]`,
			`"externalReferences": [{"type": "advisories", "url": "https://example.com/2"}]`,
			[]string{`metadata externalReferences/advisories "https://example.com/1" to "https://example.com/2"`}},
		{"properties, of which one has two values",
			`"components": [{"type": "library", "name": "a", "version": "1", "properties": [{"name": "p", "value": "1"}, {"name": "q", "value": "2"}, {"name": "q", "value": "3"}, {"name": "r", "value": "4"}]}]`,
			`"components": [{"type": "library", "name": "a", "version": "1", "properties": [{"name": "q", "value": "5"}, {"name": "q", "value": "2"}, {"name": "r", "value": "4"}, {"name": "s", "value": "6"}]}]`,
			[]string{`changed a by name: properties/p "1" to ""`, `changed a by name: properties/q "3" to "5"`, `changed a by name: properties/s "" to "6"`}},
		{"properties and references in another order",
			`"components": [{"type": "library", "name": "a", "version": "1", "properties": [{"name": "p", "value": "1"}, {"name": "p", "value": "2"}], "externalReferences": [{"type": "vcs", "url": "https://a.example"}, {"type": "website", "url": "https://b.example"}]}]`,
			`"components": [{"type": "library", "name": "a", "version": "1", "properties": [{"name": "p", "value": "2"}, {"name": "p", "value": "1"}], "externalReferences": [{"type": "website", "url": "https://b.example"}, {"type": "vcs", "url": "https://a.example"}]}]`,
			[]string{}},
		{"properties and references of another version go without saying, its description does not",
			`"components": [{"type": "library", "name": "a", "version": "1", "description": "adds", "properties": [{"name": "size", "value": "1"}], "externalReferences": [{"type": "distribution", "url": "https://a.example/1"}]}]`,
			`"components": [{"type": "library", "name": "a", "version": "2", "description": "mines", "properties": [{"name": "size", "value": "2"}], "externalReferences": [{"type": "distribution", "url": "https://a.example/2"}]}]`,
			[]string{`upgraded a by name: version "1" to "2"`, `changed a by name: description "adds" to "mines"`}},
		{"the layer is not a change, the path in it is",
			`"components": [{"type": "library", "name": "a", "version": "1", "properties": [{"name": "syft:location:0:layerID", "value": "sha256:1"}, {"name": "syft:location:0:path", "value": "/a"}]}, {"type": "library", "name": "b", "version": "1", "properties": [{"name": "aquasecurity:trivy:LayerDiffID", "value": "sha256:1"}]}]`,
			`"components": [{"type": "library", "name": "a", "version": "1", "properties": [{"name": "syft:location:0:layerID", "value": "sha256:2"}, {"name": "syft:location:0:path", "value": "/b"}]}, {"type": "library", "name": "b", "version": "1", "properties": [{"name": "aquasecurity:trivy:LayerDiffID", "value": "sha256:2"}]}]`,
			[]string{`changed a by name: properties/syft:location:0:path "/a" to "/b"`}},
		{"external references: another place, another comment, other bytes there",
			`"components": [{"type": "library", "name": "a", "version": "1", "externalReferences": [{"type": "vcs", "url": "https://a.example"}, {"type": "website", "url": "https://w.example", "comment": "x"}, {"type": "distribution", "url": "https://d.example", "hashes": [{"alg": "MD5", "content": "11111111111111111111111111111111"}]}]}]`,
			`"components": [{"type": "library", "name": "a", "version": "1", "externalReferences": [{"type": "vcs", "url": "https://b.example"}, {"type": "website", "url": "https://w.example", "comment": "y"}, {"type": "distribution", "url": "https://d.example", "hashes": [{"alg": "MD5", "content": "22222222222222222222222222222222"}]}]}]`,
			[]string{`changed a by name: externalReferences/distribution "https://d.example MD5:11111111111111111111111111111111" to "https://d.example MD5:22222222222222222222222222222222"`,
				`changed a by name: externalReferences/vcs "https://a.example" to "https://b.example"`, `changed a by name: externalReferences/website "https://w.example (x)" to "https://w.example (y)"`}},
		{"vulnerabilities",
			`"components": [{"bom-ref": "1", "type": "library", "name": "a", "version": "1"}],
			 "vulnerabilities": [{"id": "CVE-1", "affects": [{"ref": "1"}], "ratings": [{"severity": "low"}]}, {"id": "CVE-2", "affects": [{"ref": "1"}]}]`,
			`"components": [{"bom-ref": "1", "type": "library", "name": "a", "version": "2"}],
			 "vulnerabilities": [{"id": "CVE-3", "affects": [{"ref": "1"}]}, {"id": "CVE-1", "affects": [{"ref": "1"}], "ratings": [{"severity": "high"}], "analysis": {"state": "exploitable"}}]`,
			[]string{`upgraded a by name: version "1" to "2"`, "changed CVE-1 of a 2 severity low high", "changed CVE-1 of a 2 state  exploitable", "removed CVE-2 of a 1", "added CVE-3 of a 2"}},
		{"services and metadata",
			`"services": [{"name": "s", "version": "1"}], "properties": [{"name": "p", "value": "1"}]`,
			`"services": [{"name": "s", "version": "2"}, {"name": "t"}], "properties": [{"name": "p", "value": "2"}, {"name": "q", "value": "3"}]`,
			[]string{"changed s version 1 2", "added t", `metadata properties/p "1" to "2"`, `metadata properties/q "" to "3"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, after := read(t, inventory(c.before)), read(t, inventory(c.after))
			got := Diff(before, after)
			if d := cmp.Diff(c.want, tell(got)); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
			if got.Empty() != (len(c.want) == 0) {
				t.Errorf("Empty is %t", got.Empty())
			}
			checkMirror(t, before, after)
		})
	}
}

func TestDiffOfTwoSubjects(t *testing.T) {
	before := read(t, inventory(`"components": []`))
	after := read(t, strings.Replace(inventory(`"components": []`), `"shop", "version": "1.0"`, `"store", "version": "1.1"`, 1))
	want := []string{`upgraded store by root: version "1.0" to "1.1"`, `changed store by root: name "shop" to "store"`}
	if d := cmp.Diff(want, tell(Diff(before, after))); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

// A licence reference means what the document says that it means.
func TestDiffLicenseReferences(t *testing.T) {
	doc := func(id, name string) *sbom.Document {
		return read(t, `{"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "x",
 "hasExtractedLicensingInfos": [{"licenseId": "`+id+`", "name": "`+name+`", "extractedText": "text"}],
 "packages": [{"SPDXID": "SPDXRef-a", "name": "a", "licenseDeclared": "MIT AND `+id+`", "licenseConcluded": "NOASSERTION"}]}`)
	}
	if c := Diff(doc("LicenseRef-1", "acme"), doc("LicenseRef-7", "acme")); !c.Empty() {
		t.Error("another number:", tell(c))
	}
	c := Diff(doc("LicenseRef-1", "acme"), doc("LicenseRef-1", "other"))
	if len(c.Relicensed) != 1 || c.Relicensed[0].To != "LicenseRef-other AND MIT" {
		t.Error("another licence:", tell(c))
	}
}

// checkMirror holds Diff(b, a) to be Diff(a, b) the other way round.
func checkMirror(t *testing.T, before, after *sbom.Document) {
	t.Helper()
	forth, back := Diff(before, after), Diff(after, before)
	mirrored := newChanges()
	mirrored.Added, mirrored.Removed = back.Removed, back.Added
	turn := func(list []ComponentChange) []ComponentChange {
		out := []ComponentChange{}
		for _, x := range list {
			x.From, x.To, x.Before, x.After = x.To, x.From, x.After, x.Before
			out = append(out, x)
		}
		return out
	}
	mirrored.Upgraded, mirrored.Downgraded, mirrored.VersionChanged = turn(back.Downgraded), turn(back.Upgraded), turn(back.VersionChanged)
	mirrored.Relicensed, mirrored.Rehashed, mirrored.Changed = turn(back.Relicensed), turn(back.Rehashed), turn(back.Changed)
	mirrored.RelationshipsAdded, mirrored.RelationshipsRemoved = back.RelationshipsRemoved, back.RelationshipsAdded
	kinds := map[ChangeKind]ChangeKind{changeAdded: changeRemoved, changeRemoved: changeAdded, changeChanged: changeChanged}
	for _, e := range back.Files {
		mirrored.Files = append(mirrored.Files, ElementChange{kinds[e.Change], e.Name, e.Field, e.To, e.From})
	}
	for _, e := range back.Services {
		mirrored.Services = append(mirrored.Services, ElementChange{kinds[e.Change], e.Name, e.Field, e.To, e.From})
	}
	for _, v := range back.Vulnerabilities {
		mirrored.Vulnerabilities = append(mirrored.Vulnerabilities, VulnerabilityChange{kinds[v.Change], v.ID, v.Affects, v.Field, v.To, v.From})
	}
	for _, m := range back.Metadata {
		mirrored.Metadata = append(mirrored.Metadata, FieldChange{m.Field, m.To, m.From})
	}
	// What a change is called is taken from the later document.
	clean := func(c *Changes) {
		for _, list := range [][]ComponentChange{c.Upgraded, c.Downgraded, c.VersionChanged, c.Relicensed, c.Rehashed, c.Changed} {
			for i := range list {
				list[i].Name, list[i].Version, list[i].PURL, list[i].Type = "", "", "", ""
			}
		}
		for i := range c.Vulnerabilities {
			if c.Vulnerabilities[i].Change == changeChanged {
				c.Vulnerabilities[i].Affects = ""
			}
		}
	}
	clean(forth)
	clean(mirrored)
	forth.finish(0, 0, 0)
	mirrored.finish(0, 0, 0)
	if a, b := tell(forth), tell(mirrored); !slices.Equal(a, b) {
		t.Errorf("not mirrored: %s", cmp.Diff(a, b))
	}
}

// shuffled is a copy of a document in which nothing is changed that Diff reports: order,
// identifiers and times are others.
func shuffled(t testing.TB, d *sbom.Document, r *rand.Rand) *sbom.Document {
	text, err := d.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	c, err := sbom.Read(bytes.NewReader(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	n := 0
	for id, element := range c.IDs() {
		if element.Kind() != sbom.ElementDocument {
			n++
			names[id] = fmt.Sprintf("SPDXRef-new-%d", n)
		}
	}
	rename := func(id *string) {
		if to, ok := names[*id]; ok {
			*id = to
		}
	}
	for i := range c.Components {
		rename(&c.Components[i].ID)
		// Components may share their slices, so a shuffle in place would be one of others too.
		properties, references := slices.Clone(c.Components[i].Properties), slices.Clone(c.Components[i].ExternalReferences)
		r.Shuffle(len(properties), func(a, b int) { properties[a], properties[b] = properties[b], properties[a] })
		r.Shuffle(len(references), func(a, b int) { references[a], references[b] = references[b], references[a] })
		c.Components[i].Properties, c.Components[i].ExternalReferences = properties, references
		r.Shuffle(len(c.Components[i].Licenses), func(a, b int) {
			l := c.Components[i].Licenses
			l[a], l[b] = l[b], l[a]
		})
	}
	for i := range c.Files {
		rename(&c.Files[i].ID)
	}
	for i := range c.Snippets {
		rename(&c.Snippets[i].ID)
	}
	for i := range c.Services {
		rename(&c.Services[i].ID)
	}
	for i := range c.Relationships {
		rename(&c.Relationships[i].From)
		rename(&c.Relationships[i].To)
	}
	for i := range c.Vulnerabilities {
		for j := range c.Vulnerabilities[i].Affects {
			rename(&c.Vulnerabilities[i].Affects[j].Ref)
		}
	}
	r.Shuffle(len(c.Components), func(a, b int) { c.Components[a], c.Components[b] = c.Components[b], c.Components[a] })
	r.Shuffle(len(c.Files), func(a, b int) { c.Files[a], c.Files[b] = c.Files[b], c.Files[a] })
	r.Shuffle(len(c.Relationships), func(a, b int) {
		c.Relationships[a], c.Relationships[b] = c.Relationships[b], c.Relationships[a]
	})
	c.Namespace, c.Created, c.Revision = "https://example.com/other", time.Unix(1, 0), 7
	return c
}

// A verification code is of the bytes of a package. One that was not there before is no other content.
func TestDiffVerificationCode(t *testing.T) {
	doc := func(version, code string) *sbom.Document {
		return read(t, `{"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "x", "packages": [{"SPDXID": "SPDXRef-a", "name": "a", "versionInfo": "`+version+`"`+code+`}]}`)
	}
	code := func(digit string) string {
		return `, "packageVerificationCode": {"packageVerificationCodeValue": "` + strings.Repeat(digit, 40) + `"}`
	}
	c := Diff(doc("1", code("1")), doc("1", code("2")))
	if len(c.Rehashed) != 1 || c.Rehashed[0].Field != "verificationCode" || len(tell(c)) != 1 {
		t.Error("another code:", tell(c))
	}
	if c := Diff(doc("1", ""), doc("1", code("2"))); !c.Empty() {
		t.Error("a code where there was none:", tell(c))
	}
	if c := Diff(doc("1", code("1")), doc("2", code("2"))); len(tell(c)) != 1 || len(c.Upgraded) != 1 {
		t.Error("the code of another version:", tell(c))
	}
}

// TestDiffCorpus compares every document with itself, with itself in another
// order, and with its neighbour.
func TestDiffCorpus(t *testing.T) {
	dir, rows := corpus.SBOMs(t)
	r := rand.New(rand.NewPCG(1, 2))
	n := 0
	var last *sbom.Document
	for _, e := range rows {
		f, err := os.Open(filepath.Join(dir, e.Path))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := sbom.Read(f, nil)
		f.Close()
		if err != nil {
			continue
		}
		n++
		if c := Diff(doc, doc); !c.Empty() || c.Summary.Unchanged != len(doc.Components) {
			t.Errorf("%s: with itself: %+v", e.Path, c.Summary)
		}
		if other := shuffled(t, doc, r); true {
			if c := Diff(doc, other); !c.Empty() {
				t.Errorf("%s: in another order: %.5q", e.Path, tell(c))
			}
		}
		if last != nil && len(doc.Components) < 300 {
			checkMirror(t, last, doc)
		}
		last = doc
	}
	t.Logf("%d documents", n)
	if n < 1000 {
		t.Error("too few")
	}
}

// TestDiffReal holds the two releases of the real images to what apt and npm did to them.
func TestDiffReal(t *testing.T) {
	dir := corpus.Dir(t, "real")
	for _, c := range []struct {
		image                              string
		added, removed, upgraded, moreThan int
	}{
		{"web", 7, 1, 18, 3},
		{"celery", 1, 0, 17, 0},
		{"nginx", 0, 0, 9, 0},
	} {
		for _, format := range []string{"cdx", "spdx"} {
			var docs [2]*sbom.Document
			for i, release := range []string{"asm-1.481", "asm-1.482"} {
				data, err := os.ReadFile(filepath.Join(dir, release, "sbom", "hailbytes-asm-"+c.image+"."+format+".json"))
				if err != nil {
					t.Fatal(err)
				}
				docs[i] = read(t, string(data))
			}
			got := Diff(docs[0], docs[1])
			deb := func(list []ComponentChange) (n int) {
				for _, x := range list {
					if strings.HasPrefix(x.PURL, "pkg:deb/") {
						n++
					}
				}
				return n
			}
			debs := func(list []ComponentSummary) (n int) {
				for _, x := range list {
					if strings.HasPrefix(x.PURL, "pkg:deb/") {
						n++
					}
				}
				return n
			}
			text, _ := json.Marshal(got.Summary)
			t.Logf("%s %s: %s", c.image, format, text)
			if a, r, u := debs(got.Added), debs(got.Removed), deb(got.Upgraded)+deb(got.Downgraded); a != c.added || r != c.removed || u != c.upgraded {
				t.Errorf("%s %s: %d added, %d removed, %d of another version; want %d, %d, %d", c.image, format, a, r, u, c.added, c.removed, c.upgraded)
			}
			checkMirror(t, docs[0], docs[1])
		}
	}
}

// Whatever a document calls its components, the table has as many columns and no markup.
func TestWriteMarkdownIsSafe(t *testing.T) {
	const hostile = "a|b\n| x | `` <img src=x onerror=alert(1)> [l](javascript:x) @team \u202e"
	after := read(t, inventory(`"components": []`))
	after.Components = append(after.Components, sbom.Component{ID: "x", Type: sbom.TypeLibrary, Name: sbom.NewText(hostile), Version: sbom.NewText("1\r\n2")})
	var b strings.Builder
	if err := Diff(read(t, inventory(`"components": []`)), after).WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	want := "1 added in 1 components before and 2 after\n\n## Added (1)\n\n| Component | Version | Licence | Package URL |\n|---|---|---|---|\n" +
		"| ```a\\|b \\| x \\| `` <img src=x onerror=alert(1)> [l](javascript:x) @team``` | `1  2` |  |  |\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

// TestDiffSeparatesEntries: a name and a value that hold the separator of another list are not that list.
func TestDiffSeparatesEntries(t *testing.T) {
	one := entriesDigest([]namedValue{{name: "a", value: "b\x00c\x00d"}})
	two := entriesDigest([]namedValue{{name: "a", value: "b"}, {name: "c", value: "d"}})
	if one == two {
		t.Error("two lists have one digest")
	}
}

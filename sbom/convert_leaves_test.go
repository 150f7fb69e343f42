// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/HailBytes/evidence/internal/test/corpus"
)

// texts yields every string of a JSON document that says something, with its pointer.
func texts(v any, pointer string, yield func(pointer, text string)) {
	switch x := v.(type) {
	case map[string]any:
		for k, e := range x {
			texts(e, pointer+"/"+jsonPointerToken(k), yield)
		}
	case []any:
		for i, e := range x {
			texts(e, pointer+"/"+strconv.Itoa(i), yield)
		}
	case string:
		if x != "" {
			yield(pointer, x)
		}
	}
}

func decoded(t testing.TB, text []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// rewritten are the members of which a conversion between the families keeps the
// meaning in other words, or none: identifiers and what refers to them, words
// of a format's own vocabulary, the format's name and version, and times.
var rewritten = regexp.MustCompile(`/(\$schema|@context|@id|bomFormat|specVersion|spdxVersion|SPDXID|spdxId|bom-ref|ref|dependsOn|type|alg|algorithm|acknowledgement` +
	`|timestamp|created|creationInfo|createdBy|createdUsing|dataLicense|relationshipType|spdxElementId|relatedSpdxElement|documentDescribes|hasFiles` +
	`|referenceCategory|referenceType|externalIdentifierType|externalRefType|profileConformance|from|to|element|rootElement` +
	`|primaryPackagePurpose|(?:software_)?(?:primaryPurpose|additionalPurpose|sbomType))(/[0-9]+)?$`)

// composed are members that hold a party, a tool or an expression as one text.
var composed = regexp.MustCompile(`/(creators/[0-9]+|supplier|originator|annotator|licenseConcluded|licenseDeclared|simplelicensing_licenseExpression)$`)

// unsaid returns the strings of a source that neither stand in what it was
// converted to nor are named as lost.
func unsaid(t testing.TB, source, target []byte, losses []Loss) (found []string) {
	t.Helper()
	var all strings.Builder
	texts(decoded(t, target), "", func(_, text string) { all.WriteString(text); all.WriteByte('\n') })
	said := all.String()
	lost := map[string]bool{}
	for _, l := range losses {
		lost[l.Pointer] = l.Reason != lossAssumed
	}
	texts(decoded(t, source), "", func(pointer, text string) {
		if rewritten.MatchString(pointer) || text == "NOASSERTION" || text == "NONE" || strings.Contains(said, text) {
			return
		}
		if composed.MatchString(pointer) {
			whole := true
			for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ()", r) }) {
				i := max(strings.LastIndexByte(word, '-'), 0)
				name, version := word[:i], strings.TrimPrefix(word[i:], "-")
				whole = whole && (slices.Contains([]string{"Person:", "Organization:", "Tool:", "AND", "OR", "WITH", "NOASSERTION", "NONE"}, word) ||
					strings.Contains(said, word) || strings.Contains(said, name) && strings.Contains(said, version))
			}
			if whole {
				return
			}
		}
		for p := pointer; !lost[p]; p = p[:strings.LastIndexByte(p, '/')] {
			if p == "" {
				found = append(found, pointer+": "+text)
				return
			}
		}
	})
	return found
}

// TestConvertSaysAll: a text of a source is in the result of its conversion, or
// under the pointer of a loss.
func TestConvertSaysAll(t *testing.T) {
	dir, rows := corpus.SBOMs(t)
	n, named := 0, 0
	for _, e := range rows {
		data, err := os.ReadFile(filepath.Join(dir, e.Path))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := Read(bytes.NewReader(data), nil)
		if len(data) > 64<<10 || err != nil || !json.Valid(data) {
			continue
		}
		for _, target := range []Target{TargetSPDX23, TargetCycloneDX16} {
			if target.Format.SPDX() == doc.Format.SPDX() && doc.Format != FormatSPDX3JSON {
				continue
			}
			out, losses, err := Convert(doc, target)
			if err != nil {
				continue
			}
			text, err := out.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			n++
			named += len(losses)
			for _, what := range unsaid(t, data, text, losses) {
				t.Errorf("%s to %v: %s", e.Path, target, what)
			}
		}
	}
	t.Logf("%d conversions, %d losses", n, named)
	if n < 500 {
		t.Errorf("%d conversions are too few", n)
	}
}

// TestConvertAudit: what one conversion says is not lost, and what it leaves out is,
// at the place where it stands.
func TestConvertAudit(t *testing.T) {
	const doc = `{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"metadata":{"timestamp":"2026-01-01T00:00:00Z","tools":[{"vendor":"acme","name":"maker","version":"2"}]},
"components":[{"type":"library","bom-ref":"a","name":"a","version":"1","group":"org.a","purl":"pkg:maven/org.a/a@1",
 "supplier":{"name":"S","url":["https://s.example"],"contact":[{"name":"C","email":"c@s.example"}]},
 "licenses":[{"license":{"id":"MIT","url":"https://mit.example","text":{"content":"words"}}}],"tags":["x-tag"]}]}`
	source := read(t, doc)
	_, losses, err := Convert(source, TargetSPDX23)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]LossReason{}
	for _, l := range losses {
		got[l.Pointer] = l.Reason
	}
	for _, pointer := range []string{
		"/metadata/tools/0/vendor", "/components/0/supplier/url/0", "/components/0/supplier/contact", "/components/0/licenses/0/license/url",
		"/components/0/licenses/0/license/text", "/components/0/tags",
	} {
		if got[pointer] != lossNoField {
			t.Errorf("%s is not named: %v", pointer, losses)
		}
		delete(got, pointer)
	}
	delete(got, "/components/0") // the download location
	if len(got) > 0 {
		t.Errorf("named, and not lost: %v", got)
	}
}

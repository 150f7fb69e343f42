// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/HailBytes/evidence"
)

const xmlBOM = `<bom xmlns="http://cyclonedx.org/schema/bom/1.6">%s</bom>`

// TestXMLRefuses: hostile XML is refused with a code and a place, and the nearest
// sound document is read.
func TestXMLRefuses(t *testing.T) {
	component := func(inside string) string {
		return fmt.Sprintf(xmlBOM, `<components><component type="library"><name>a</name>`+inside+`</component></components>`)
	}
	nested := func(n int) string {
		return component(strings.Repeat(`<x:a xmlns:x="urn:x">`, n) + strings.Repeat(`</x:a>`, n))
	}
	attributes := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, ` a%d=""`, i)
		}
		return component(`<x:a xmlns:x="urn:x"` + b.String() + `/>`)
	}
	bomb := `<!DOCTYPE bom [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>`
	for _, tt := range []struct {
		name, bad, near string
		code            string
		class           error
		line, column    int
	}{
		{"document type", "<!DOCTYPE bom>" + component(""), component(""), "xml.dtd", evidence.ErrUnsafe, 1, 1},
		{"external document type", `<!DOCTYPE bom SYSTEM "file:///etc/passwd">` + component(""), "<!-- DOCTYPE -->" + component(""), "xml.dtd", evidence.ErrUnsafe, 1, 1},
		{"entity bomb", bomb + component("<version>&c;</version>"), component("<version>&amp;c;</version>"), "xml.dtd", evidence.ErrUnsafe, 1, 1},
		{"entity that nobody declares", component("\n<version>&c;</version>"), component("\n<version>&lt;&#99;</version>"), "xml.entity", evidence.ErrFormat, 2, 10},
		{"reference to a control", component("\n<version>&#0;</version>"), component("\n<version>&#9;</version>"), "xml.char", evidence.ErrFormat, 2, 10},
		{"100,000 nested elements", nested(100_000), nested(150), "xml.depth", evidence.ErrLimit, 1, 0},
		{"100,000 nested components", fmt.Sprintf(xmlBOM, strings.Repeat("<components><component>", 100_000)), component(""), "xml.depth", evidence.ErrLimit, 1, 0},
		{"attribute flood", attributes(1025), attributes(1000), "xml.attributes", evidence.ErrLimit, 1, 0},
		{"repeated attribute", component("\n<purl a='1' a='2'/>"), component("\n<purl a='1' b='2'/>"), "xml.duplicate-attribute", evidence.ErrFormat, 2, 1},
		{"repeated by another prefix", component("\n<purl xmlns:x='u' xmlns:y='u' x:a='1' y:a='2'/>"), component("\n<purl xmlns:x='u' xmlns:y='v' x:a='1' y:a='2'/>"), "xml.duplicate-attribute", evidence.ErrFormat, 2, 1},
		{"undeclared prefix", component("\n<x:a/>"), component("\n<x:a xmlns:x='u'/>"), "xml.namespace", evidence.ErrFormat, 2, 1},
		{"reserved prefix", component("\n<a xmlns:xml='u'/>"), component("\n<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>"), "xml.namespace", evidence.ErrFormat, 2, 1},
		{"long namespace", component("\n<a xmlns='" + strings.Repeat("u", 1025) + "'/>"), component("\n<a xmlns='" + strings.Repeat("u", 1024) + "'/>"), "xml.namespace-size", evidence.ErrLimit, 2, 1},
		{"end tag of another element", component("\n<version>1</purl>"), component("\n<version>1</version>"), "xml.tag", evidence.ErrFormat, 2, 11},
		{"second root", component("") + "\n<bom/>", component("") + "\n<!-- bom -->", "xml.trailing", evidence.ErrFormat, 2, 1},
		{"cut short", strings.TrimSuffix(component(""), "</bom>"), component(""), "xml.truncated", evidence.ErrFormat, 1, 0},
		{"not UTF-8", component("\n<version>\xff</version>"), component("\n<version>\u00ff</version>"), "xml.encoding", evidence.ErrFormat, 2, 10},
		{"another encoding than declared", `<?xml version="1.0" encoding="UTF-16"?>` + component(""), `<?xml version="1.0" encoding="utf-8"?>` + component(""), "xml.encoding", evidence.ErrFormat, 1, 1},
		{"unknown encoding", `<?xml version="1.0" encoding="UTF-7"?>` + component(""), `<?xml version="1.0" encoding="US-ASCII"?>` + component(""), "xml.charset", evidence.ErrUnsupported, 1, 1},
		{"XML 2", `<?xml version="2.0"?>` + component(""), `<?xml version="1.1"?>` + component(""), "xml.version", evidence.ErrUnsupported, 1, 1},
		{"text between elements", component("\n<hashes>x</hashes>"), component("\n<hashes> </hashes>"), "xml.text", evidence.ErrFormat, 2, 9},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for way, read := range map[string]func(string) error{
				"Read": func(s string) error { _, err := Read(strings.NewReader(s), nil); return err },
				"Walk": func(s string) error { _, err := walk(strings.NewReader(s), nil, new(visitor)); return err },
			} {
				err := read(tt.bad)
				p, _ := errors.AsType[*evidence.Problem](err)
				if !errors.Is(err, tt.class) || p == nil || p.Code != tt.code || p.Line != tt.line || tt.column > 0 && p.Column != tt.column {
					t.Errorf("%s: got %v (%+v), want %s at %d:%d", way, err, p, tt.code, tt.line, tt.column)
				}
				if err := read(tt.near); err != nil {
					t.Errorf("%s, near neighbour: %v", way, err)
				}
			}
		})
	}
}

// TestXMLNamespaces: names count by their namespace, whatever the prefix, and what
// is foreign is kept.
func TestXMLNamespaces(t *testing.T) {
	for _, tt := range []struct {
		name, text, component string
		kept                  []string // of the foreign, in the document that is written
	}{
		{"prefix for CycloneDX", `<c:bom xmlns:c="http://cyclonedx.org/schema/bom/1.6"><c:components><c:component type="library"><c:name>a</c:name></c:component></c:components></c:bom>`, "a", nil},
		{"prefix bound anew", `<c:bom xmlns:c="http://cyclonedx.org/schema/bom/1.6"><c:components><c:component type="library"><c:name>a</c:name>` +
			`<c:name xmlns:c="urn:other">b</c:name><c:version>1</c:version></c:component></c:components></c:bom>`, "a", []string{`<name xmlns="urn:other">b</name>`}},
		{"default bound anew", fmt.Sprintf(xmlBOM, `<components><component type="library"><name xmlns="urn:other">b</name><name>a</name></component></components>`), "a",
			[]string{`<name xmlns="urn:other">b</name>`}},
		{"CycloneDX of another version is foreign", fmt.Sprintf(xmlBOM, `<components><component type="library"><name>a</name><purl xmlns="urn:bom/1.5">x</purl></component></components>`), "a",
			[]string{`<purl xmlns="urn:bom/1.5">x</purl>`}},
		{"no namespace is foreign", `<c:bom xmlns:c="http://cyclonedx.org/schema/bom/1.6"><c:components><c:component type="library"><name>b</name><c:name>a</c:name></c:component></c:components></c:bom>`, "a",
			[]string{`<name xmlns="">b</name>`}},
		{"foreign attribute", fmt.Sprintf(xmlBOM, `<components><component xmlns:x="urn:x" x:type="file" type="library"><name x:y="&quot;">a</name></component></components>`), "a",
			[]string{`:type="file"`, `:y="&quot;"`}},
		{"foreign list", fmt.Sprintf(xmlBOM, `<components xmlns:x="urn:x" x:n="1"><x:component><name>b</name></x:component><component type="library"><name>a</name></component></components>`), "a",
			[]string{`:n="1"`, `<component xmlns="urn:x"><name xmlns="http://cyclonedx.org/schema/bom/1.6">b</name></component>`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			doc, err := Read(strings.NewReader(tt.text), nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(doc.Components) != 1 || doc.Components[0].Name.String() != tt.component || doc.Components[0].Type != TypeLibrary || len(doc.Components[0].Identifiers) > 0 {
				t.Errorf("%+v", doc.Components)
			}
			out, err := doc.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			for _, kept := range tt.kept {
				if !strings.Contains(string(out), kept) {
					t.Errorf("%s is not in %s", kept, out)
				}
			}
			if lines := diffLeaves(xmlLeaves(t, []byte(tt.text)), xmlLeaves(t, out)); len(lines) > 0 {
				t.Errorf("%q", lines)
			}
		})
	}
}

// TestXMLEncodings: one document in several encodings reads as one.
func TestXMLEncodings(t *testing.T) {
	text := func(encoding string) string {
		return `<?xml version="1.0" encoding="` + encoding + `"?>` + fmt.Sprintf(xmlBOM, "<components><component type=\"library\"><name>caf\u00e9</name></component></components>")
	}
	sixteen := func(s string) string {
		b := []byte{0xff, 0xfe}
		for _, u := range utf16.Encode([]rune(s)) {
			b = append(b, byte(u), byte(u>>8))
		}
		return string(b)
	}
	for name, data := range map[string]string{
		"UTF-8":           text("UTF-8"),
		"UTF-8 with mark": "\ufeff" + text("utf-8"),
		"UTF-16":          sixteen(text("UTF-16")),
		"ISO-8859-1":      strings.ReplaceAll(text("ISO-8859-1"), "\u00e9", "\xe9"),
		"windows-1252":    strings.ReplaceAll(text("windows-1252"), "\u00e9", "\xe9"),
	} {
		doc, err := Read(strings.NewReader(data), nil)
		if err != nil || len(doc.Components) != 1 || doc.Components[0].Name.String() != "caf\u00e9" {
			t.Errorf("%s: %v", name, err)
			continue
		}
		v, err := Validate(strings.NewReader(data), nil)
		if err != nil || v.Checks[0].Status != evidence.StatusPass || v.Checks[1].Status != evidence.StatusPass {
			t.Errorf("%s: %v %+v", name, err, v)
		}
	}
	if _, err := Read(strings.NewReader(sixteen(text("UTF-8"))), nil); err == nil {
		t.Error("UTF-16 that is declared to be UTF-8 is read")
	}
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"fmt"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
)

// TestXMLAttributes: an attribute stands where the XSD lets it.
func TestXMLAttributes(t *testing.T) {
	for _, c := range []struct {
		version, text string // at the end of a component, or the whole content of the document
		want          bool
	}{
		{"1.6", `<properties><property name="k">v</property></properties>`, true},
		{"1.6", `<properties><property name="k" value="v"/></properties>`, false},
		{"1.6", `<properties note="x"><property name="k">v</property></properties>`, true},
		{"1.6", `<licenses><license id="MIT"><name>x</name></license></licenses>`, false},
		{"1.6", `<licenses note="x"><license><name>x</name></license></licenses>`, false},
		{"1.6", `<licenses><expression note="x">MIT</expression></licenses>`, false},
		{"1.6", `<purl note="x">pkg:generic/a@1</purl>`, false},
		{"1.6", `<purl xmlns:x="u" x:note="y">pkg:generic/a@1</purl>`, false},
		{"1.6", `<purl xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:type="y">pkg:generic/a@1</purl>`, true},
		{"1.6", `<hashes><hash alg="SHA-1" value="x">1111111111111111111111111111111111111111</hash></hashes>`, false},
		{"1.6", `<externalReferences><reference type="website" rank="1"><url>https://example.com</url></reference></externalReferences>`, true},
		{"1.6", `<externalReferences rank="1"><reference type="website"><url>https://example.com</url></reference></externalReferences>`, false},
		{"1.6", `<swid tagId="a" name="b" colour="red"/>`, false},
		{"1.6", `<components><component type="library"><supplier colour="red"><name>x</name></supplier><name>b</name></component></components>`, false},
		{"1.6", `<components><component type="library"><supplier xmlns:x="u" x:colour="red"><name>x</name></supplier><name>b</name></component></components>`, true},
		{"1.6", `<components colour="red"><component type="library" colour="red"><name>b</name></component></components>`, true},
		{"1.5", `<evidence colour="red"><copyright colour="red"><text>x</text></copyright></evidence>`, false},
		{"1.5", `<evidence colour="red"><copyright><text>x</text></copyright></evidence>`, true},
		{"1.2", `<pedigree note="x"><notes>x</notes></pedigree>`, false},
		{"1.1", `<components colour="red"><component type="library"><name>b</name><version>1</version></component></components>`, true},
	} {
		text := fmt.Sprintf(`<bom xmlns="http://cyclonedx.org/schema/bom/%s"><components><component type="library"><name>a</name><version>1</version>%s</component></components></bom>`, c.version, c.text)
		v := validate(t, text, &ValidateOptions{UnsafeSemantics: true})
		check := v.Checks[1]
		if (check.Status == evidence.StatusPass) != c.want || !c.want && check.Problems[0].Code != codeXMLAttribute {
			t.Errorf("%s %s: %+v", c.version, c.text, check)
		}
	}
	// The types of 1.0 that take attributes take those of other namespaces alone.
	for attr, want := range map[string]bool{`colour="red"`: false, `xmlns:x="u" x:colour="red"`: true} {
		text := fmt.Sprintf(`<bom xmlns="http://cyclonedx.org/schema/bom/1.0"><components><component type="library" %s><name>a</name><version>1</version><modified>false</modified></component></components></bom>`, attr)
		if v := validate(t, text, &ValidateOptions{UnsafeSemantics: true}); (v.Checks[1].Status == evidence.StatusPass) != want {
			t.Errorf("1.0 %s: %+v", attr, v.Checks[1])
		}
	}
}

// TestXMLSpace: line breaks and tabs are spaces to the schema, and stay in the value.
func TestXMLSpace(t *testing.T) {
	const broken = "one\n\ttwo\r\n three"
	for _, version := range []string{"1.1", "1.2", "1.3", "1.6"} {
		for _, element := range []string{"publisher", "group", "description", "copyright"} {
			value := broken + strings.Repeat(" four", 100)
			inner := map[string]string{"publisher": "", "group": "", "description": "", "copyright": ""}
			inner[element] = "<" + element + "><![CDATA[" + value + "]]></" + element + ">"
			text := fmt.Sprintf(`<bom xmlns="http://cyclonedx.org/schema/bom/%s"><components><component type="library">%s%s<name>a</name><version>1</version>%s%s</component></components></bom>`,
				version, inner["publisher"], inner["group"], inner["description"], inner["copyright"])
			v := validate(t, text, &ValidateOptions{UnsafeSemantics: true})
			if v.Checks[1].Status != evidence.StatusPass {
				t.Errorf("%s %s: %+v", version, element, v.Checks[1])
			}
			c := v.Document.Components[0]
			if got := c.Publisher.String() + c.Group.String() + c.Description + c.Copyright.String(); !strings.Contains(got, "one\n\ttwo\n three") {
				t.Errorf("%s %s: %.20q", version, element, got)
			}
		}
	}
}

// TestXMLDependencies: a dependency inside another says what its own ref depends on.
func TestXMLDependencies(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`<dependency ref="a"><dependency ref="b"/></dependency>`, "a>b"},
		{`<dependency ref="a"><dependency ref="b"><dependency ref="c"><dependency ref="d"/></dependency></dependency></dependency>`, "a>b b>c c>d"},
		{`<dependency ref="a"><dependency ref="b"><dependency ref="c"/></dependency><dependency ref="c"><dependency ref="d"/></dependency></dependency>`, "a>b a>c b>c c>d"},
		// The same subtree twice, and an entry of its own: each edge once.
		{`<dependency ref="a"><dependency ref="b"><dependency ref="c"/></dependency></dependency><dependency ref="d"><dependency ref="b"><dependency ref="c"/></dependency></dependency><dependency ref="b"><dependency ref="c"/></dependency>`, "a>b b>c d>b"},
		{`<dependency ref="a"><dependency ref="b"><provides ref="c"/></dependency></dependency>`, "a>b b!c"},
		{`<dependency ref="a"><dependency ref="a"><dependency ref="b"/></dependency></dependency>`, "a>a a>b"},
	} {
		text := `<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><metadata><component type="library" bom-ref="a"><name>a</name></component></metadata><components>`
		for _, ref := range []string{"b", "c", "d"} {
			text += fmt.Sprintf(`<component type="library" bom-ref="%s"><name>%[1]s</name></component>`, ref)
		}
		text += "</components><dependencies>" + c.text + "</dependencies></bom>"
		v := validate(t, text, nil)
		if !v.OK() {
			t.Errorf("%s: %+v", c.text, v.Checks)
			continue
		}
		var edges []string
		for _, r := range v.Document.Relationships {
			switch {
			case r.Origin != originDependencies || r.To == "":
			case r.Type == "provides":
				edges = append(edges, r.From+"!"+r.To)
			default:
				edges = append(edges, r.From+">"+r.To)
			}
		}
		if got := strings.Join(sorted(edges), " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.text, got, c.want)
		}
	}
	deep := strings.Repeat(`<dependency ref="a">`, 50) + strings.Repeat(`</dependency>`, 50)
	text := `<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><dependencies>` + deep + `</dependencies></bom>`
	if doc := read(t, text); len(doc.Relationships) != 1 {
		t.Errorf("%d relationships", len(doc.Relationships))
	}
}

// TestMarks: one byte order mark is dropped, a second is text.
func TestMarks(t *testing.T) {
	const tag = "SPDXVersion: SPDX-2.3\nSPDXID: SPDXRef-DOCUMENT\n"
	for _, text := range []string{goodSPDX, goodCDX, goodXML, tag} {
		for marks, want := range []bool{true, true, false} {
			marked := strings.Repeat("\ufeff", marks) + text
			_, err := Read(strings.NewReader(marked), nil)
			if (err == nil) != want {
				t.Errorf("Read, %d marks: %v", marks, err)
			}
			if _, err := walk(strings.NewReader(marked), nil, &visitor{}); (err == nil) != want {
				t.Errorf("Walk, %d marks: %v", marks, err)
			}
			if v := validate(t, marked, nil); (v.Checks[0].Status == evidence.StatusPass) != want {
				t.Errorf("Validate, %d marks: %+v", marks, v.Checks[0])
			}
			if _, err := Sniff([]byte(marked)); (err == nil) != want {
				t.Errorf("Sniff, %d marks: %v", marks, err)
			}
		}
	}
}

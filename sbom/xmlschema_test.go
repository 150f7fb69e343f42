// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence"
)

const goodXML = `<?xml version="1.0"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.4" xmlns:x="urn:example" serialNumber="urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79">
  <metadata>
    <component type="application" bom-ref="root" x:y="z"><name>shop</name><version>1.0</version></component>
  </metadata>
  <components>
    <component type="library" bom-ref="zlib">
      <name>zlib</name><version>1.3</version>
      <hashes><hash alg="MD5">3942447fac867ae5cdb3229b658f4d48</hash></hashes>
      <licenses><license><id>Zlib</id></license><license><name>Other</name></license></licenses>
      <purl>pkg:generic/zlib@1.3</purl>
      <x:more><x:inside/></x:more>
    </component>
  </components>
  <dependencies><dependency ref="root"><dependency ref="zlib"/></dependency></dependencies>
</bom>`

func TestXMLSchema(t *testing.T) {
	if v := validate(t, goodXML, nil); statuses(v) != "pass pass pass" || v.Schema != "bom-1.4" {
		t.Fatalf("%+v", v)
	}
	for _, c := range []struct{ old, new, want string }{ // schema problems as "code pointer line:column"
		{` type="library"`, ``, "schema.required /components/0 7:5"},
		{`type="library"`, `type="librarian"`, "schema.enum /components/0/type 7:5"},
		{`<name>zlib</name>`, ``, "schema.required /components/0 7:5"},
		{`<id>Zlib</id>`, `<id>zlib</id>`, "schema.enum /components/0/licenses/0/license/id 10:26"},
		{`<name>Other</name>`, `<id>MIT</id><name>Other</name>`, "schema.one-of /components/0/licenses/1/license 10:49"},
		{`alg="MD5"`, `alg="MD6"`, "schema.enum /components/0/hashes/0/alg 9:15"},
		{`3942447f`, `394`, "schema.pattern /components/0/hashes/0/content 9:15"},
		{`urn:uuid:3e`, `3e`, "schema.pattern /serialNumber 2:1"},
		{`<version>1.3</version>`, `<version>1.3</version><color>red</color>`, "sbom.xml-element  8:46"},
		{`<version>1.3</version>`, `<version>1.3</version><version>1.4</version>`, "sbom.xml-element  8:46"},
		{`<version>1.3</version>`, `<version>1.3</version><x:version>1.4</x:version>`, ""},
		{`bom-ref="zlib"`, `bom-ref="root"`, "schema.unique /components/0/bom-ref 7:5"},
		{`<license><name>Other</name></license>`, `<expression>MIT</expression>`, "schema.choice /components/0/licenses/1 10:49"},
		{`<license><id>Zlib</id></license><license><name>Other</name></license>`, `<expression>MIT</expression>`, ""},
		{`<name>zlib</name><version>1.3</version>`, `<version>1.3</version><name>zlib</name>`, "sbom.xml-order  8:29"},
		{`<version>1.3</version>`, `<version>1.3</version><x:group/><scope>optional</scope>`, ""},
		{`<metadata>`, `<compositions/><metadata>`, "sbom.xml-order  3:18"},
		{`<dependency ref="zlib"/>`, `<dependency/>`, "sbom.xml-attribute  15:40"},
		{`<metadata>`, `<metadata><timestamp>2026-01-02T03:04:05</timestamp>`, ""},
		{`<metadata>`, `<metadata><timestamp>2026-01-02T24:00:00Z</timestamp>`, ""},
		{`<metadata>`, `<metadata><timestamp>2026-01-02T25:00:00</timestamp>`, "schema.format /metadata/timestamp 3:13"},
		{`<metadata>`, `<metadata><timestamp>2026-01-02</timestamp>`, "schema.format /metadata/timestamp 3:13"},
		{`serialNumber=`, `version="01" serialNumber=`, ""},
		{`serialNumber=`, `version="+1" serialNumber=`, ""},
		{`serialNumber=`, `version="1e0" serialNumber=`, "sbom.xml-value  2:1"},
		{`serialNumber=`, `version="1.0" serialNumber=`, "sbom.xml-value  2:1"},
		{`</bom>`, `<vulnerabilities><vulnerability><ratings><rating><score>07.50</score></rating></ratings></vulnerability></vulnerabilities></bom>`, ""},
		{`serialNumber=`, `version="1" serialNumber=`, ""},
		{`serialNumber=`, `version="one" serialNumber=`, "json.type"},
		{`bom/1.4"`, `bom/1.9"`, "no schema"},
	} {
		text := strings.Replace(goodXML, c.old, c.new, 1)
		if text == goodXML {
			t.Fatalf("%s is not in the document", c.old)
		}
		v := validate(t, text, &ValidateOptions{UnsafeSemantics: true})
		var got []string
		for _, p := range v.Checks[1].Problems {
			got = append(got, p.Code+" "+p.Pointer+position(p))
		}
		switch {
		case c.want == "no schema":
			if v.Checks[1].Status != evidence.StatusError {
				t.Errorf("%s -> %s: %+v", c.old, c.new, v.Checks[1])
			}
		case c.want == "json.type":
			if v.Checks[0].Status != evidence.StatusFail || v.Checks[0].Problems[0].Code != c.want || v.Checks[0].Problems[0].Line != 2 {
				t.Errorf("%s -> %s: %+v", c.old, c.new, v.Checks)
			}
		case c.want == "":
			if v.Checks[1].Status != evidence.StatusPass {
				t.Errorf("%s -> %s: %q", c.old, c.new, got)
			}
		default:
			if diff := cmp.Diff([]string{c.want}, got); diff != "" || v.OK() {
				t.Errorf("%s -> %s: %s %v", c.old, c.new, diff, v.Checks[1].Problems)
			}
		}
	}
}

func position(p *evidence.Problem) string { return fmt.Sprintf(" %d:%d", p.Line, p.Column) }

// TestXMLSemantics: the rules without a schema see XML as they see JSON, and tell its lines.
func TestXMLSemantics(t *testing.T) {
	text := strings.NewReplacer(`<dependency ref="zlib"/>`, `<dependency ref="gone"/>`, `zlib@1.3`, `zlib@1.2`).Replace(goodXML)
	v := validate(t, text, nil)
	var got []string
	for _, p := range v.Checks[2].Problems {
		got = append(got, p.Code+" "+p.Pointer+position(p))
	}
	want := []string{"sbom.purl-version /components/0/purl 11:7", "sbom.dangling /dependencies/0 15:17"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff, v.Checks[2].Problems)
	}
}

// TestEarlyXML: 1.0 and 1.1 lack what came later, although they are held against
// the schema of 1.2.
func TestEarlyXML(t *testing.T) {
	const good = `<bom xmlns="http://cyclonedx.org/schema/bom/1.0"><components>
 <component type="library"><name>a</name><version>1</version><scope>required</scope><modified>false</modified></component></components></bom>`
	for _, c := range []struct {
		old, new string
		valid    bool
	}{
		{"", "", true},
		{`<modified>false</modified>`, ``, false},
		{`type="library"`, `type="file"`, false},
		{`>required<`, `>excluded<`, false},
		{`<modified>`, `<pedigree/><modified>`, false},
		{`<components>`, `<metadata/><components>`, false},
		{`bom/1.0"`, `bom/1.1"`, true},
		{`bom/1.0"><components>`, `bom/1.1"><metadata/><components>`, false},
		{`bom/1.0"><components>
 <component type="library">`, `bom/1.1"><components>
 <component type="file" bom-ref="f">`, true},
		{`bom/1.0"><components>
 <component type="library">`, `bom/1.1"><components>
 <component type="firmware">`, false},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		v := validate(t, text, &ValidateOptions{UnsafeSemantics: true})
		if v.Checks[0].Status != evidence.StatusPass || (v.Checks[1].Status == evidence.StatusPass) != c.valid {
			t.Errorf("%s -> %s: %+v", c.old, c.new, v.Checks[:2])
		}
	}
}

func TestWithoutRests(t *testing.T) {
	for in, want := range map[string]string{
		`{"a":1,"<":"x"}`:                        `{"a":1}`,
		`{"<":"x","a":1}`:                        `{"a":1}`,
		`{"<":"x","<b":"y"}`:                     `{}`,
		`{"<":"x","<b":"y","c":{"<":"\"}"}}`:     `{"c":{}}`,
		`{"a":["<",{"<":"x"}],"b":"<","<c":"y"}`: `{"a":["<",{}],"b":"<"}`,
		`{"a\"<":"<","b":[]}`:                    `{"a\"<":"<","b":[]}`,
	} {
		got := withoutRests([]byte(in))
		if len(got) != len(in) || strings.ReplaceAll(string(got), " ", "") != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func FuzzXMLSchema(f *testing.F) {
	f.Add([]byte(goodXML))
	f.Add([]byte("<bo/>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := Validate(strings.NewReader(string(data)), &ValidateOptions{Limits: evidence.Limits{DocumentBytes: 1 << 20}})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range v.Checks {
			if !agrees(c) && c.Status != evidence.StatusWarn {
				t.Fatalf("%s is %v with %v", c.ID, c.Status, c.Problems)
			}
		}
	})
}

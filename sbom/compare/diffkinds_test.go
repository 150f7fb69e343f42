// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func vexDocument(statement string) string {
	return `{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"library","bom-ref":"a","name":"a","version":"1"}],
"vulnerabilities":[{"id":"CVE-2024-0003",` + statement + `}]}`
}

// TestDiffStatements: a change of what a vulnerability statement says is named by its field.
func TestDiffStatements(t *testing.T) {
	for _, c := range []struct{ name, before, after, want string }{
		{"status", `"affects":[{"ref":"a","versions":[{"version":"0.9","status":"unaffected"}]}]`, `"affects":[{"ref":"a","versions":[{"version":"0.9","status":"affected"}]}]`, "status"},
		{"status of the component's version", `"affects":[{"ref":"a","versions":[{"version":"1","status":"unaffected"}]}]`, `"affects":[{"ref":"a"}]`, "status"},
		{"response", `"affects":[{"ref":"a"}],"analysis":{"response":["update"]}`, `"affects":[{"ref":"a"}],"analysis":{"response":["will_not_fix"]}`, "response"},
		{"detail", `"affects":[{"ref":"a"}],"analysis":{"detail":"not called"}`, `"affects":[{"ref":"a"}],"analysis":{"detail":"called"}`, "detail"},
		{"score", `"affects":[{"ref":"a"}],"ratings":[{"score":5.1}]`, `"affects":[{"ref":"a"}],"ratings":[{"score":9.1}]`, "rating"},
		{"workaround", `"affects":[{"ref":"a"}]`, `"affects":[{"ref":"a"}],"workaround":"none"`, "workaround"},

		{"order", `"affects":[{"ref":"a"}],"analysis":{"response":["update","rollback"]}`, `"affects":[{"ref":"a"}],"analysis":{"response":["rollback","update"]}`, ""},
		{"white space", `"affects":[{"ref":"a"}],"analysis":{"detail":"not\r\ncalled"}`, `"affects":[{"ref":"a"}],"analysis":{"detail":" not  called"}`, ""},
		{"the default status", `"affects":[{"ref":"a","versions":[{"version":"1"}]}]`, `"affects":[{"ref":"a","versions":[{"version":"1","status":"affected"}]}]`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			changes := Diff(read(t, vexDocument(c.before)), read(t, vexDocument(c.after)))
			var fields []string
			for _, v := range changes.Vulnerabilities {
				fields = append(fields, v.Field)
			}
			if got := strings.Join(fields, " "); got != c.want {
				t.Errorf("got %q, want %q: %v", got, c.want, tell(changes))
			}
		})
	}
}

// TestDiffPlaces: two versions of one package in two programs both move.
func TestDiffPlaces(t *testing.T) {
	document := func(place string, versions ...string) string {
		var parts, nested []string
		for i, version := range versions {
			p := fmt.Sprintf(`{"type":"library","bom-ref":"m%d","name":"m","version":"%s","purl":"pkg:golang/m@%s"`, i, version, version)
			bin := fmt.Sprintf(`{"type":"application","bom-ref":"bin%d","name":"bin%d"`, i, i)
			switch place {
			case "nested":
				parts = append(parts, bin+`,"components":[`+p+`}]}`)
			case "dependency":
				parts = append(parts, bin+`}`, p+`}`)
				nested = append(nested, fmt.Sprintf(`{"ref":"bin%d","dependsOn":["m%d"]}`, i, i))
			case "property":
				parts = append(parts, p+fmt.Sprintf(`,"properties":[{"name":"syft:location:0:path","value":"/bin%d"}]}`, i))
			case "evidence":
				parts = append(parts, p+fmt.Sprintf(`,"evidence":{"occurrences":[{"location":"/bin%d"}]}}`, i))
			default:
				parts = append(parts, p+`}`)
			}
		}
		return `{"bomFormat":"CycloneDX","specVersion":"1.6","components":[` + strings.Join(parts, ",") + `],"dependencies":[` + strings.Join(nested, ",") + `]}`
	}
	for _, place := range []string{"nested", "dependency", "property", "evidence", ""} {
		changes := Diff(read(t, document(place, "v1.0.0", "v1.1.0")), read(t, document(place, "v1.1.0", "v1.2.0")))
		var got []string
		for _, u := range changes.Upgraded {
			got = append(got, u.From+" "+u.To)
		}
		want := []string{"v1.0.0 v1.1.0", "v1.1.0 v1.2.0"}
		if place == "" { // nothing tells which one moved
			want = []string{"v1.0.0 v1.2.0"}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", place, got, want)
		}
	}
}

// TestDiffTexts: white space is no change, another word is.
func TestDiffTexts(t *testing.T) {
	document := func(member, text string) string {
		return `{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"n","packages":[{"SPDXID":"SPDXRef-a","name":"a","downloadLocation":"NOASSERTION","` + member + `":"` + text + `"}],
"hasExtractedLicensingInfos":[{"licenseId":"LicenseRef-1","extractedText":"` + text + `"}]}`
	}
	for _, member := range []string{"copyrightText", "description", "summary", "comment", "sourceInfo", "supplier"} {
		before := read(t, document(member, `Person: A\nB  C`))
		if c := Diff(before, read(t, document(member, `Person: A\r\n  B C`))); !c.Empty() {
			t.Errorf("%s: %v", member, tell(c))
		}
		if c := Diff(before, read(t, document(member, `Person: A B D`))); c.Empty() {
			t.Errorf("%s: another word is no change", member)
		}
	}
}

// TestDiffPedigree: where a component comes from is compared.
func TestDiffPedigree(t *testing.T) {
	document := func(more string) string {
		return `{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"library","name":"a","version":"1"` + more + `}]}`
	}
	for more, field := range map[string]string{
		`,"pedigree":{"ancestors":[{"type":"library","name":"old","version":"1"}]}`: "pedigree",
		`,"pedigree":{"commits":[{"uid":"abc"}]}`:                                   "pedigree",
		`,"pedigree":{"patches":[{"type":"backport"}]}`:                             "pedigree",
		`,"evidence":{"licenses":[{"license":{"id":"MIT"}}]}`:                       "licenseFound",
	} {
		c := Diff(read(t, document("")), read(t, document(more)))
		if len(c.Changed) != 1 || c.Changed[0].Field != field {
			t.Errorf("%s: %v", more, tell(c))
		}
	}
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
)

func TestEmail(t *testing.T) {
	for s, want := range map[string]bool{
		"a@example.com": true, "a.b+c@example.com": true, `"a b"@example.com`: true, `"a\"b"@example.com`: true, "root@localhost": true,
		"müller@bücher.example": true, "a@[192.0.2.1]": true, "a@[IPv6:2001:db8::1]": true, "a/b=c@example.com": true,
		"": false, "a": false, "@example.com": false, "a@": false, "a b@example.com": false, "a@b@example.com": false, ".a@example.com": false,
		"a.@example.com": false, "a..b@example.com": false, "a@-example.com": false, "a@example-.com": false, "a@example..com": false,
		"a@exam ple.com": false, "a@example.com.": false, "a@exam_ple.com": false, `"a"b"@example.com`: false, "a@[2001:db8::1]": false, "a@[192.0.2.1": false,
		"Name <a@example.com>": false, strings.Repeat("a", 65) + "@example.com": false, strings.Repeat("a", 64) + "@example.com": true,
	} {
		if err := CheckEmail(s); (err == nil) != want {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestIRIReference(t *testing.T) {
	for s, want := range map[string]bool{
		"": true, "https://example.com/a?b=c#d": true, "a/b": true, "../a": true, "//example.com/a": true, "#a": true, "?a": true, "urn:cdx:x/1#y": true,
		"https://bücher.example/ä": true, "mailto:a@example.com": true, "https://u:p@example.com:8080/": true, "https://[2001:db8::1]:80/": true,
		"git+https://example.com/a.git@v1": true, "./a:b": true, "https://example.com/?\ue000": true, "https://example.com/%20": true, "https://example.com:/": true,
		"a b": false, "https://exa mple.com": false, "https://example.com/%2": false, "https://example.com/%zz": false, "a#b#c": false, "https://example.com/<a>": false,
		`https://example.com/a"b`: false, `C:\a`: false, "https://example.com/{a}": false, "https://example.com/a|b": false, "https://example.com:a/": false,
		"1a:b": false, "a b:c": false, ":a": false, "https://[::1": false, "https://[x]/": false, "https://a@b@c/": false, "a\tb": false, "a\x00": false,
		"https://example.com/\ue000": false, "https://example.com/[a]": false, "a\xff": false,
	} {
		if err := CheckIRIReference(s); (err == nil) != want {
			t.Errorf("%q: %v", s, err)
		}
	}
}

// TestMessages: a problem says what would be right.
func TestMessages(t *testing.T) {
	const text = `{"$schema": "http://json-schema.org/draft-07/schema#", "properties": {
		"either": {"oneOf": [{"required": ["id"]}, {"required": ["name"]}]},
		"kinds": {"oneOf": [{"type": "string"}, {"minLength": 1}]},
		"without": {"not": {"required": ["x"]}},
		"uri": {"format": "uri"}
	}}`
	s, err := Compile("https://example.com/s", map[string][]byte{"https://example.com/s": []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		`{"either": {"id": 1, "name": 2}}`:  `schema.one-of: has "id" and "name", want only one of the two`,
		`{"either": {}}`:                    `schema.one-of: fits none of the alternatives: missing property "id"; or missing property "name"`,
		`{"kinds": "a"}`:                    `schema.one-of: fits several of the alternatives, want exactly one`,
		`{"without": {"x": 1}}`:             `schema.not: has "x", want it left out`,
		`{"uri": "a/b"}`:                    `schema.format: "a/b" is not a valid uri: no scheme`,
		`{"uri": "https://bücher.example"}`: `schema.format: "https://bücher.example" is not a valid uri: a character beyond ASCII that is not percent-encoded`,
	} {
		problems, err := s.Validate([]byte(in), evidence.Limits{})
		if err != nil || len(problems) != 1 || problems[0].Code+": "+problems[0].Message != want {
			t.Errorf("%s: %v %v, want %s", in, problems, err, want)
		}
	}
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/HailBytes/evidence/internal/textfmt"
)

// formats are those that the schemas use and the library does not check, or only
// roughly.
var formats = []*jsonschema.Format{
	{Name: "idn-email", Validate: ofString(CheckEmail)},
	{Name: "iri-reference", Validate: ofString(CheckIRIReference)},
	{Name: "uri", Validate: ofString(checkURI)},
}

func ofString(check func(string) error) func(any) error {
	return func(v any) error {
		if s, ok := v.(string); ok {
			return check(s)
		}
		return nil
	}
}

// CheckEmail checks an address of RFC 6531 §3.3, the local part and the domain of
// RFC 5321 §4.1.2 with letters beyond ASCII in both.
func CheckEmail(s string) error {
	at := strings.LastIndexByte(s, '@')
	switch {
	case at < 0:
		return errors.New("no @")
	case at == 0:
		return errors.New("nothing before the @")
	case at > 64:
		return errors.New("more than 64 bytes before the @")
	case len(s)-at-1 > 255:
		return errors.New("more than 255 bytes behind the @")
	}
	if err := checkLocalPart(s[:at]); err != nil {
		return err
	}
	return checkDomain(s[at+1:])
}

func checkLocalPart(s string) error {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		quoted := s[1 : len(s)-1]
		for i := 0; i < len(quoted); i++ {
			switch c := quoted[i]; {
			case c == '\\' && i+1 < len(quoted):
				i++
			case c == '"' || c == '\\' || c < ' ' || c == 0x7f:
				return fmt.Errorf("%q before the @ must be escaped", c)
			}
		}
		return nil
	}
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" {
			return errors.New("a dot at the beginning, at the end or behind another, before the @")
		}
		for _, r := range atom {
			if !isAlphanumeric(r) && r < utf8.RuneSelf && !strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r) {
				return fmt.Errorf("%q before the @", r)
			}
		}
	}
	return nil
}

func checkDomain(s string) error {
	if literal, ok := strings.CutPrefix(s, "["); ok {
		literal, ok := strings.CutSuffix(literal, "]")
		literal, six := strings.CutPrefix(literal, "IPv6:")
		if a, err := netip.ParseAddr(literal); !ok || err != nil || a.Is6() != six || a.Zone() != "" {
			return errors.New("no address in the brackets behind the @")
		}
		return nil
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return fmt.Errorf("no label of a domain: %s", textfmt.Quote(label))
		}
		for _, r := range label {
			if !isAlphanumeric(r) && r != '-' && r < utf8.RuneSelf {
				return fmt.Errorf("%q in the domain", r)
			}
		}
	}
	return nil
}

func isAlphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

func checkURI(s string) error {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return errors.New("a character beyond ASCII that is not percent-encoded")
		}
	}
	if _, _, ok := cutScheme(s); !ok {
		return errors.New("no scheme")
	}
	return CheckIRIReference(s)
}

// CheckIRIReference checks an IRI or a relative reference of RFC 3987 §2.2.
func CheckIRIReference(s string) error {
	rest, fragment, _ := strings.Cut(s, "#")
	if err := checkIRIChars(fragment, "/?", false); err != nil {
		return err
	}
	rest, query, _ := strings.Cut(rest, "?")
	if err := checkIRIChars(query, "/?", true); err != nil {
		return err
	}
	_, hier, absolute := cutScheme(rest)
	path := hier
	if authority, ok := strings.CutPrefix(hier, "//"); ok {
		path = ""
		if i := strings.IndexByte(authority, '/'); i >= 0 {
			authority, path = authority[:i], authority[i:]
		}
		if err := checkAuthority(authority); err != nil {
			return err
		}
	}
	if first, _, _ := strings.Cut(path, "/"); !absolute && strings.Contains(first, ":") {
		return fmt.Errorf("no scheme before the colon: %s", textfmt.Quote(first))
	}
	return checkIRIChars(path, "/", false)
}

// cutScheme cuts the scheme and its colon off s.
func cutScheme(s string) (scheme, rest string, ok bool) {
	scheme, rest, ok = strings.Cut(s, ":")
	for i, r := range scheme {
		if !isAlphanumeric(r) && (i == 0 || !strings.ContainsRune("+-.", r)) || i == 0 && '0' <= r && r <= '9' {
			ok = false
		}
	}
	if !ok || scheme == "" {
		return "", s, false
	}
	return scheme, rest, true
}

func checkAuthority(s string) error {
	host := s
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		if err := checkIRIChars(s[:i], "", false); err != nil || strings.Contains(s[:i], "@") {
			return errors.New("more than one @ before the host")
		}
		host = s[i+1:]
	}
	if literal, ok := strings.CutPrefix(host, "["); ok {
		literal, port, ok := strings.Cut(literal, "]")
		a, err := netip.ParseAddr(literal)
		if !ok || (err != nil || !a.Is6() || a.Zone() != "") && !strings.HasPrefix(strings.ToLower(literal), "v") {
			return errors.New("no address in the brackets of the host")
		}
		if port != "" && port[0] != ':' {
			return errors.New("something behind the brackets of the host")
		}
		return checkPort(strings.TrimPrefix(port, ":"))
	}
	host, port, _ := strings.Cut(host, ":")
	if err := checkPort(port); err != nil {
		return err
	}
	return checkIRIChars(host, "", false)
}

func checkPort(s string) error {
	if strings.Trim(s, "0123456789") != "" {
		return fmt.Errorf("port %s is no number", textfmt.Quote(s))
	}
	return nil
}

// checkIRIChars wants unreserved characters, percent-encoded bytes, the delimiters
// that stand everywhere, and those in more. Characters for private use stand in a query alone.
func checkIRIChars(s, more string, private bool) error {
	for i, r := range s {
		switch {
		case isAlphanumeric(r), r < utf8.RuneSelf && strings.ContainsRune("-._~!$&'()*+,;=:@", r), r < utf8.RuneSelf && strings.ContainsRune(more, r):
		case r == '%':
			if len(s) < i+3 || !isHex(s[i+1]) || !isHex(s[i+2]) {
				return errors.New("a % without two hexadecimal digits")
			}
		case r == utf8.RuneError, r < 0xa0, r&0xfffe == 0xfffe, 0xfdd0 <= r && r <= 0xfdef, 0xfff0 <= r && r < 0x10000, 0xe0000 <= r && r < 0xe1000:
			return fmt.Errorf("%q", r)
		case (0xe000 <= r && r <= 0xf8ff || r >= 0xf0000) && !private:
			return fmt.Errorf("%q", r)
		}
	}
	return nil
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

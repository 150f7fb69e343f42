// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/HailBytes/evidence/internal/textfmt"
)

// format is a named form that a string must have.
type format struct {
	name  string
	check func(string) error
}

// formats are those that the schemas use. All are asserted.
var formats = map[string]*format{}

func init() {
	for _, f := range []format{
		{"date", checkDate},
		{"date-time", checkDateTime},
		{"idn-email", CheckEmail},
		{"iri-reference", CheckIRIReference},
		{"uri", checkURI},
		{"uri-reference", checkURIReference},
	} {
		formats[f.name] = &f
	}
}

// checkDate checks a full-date of RFC 3339 §5.6.
func checkDate(s string) error {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return errors.New("want a date as 2006-01-02")
	}
	return nil
}

// checkDateTime checks a date-time of RFC 3339 §5.6, in which T and Z may be small
// letters and the last second of a day in UTC may be a leap second.
func checkDateTime(s string) error {
	const plain = "2006-01-02T15:04:05"
	if len(s) <= len(plain) || s[10] != 'T' && s[10] != 't' {
		return errors.New("want a date, T, a time and a zone, as 2006-01-02T15:04:05Z")
	}
	seconds, rest := s[17:19], s[len(plain):]
	leap := seconds == "60"
	if leap {
		seconds = "59"
	}
	if digits, ok := strings.CutPrefix(rest, "."); ok {
		if rest = strings.TrimLeft(digits, "0123456789"); len(rest) == len(digits) {
			return errors.New("no digit behind the point")
		}
	}
	if rest == "z" {
		rest = "Z"
	}
	t, err := time.Parse(time.RFC3339, s[:10]+"T"+s[11:17]+seconds+rest)
	if err != nil {
		return errors.New("no such date, time or zone; want them as 2006-01-02T15:04:05Z")
	}
	if utc := t.UTC(); leap && (utc.Hour() != 23 || utc.Minute() != 59) {
		return errors.New("second 60 is none of a leap second, which ends a day in UTC")
	}
	return nil
}

// checkURIReference checks what SARIF has as a reference to a file. RFC 3986 has no
// blanks in it; tools write them, and every reader takes them, so only what cannot be
// taken apart is refused.
func checkURIReference(s string) error {
	if strings.Contains(s, `\`) {
		return errors.New("a backslash")
	}
	u, err := url.Parse(s)
	if err != nil {
		return errors.Unwrap(err)
	}
	if host := u.Hostname(); strings.Contains(host, ":") {
		if a, err := netip.ParseAddr(host); err != nil || !a.Is6() || a.Zone() != "" || !strings.HasPrefix(u.Host, "[") {
			return errors.New("no address in the brackets of the host")
		}
	}
	return nil
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

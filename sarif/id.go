// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"cmp"
	"slices"
	"strings"
)

// idKind says what an identifier names. The order is that of preference.
type idKind uint8

const (
	idNone     idKind = iota
	idCVE      idKind = iota // CVE-2023-1234
	idGHSA     idKind = iota // GHSA-xxxx-xxxx-xxxx
	idGO       idKind = iota // GO-2023-1234
	idOSV      idKind = iota // of another source whose entries are about one vulnerability: PYSEC, RUSTSEC, TEMP, SNYK, ...
	idAdvisory idKind = iota // of a distributor; may be about several vulnerabilities: DSA, RHSA, USN, ...
)

// Prefixes of identifiers, from the OSV schema's list of databases and from what
// scanners write.
var idPrefixes = map[string]idKind{
	"CVE": idCVE, "GHSA": idGHSA, "GO": idGO,
	"PYSEC": idOSV, "RUSTSEC": idOSV, "OSV": idOSV, "MAL": idOSV, "CGA": idOSV, "GSD": idOSV, "BIT": idOSV,
	"HSEC": idOSV, "RSEC": idOSV, "PSF": idOSV, "CURL": idOSV, "ASB": idOSV, "PUB": idOSV, "LBSEC": idOSV, "ECHO": idOSV,
	"EEF": idOSV, "JLSEC": idOSV, "MINI": idOSV, "NSWG": idOSV, "SNYK": idOSV, "TEMP": idOSV, "BDSA": idOSV, "OSVDB": idOSV,
	"DEBIAN": idOSV, "UBUNTU": idOSV, "ALPINE": idOSV, "UVI": idOSV, "GMS": idOSV, "SONATYPE": idOSV, "KSV": idNone,
	"DSA": idAdvisory, "DLA": idAdvisory, "DTSA": idAdvisory, "USN": idAdvisory, "LSN": idAdvisory,
	"RHSA": idAdvisory, "RHBA": idAdvisory, "RHEA": idAdvisory, "ELSA": idAdvisory, "ALSA": idAdvisory, "RLSA": idAdvisory,
	"RXSA": idAdvisory, "ALAS": idAdvisory, "ALAS2": idAdvisory, "ALAS2023": idAdvisory, "ALBA": idAdvisory, "ALEA": idAdvisory,
	"SUSE": idAdvisory, "OPENSUSE": idAdvisory, "GLSA": idAdvisory, "PHSA": idAdvisory, "OESA": idAdvisory, "MGASA": idAdvisory, "V8": idOSV,
}

// kindOfID returns what id names, idNone for a text that is not an identifier of
// a vulnerability.
func kindOfID(id string) idKind {
	prefix, rest, ok := strings.Cut(id, "-")
	if !ok || rest == "" || len(id) > 128 || strings.ContainsAny(id, " \t\n/:(),'\"") {
		return idNone
	}
	kind, ok := idPrefixes[prefix]
	if !ok {
		if kind, ok = idPrefixes[strings.ToUpper(prefix)]; !ok {
			return idNone
		}
	}
	switch kind {
	case idCVE:
		year, number, ok := strings.Cut(rest, "-")
		if !ok || len(year) != 4 || len(number) < 4 || !isDigits(year) || !isDigits(number) {
			return idNone
		}
	case idGHSA:
		if len(rest) != 14 || rest[4] != '-' || rest[9] != '-' || !isAlphanumeric(strings.ReplaceAll(rest, "-", "")) {
			return idNone
		}
	case idGO:
		year, number, ok := strings.Cut(rest, "-")
		if !ok || len(year) != 4 || !isDigits(year) || !isDigits(number) {
			return idNone
		}
	default:
		if !strings.ContainsAny(rest, "0123456789") {
			return idNone
		}
	}
	return kind
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func isAlphanumeric(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

func isCVE(id string) bool { return kindOfID(id) == idCVE }

// normalID returns id in the one spelling that its source uses: letters upper
// case, of a GHSA the groups lower case.
func normalID(id string) string {
	id = strings.TrimSpace(id)
	switch kindOfID(id) {
	case idNone:
		return id
	case idGHSA:
		if strings.HasPrefix(id, "GHSA-") && id[5:] == strings.ToLower(id[5:]) {
			return id
		}
		return "GHSA-" + strings.ToLower(id[5:])
	case idCVE, idGO:
		return strings.ToUpper(id)
	}
	return id
}

// upstreamCVE returns the CVE that an entry of a distribution's OSV source is
// named for: DEBIAN-CVE-2024-1234.
func upstreamCVE(id string) string {
	for _, p := range []string{"DEBIAN-", "UBUNTU-", "ALPINE-", "ECHO-"} {
		if rest, ok := strings.CutPrefix(id, p); ok && isCVE(rest) {
			return rest
		}
	}
	return ""
}

// findID returns the first CVE or GHSA identifier in a text, "" if there is none.
func findID(text string) string {
	for i := 0; i < len(text); {
		c := strings.IndexByte(text[i:], 'C')
		g := strings.IndexByte(text[i:], 'G')
		at := c
		if c < 0 || g >= 0 && g < c {
			at = g
		}
		if at < 0 {
			return ""
		}
		i += at
		if id := idAt(text, i); id != "" {
			return id
		}
		i++
	}
	return ""
}

// idAt returns the CVE or GHSA identifier that starts at text[i].
func idAt(text string, i int) string {
	if i > 0 && isAlphanumeric(text[i-1:i]) {
		return ""
	}
	rest := text[i:]
	switch {
	case strings.HasPrefix(rest, "CVE-"):
		n := len("CVE-0000-")
		if len(rest) < n {
			return ""
		}
		for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
			n++
		}
		if isCVE(rest[:n]) {
			return rest[:n]
		}
	case strings.HasPrefix(rest, "GHSA-"):
		const n = len("GHSA-0000-0000-0000")
		if len(rest) >= n && kindOfID(rest[:n]) == idGHSA && (len(rest) == n || !isAlphanumeric(rest[n:n+1])) {
			return rest[:n]
		}
	}
	return ""
}

// findIDs returns every CVE and GHSA identifier in a text.
func findIDs(text string) []string {
	var ids []string
	for {
		id := findID(text)
		if id == "" || len(ids) >= 64 {
			return ids
		}
		ids = append(ids, id)
		text = text[strings.Index(text, id)+len(id):]
	}
}

// compareIDs orders identifiers by preference, then the numbers in them by value.
func compareIDs(a, b string) int {
	return cmp.Or(cmp.Compare(rankID(a), rankID(b)), compareNatural(a, b))
}

func rankID(id string) idKind {
	if k := kindOfID(id); k != idNone {
		return k
	}
	return idAdvisory + 1
}

// compareNatural compares texts, runs of digits as numbers.
func compareNatural(a, b string) int {
	for a != "" && b != "" {
		na, nb := digits(a), digits(b)
		if na > 0 && nb > 0 {
			x, y := strings.TrimLeft(a[:na], "0"), strings.TrimLeft(b[:nb], "0")
			if c := cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)); c != 0 {
				return c
			}
			a, b = a[na:], b[nb:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// setIDs gives f its ID, Aliases and Advisories from every identifier that its
// report names.
func (f *Finding) setIDs(ids ...string) {
	known := make([]string, 0, len(ids))
	for _, id := range ids {
		if id = normalID(id); id == "" {
			continue
		}
		if kindOfID(id) == idAdvisory && len(ids) > 1 {
			f.Advisories = addString(f.Advisories, id)
			continue
		}
		known = append(known, id)
		if cve := upstreamCVE(id); cve != "" {
			known = append(known, cve)
		}
	}
	if len(known) == 0 && len(f.Advisories) > 0 {
		known, f.Advisories = f.Advisories[:1:1], f.Advisories[1:]
	}
	if len(known) == 0 {
		return
	}
	if len(known) > 1 {
		slices.SortFunc(known, compareIDs)
		known = slices.Compact(known)
	}
	f.ID = known[0]
	if len(known) > 1 {
		f.Aliases = known[1:]
	}
}

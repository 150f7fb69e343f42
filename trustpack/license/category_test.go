// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package license

import (
	"slices"
	"strings"
	"testing"

	"github.com/HailBytes/evidence/sbom/spdxexpr"
)

// TestCategoryTable checks the data: every identifier is on the list, once, in order.
func TestCategoryTable(t *testing.T) {
	last, n := "", 0
	for line := range strings.Lines(categoriesCSV) {
		if line[0] == '#' {
			if n > 0 {
				t.Errorf("a comment amid the table: %s", line)
			}
			continue
		}
		id, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ",")
		info, ok := spdxexpr.Lookup(id)
		if !ok || info.ID != id || info.Exception {
			t.Errorf("%s is no licence of the list", id)
		}
		if strings.ToLower(id) <= last {
			t.Errorf("%s stands after %s", id, last)
		}
		var c Category
		if err := c.UnmarshalText([]byte(name)); err != nil || c == Unknown {
			t.Errorf("%s: category %s: %v", id, name, err)
		}
		last = strings.ToLower(id)
		n++
	}
	for _, id := range linking {
		if info, ok := spdxexpr.Lookup(id); !ok || !info.Exception {
			t.Errorf("%s is no exception of the list", id)
		}
	}
	for id := range offList {
		if _, ok := spdxexpr.Lookup(id); ok {
			t.Errorf("%s is on the list", id)
		}
		if e, err := expression(id); err != nil || CategoryOfExpression(e) != offList[id] {
			t.Errorf("%s: %s, %v", id, e, err)
		}
	}
	for name, text := range classifierNames {
		if _, ok := spdxexpr.Lookup(name); ok {
			t.Errorf("%s is on the list", name)
		}
		if got := CategoryOfExpression(expr(t, text)); got == Unknown {
			t.Errorf("%s: %s is unknown", name, text)
		}
	}
}

// TestCategoryInvariants holds the table against what names and the list say.
func TestCategoryInvariants(t *testing.T) {
	// fsf are the licences that SPDX list 3.19 marks as libre and the OSI has not approved.
	fsf := strings.Fields(fsfLibre)
	category := map[string]Category{}
	var unknown []string
	listed := 0
	for info := range spdxexpr.List() {
		if info.Exception {
			continue
		}
		listed++
		c := CategoryOfExpression(expr(t, info.ID))
		category[info.ID] = c
		if c == Unknown {
			unknown = append(unknown, info.ID)
		}
	}
	for id, c := range category {
		info, _ := spdxexpr.Lookup(id)
		must := func(ok bool, why string) {
			if !ok {
				t.Errorf("%s is %s: %s", id, c, why)
			}
		}
		has := func(parts ...string) bool {
			return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(id+"-", "-"+p+"-") })
		}
		starts := func(prefix string) bool { return strings.HasPrefix(id, prefix) }
		if info.OSIApproved || slices.Contains(fsf, id) {
			must(c != Unknown && c != Proprietary, "the OSI or the FSF accepts it")
		}
		if base, ok := strings.CutSuffix(id, "-or-later"); ok {
			must(c == category[base+"-only"], "the -only form is not")
		}
		if old := info.Replacement; old != "" {
			must(c == CategoryOfExpression(expr(t, old)), "what replaced it is not")
		}
		switch {
		case starts("AGPL-"):
			must(c == NetworkCopyleft, "it is an AGPL")
		case starts("LGPL-"):
			must(c == WeakCopyleft, "it is an LGPL")
		case starts("GPL-") && !strings.Contains(id, "exception"):
			must(c == StrongCopyleft, "it is a GPL")
		case starts("GFDL-"):
			must(c == StrongCopyleft, "it is a GFDL")
		case starts("CC-") && has("NC", "ND"):
			must(c == Proprietary, "it forbids commerce or changes")
		case starts("CC-") && has("SA"):
			must(c == StrongCopyleft, "it is share-alike")
		case starts("CC-BY-"):
			must(c == Permissive, "it asks for attribution")
		case starts("MPL-"), starts("EPL-"), starts("CDDL-"):
			must(c == WeakCopyleft, "it binds the files")
		case starts("PolyForm-"), starts("BUSL-"), starts("FSL-"), starts("Elastic-"):
			must(c == Proprietary, "it restricts use")
		case starts("HPND"), starts("OLDAP-"), starts("AFL-"), starts("Apache-"):
			must(c == Permissive, "its kind is")
		}
	}
	t.Logf("%d licences, %d unknown", listed, len(unknown))
	if listed != 740 || len(unknown) != 195 {
		t.Errorf("%d licences, %d unknown: %v", listed, len(unknown), unknown)
	}
}

const fsfLibre = `
AGPL-1.0 Apache-1.0 BitTorrent-1.1 BSD-2-Clause-FreeBSD BSD-2-Clause-NetBSD BSD-3-Clause-Clear BSD-4-Clause CC-BY-4.0 CC-BY-SA-4.0 CC0-1.0 CECILL-2.0
CECILL-B CECILL-C ClArtistic Condor-1.1 eCos-2.0 FSFAP FTL GFDL-1.1 GFDL-1.1-only GFDL-1.1-or-later GFDL-1.2 GFDL-1.2-only GFDL-1.2-or-later GFDL-1.3
GFDL-1.3-only GFDL-1.3-or-later gnuplot IJG iMatix Imlib2 LPPL-1.2 LPPL-1.3a NOSL NPL-1.0 NPL-1.1 Nunit ODbL-1.0 OFL-1.0 OLDAP-2.3 OLDAP-2.7 OpenSSL
OSL-1.1 Ruby SGI-B-2.0 SMLNJ StandardML-NJ Vim WTFPL X11 XFree86-1.1 xinetd YPL-1.1 Zend-2.0 Zimbra-1.3
`

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/osv-scalibr/semantic"
	deb "github.com/knqyf263/go-deb-version"
	rpm "github.com/knqyf263/go-rpm-version"

	"github.com/HailBytes/evidence/internal/vercmp"
)

// oracles order versions of an ecosystem as other programs do; ok is false for a
// text that is no version to them.
var oracles = []struct {
	name, ecosystem string
	compare         func(a, b string) (order int, ok bool) // of order, the sign counts

	// accepted says why a difference is no fault of ours; empty is a fault.
	accepted func(a, b string) string
}{
	{"go-deb-version", "deb", func(a, b string) (int, bool) {
		x, err := deb.NewVersion(a)
		y, err2 := deb.NewVersion(b)
		return x.Compare(y), err == nil && err2 == nil
	}, nil},
	{"go-rpm-version", "rpm", func(a, b string) (int, bool) {
		return rpm.NewVersion(a).Compare(rpm.NewVersion(b)), true
	}, noRelease},
	{"osv-scalibr Debian", "deb", osv("Debian"), nil},
	{"osv-scalibr Red Hat", "rpm", osv("Red Hat"), noRelease},
	{"osv-scalibr Alpine", "apk", osv("Alpine"), otherParts("apk-tools puts 1.2 before 1.2.0")},
	{"osv-scalibr npm", "npm", osv("npm"), nil},
	{"osv-scalibr crates.io", "cargo", osv("crates.io"), nil},
	{"osv-scalibr Go", "golang", osv("Go"), nil},
	{"osv-scalibr NuGet", "nuget", osv("NuGet"), nil},
	{"osv-scalibr Pub", "pub", osv("Pub"), nil},
	{"osv-scalibr Packagist", "composer", osv("Packagist"), otherParts("Composer makes 1.2 and 1.2.0 both 1.2.0.0 first")},
	{"osv-scalibr PyPI", "pypi", osv("PyPI"), nil},
	{"osv-scalibr RubyGems", "gem", osv("RubyGems"), func(a, b string) string {
		if strings.Contains(a+b, "-") {
			return `RubyGems reads "-" as ".pre."`
		}
		return ""
	}},
	{"osv-scalibr Maven", "maven", osv("Maven"), nil},
}

func osv(ecosystem string) func(a, b string) (int, bool) {
	return func(a, b string) (int, bool) {
		x, err := semantic.Parse(a, ecosystem)
		if err != nil {
			return 0, false
		}
		c, err := x.CompareStr(b)
		return c, err == nil
	}
}

// noRelease: a version without release stands for any release here, as in a range
// that names none; rpm's own comparison of texts puts it first.
func noRelease(a, b string) string {
	if strings.Contains(a, "-") != strings.Contains(b, "-") {
		return "one has no release"
	}
	return ""
}

// otherParts accepts what concerns versions with another number of numeric parts.
func otherParts(why string) func(a, b string) string {
	parts := func(v string) int {
		n := 1
		for i := 0; i < len(v) && (v[i] == '.' || '0' <= v[i] && v[i] <= '9'); i++ {
			if v[i] == '.' {
				n++
			}
		}
		return n
	}
	return func(a, b string) string {
		if parts(a) != parts(b) {
			return why
		}
		return ""
	}
}

// suffixes are what versions of an ecosystem may end in.
var suffixes = map[string][]string{
	"deb":      {"", "-1", "-1+b1", "-1+deb12u1", "-1ubuntu2", "~rc1-1", "+dfsg-2", "a", "~", "-1~bpo12+1", "+really1.0-1"},
	"rpm":      {"", "-1.el9", "-1.el9_2.1", "-2.fc40", "~rc1-1", "^git1-1", "a-1", "-1.el9~1", "+x-1"},
	"apk":      {"", "-r0", "-r10", "_rc1", "_p1", "_alpha", "_git20230717-r1", "a", "b-r2"},
	"npm":      {"", "-alpha", "-alpha.1", "-beta.11", "-rc.1", "-1", "+build", "-alpha.beta"},
	"cargo":    {"", "-alpha", "-alpha.1", "-beta.11", "-rc.1", "-1", "+build", "-alpha.beta"},
	"golang":   {"", "-rc.1", "-0.20210405180319-a5a99cb37ef4", "+incompatible", "-beta.2"},
	"nuget":    {"", "-alpha", "-ALPHA.1", "-rc.1", ".4", "+meta"},
	"pub":      {"", "-dev.1", "+1", "+2", "-dev.1+1"},
	"composer": {"", "-dev", "-alpha1", "-beta2", "-RC1", "-p1", "-patch2", "rc1", "b1"},
	"pypi":     {"", ".dev1", "a1", "b2", "rc1", ".post1", ".post1.dev2", "+local.1", "a1.dev1", "-1"},
	"gem":      {"", ".rc1", ".pre", ".a.1", "-1", ".beta2"},
	"maven":    {"", "-alpha", "-beta-2", "-rc1", "-SNAPSHOT", "-sp", "-1", ".Final", "-jre", ".RELEASE", "-alpha1"},
}

// TestVersionOracles compares the order of generated versions with that of other programs.
func TestVersionOracles(t *testing.T) {
	for _, o := range oracles {
		t.Run(o.name, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(7, 7))
			version := func() string {
				parts := make([]string, 3)
				for i := range parts {
					parts[i] = fmt.Sprint([]int{0, 1, 2, 9, 10}[rnd.IntN(5)])
				}
				if n := len(parts); o.ecosystem != "npm" && o.ecosystem != "cargo" && o.ecosystem != "golang" && o.ecosystem != "pub" {
					parts = parts[:n-rnd.IntN(2)]
				}
				v := strings.Join(parts, ".")
				if epoch := map[string]string{"deb": "1:", "rpm": "1:", "pypi": "1!"}[o.ecosystem]; epoch != "" && rnd.IntN(8) == 0 {
					v = epoch + v
				}
				list := suffixes[o.ecosystem]
				return v + list[rnd.IntN(len(list))]
			}
			compared, shown := 0, 0
			reasons := map[string]int{}
			for range 20_000 {
				a, b := version(), version()
				if rnd.IntN(3) > 0 { // of one release
					cut := strings.IndexAny(a, "-~+^_")
					if cut > 0 {
						list := suffixes[o.ecosystem]
						b = a[:cut] + list[rnd.IntN(len(list))]
					}
				}
				want, ok := o.compare(a, b)
				got, ours := vercmp.Compare(o.ecosystem, a, b)
				if !ok || !ours {
					continue
				}
				compared++
				if got == cmp.Compare(want, 0) {
					continue
				}
				if o.accepted != nil {
					if why := o.accepted(a, b); why != "" {
						reasons[why]++
						continue
					}
				}
				if shown++; shown <= 12 {
					t.Errorf("%s against %s: %d, %s says %d", a, b, got, o.name, want)
				}
			}
			t.Logf("%d pairs; different for a reason: %v", compared, reasons)
			if compared < 10_000 {
				t.Errorf("only %d pairs are versions to both", compared)
			}
		})
	}
}

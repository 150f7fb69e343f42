// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package vercmp

import (
	"os/exec"
	"strings"
	"testing"
)

// Each list is in order, oldest first; "=" joins equal versions.
var ordered = map[string][]string{
	"deb": {"1.0~rc1-1", "1.0-1", "1.0-1+b1", "1.0-1+deb12u1", "1.0-2", "1.0a", "1.0+dfsg", "1.0.1", "1.10", "1:0.9", "2:8.0.1763-19"},
	"rpm": {"1.0~rc1-1", "1.0-1.el8", "1.0-1.el8_6.2", "1.0-1.el8_6.10", "1.0^git1-1", "1.0a-1", "1.0.1-1", "1.10-1", "1:0.1-1"},
	"apk": {"1.1.1c-r0", "1.1.1d-r0", "1.1.1d-r2", "1.1.2_rc1", "1.1.2", "1.1.2_p1", "1.1.10", "1.2.4_git20230717-r4", "1.2.4_git20230717-r5", "2"},
	"golang": {"v0.0.0-20210405180319-a5a99cb37ef4", "v0.1.0", "1.2.0-rc.1", "v1.2.0=1.2.0=v1.2.0+incompatible", "1.2.3", "1.10.0",
		"go1.22rc1", "go1.22=1.22.0=v1.22", "1.22.5"},
	"npm":     {"1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.1.0"},
	"nuget":   {"1.0.0-a=1.0.0-A", "1.0.0-rc.1=1.0.0-RC.1", "1.0.0=1.0=1.0.0.0", "1.0.0.1"},
	"pub":     {"1.0.0-a", "1.0.0", "1.0.0+1", "1.0.0+2", "1.0.1"},
	"alpm":    {"1.0a", "1.0b", "1.0beta", "1.0p", "1.0pre", "1.0rc", "1.0=1.0-1", "1.0.a", "1.0.1", "1.1", "1:0.9"},
	"bitnami": {"2.4.57-9", "2.4.58-rc.a", "2.4.58=2.4.58-0", "2.4.58-1", "2.4.58-2", "2.4.58-10", "2.4.59"},
	"composer": {"2.4.6-dev", "2.4.6-alpha1=2.4.6a1", "2.4.6-beta1-dev", "2.4.6-beta1=2.4.6-b1=v2.4.6.beta.1", "2.4.6-beta2", "2.4.6-RC1=2.4.6rc1",
		"2.4.6=2.4.6.0=2.4.6-stable", "2.4.6-p1=2.4.6-pl1=2.4.6-patch1", "2.4.6-p3", "2.4.6-p10", "2.4.7"},
	"conan": {"1.1-alpha.3+b1", "1.1-alpha.3+b2", "1.1-alpha.22", "1.1=1.1.0=1.1.0.0", "1.1+b.3", "1.1+b.22", "1.1+b1", "1.1+b2", "1.1.1", "1.1.a", "1.3", "1.22"},
	"pypi": {"1.dev0", "1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12.dev456", "1.0a12", "1.0b1.dev456", "1.0b2", "1.0b2.post345.dev456",
		"1.0b2.post345", "1.0rc1.dev456", "1.0rc1", "1.0=1=1.0.0=v1.0", "1.0+abc.5", "1.0+abc.7", "1.0+5", "1.0.post456.dev34", "1.0.post456", "1.0.15", "1.1.dev1", "1!0.1"},
	"gem":   {"1.0.0.a=1.0.a=1.a", "1.0.0.rc1=1.0.rc1=1.rc1=1.0.0.rc.1", "1.0.0.rc2", "1.0.0=1.0=1", "1.0.1", "1.2", "1.10"},
	"maven": {"1-alpha", "1-beta", "1-milestone", "1-rc=1-cr", "1-snapshot", "1=1.0=1-ga=1.0.0=1-final", "1-sp", "1-abc", "1-1", "1.1", "1.10.0", "9.0.109", "9.0.112", "11.0.14"},
}

func TestOrder(t *testing.T) {
	for ecosystem, list := range ordered {
		for i, a := range list {
			for j, b := range list {
				for x := range strings.SplitSeq(a, "=") {
					for y := range strings.SplitSeq(b, "=") {
						want := boolOrder(i > j, i < j)
						if got, ok := Compare(ecosystem, x, y); !ok || got != want {
							t.Errorf("%s: %s against %s: got %d %t, want %d", ecosystem, x, y, got, ok, want)
						}
					}
				}
			}
		}
	}
}

func TestNoOrder(t *testing.T) {
	for _, tt := range [][3]string{
		{"unheard-of", "1", "2"}, {"deb", "", "1"}, {"deb", "1:", "1"}, {"deb", "x:1", "1"}, {"deb", "1 2", "1"}, {"rpm", "", "1"},
		{"apk", "abc", "1"}, {"npm", "latest", "1.0.0"}, {"npm", "1.0.0-", "1.0.0"}, {"golang", "(devel)", "1.0.0"}, {"pypi", "2013b-1x", "1"},
		{"composer", "dev-main", "1"}, {"composer", "1.0-foo", "1"}, {"composer", "1.0-beta-beta", "1"}, {"bitnami", "x-1", "1"}, {"conan", "", "1"}, {"conan", "a b", "1"},
		{"gem", "x", "1"}, {"maven", "", "1"}, {"npm", strings.Repeat("1", 2000), "1.0.0"},
	} {
		if got, ok := Compare(tt[0], tt[1], tt[2]); ok {
			t.Errorf("%s: %q against %q: got %d", tt[0], tt[1], tt[2], got)
		}
		if _, ok := Compare(tt[0], tt[2], tt[1]); ok {
			t.Errorf("%s: %q against %q has an order", tt[0], tt[2], tt[1])
		}
	}
	if Known("unheard-of") || !Known("deb") {
		t.Error("Known is wrong")
	}
}

// TestAgainstDpkg asks dpkg itself.
func TestAgainstDpkg(t *testing.T) {
	dpkg, err := exec.LookPath("dpkg")
	if err != nil {
		t.Skip("dpkg is not installed")
	}
	list := append(ordered["deb"], "1.2.3-4ubuntu5", "1.2.3-4ubuntu5.1", "1.2.3~beta1-1", "1.2.3-4~bpo12+1", "0:1.0-1", "1.0-01")
	for _, a := range list {
		for _, b := range list {
			got, ok := Compare("deb", a, b)
			op := map[int]string{-1: "lt", 0: "eq", 1: "gt"}[got]
			if err := exec.Command(dpkg, "--compare-versions", a, op, b).Run(); !ok || err != nil {
				t.Errorf("%s against %s: got %s, dpkg does not agree: %v", a, b, op, err)
			}
		}
	}
}

func FuzzCompare(f *testing.F) {
	for ecosystem, list := range ordered {
		for i := range len(list) - 1 {
			f.Add(ecosystem, list[i], list[i+1])
		}
	}
	f.Fuzz(func(t *testing.T, ecosystem, a, b string) {
		x, ok := Compare(ecosystem, a, b)
		y, ok2 := Compare(ecosystem, b, a)
		if ok != ok2 || x != -y {
			t.Fatalf("%s: %q against %q is %d, the other way round %d", ecosystem, a, b, x, y)
		}
		if same, ok := Compare(ecosystem, a, a); ok && same != 0 {
			t.Fatalf("%s: %q is not equal to itself", ecosystem, a)
		}
	})
}

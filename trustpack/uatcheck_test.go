// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
)

// TestUATFiles plants one contradiction between test reports, pictures and results of
// axe-core.
func TestUATFiles(t *testing.T) {
	manyReadings(t)
	const (
		junit  = "uat/results/junit-playwright.xml"
		py     = "uat/results/junit-selenium.xml"
		axe    = "uat/results/axe/"
		named  = "uat/test-results/uat-dashboard-UAT-unknown-page-is-a-404/test-finished-1.png"
		passed = `<testcase name="UAT › unknown page is a 404" classname="uat/dashboard.spec.ts" time="0.312">`
	)
	good, _ := sample(t, "asm-1.482", "uat")
	before := verify(t, open(t, good), Policy{})
	for id, want := range map[string]evidence.Status{"uat.reports": evidence.StatusPass, "uat.axe": evidence.StatusPass, "uat.counts": evidence.StatusPass, "uat.screenshots": evidence.StatusWarn} {
		if got := worst(before, id); got.Status != want {
			t.Errorf("before: %s %s: %s", id, got.Status, got.Message)
		}
	}
	for _, test := range []struct {
		name, id string
		want     evidence.Status
		message  string
		edit     func(map[string][]byte)
	}{
		{"a test that failed in one of two formats", "uat.counts", evidence.StatusFail, "disagree on", func(f map[string][]byte) {
			swap(t, f, junit, passed, passed+`<failure message="no"/>`)
			swap(t, f, junit, `failures="0"`, `failures="1"`)
		}},
		{"a report without a test", "uat.reports", evidence.StatusWarn, "holds no test", func(f map[string][]byte) {
			f[py] = []byte(`<testsuites><testsuite name="pytest" tests="0"/></testsuites>`)
		}},
		{"a picture that is not there", "uat.screenshots", evidence.StatusWarn, "a test names the picture", func(f map[string][]byte) { delete(f, named) }},
		{"one result under two names", "uat.axe", evidence.StatusWarn, "is the same result as", func(f map[string][]byte) { f[axe+"assets.axe.json"] = f[axe+"login.axe.json"] }},
		{"another version of axe-core", "uat.axe", evidence.StatusWarn, "several versions", func(f map[string][]byte) { swap(t, f, axe+"login.axe.json", "4.13.0", "2.0.0") }},
		{"pages of another site", "uat.axe", evidence.StatusWarn, `"shop.acme.example", the tests were pointed at "localhost:8099"`, func(f map[string][]byte) {
			for _, page := range []string{"assets", "dashboard", "login"} {
				swap(t, f, axe+page+".axe.json", "http://127.0.0.1:8099/", "https://shop.acme.example/")
			}
		}},
		{"the same site by another name", "uat.axe", evidence.StatusPass, "", func(f map[string][]byte) {
			for _, page := range []string{"assets", "dashboard", "login"} {
				swap(t, f, axe+page+".axe.json", "http://127.0.0.1:8099/", "http://localhost:8099/")
			}
		}},
		{"a run that does not say where", "uat.axe", evidence.StatusPass, "", func(f map[string][]byte) {
			swap(t, f, "uat/results/playwright.json", "baseURL", "noURL")
			for _, page := range []string{"assets", "dashboard", "login"} {
				swap(t, f, axe+page+".axe.json", "http://127.0.0.1:8099/", "https://shop.acme.example/")
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			after := verify(t, open(t, edit(t, good, func(files map[string][]byte) {
				test.edit(files)
				relist(t, files)
			})), Policy{})
			got := worst(after, test.id)
			if got.Status != test.want || !strings.Contains(got.Message+got.Problems.Error(), test.message) {
				t.Errorf("%s %s: %s\n%v", test.id, got.Status, got.Message, got.Problems)
			}
		})
	}
}

func TestSiteOf(t *testing.T) {
	for address, want := range map[string]string{
		"http://127.0.0.1:8099/login":   "localhost:8099",
		"http://[::1]:8099":             "localhost:8099",
		"http://LOCALHOST:8099/":        "localhost:8099",
		"http://127.0.0.1:8098/":        "localhost:8098",
		"https://App.example.com:443/a": "app.example.com",
		"http://app.example.com./":      "app.example.com",
		"http://app.example.com:443/":   "app.example.com:443",
		"about:blank":                   "",
		"file:///tmp/a.html":            "",
		"/login":                        "",
		"":                              "",
	} {
		if got := siteOf(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}

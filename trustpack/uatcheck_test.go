// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"regexp"
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
)

// TestUATFiles plants one contradiction between test reports, pictures and results of
// axe-core.
func TestUATFiles(t *testing.T) {
	manyReadings(t)
	const (
		junit   = "uat/results/junit-playwright.xml"
		py      = "uat/results/junit-selenium.xml"
		axe     = "uat/results/axe/"
		last    = "uat/test-results/.last-run.json"
		context = "uat/test-results/uat-dashboard-UAT-flaky-passes-on-retry/error-context.md"
		named   = "uat/test-results/uat-dashboard-UAT-unknown-page-is-a-404/test-finished-1.png"
		passed  = `<testcase name="UAT › unknown page is a 404" classname="uat/dashboard.spec.ts" time="0.312">`
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
		{"a test that one of two formats lacks", "uat.counts", evidence.StatusWarn, "in Playwright's own, not in the other", func(f map[string][]byte) {
			f[junit] = regexp.MustCompile(`(?s)<testcase name="UAT › unknown page is a 404".*?</testcase>`).ReplaceAll(f[junit], nil)
			swap(t, f, junit, `tests="9"`, `tests="8"`)
		}},
		{"a failed test that one of two formats lacks", "uat.counts", evidence.StatusFail, "failed in JUnit, not in the other", func(f map[string][]byte) {
			swap(t, f, junit, passed, `<testcase name="UAT › another" classname="uat/dashboard.spec.ts" time="0.1"><failure message="no"/></testcase>`+passed)
			swap(t, f, junit, `failures="0"`, `failures="1"`)
			swap(t, f, junit, `tests="9"`, `tests="10"`)
		}},
		{"a last run that failed", "uat.last-run", evidence.StatusFail, `test "UAT › dashboard starts a scan" failed`, func(f map[string][]byte) {
			f[last] = []byte(`{"status": "failed", "failedTests": ["87abb32fd0818be8d1dc-8eb3f223516ccf2f093b"]}`)
		}},
		{"a last run that took too long", "uat.last-run", evidence.StatusFail, `ended as "timedout"`, func(f map[string][]byte) { f[last] = []byte(`{"status": "timedout"}`) }},
		{"a last run that failed for a flaky test", "uat.last-run", evidence.StatusWarn, "failed at first only", func(f map[string][]byte) { f[last] = []byte(`{"status": "failed", "failedTests": []}`) }},
		{"a last run of a test that no report has", "uat.last-run", evidence.StatusWarn, "which no report of Playwright holds", func(f map[string][]byte) {
			f[last] = []byte(`{"status": "failed", "failedTests": ["x-y"]}`)
		}},
		{"a last run that passed, and a test that did not", "uat.last-run", evidence.StatusWarn, "the last run passed", func(f map[string][]byte) {
			swap(t, f, "uat/results/playwright.json", `"status": "passed"`, `"status": "failed"`)
			swap(t, f, junit, passed, passed+`<failure message="no"/>`)
			swap(t, f, junit, `failures="0"`, `failures="1"`)
		}},
		{"a last run that cannot be read", "uat.last-run", evidence.StatusWarn, "", func(f map[string][]byte) { f[last] = []byte(`{"status": `) }},
		{"no last run", "uat.last-run", evidence.StatusPass, "", func(f map[string][]byte) { delete(f, last) }},
		{"neither last run nor context", "uat.last-run", evidence.StatusInvalid, "", func(f map[string][]byte) { delete(f, last); delete(f, context) }},
		{"what a test saw that passed", "uat.last-run", evidence.StatusFail, "failed, in the reports it passed", func(f map[string][]byte) {
			swap(t, f, context, "flaky: passes on retry", "unknown page is a 404")
		}},
		{"what a test saw that no report has", "uat.last-run", evidence.StatusWarn, "which no report of Playwright holds", func(f map[string][]byte) {
			swap(t, f, context, "flaky: passes on retry", "another")
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

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"strings"
	"testing"

	"github.com/HailBytes/evidence"
)

func TestHealth(t *testing.T) {
	run := func(tool, members string) string {
		return `{"version": "2.1.0", "runs": [{"tool": {"driver": ` + tool + `}` + members + `}]}`
	}
	const image = `, "results": [], "properties": {"imageName": "ghcr.io/acme/web:1", "imageID": "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc", "repoDigests": ["ghcr.io/acme/web@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]}`
	a, b, c := "sha256:"+strings.Repeat("a", 64), "sha256:"+strings.Repeat("b", 64), "sha256:"+strings.Repeat("c", 64)
	tests := []struct {
		name, doc string
		o         HealthOptions
		want      evidence.Status
		code      string
	}{
		{"clean", run(`{"name": "x"}`, `, "results": []`), HealthOptions{}, evidence.StatusPass, ""},
		{"no runs", `{"version": "2.1.0", "runs": []}`, HealthOptions{}, evidence.StatusFail, "scan.no-run"},
		{"runs null", `{"version": "2.1.0", "runs": null}`, HealthOptions{}, evidence.StatusFail, "scan.no-run"},
		{"absent", run(`{"name": "x"}`, ``), HealthOptions{}, evidence.StatusFail, "scan.results-absent"},
		{"absent, as old govulncheck does", run(`{"name": "govulncheck", "semanticVersion": "v1.1.3"}`, ``), HealthOptions{}, evidence.StatusWarn, "scan.results-absent"},
		{"absent, which new govulncheck does not", run(`{"name": "govulncheck", "semanticVersion": "v1.1.4"}`, ``), HealthOptions{}, evidence.StatusFail, "scan.results-absent"},
		{"null", run(`{"name": "x"}`, `, "results": null`), HealthOptions{}, evidence.StatusFail, "scan.results-null"},
		{"no tool", run(`{}`, `, "results": []`), HealthOptions{}, evidence.StatusWarn, "scan.tool-untold"},
		{"not successful", run(`{"name": "x"}`, `, "results": [], "invocations": [{"executionSuccessful": false}]`), HealthOptions{}, evidence.StatusFail, "scan.failed"},
		{"successful", run(`{"name": "x"}`, `, "results": [], "invocations": [{"executionSuccessful": true}]`), HealthOptions{}, evidence.StatusPass, ""},
		{"success not told", run(`{"name": "x"}`, `, "results": [], "invocations": [{}]`), HealthOptions{}, evidence.StatusWarn, "scan.success-untold"},
		{"tool error", run(`{"name": "x"}`, `, "results": [], "invocations": [{"executionSuccessful": true, "toolExecutionNotifications": [{"level": "error", "message": {"text": "no data base"}}]}]`), HealthOptions{}, evidence.StatusFail, "scan.tool-error"},
		{"tool warning", run(`{"name": "x"}`, `, "results": [], "invocations": [{"executionSuccessful": true, "toolConfigurationNotifications": [{"message": {"text": "old data base"}}]}]`), HealthOptions{}, evidence.StatusWarn, "scan.tool-warning"},
		{"tool note", run(`{"name": "x"}`, `, "results": [], "invocations": [{"executionSuccessful": true, "toolExecutionNotifications": [{"level": "note", "message": {"text": "hello"}}]}]`), HealthOptions{}, evidence.StatusPass, ""},
		{"results elsewhere", run(`{"name": "x"}`, `, "results": [], "externalPropertyFileReferences": {"results": [{"location": {"uri": "r.json"}}]}`), HealthOptions{}, evidence.StatusFail, "scan.external-results"},
		{"results that say nothing", run(`{"name": "x"}`, `, "results": [{}]`), HealthOptions{}, evidence.StatusFail, "scan.results-empty"},
		{"the image by digest", run(`{"name": "x"}`, image), HealthOptions{Image: a}, evidence.StatusPass, ""},
		{"another digest", run(`{"name": "x"}`, image), HealthOptions{Image: "ghcr.io/acme/web@" + b}, evidence.StatusFail, "scan.target"},
		{"the image by its ID", run(`{"name": "x"}`, image), HealthOptions{Image: b, ImageIDs: []string{c}}, evidence.StatusPass, ""},
		{"the image by repository", run(`{"name": "x"}`, image), HealthOptions{Image: "ghcr.io/acme/web:2"}, evidence.StatusPass, ""},
		{"another repository", run(`{"name": "x"}`, image), HealthOptions{Image: "ghcr.io/acme/api"}, evidence.StatusFail, "scan.target"},
		{"image not told", run(`{"name": "x"}`, `, "results": []`), HealthOptions{Image: a}, evidence.StatusWarn, "scan.target-untold"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			log, err := ReadSARIF(strings.NewReader(tt.doc), nil)
			if err != nil {
				t.Fatal(err)
			}
			check := log.Health(&tt.o)
			if check.Status != tt.want || check.ID != "scan.health" || check.Message == "" {
				t.Errorf("got %v: %s, want %v", check.Status, check.Message, tt.want)
			}
			if tt.code != "" && (len(check.Problems) == 0 || check.Problems[0].Code != tt.code) {
				t.Errorf("got %v, want %s", check.Problems, tt.code)
			}
		})
	}
}

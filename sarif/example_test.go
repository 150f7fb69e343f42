// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/sarif"
)

const trivy = `{"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [{
 "tool": {"driver": {"name": "Trivy", "version": "0.64.1", "rules": [{"id": "CVE-2023-4863", "name": "OsPackageVulnerability"}]}},
 "results": [{"ruleId": "CVE-2023-4863", "ruleIndex": 0, "level": "error",
  "message": {"text": "Package: libwebp7\nInstalled Version: 1.2.4-0.2\nVulnerability CVE-2023-4863\nSeverity: HIGH\nFixed Version: 1.2.4-0.2+deb12u1"}}],
 "properties": {"imageName": "ghcr.io/acme/web:1.2"}}]}`

const grype = `{"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [{
 "tool": {"driver": {"name": "grype", "version": "0.91.2", "rules": [{"id": "CVE-2023-4863-libwebp7",
  "help": {"text": "Vulnerability CVE-2023-4863\nSeverity: critical\nPackage: libwebp7\nVersion: 1.2.4-0.2\nFix Version: 1.2.4-0.2+deb12u1\nType: deb"}}]}},
 "results": [{"ruleId": "CVE-2023-4863-libwebp7",
  "message": {"text": "A critical vulnerability in deb package: libwebp7, version 1.2.4-0.2 was found in image ghcr.io/acme/web:1.2 at: /var/lib/dpkg/status"}}]}]}`

func Example() {
	var logs []*sarif.Log
	for name, text := range map[string]string{"web.trivy.sarif": trivy, "web.grype.sarif": grype} {
		report := sarif.Inspect([]byte(text), &sarif.InspectOptions{Name: name})
		if !report.OK() {
			fmt.Println(report.Checks)
			return
		}
		logs = append(logs, report.Log)
	}
	for _, f := range sarif.Merge(logs...) {
		fmt.Println(f.Severity, f.ID, f.Package.Name, f.Package.Version(), "fixed in", f.Package.Fixed)
		for _, o := range f.Provenance() {
			fmt.Println(" ", o.Tool, "says", o.Severity)
		}
	}
	// Output:
	// critical CVE-2023-4863 libwebp7 1.2.4-0.2 fixed in [1.2.4-0.2+deb12u1]
	//   grype says critical
	//   Trivy says high
}

// A report that did not run is not a clean scan.
func ExampleLog_Health() {
	const failed = `{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Trivy"}}, "results": null}]}`
	log, err := sarif.ReadSARIF(strings.NewReader(failed), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	check := log.Health(nil)
	fmt.Println(len(log.Findings()), "findings:", check.Status, check.Problems[0].Code)
	// Output: 0 findings: fail scan.results-null
}

func ExampleGate() {
	log, err := sarif.ReadSARIF(strings.NewReader(trivy), &sarif.ReadOptions{Name: "web.trivy.sarif"})
	if err != nil {
		fmt.Println(err)
		return
	}
	exceptions, err := sarif.ParseExceptions([]byte(`
exceptions:
  - vulnerability: CVE-2023-4863
    image: ghcr.io/acme/web
    owner: security@acme.example
    reason: no images are decoded
    expires: 2026-12-31
`), "exceptions.yaml", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, day := range []int{31, 32} {
		gate := sarif.Gate{FailOn: sarif.SeverityHigh, Exceptions: exceptions, Now: time.Date(2026, 12, day, 0, 0, 0, 0, time.UTC)}
		decision, err := gate.Evaluate(sarif.Merge(log))
		if err != nil {
			fmt.Println(err)
			return
		}
		o := decision.Outcomes[0]
		fmt.Printf("%t, %s: %s\n", decision.OK(), o.Verdict, o.Reason)
	}
	// Output:
	// true, suppressed: exception by security@acme.example until 2027-01-01T00:00:00Z: no images are decoded
	// false, fail: severity high; the exception by security@acme.example expired at 2027-01-01T00:00:00Z
}

func ExampleDiff() {
	before, _ := sarif.ReadSARIF(strings.NewReader(strings.ReplaceAll(trivy, "CVE-2023-4863", "CVE-2022-0001")), nil)
	after, _ := sarif.ReadSARIF(strings.NewReader(trivy), nil)
	changes := sarif.Diff(before, after)
	fmt.Println("new:", changes.New[0].ID)
	fmt.Println("fixed:", changes.Fixed[0].ID)
	// Output:
	// new: CVE-2023-4863
	// fixed: CVE-2022-0001
}

func ExampleRead_refused() {
	_, err := sarif.ReadSARIF(strings.NewReader(`{"version": "2.1.0", "runs": [], "runs": [{}]}`), &sarif.ReadOptions{Name: "x.sarif"})
	fmt.Println(errors.Is(err, evidence.ErrFormat), err)
	// Output: true x.sarif:1:34: /runs: duplicate member name "runs"
}

func ExampleWriteCSV() {
	log, _ := sarif.ReadSARIF(strings.NewReader(strings.ReplaceAll(trivy, "libwebp7", "=cmd()")), nil)
	if err := sarif.WriteCSV(&lineEnds{}, log.Findings()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// severity,score,class,id,aliases,package,versions,fixed,purl,target,location,reachability,kind,baseline,suppressed,title,tools,files
	// high,,vulnerability,CVE-2023-4863,,'=cmd(),1.2.4-0.2,1.2.4-0.2+deb12u1,,ghcr.io/acme/web:1.2,,unknown,fail,,false,,Trivy 0.64.1,
}

// lineEnds writes to standard output with the line ends that examples compare.
type lineEnds struct{}

func (*lineEnds) Write(p []byte) (int, error) {
	_, err := os.Stdout.WriteString(strings.ReplaceAll(string(p), "\r\n", "\n"))
	return len(p), err
}

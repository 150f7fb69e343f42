// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing/fstest"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack"
)

// evidence stands for the folder that a release's tools left their output in.
var files = fstest.MapFS{
	"sbom.cdx.json": {Data: []byte(`{"bomFormat":"CycloneDX","specVersion":"1.5","metadata":{"timestamp":"2026-01-02T03:04:05Z"},"components":[]}`)},
	"uat/junit.xml": {Data: []byte(`<testsuite name="pytest" tests="1"><testcase name="login"/></testsuite>`)},
}

func pack() []byte {
	var zip bytes.Buffer
	rel := manifest.Config{Product: "demo", Version: "1.7"}
	if _, err := trustpack.BuildFS(context.Background(), &zip, rel, files, nil); err != nil {
		panic(err)
	}
	return zip.Bytes()
}

func ExampleBuildFS() {
	var zip bytes.Buffer
	rel := manifest.Config{Product: "demo", Version: "1.7"}
	built, err := trustpack.BuildFS(context.Background(), &zip, rel, files, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range built.Manifest.Files {
		fmt.Println(f.Path, f.Kind, f.Format)
	}
	// Output:
	// index.html index html
	// sbom.cdx.json sbom cyclonedx-json
	// uat/junit.xml test-report junit-xml
}

func ExampleVerify() {
	zip := pack()
	p, err := trustpack.Open(bytes.NewReader(zip), int64(len(zip)), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := trustpack.Verify(context.Background(), p, trustpack.Policy{
		Product: "demo", Version: "1.8", // an older pack was handed over
	})
	if err != nil {
		fmt.Println("could not be checked:", err)
		return
	}
	fmt.Println("consistent:", report.Verdicts.Consistent)
	if err := report.Err(); errors.Is(err, evidence.ErrPolicy) {
		fmt.Println(err)
	}
	// Output:
	// consistent: pass
	// demo@1.7: release.expected: expected demo@1.8
}

// A Pack is an fs.FS: whatever reads files reads packs, and every file proves its digest.
func ExamplePack_Open() {
	zip := pack()
	p, err := trustpack.Open(bytes.NewReader(zip), int64(len(zip)), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	reports, err := fs.Glob(p, "uat/*.xml")
	if err != nil {
		fmt.Println(err)
		return
	}
	data, err := fs.ReadFile(p, reports[0])
	fmt.Println(reports, len(data), err)
	// Output: [uat/junit.xml] 71 <nil>
}

// Open stops at the first thing that is wrong with a pack; errors.Is tells the class.
func ExampleOpen() {
	zip := pack()
	_, err := trustpack.Open(bytes.NewReader(zip[1:]), int64(len(zip)-1), nil)
	fmt.Println(errors.Is(err, evidence.ErrFormat) || errors.Is(err, evidence.ErrMismatch) || errors.Is(err, evidence.ErrUnsafe))
	// Output: true
}

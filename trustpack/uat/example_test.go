// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package uat_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/trustpack/uat"
)

func Example() {
	rep, err := uat.ReadJUnit(strings.NewReader(`<testsuite name="checkout" tests="3">
  <testcase name="pays" time="1.5"/>
  <testcase name="refunds"><failure message="no button"/></testcase>
  <testcase name="ships"><flakyFailure message="slow"/></testcase>
</testsuite>`), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	sum := uat.Summarize(rep)
	fmt.Println(sum.OK(), sum.Outcome, sum.Passed, sum.Flaky, sum.Failed)
	for _, c := range sum.NotPassed {
		fmt.Println(c.Outcome, c.Name, c.Message)
	}
	// Output:
	// false failed 1 1 1
	// failed refunds no button
	// flaky ships slow
}

func ExampleReadAxe() {
	res, err := uat.ReadAxe(strings.NewReader(`{
  "testEngine": {"name": "axe-core", "version": "4.14.1"},
  "url": "https://asm.example.com/assets",
  "timestamp": "2026-11-22T21:20:00.000Z",
  "violations": [{"id": "color-contrast", "tags": ["wcag2aa", "wcag143"], "nodes": [{"target": ["small"], "html": "<small>"}]}],
  "passes": [{"id": "html-has-lang", "tags": ["wcag2a", "wcag311"], "nodes": [{"target": ["html"]}]}]
}`), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	sum := uat.SummarizeAccessibility(res)
	fmt.Println(sum.OK(), sum.Violations.Elements)
	for _, c := range sum.Criteria {
		if c.Status == uat.Violated || c.Status == uat.NoFailure {
			fmt.Println(c.ID, c.Name, c.Level, c.Status)
		}
	}
	fmt.Println(sum.Problems)
	// Output:
	// false 1
	// 1.4.3 Contrast (Minimum) AA violated
	// 3.1.1 Language of Page A no-failure
	// page "https://asm.example.com/assets" may not be what it was meant to be: few elements pass (1)
}

func ExampleDiffTests() {
	read := func(doc string) []*uat.Report {
		rep, err := uat.ReadJUnit(strings.NewReader(doc), nil)
		if err != nil {
			panic(err)
		}
		return []*uat.Report{rep}
	}
	changes := uat.DiffTests(
		read(`<testsuite name="checkout"><testcase name="pays"/><testcase name="refunds"><failure/></testcase></testsuite>`),
		read(`<testsuite name="checkout"><testcase name="pays"><error/></testcase><testcase name="refunds"/></testsuite>`),
	)
	for _, t := range changes.Broke {
		fmt.Println("broke:", t.Name, t.Before, "to", t.After)
	}
	for _, t := range changes.Fixed {
		fmt.Println("fixed:", t.Name, t.Before, "to", t.After)
	}
	// Output:
	// broke: pays passed to error
	// fixed: refunds failed to passed
}

func ExampleLink() {
	rep, err := uat.ReadJUnit(strings.NewReader(`<testsuite name="checkout"><testcase name="pays">
<system-out>[[ATTACHMENT|../screenshots/pays.png]] [[ATTACHMENT|/etc/passwd]]</system-out></testcase></testsuite>`), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	files := []string{"uat/screenshots/pays.png", "uat/screenshots/other.png"}
	for file, test := range uat.Link(files, []uat.Source{{Path: "uat/junit/checkout.xml", Report: rep}}) {
		fmt.Println(file, "is of", test.Name)
	}
	// Output:
	// uat/screenshots/pays.png is of pays
}

func ExampleReadScreenshot() {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1280, 720))); err != nil {
		fmt.Println(err)
		return
	}
	shot, err := uat.ReadScreenshot(bytes.NewReader(b.Bytes()), nil)
	fmt.Println(shot.Width, shot.Height, uat.IsPNG(shot.Thumbnail), err)
	_, err = uat.ReadScreenshot(bytes.NewReader(append(b.Bytes(), "<script>"...)), nil)
	fmt.Println(errors.Is(err, evidence.ErrFormat))
	// Output:
	// 1280 720 true <nil>
	// true
}

func ExampleReadJUnit_refused() {
	_, err := uat.ReadJUnit(strings.NewReader(`<!DOCTYPE html><html/>`), nil)
	fmt.Println(errors.Is(err, evidence.ErrUnsafe), err)
	_, err = uat.ReadJUnit(strings.NewReader(`<testsuite><testcase time="NaN"/></testsuite>`), nil)
	fmt.Println(errors.Is(err, evidence.ErrFormat), err)
	// Output:
	// true line 1:1: document type declarations are not read
	// true line 1:12: time "NaN" is not a finite duration
}

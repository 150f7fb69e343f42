package uat_test

import (
	"errors"
	"fmt"
	"strings"

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
	for _, c := range sum.Unwell {
		fmt.Println(c.Outcome, c.Name, c.Message)
	}
	// Output:
	// false failed 1 1 1
	// failed refunds no button
	// flaky ships slow
}

func ExampleReadJUnit_refused() {
	_, err := uat.ReadJUnit(strings.NewReader(`<!DOCTYPE html><html/>`), nil)
	fmt.Println(errors.Is(err, uat.ErrUnsafe), err)
	_, err = uat.ReadJUnit(strings.NewReader(`<testsuite><testcase time="NaN"/></testsuite>`), nil)
	fmt.Println(errors.Is(err, uat.ErrFormat), err)
	// Output:
	// true line 1:1: document type declarations are not read
	// true line 1:12: time "NaN" is not a finite duration
}

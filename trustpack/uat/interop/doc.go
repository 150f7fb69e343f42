// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package interop converts test reports to and from the types of
// github.com/joshdk/go-junit.
//
// That model is smaller: it knows no flaky tests, no attachments, no second
// outcome of a case and no cases outside a suite. What has no place there is
// put where a reader of that library finds it, or named in the result.
//
// Files are read with uat.ReadJUnit and uat.ReadPlaywright, and never with
// go-junit: it reads HTML and text as a report without tests, lets a skip hide a
// failure, and drops cases outside a suite. Each of these is a test here.
package interop

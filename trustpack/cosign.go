// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"strconv"
	"strings"
)

// cosignFlaws are the flaws of cosign's verification that a later 2.6 release
// fixes, in the order of their fixes.
var cosignFlaws = []struct {
	fixed [3]int
	text  string
}{
	{[3]int{2, 6, 2}, "CVE-2026-22703: any valid log entry was accepted, not the one of the signature (fixed in 2.6.2)"},
	{[3]int{2, 6, 3}, "CVE-2026-39395: the predicate type that was asked for was not enforced (fixed in 2.6.3)"},
	{[3]int{2, 6, 5}, "GHSA-fx35-mq7g-6g98: a public key in a legacy bundle skipped the certificate chain (fixed in 2.6.5)"},
}

// cosignAdvisories returns known flaws in the verification of a cosign 2 version,
// "2.6.1" or "v2.6.1"; none for a version that cannot be read or is of another
// major version. What was signed with it is not affected, its verdicts are.
func cosignAdvisories(version string) []string {
	parts := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	if len(parts) != 3 || parts[0] != "2" {
		return nil
	}
	var v [3]int
	for i, p := range parts {
		digits := p[:len(p)-len(strings.TrimLeft(p, "0123456789"))]
		n, err := strconv.Atoi(digits)
		if err != nil {
			return nil
		}
		v[i] = n
	}
	var list []string
	for _, a := range cosignFlaws {
		if v[1] < a.fixed[1] || v[1] == a.fixed[1] && v[2] < a.fixed[2] {
			list = append(list, a.text)
		}
	}
	return list
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"context"

	"github.com/HailBytes/evidence"
)

// VerifyReadable is VerifyStructure that reads the evidence too, and does not judge
// it: each file is inflated, hashed and parsed once, screenshots are not decoded, no
// schema is asked, and nothing is compressed to see how Build would have. It is for
// who turns many packs into something else. The checks that it adds say, file by file,
// whether it can be read; Report.Release is the evidence as one model, and
// Report.SHA256 the digest of the ZIP.
//
// A file that cannot be read is a failure where the product has a built-in profile,
// else a warning, as for Verify. The verdict consistent is never a pass: what
// documents say of each other was not compared.
func VerifyReadable(ctx context.Context, p *Pack, fileName string) (*Report, error) {
	v := verification{ctx: ctx, p: p, pol: Policy{FileName: fileName, Workers: 1}, report: &Report{}, skim: true}
	if err := v.fix(); err != nil {
		return nil, err
	}
	v.start()
	reader := v.reader()
	reader.skim = true
	release, err := readRelease(ctx, reader)
	if err != nil {
		return nil, err
	}
	if err := v.structure(); err != nil {
		return nil, err
	}
	profile := v.profile()
	for d := range release.Documents() {
		if profile == nil {
			d.downgradeUnreadable()
		}
		v.report.add(d.Checks...)
	}
	v.report.Release, v.report.Summary = release, release.Summary
	v.report.settle()
	if v.report.Verdicts.Consistent == evidence.StatusPass {
		v.report.Verdicts.Consistent = evidence.StatusSkip
	}
	return v.report, nil
}

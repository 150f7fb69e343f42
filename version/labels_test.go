// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package version_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence/version"
)

func TestLabels(t *testing.T) {
	const oci = "org.opencontainers.image."
	r := version.Release{Version: parse(t, "1.482"), Commit: commit, Tag: "v1.482", Time: time.Unix(1_700_000_000, 0).UTC(), WorkTree: version.StateClean}
	want := map[string]string{
		oci + "version": "1.482", oci + "revision": commit, oci + "ref.name": "v1.482",
		oci + "created": "2023-11-14T22:13:20Z", oci + "source": "https://github.com/HailBytes/hailbytes-asm",
	}
	if diff := cmp.Diff(want, r.Labels("https://github.com/HailBytes/hailbytes-asm")); diff != "" {
		t.Error(diff)
	}
	r.WorkTree = version.StateDirty
	want = map[string]string{oci + "version": "1.482", oci + "created": "2023-11-14T22:13:20Z"}
	if diff := cmp.Diff(want, r.Labels("")); diff != "" {
		t.Errorf("a dirty tree claims a commit:\n%s", diff)
	}
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package fleetgen

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/HailBytes/evidence/trustpack"
)

// TestWrite: packs can be read, are small, and are the same each time.
func TestWrite(t *testing.T) {
	bases, err := Bases()
	if err != nil {
		t.Fatal(err)
	}
	one, other := t.TempDir(), t.TempDir()
	for _, dir := range []string{one, other} {
		if err := Write(dir, bases, 4, 7); err != nil {
			t.Fatal(err)
		}
	}
	names, err := filepath.Glob(filepath.Join(one, "*.zip"))
	if err != nil || len(names) != 4 {
		t.Fatalf("%q, %v", names, err)
	}
	for _, name := range names {
		a, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(other, filepath.Base(name)))
		if err != nil || string(a) != string(b) {
			t.Errorf("%s is another one the second time: %v", name, err)
		}
		if len(a) > 500_000 {
			t.Errorf("%s has %d bytes", name, len(a))
		}
		p, err := trustpack.OpenFile(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		report, err := trustpack.VerifyReadable(t.Context(), p, "")
		p.Close()
		if err != nil || len(report.Release.Subjects) == 0 {
			t.Fatal(err)
		}
		for _, c := range report.Checks {
			if c.ID == "manifest.digest" && c.Status.String() != "pass" {
				t.Errorf("%s: %+v", name, c)
			}
		}
	}
}

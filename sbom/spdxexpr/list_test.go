// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package spdxexpr

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/HailBytes/evidence/internal/test/corpus"
)

func TestList(t *testing.T) {
	var licenses, exceptions, deprecated, osi int
	for info := range List() {
		got, ok := Lookup(strings.ToUpper(info.ID))
		if !ok || got != info {
			t.Errorf("Lookup(%s) = %+v, %v", info.ID, got, ok)
		}
		switch {
		case info.Exception:
			exceptions++
		default:
			licenses++
			l, ok := parse(t, info.ID).License()
			if !ok || !l.Listed() || l.String() != info.ID {
				t.Errorf("%s reads as %+v", info.ID, l)
			}
		}
		if info.Deprecated {
			deprecated++
		}
		if info.OSIApproved {
			osi++
		}
		if info.Replacement != "" {
			if !info.Deprecated {
				t.Errorf("%s is replaced, but not deprecated", info.ID)
			}
			for l := range parse(t, info.Replacement).Licenses() {
				if l.Current() != l {
					t.Errorf("%s is replaced by the deprecated %s", info.ID, l)
				}
			}
		}
	}
	// Counts of SPDX License List 3.29.0.
	if licenses != 740 || exceptions != 86 || deprecated != 33 || osi != 149 {
		t.Errorf("%d licences, %d exceptions, %d deprecated, %d OSI-approved", licenses, exceptions, deprecated, osi)
	}
	for _, id := range []string{"", "MITT", strings.Repeat("a", 1000)} {
		if info, ok := Lookup(id); ok {
			t.Errorf("Lookup(%q) = %+v", id, info)
		}
	}
}

// TestListAgainstCycloneDX holds the list to the enumeration of CycloneDX.
func TestListAgainstCycloneDX(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(corpus.Dir(t, "schemas", "cyclonedx"), "spdx.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var schema struct{ Enum []string }
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	for _, id := range schema.Enum {
		if info, ok := Lookup(id); !ok || info.ID != id {
			t.Errorf("%s is missing", id)
		}
	}
	t.Logf("%d identifiers of CycloneDX are on the list", len(schema.Enum))
	if len(schema.Enum) < 800 {
		t.Error("the enumeration is not complete")
	}
}

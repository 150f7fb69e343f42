// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package depcheck_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/HailBytes/evidence/internal/test/depcheck"
	"github.com/HailBytes/evidence/internal/test/golist"
)

const m = golist.Module

// The modules behind the named dependencies.
var (
	sigstore    = []string{"github.com/sigstore/..."}
	office      = []string{"github.com/xuri/...", "codeberg.org/go-pdf/...", "golang.org/x/image/..."}
	interchange = []string{
		"github.com/spdx/tools-golang/...", "github.com/CycloneDX/cyclonedx-go/...",
		"github.com/owenrumney/go-sarif/...", "github.com/joshdk/go-junit/...",
	}
)

// public is what other modules can import.
var public = []string{
	m, m + "/manifest/...", m + "/version/...", m + "/sbom/...", m + "/sarif/...", m + "/attest/...", m + "/trustpack/...",
}

var walls = []depcheck.Wall{
	{
		Why:   "manifest and version stay light: the standard library, package evidence and internal/",
		From:  []string{m + "/manifest/...", m + "/version/..."},
		Allow: []string{m, m + "/internal/..."},
	},
	{
		Why:   "spdxexpr is a leaf that every package may import",
		From:  []string{m + "/sbom/spdxexpr"},
		Allow: []string{m, m + "/internal/..."},
	},
	{
		Why:  "sbom is the model; what compares and judges documents is above it",
		From: []string{m + "/sbom"}, Ban: []string{m + "/sbom/compare", m + "/sbom/quality"},
	},
	{
		Why:   "controls is a table and its evaluation: it knows checks and manifests, and links no library",
		From:  []string{m + "/trustpack/controls"},
		Allow: []string{m, m + "/manifest", m + "/internal/..."},
	},
	{
		Why:   "package evidence is the vocabulary that every other package imports: nothing but the standard library and two small helpers",
		From:  []string{m},
		Allow: []string{m + "/internal/enum", m + "/internal/textfmt"},
	},
	{
		Why:  "sbom, sarif and attest do not import each other",
		From: []string{m + "/sbom/..."}, Ban: []string{m + "/sarif/...", m + "/attest/...", m + "/trustpack/..."},
	},
	{
		Why:  "sbom, sarif and attest do not import each other",
		From: []string{m + "/sarif/..."}, Ban: []string{m + "/sbom", m + "/sbom/compare", m + "/sbom/quality", m + "/sbom/interop", m + "/attest/...", m + "/trustpack/..."},
	},
	{
		Why:  "sbom, sarif and attest do not import each other",
		From: []string{m + "/attest/..."}, Ban: []string{m + "/sbom", m + "/sbom/compare", m + "/sbom/quality", m + "/sbom/interop", m + "/sarif/...", m + "/trustpack/..."},
	},
	{
		Why:    "only attest/sigstore links Sigstore's packages; everyone else takes an interface",
		From:   public,
		Except: []string{m + "/attest/sigstore"},
		Ban:    append([]string{m + "/attest/sigstore"}, sigstore...),
	},
	{
		Why:    "the interchange types are linked by the interop packages only",
		From:   public,
		Except: []string{m + "/sbom/interop", m + "/sarif/interop", m + "/trustpack/uat/interop"},
		Ban:    append([]string{m + "/sbom/interop", m + "/sarif/interop", m + "/trustpack/uat/interop"}, interchange...),
	},
	{
		Why:    "rules in CEL are linked by trustpack/policy, and by what reads policies; trustpack takes an interface",
		From:   public,
		Except: []string{m + "/trustpack/policy", m + "/trustpack/install"},
		Ban:    []string{"cel.dev/..."},
	},
	{
		Why:    "the model of compose is linked by trustpack/install only",
		From:   public,
		Except: []string{m + "/trustpack/install"},
		Ban:    []string{"github.com/compose-spec/..."},
	},
	{
		Why:  "importing sbom does not link Sigstore, or another package's interchange types",
		From: []string{m + "/sbom/..."}, Ban: append(interchange[2:4:4], sigstore...),
	},
	{
		Why:  "importing sarif does not link Sigstore, or another package's interchange types",
		From: []string{m + "/sarif/..."}, Ban: append([]string{interchange[0], interchange[1], interchange[3]}, sigstore...),
	},
	{
		Why:  "importing trustpack/uat does not link Sigstore, or another package's interchange types",
		From: []string{m + "/trustpack/uat/..."}, Ban: append(interchange[:3:3], sigstore...),
	},
	{
		Why:    "only trustpack/audit links the libraries for workbooks, PDF and fonts",
		From:   public,
		Except: []string{m + "/trustpack/audit"},
		Ban:    append([]string{m + "/trustpack/audit"}, office...),
	},
	{
		Why:    "reading evidence does not link an HTTP client: no network unless a flag asks for it",
		From:   public,
		Except: []string{m + "/attest/...", m + "/sbom/interop", m + "/sarif/interop", m + "/trustpack/table/fleet", m + "/trustpack/audit"}, // in-toto-golang, Sigstore, the interchange types, the brotli of Parquet and excelize link one
		Ban:    []string{"net/http"},
	},
	{
		Why:  "what is for tests is linked by tests only",
		From: public,
		Ban:  []string{m + "/internal/test/...", m + "/internal/cli/..."},
	},
	{
		Why:    "package testing is linked by tests only",
		From:   public,
		Except: []string{m + "/attest/sigstore"}, // through sigstore-go, timestamp-authority and digitorus/pkcs7
		Ban:    []string{"testing"},
	},
	{
		Why:    "the rule of image references stands in internal/imageref",
		From:   append([]string{m + "/internal/..."}, public...),
		Except: []string{m + "/internal/imageref"},
		Ban:    []string{"github.com/distribution/reference"},
		Direct: true,
	},
	{
		Why:    "Parquet is linked by those who write tables of many packs",
		From:   append([]string{m + "/internal/..."}, public...),
		Except: []string{m + "/trustpack/table/fleet"},
		Ban:    []string{"github.com/parquet-go/...", m + "/trustpack/table/fleet"},
	},
	{
		Why:    "a command is flags in, one library call, output: its library is not in examples/",
		From:   append([]string{m + "/internal/..."}, public...),
		Ban:    []string{m + "/examples/..."},
		Direct: true,
	},
}

// pending are the packages that the walls name and nobody has written yet.
var pending []string

func TestWalls(t *testing.T) {
	packages := golist.List(t, false, "./...")
	graph, standard := depcheck.Graph{}, map[string]bool{}
	for _, p := range packages {
		graph[p.ImportPath], standard[p.ImportPath] = p.Imports, p.Standard
	}
	for _, b := range depcheck.Check(graph, func(path string) bool { return standard[path] }, walls) {
		t.Error(b)
	}
	var none []string
	for _, pattern := range depcheck.Unmatched(graph, m, walls) {
		if pattern != m+"/examples/..." {
			none = append(none, strings.TrimPrefix(strings.TrimPrefix(pattern, m), "/"))
		}
	}
	if !slices.Equal(none, pending) {
		t.Errorf("walls name packages that are not there: %q, want %q", none, pending)
	}
}

// No exported signature names another module's type, outside the packages that are for that.
func TestSignatures(t *testing.T) {
	packages := golist.List(t, true, "./...")
	standard := map[string]bool{}
	for _, p := range packages {
		standard[p.ImportPath] = p.Standard
	}
	allowed := func(path string) bool { return standard[path] || path == m || strings.HasPrefix(path, m+"/") }
	checked := 0
	for _, pkg := range golist.Types(t, packages) {
		if strings.HasSuffix(pkg.Path(), "/interop") {
			continue
		}
		checked++
		for _, f := range depcheck.ForeignTypes(pkg, allowed) {
			t.Errorf("%s: %s", pkg.Path(), f)
		}
	}
	t.Logf("%d public packages", checked)
	if checked < 5 {
		t.Errorf("only %d public packages seen", checked)
	}
}

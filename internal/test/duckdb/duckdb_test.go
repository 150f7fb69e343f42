// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package duckdb

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/HailBytes/evidence/internal/test/fleetgen"
	"github.com/HailBytes/evidence/trustpack/table/fleet"
)

// lake is a folder of packs, and one of their tables.
type lake struct {
	packs []string
	dir   string // of the tables
	bin   string // with the binaries
}

var made = sync.OnceValues(func() (*lake, error) {
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		return nil, err
	}
	n, work := 50, os.Getenv("EVIDENCE_FLEET_DIR")
	if text := os.Getenv("EVIDENCE_FLEET"); text != "" {
		if n, err = strconv.Atoi(text); err != nil {
			return nil, err
		}
	}
	if work == "" {
		if work, err = os.MkdirTemp("", "evidence-fleet-*"); err != nil {
			return nil, err
		}
	}
	l := &lake{dir: filepath.Join(work, "lake"), bin: filepath.Join(work, "bin")}
	packs := filepath.Join(work, "packs")
	bases, err := fleetgen.Bases()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(packs, 0o777); err != nil {
		return nil, err
	}
	if err := fleetgen.Write(packs, bases, n, 1); err != nil {
		return nil, err
	}
	if l.packs, err = fleet.Find([]string{packs}); err != nil {
		return nil, err
	}
	build := exec.Command("go", "build", "-o", l.bin+"/", "./examples/trustpack-table", "./examples/trustpack-show", "./examples/trustpack-extract")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%v: %s", err, out)
	}
	start := time.Now()
	table := exec.Command(filepath.Join(l.bin, "trustpack-table"), "-json", "-out", l.dir, "-compact", packs)
	out, err := table.Output()
	if err != nil {
		return nil, fmt.Errorf("%v: %s", err, out)
	}
	cpu := table.ProcessState.UserTime() + table.ProcessState.SystemTime()
	fmt.Printf("trustpack-table: %d packs in %.1f s, %.1f s of CPU: %.1f packs for a second of it\n",
		n, time.Since(start).Seconds(), cpu.Seconds(), float64(n)/cpu.Seconds())
	return l, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if l, err := made(); err == nil && os.Getenv("EVIDENCE_FLEET_DIR") == "" {
		os.RemoveAll(filepath.Dir(l.dir))
	}
	os.Exit(code)
}

// open starts DuckDB as tables.sql and questions.sql say.
func open(t *testing.T) (*lake, *sql.DB) {
	t.Helper()
	l, err := made()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(l.dir)
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, name := range []string{"tables.sql", "questions.sql"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(string(text)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return l, db
}

// rows returns what a query gives, each row as text.
func rows(t *testing.T, db *sql.DB, query string, args ...any) []string {
	t.Helper()
	r, err := db.Query(query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer r.Close()
	columns, err := r.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for r.Next() {
		cells, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := r.Scan(into...); err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprint(cells...))
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func number(t *testing.T, db *sql.DB, query string, args ...any) int {
	t.Helper()
	var n int
	if err := db.QueryRow(query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// TestQuestions: each of the ten questions has an answer, and it is that of another query
// that is written from what the question says.
func TestQuestions(t *testing.T) {
	_, db := open(t)
	for _, q := range []struct {
		question, check string
		empty           bool // no release is as the question asks
	}{
		{question: "holds_package('openssl', '999')", check: "SELECT count(*) FROM packages WHERE name = 'openssl'"},
		{question: "newest_without('CVE-2011-3374')", check: `SELECT count(*) FROM (SELECT DISTINCT product FROM packs p WHERE NOT EXISTS
			(FROM findings f WHERE f.pack_id = p.pack_id AND (f.vulnerability = 'CVE-2011-3374' OR list_contains(f.aliases, 'CVE-2011-3374'))))`},
		{question: "open_longest()", check: `SELECT count(*) FROM (SELECT DISTINCT product, image, vulnerability, name FROM findings f
			WHERE NOT waived AND version_number = (SELECT max(version_number) FROM packs p WHERE p.product = f.product))`},
		{question: "holds_license('MIT')", check: "SELECT count(*) FROM packages WHERE regexp_matches(license_expression, '(^|[ (])MIT($|[ )])')"},
		{question: "not_authentic()", check: "SELECT count(*) FROM packs"},
		{question: "digest_changed()", check: `SELECT count(*) FROM (SELECT DISTINCT a.product, a.version, a.image FROM images a JOIN images b
			ON a.product = b.product AND a.version = b.version AND a.image = b.image AND a.digest < b.digest)`},
		{question: "control_coverage()", check: `SELECT count(*) FROM (SELECT DISTINCT product, framework, edition FROM controls)`},
		{question: "flaky_tests()", check: `SELECT count(*) FROM (SELECT DISTINCT product, suite, name FROM tests WHERE status = 'flaky' OR status = 'passed' AND attempts > 1)`},
		{question: "overdue_gaps('2028-01-01')", check: "SELECT count(*) FROM gaps WHERE target IS NOT NULL"},
		{question: "sbom_drift()", check: `SELECT count(*) FROM packages p WHERE in_spdx <> in_cyclonedx
			AND EXISTS (FROM packages q WHERE q.pack_id = p.pack_id AND q.image IS NOT DISTINCT FROM p.image AND q.in_spdx)
			AND EXISTS (FROM packages q WHERE q.pack_id = p.pack_id AND q.image IS NOT DISTINCT FROM p.image AND q.in_cyclonedx)`},
	} {
		start := time.Now()
		got := rows(t, db, "FROM "+q.question)
		took := time.Since(start)
		want := number(t, db, q.check)
		t.Logf("%-32s %6d rows %8.1f ms", q.question, len(got), float64(took.Microseconds())/1000)
		if len(got) != want || (len(got) == 0) != q.empty {
			t.Errorf("%s: %d rows, want %d", q.question, len(got), want)
		}
	}
	if got := rows(t, db, "FROM holds_package('openssl', '0~')"); len(got) != 0 {
		t.Errorf("openssl before any version: %q", got[:1])
	}
	if got := rows(t, db, "FROM overdue_gaps('2020-01-01')"); len(got) != 0 {
		t.Errorf("gaps were overdue in 2020: %q", got[:1])
	}
}

// TestVersionKey: versions sort as they do for those who make them.
func TestVersionKey(t *testing.T) {
	_, db := open(t)
	for _, v := range []struct{ typ, less, more string }{
		{"deb", "1.2.13", "1:1.2.13"}, {"deb", "3.0.9-1", "3.0.17-1~deb12u2"}, {"deb", "1.0~rc1", "1.0"}, {"deb", "1.0", "1.0a"}, {"deb", "1.0a", "1.0+b"},
		{"deb", "2.36-9+deb12u9", "2.36-9+deb12u10"}, {"deb", "1.0-1", "1.0-1.1"}, {"rpm", "1.0-2.el9", "1.0-10.el9"},
		{"golang", "v1.9.0", "v1.10.0"}, {"golang", "v1.2.0-rc.1", "v1.2.0"}, {"golang", "v0.0.0-20240101000000-aaaaaaaaaaaa", "v0.0.1"},
		{"npm", "1.2.3-beta.2", "1.2.3"}, {"npm", "1.2.3-beta.2", "1.2.3-beta.11"}, {"pypi", "2.9", "2.31.0"},
	} {
		query := "SELECT (version_key(?, ?) < version_key(?, ?))::INT"
		if number(t, db, query, v.typ, v.less, v.typ, v.more) != 1 || number(t, db, query, v.typ, v.more, v.typ, v.less) != 0 {
			t.Errorf("%s: %s is not less than %s", v.typ, v.less, v.more)
		}
		if number(t, db, "SELECT (version_key(?, ?) = version_key(?, ?))::INT", v.typ, v.less, v.typ, v.less) != 1 {
			t.Errorf("%s: %s is not itself", v.typ, v.less)
		}
	}
	if number(t, db, "SELECT (version_key('golang', 'v1.2.3') = version_key('golang', '1.2.3'))::INT") != 1 {
		t.Error("golang: v1.2.3 is not 1.2.3")
	}
}

// TestRecount: the tables have as many rows as trustpack-show prints of each pack, and as
// an own count of the files gives.
func TestRecount(t *testing.T) {
	l, db := open(t)
	for _, pack := range []string{l.packs[0], l.packs[len(l.packs)-1]} { // one of each product
		var manifest struct{ Product, Version string }
		var files []struct{ Path string }
		show := func(what string) []json.RawMessage {
			out, err := exec.Command(filepath.Join(l.bin, "trustpack-show"), "-json", pack, what).Output()
			var shown struct {
				Product, Version string
				Rows             []json.RawMessage
			}
			if jsonErr := json.Unmarshal(out, &shown); jsonErr != nil {
				t.Fatalf("%s %s: %v, %v", pack, what, err, jsonErr)
			}
			manifest.Product, manifest.Version = shown.Product, shown.Version
			return shown.Rows
		}
		all := show("files")
		text, _ := json.Marshal(all)
		if err := json.Unmarshal(text, &files); err != nil || len(files) == 0 {
			t.Fatal(err)
		}
		var key struct {
			PackID string `json:"pack_id"`
		}
		if err := json.Unmarshal(all[0], &key); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"images", "files", "packages", "findings", "tests", "accessibility", "attestations", "gaps"} {
			list := all
			if name != "files" {
				list = show(name)
			}
			if n := number(t, db, "SELECT count(*) FROM "+name+" WHERE pack_id = ?", key.PackID); n != len(list) {
				t.Errorf("%s, %s: %d rows, trustpack-show has %d", filepath.Base(pack), name, n, len(list))
			}
		}
		packageURLs, vulnerabilities := count(t, l, pack)
		if n := number(t, db, "SELECT count(DISTINCT purl) FROM packages WHERE pack_id = ?", key.PackID); n != packageURLs {
			t.Errorf("%s: %d package URLs, its SBOMs list %d", filepath.Base(pack), n, packageURLs)
		}
		if n := number(t, db, `SELECT count(DISTINCT id) FROM (SELECT unnest(list_append(aliases, vulnerability)) AS id FROM findings
			WHERE pack_id = ? AND class = 'vulnerability') WHERE id LIKE 'CVE-%'`, key.PackID); n < vulnerabilities {
			t.Errorf("%s: %d CVEs, Trivy's reports list %d", filepath.Base(pack), n, vulnerabilities)
		}
	}
	if n := number(t, db, "SELECT count(*) FROM packs"); n != len(l.packs) {
		t.Errorf("%d packs, want %d", n, len(l.packs))
	}
}

// count reads the files of a pack without a line of the code that makes the tables: the
// package URLs of its SBOMs as package managers name them, and the CVEs of Trivy's own reports.
func count(t *testing.T, l *lake, pack string) (packageURLs, vulnerabilities int) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "files")
	if out, err := exec.Command(filepath.Join(l.bin, "trustpack-extract"), "-out", dir, pack).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	urls, ids := map[string]bool{}, map[string]bool{}
	read := func(pattern string, into any, use func()) {
		names, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err == nil {
				err = json.Unmarshal(data, into)
			}
			if err != nil {
				t.Fatal(err)
			}
			use()
		}
	}
	var cdx struct {
		Metadata   struct{ Component struct{ PURL string } }
		Components []struct{ Type, PURL string }
	}
	read("sbom/*.cdx.json", &cdx, func() {
		for _, c := range cdx.Components {
			if c.PURL != "" && c.Type != "file" && c.Type != "operating-system" {
				urls[c.PURL] = true
			}
		}
		delete(urls, cdx.Metadata.Component.PURL)
		cdx.Components = nil
	})
	var spdx struct {
		Packages []struct {
			SPDXID       string
			ExternalRefs []struct{ ReferenceType, ReferenceLocator string }
		}
		Relationships []struct{ SPDXElementID, RelationshipType, RelatedSPDXElement string }
	}
	read("sbom/*.spdx.json", &spdx, func() {
		root := map[string]bool{}
		for _, r := range spdx.Relationships {
			root[r.RelatedSPDXElement] = root[r.RelatedSPDXElement] || r.RelationshipType == "DESCRIBES"
		}
		for _, p := range spdx.Packages {
			for _, ref := range p.ExternalRefs {
				if ref.ReferenceType == "purl" && !root[p.SPDXID] {
					urls[ref.ReferenceLocator] = true
				}
			}
		}
		spdx.Packages, spdx.Relationships = nil, nil
	})
	var trivy struct {
		Results []struct {
			Vulnerabilities []struct{ VulnerabilityID string }
		}
	}
	read("scans/*.trivy.json", &trivy, func() {
		for _, r := range trivy.Results {
			for _, v := range r.Vulnerabilities {
				if strings.HasPrefix(v.VulnerabilityID, "CVE-") {
					ids[v.VulnerabilityID] = true
				}
			}
		}
		trivy.Results = nil
	})
	return len(urls), len(ids)
}

// TestSecondReader: a reader of Parquet in JavaScript finds as many rows, the same values
// and the same nulls.
func TestSecondReader(t *testing.T) {
	script, err := filepath.Abs("read.mjs")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat("node_modules"); err != nil {
		t.Skip("the second reader is not here: npm ci --ignore-scripts")
	}
	l, db := open(t)
	out, err := exec.Command("node", script, l.dir).Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Fatalf("%v: %s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	var got map[string]struct {
		Rows  int
		Nulls map[string]int
		Sum   map[string]int // of the lengths of all text
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	for _, name := range fleet.Tables() {
		g := got[name]
		if n := number(t, db, "SELECT count(*) FROM "+name); n != g.Rows {
			t.Errorf("%s: %d rows, the other reader finds %d", name, n, g.Rows)
		}
		columns := rows(t, db, "SELECT column_name FROM (DESCRIBE "+name+")")
		for _, c := range columns {
			c = strings.Trim(c, "[]")
			if n := number(t, db, fmt.Sprintf("SELECT count(*) - count(%s) FROM %s", c, name)); n != g.Nulls[c] {
				t.Errorf("%s.%s: %d nulls, the other reader finds %d", name, c, n, g.Nulls[c])
			}
		}
		if !slices.Contains(columns, "pack_id") {
			t.Errorf("%s: columns %q", name, columns)
		}
		if n := number(t, db, "SELECT coalesce(sum(length(source_path)), 0)::INT FROM "+name); n != g.Sum["source_path"] {
			t.Errorf("%s: source_path has %d characters, the other reader finds %d", name, n, g.Sum["source_path"])
		}
	}
}

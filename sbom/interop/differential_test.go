// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/corpus"
	"github.com/HailBytes/evidence/sbom"
)

// tally counts, from several goroutines.
type tally struct {
	mu sync.Mutex
	n  map[string]int
}

func (t *tally) add(what string, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.n == nil {
		t.n = map[string]int{}
	}
	t.n[what] += n
}

// log prints the counts whose names begin with prefix, in order.
func (t *tally) log(tb testing.TB, prefix string) {
	tb.Helper()
	for _, k := range slices.Sorted(maps.Keys(t.n)) {
		if strings.HasPrefix(k, prefix) {
			tb.Logf("%7d %s", t.n[k], k)
		}
	}
}

// judge gives every difference of c to the reasons, and reports those that no reason explains.
func (t *tally) judge(tb testing.TB, name string, c *comparison, reasons []reason) {
	for _, d := range compare(c.ours, c.peer) {
		i := slices.IndexFunc(reasons, func(r reason) bool { return r.explains(c, d) })
		if i < 0 {
			tb.Errorf("%s: %v", name, d)
			continue
		}
		t.add("differences: "+reasons[i].name, 1)
	}
}

// unused reports reasons that explained nothing: they are not true any more.
func (t *tally) unused(tb testing.TB, reasons []reason) {
	for _, r := range reasons {
		if t.n["differences: "+r.name] == 0 {
			tb.Errorf("no difference for the reason %q", r.name)
		}
	}
}

// eachDocument calls f for every file of the corpus that could be a document, on all processors.
func eachDocument(t *testing.T, f func(name string, data []byte)) {
	var group sync.WaitGroup
	defer group.Wait()
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for _, sub := range []string{"sbom", "real"} {
		root := corpus.Dir(t, sub)
		files := corpus.Files(t, root, func(path string) bool { return sub == "sbom" || strings.Contains(path, "/sbom/") })
		for _, name := range files {
			data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
			if err != nil {
				t.Fatal(err)
			}
			slots <- struct{}{}
			group.Go(func() {
				defer func() { <-slots }()
				f(name, data)
			})
		}
	}
}

// peerPanic is a panic of a peer.
type peerPanic struct{ value any }

func (p peerPanic) Error() string { return fmt.Sprint("panic: ", p.value) }

// peerFacts reads a document with the library of its format. What is no
// document by our own lights is given to each library that could take it.
func peerFacts(data []byte, format sbom.Format) (f facts, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = peerPanic{p}
		}
	}()
	if !format.CycloneDX() {
		doc, err := peerReadSPDX(data, format)
		if err == nil {
			return spdxFacts(doc), nil
		}
		if format != sbom.FormatUnknown {
			return nil, err
		}
	}
	if format == sbom.FormatUnknown && bytes.HasPrefix(bytes.TrimSpace(data), []byte("<")) {
		format = sbom.FormatCycloneDXXML
	}
	bom, err := peerReadCycloneDX(data, format)
	if err != nil {
		return nil, err
	}
	return cyclonedxFacts(bom), nil
}

// refusals are why the model's reader refuses what a peer reads.
var refusals = []struct {
	name string
	is   func(*evidence.Problem) bool
}{
	{"bomFormat is not CycloneDX (CycloneDX 1.2 bomFormat); cyclonedx-go does not look", func(p *evidence.Problem) bool {
		return p.Code == "sbom.format" && errors.Is(p, evidence.ErrFormat) && strings.HasPrefix(p.Message, "bomFormat is ")
	}},
	{"a creator that is no string (SPDX 2.3 §6.8); tools-golang takes any text with a colon, an object's too", func(p *evidence.Problem) bool {
		return p.Code == "json.type" && strings.HasPrefix(p.Pointer, "/creationInfo/creators/")
	}},
	{"null in a list of objects; tools-golang leaves it out where it does not panic", func(p *evidence.Problem) bool {
		return p.Code == "json.type" && strings.HasPrefix(p.Message, "got null, want an object")
	}},
}

// TestDifferential reads every document of the corpus with this module and
// with the library that people use for its format, and compares all that both say.
func TestDifferential(t *testing.T) {
	var count tally
	eachDocument(t, func(name string, data []byte) {
		format, _ := sbom.Sniff(data)
		doc, err := sbom.Read(bytes.NewReader(data), nil)
		switch {
		case format == sbom.FormatSPDX3JSON:
			count.add("documents: no peer reads "+format.String(), 1)
			return
		case format > sbom.FormatCycloneDXXML:
			// What package sbom says that it does not read.
			if !errors.Is(err, evidence.ErrUnsupported) {
				t.Errorf("%s: %v", name, err)
			}
			count.add("documents: refused as documented: "+format.String(), 1)
			return
		}
		peer, peerErr := peerFacts(data, format)
		_, panicked := errors.AsType[peerPanic](peerErr)
		switch {
		case format == sbom.FormatUnknown && peerErr != nil:
			count.add("documents: no bill of materials for either", 1)
			return
		case panicked:
			count.add("documents: peer panics: "+format.String(), 1)
		case peerErr != nil && err != nil:
			count.add("documents: both refuse: "+format.String(), 1)
		case peerErr != nil:
			count.add("documents: peer refuses: "+format.String(), 1)
		case err != nil:
			p, _ := errors.AsType[*evidence.Problem](err)
			for _, r := range refusals {
				if p != nil && r.is(p) {
					count.add("refused: "+r.name, 1)
					return
				}
			}
			t.Errorf("%s: the peer reads it, and the model: %v", name, err)
		default:
			count.add("documents: both read: "+format.String(), 1)
			count.add("both", 1)
			ours, at := factsOf(doc)
			c := &comparison{data: data, doc: doc, ours: ours, peer: peer, at: at}
			count.judge(t, name, c, readingReasons)
			count.facts(peer)
		}
	})
	count.log(t, "documents")
	count.log(t, "compared")
	count.log(t, "refused")
	count.log(t, "differences")
	count.unused(t, readingReasons)
	for _, r := range refusals {
		if count.n["refused: "+r.name] == 0 {
			t.Errorf("nothing refused for the reason %q", r.name)
		}
	}
	// So that a test over nothing is seen.
	for what, least := range map[string]int{
		"both": 1000, "compared: packages and components": 16000, "compared: versions": 12000, "compared: package URLs": 10000,
		"compared: hashes": 10000, "compared: licences": 20000, "compared: relationships": 20000,
	} {
		if count.n[what] < least {
			t.Errorf("%s: %d, want %d or more", what, count.n[what], least)
		}
	}
}

// facts counts what was compared.
func (t *tally) facts(f facts) {
	n := map[string]int{}
	for k, c := range f {
		what := "other facts"
		switch {
		case k.field == "is" && k.value == "component":
			what = "packages and components"
		case k.field == "is":
			what = "files, snippets, services, ..."
		case k.field == "version":
			what = "versions"
		case k.field == "purl":
			what = "package URLs"
		case strings.HasPrefix(k.field, "hash"):
			what = "hashes"
		case strings.Contains(k.field, "licence"):
			what = "licences"
		case strings.HasPrefix(k.about, "relationships as written"):
			what = "words of relationships"
		case strings.HasPrefix(k.about, "relationships"), strings.HasPrefix(k.about, "dependencies"), k.about == "nesting", k.field == "describes":
			what = "relationships"
		}
		n[what] += c
	}
	for what, c := range n {
		t.add("compared: "+what, c)
	}
}

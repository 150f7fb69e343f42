// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"
	"github.com/spdx/tools-golang/spdx/v2/v2_3"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/sbom"
)

// unwritable are why a library cannot write what it read.
var unwritable = []struct{ name, message string }{
	{"tools-golang does not write the nothing that it reads where a relationship is null", "failed to marshal empty DocElementID"},
	{"cyclonedx-go does not write a licence without id and name, or with both", "license must have either id or name"},
}

// unholdable are why a library cannot hold what the model holds.
var unholdable = []struct{ name, message string }{
	{"tools-golang reads only identifiers that begin with SPDXRef-", "failed to parse ElementID"},
	{"tools-golang reads only suppliers with a colon", "failed to parse Supplier"},
	{"cyclonedx-go has an object for the string classification of CycloneDX 1.6 declarations", "DataClassification"},
}

// explainedError counts an error of a library that is one of the known ones, and reports any other.
func (t *tally) explainedError(tb testing.TB, name string, err error, known []struct{ name, message string }) {
	for _, k := range known {
		if errors.Is(err, evidence.ErrFormat) && strings.Contains(err.Error(), k.message) {
			t.add("refused: "+k.name, 1)
			return
		}
	}
	tb.Errorf("%s: %v", name, err)
}

// largestExchanged is the size in bytes of the largest document that is taken to
// the libraries and back. Under the race detector, which these tests give nothing
// to find, the few larger ones would take most of a minute; TestDifferential reads them all.
var largestExchanged = 1 << 30

// TestFromPeers takes every document that a library reads from its types: the
// model says what the library's document says.
func TestFromPeers(t *testing.T) {
	var count tally
	eachDocument(t, func(name string, data []byte) {
		format, err := sbom.Sniff(data)
		if err != nil || format == sbom.FormatSPDX3JSON || format > sbom.FormatCycloneDXXML || len(data) > largestExchanged {
			return
		}
		doc, peer, err := throughPeer(data, format)
		switch {
		case peer == nil:
			return // the library does not read it
		case err != nil:
			count.explainedError(t, name, err, unwritable)
			return
		}
		count.add("documents: "+format.String(), 1)
		count.add("documents", 1)
		count.facts(peer)
		ours, at := factsOf(doc)
		count.judge(t, name, &comparison{data: data, doc: doc, ours: ours, peer: peer, at: at}, exchangeReasons)
	})
	count.log(t, "documents")
	count.log(t, "compared")
	count.log(t, "refused")
	count.log(t, "differences")
	count.unused(t, exchangeReasons)
	if n := count.n["documents"]; n < 950 {
		t.Errorf("%d documents, want 950 or more", n)
	}
}

// throughPeer reads data with the library of its format, and the library's
// document with this module. The facts are nil where the library does not read data.
func throughPeer(data []byte, format sbom.Format) (doc *sbom.Document, peer facts, err error) {
	var spdx *v2_3.Document
	var bom *cyclonedx.BOM
	func() {
		defer func() {
			if recover() != nil {
				peer = nil // TestDifferential counts the panics of the libraries
			}
		}()
		if format.CycloneDX() {
			if bom, err = peerReadCycloneDX(data, format); err == nil {
				peer = cyclonedxFacts(bom)
			}
		} else if spdx, err = peerReadSPDX(data, format); err == nil {
			peer = spdxFacts(spdx)
		}
	}()
	switch {
	case peer == nil:
		return nil, nil, nil
	case format.CycloneDX():
		doc, err = FromCycloneDX(bom, nil)
	default:
		doc, err = FromSPDX(spdx, nil)
	}
	return doc, peer, err
}

// TestToPeers takes every document to the library of its own standard and back:
// what it says is in the library's types and in what is read of those again, or
// the conversion names what is not.
func TestToPeers(t *testing.T) {
	var count tally
	eachDocument(t, func(name string, data []byte) {
		if len(data) > largestExchanged {
			return
		}
		doc, err := sbom.Read(bytes.NewReader(data), nil)
		if err != nil || doc.Format == sbom.FormatSPDX3JSON {
			return
		}
		peer, back, losses, err := toPeerAndBack(doc)
		if err != nil {
			count.explainedError(t, name, err, unholdable)
			return
		}
		count.add("documents: "+doc.Format.String(), 1)
		count.add("documents", 1)
		if len(losses) == 0 {
			count.add("documents without a loss: "+doc.Format.String(), 1)
		}
		count.facts(peer)
		c := &comparison{data: data, doc: doc, peer: peer, losses: losses}
		c.ours, c.at = factsOf(doc)
		count.judge(t, name, c, toReasons)
		c = &comparison{doc: back, peer: peer}
		c.ours, c.at = factsOf(back)
		count.judge(t, name+" and back", c, toReasons)
	})
	count.log(t, "documents")
	count.log(t, "compared")
	count.log(t, "refused")
	count.log(t, "differences")
	count.unused(t, toReasons)
	if n := count.n["documents"]; n < 950 {
		t.Errorf("%d documents, want 950 or more", n)
	}
}

func toPeerAndBack(doc *sbom.Document) (peer facts, back *sbom.Document, losses []sbom.Loss, err error) {
	if doc.Format.CycloneDX() {
		bom, losses, err := ToCycloneDX(doc)
		if err != nil {
			return nil, nil, losses, err
		}
		back, err = FromCycloneDX(bom, nil)
		return cyclonedxFacts(bom), back, losses, err
	}
	spdx, losses, err := ToSPDX(doc)
	if err != nil {
		return nil, nil, losses, err
	}
	back, err = FromSPDX(spdx, nil)
	return spdxFacts(spdx), back, losses, err
}

// TestAcross takes every document to the library of the other standard: the
// names, versions, package URLs and hashes of its components are all there, or
// the conversion names what is not.
func TestAcross(t *testing.T) {
	var count tally
	eachDocument(t, func(name string, data []byte) {
		if len(data) > largestExchanged {
			return
		}
		doc, err := sbom.Read(bytes.NewReader(data), nil)
		if err != nil {
			return
		}
		c := &comparison{doc: doc}
		c.ours, c.at = factsOf(doc)
		if doc.Format.SPDX() {
			bom, losses, err := ToCycloneDX(doc)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				return
			}
			c.losses = losses
			count.across(t, name+" to CycloneDX", c, cyclonedxFacts(bom))
		}
		if doc.Format.CycloneDX() || doc.Format == sbom.FormatSPDX3JSON {
			spdx, losses, err := ToSPDX(doc)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				return
			}
			c.losses, c.lossIndex = losses, nil
			count.across(t, name+" to SPDX", c, spdxFacts(spdx))
		}
	})
	count.log(t, "")
	if n := count.n["core facts"]; n < 10000 {
		t.Errorf("%d facts, want 10000 or more", n)
	}
}

func (t *tally) across(tb testing.TB, name string, c *comparison, peer facts) {
	_, format, _ := strings.Cut(name, " to ")
	t.add("documents to "+format, 1)
	ours, theirs := coreFacts(c.ours), coreFacts(peer)
	for k, n := range ours {
		t.add("core facts", n)
		if n <= theirs[k] {
			continue
		}
		named := false
		for f, pointer := range c.at {
			if core, ok := coreFact(f); ok && core == k && c.lossAt(pointer) {
				named = true
			}
		}
		if !named {
			tb.Errorf("%s: %s %q is there %d times less, and no loss names it", name, k.field, k.value, n-theirs[k])
		}
		t.add("named losses", n-theirs[k])
	}
}

// coreFacts are the facts that every standard has a place for, of whatever component.
func coreFacts(f facts) facts {
	core := facts{}
	for k, n := range f {
		if k, ok := coreFact(k); ok {
			core[k] += n
		}
	}
	return core
}

func coreFact(k fact) (fact, bool) {
	if !strings.HasPrefix(k.about, "component ") || strings.Contains(k.about, ", ") { // of a pedigree
		return fact{}, false
	}
	switch k.field {
	case "name", "version", "hash":
		return fact{"", k.field, k.value}, true
	case "purl":
		// SPDX: category | type | locator.
		return fact{"", k.field, k.value[strings.LastIndex(k.value, " ")+1:]}, true
	}
	return fact{}, false
}

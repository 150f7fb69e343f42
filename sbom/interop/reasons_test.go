// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/HailBytes/evidence/sbom"
)

// comparison is one document in both readers' eyes.
type comparison struct {
	data       []byte
	doc        *sbom.Document
	ours, peer facts
	at         map[fact]string // where doc has each fact
	losses     []sbom.Loss     // of a conversion
	lossIndex  map[string]bool // see indexLosses
}

// reason is why two readers may differ: a defect or a limit of the peer, or a
// choice of the model that its documentation states.
type reason struct {
	name     string
	explains func(*comparison, difference) bool
}

// readingReasons are those that the readers of one document differ for.
var readingReasons = []reason{
	{"tools-golang turns documentDescribes, hasFiles and files in packages into relationships, each once; the model keeps who states what", folded},
	{"tools-golang does not undo the JSON escapes of people and organizations", escaped},
	{"tools-golang keeps empty parentheses where an email address could stand", emptyEmail},
	{"tools-golang reads files inside packages, which no SPDX 2 schema allows; the model keeps them as an extra", filesInPackage},
	{"cyclonedx-go takes XML elements of another namespace for its own", otherNamespace},
}

// exchangeReasons are those that a library's document and what is read of it differ for.
var exchangeReasons = []reason{
	{"FromSPDX states as relationships what files the library has in packages", folded},
	{"a file that two packages of the library list is one file", sameFileAgain},
	{"tools-golang takes the text of a JSON object for a creator, and writes it as text", objectCreator},
	{"tools-golang keeps empty parentheses where an email address could stand", emptyEmail},
}

// toReasons are those that a document and what it was converted to differ for.
var toReasons = []reason{
	{"tools-golang turns documentDescribes, hasFiles and files in packages into relationships, each once", folded},
	{"tools-golang keeps empty parentheses where an email address could stand", emptyEmail},
	{"SPDX 2.3 §7.7 requires a download location: NOASSERTION is assumed", assumedDownload},
	{"the conversion names the loss", lost},
}

// generatedReasons are those that a document of a library and what it writes of it differ for.
var generatedReasons = []reason{
	{"FromSPDX states as relationships what files the library has in packages", folded},
	{"cyclonedx-go writes the URL of a SWID tag as an XML attribute, where CycloneDX has an element; the model keeps it as an extra", attributeURL},
}

// folded explains edges that one reader has as relationships and the other where they are stated.
func folded(c *comparison, d difference) bool {
	element := strings.TrimPrefix(strings.TrimPrefix(d.about, "relationships as written of "), "relationships of ")
	element, _, _ = strings.Cut(strings.TrimPrefix(element, "component "), " (")
	inverse := map[string]string{"CONTAINS": "CONTAINED_BY", "DESCRIBES": "DESCRIBED_BY"}
	stated := func(f facts, word, from, to string) bool {
		return f[fact{"relationships as written of " + from, word, to}] > 0 ||
			f[fact{"relationships as written of " + to, inverse[word], from}] > 0
	}
	document := c.doc.Ref
	explained := func(values []string, other facts) bool {
		for _, v := range values {
			ok := false
			switch d.field {
			case "has file":
				ok = stated(other, "CONTAINS", element, v)
			case "documentDescribes":
				ok = stated(other, "DESCRIBES", document, v)
			case "CONTAINS", "contains":
				ok = other[fact{"relationships of component " + element, "has file", v}] > 0
			case "DESCRIBES", "describes":
				ok = element == document && other[fact{"relationships of the document", "documentDescribes", v}] > 0
			}
			if !ok {
				return false
			}
		}
		return true
	}
	return explained(d.ours, c.peer) && explained(d.peer, c.ours)
}

// pairwise reports whether every value of the peer becomes one of ours, in any order.
func pairwise(d difference, change func(string) string) bool {
	left := map[string]int{}
	for _, v := range d.ours {
		left[v]++
	}
	for _, v := range d.peer {
		left[change(v)]--
	}
	for _, n := range left {
		if n != 0 {
			return false
		}
	}
	return true
}

func isParty(d difference) bool {
	switch d.field {
	case "supplier", "originator", "author", "tool", "annotation":
		return true
	}
	return false
}

func escaped(_ *comparison, d difference) bool {
	return isParty(d) && pairwise(d, func(s string) string {
		var plain string
		if json.Unmarshal([]byte(`"`+s+`"`), &plain) != nil {
			return s
		}
		return plain
	})
}

func emptyEmail(_ *comparison, d difference) bool {
	return isParty(d) && pairwise(d, func(s string) string { return strings.Replace(s, " () |", " |", 1) })
}

// filesInPackage explains what only the peer has of a file that a package with an extra "files" names.
func filesInPackage(c *comparison, d difference) bool {
	ref := strings.TrimPrefix(d.about, "file ")
	if d.field == "has file" {
		ref = strings.Join(d.peer, "")
	}
	ref, _, _ = strings.Cut(ref, " (")
	if len(d.ours) > 0 || ref == "" {
		return false
	}
	for i := range c.doc.Components {
		if raw := c.doc.Components[i].Extras.Get("files"); bytes.Contains(raw, []byte(`"`+ref+`"`)) {
			return true
		}
	}
	return false
}

// sameFileAgain explains what a file says that has said it once.
func sameFileAgain(c *comparison, d difference) bool {
	first, _, again := strings.Cut(d.about, " (")
	if !again || !strings.HasPrefix(d.about, "file ") || len(d.ours) > 0 {
		return false
	}
	for _, v := range d.peer {
		if c.ours[fact{first, d.field, v}] == 0 {
			return false
		}
	}
	return true
}

// objectCreator explains a creator that is the text of an object, cut at its first colon.
func objectCreator(_ *comparison, d difference) bool {
	return d.about == "document" && d.field == "author" && len(d.ours) == 1 && len(d.peer) == 1 &&
		strings.HasPrefix(d.ours[0], "{") && strings.Contains(d.peer[0], "{")
}

// otherNamespace explains dependencies that stand in elements of the dependency-graph extension of CycloneDX 1.1.
func otherNamespace(c *comparison, d difference) bool {
	return len(d.ours) == 0 && strings.HasPrefix(d.about, "dependencies of ") && c.doc.Format == sbom.FormatCycloneDXXML &&
		c.doc.SpecVersion == "1.1" && bytes.Contains(c.data, []byte(`"http://cyclonedx.org/schema/ext/dependency-graph/1.0"`))
}

func attributeURL(c *comparison, d difference) bool {
	return d.field == "swid" && c.doc.Format == sbom.FormatCycloneDXXML && len(d.peer) == 1 && pairwise(d, func(s string) string {
		without, url, _ := strings.Cut(s, " | https://")
		if !bytes.Contains(c.data, []byte(` url="https://`+url+`"`)) {
			return s
		}
		return without
	})
}

func assumedDownload(_ *comparison, d difference) bool {
	return d.field == "download" && len(d.ours) == 0 && len(d.peer) == 1 && d.peer[0] == "NOASSERTION"
}

var wholeElement = regexp.MustCompile(`^/([a-zA-Z]+)(?:/[0-9]+(?:/[a-z]+)?)*/[0-9]+$`)

// lost explains what a loss names: the element, or something in it. Pointers
// count without what was taken out before, so where an element of a list is
// gone, a loss in that list is enough.
func lost(c *comparison, d difference) bool {
	for _, v := range d.ours {
		if !c.lossAt(c.at[fact{d.about, d.field, v}]) {
			return false
		}
	}
	return len(d.ours) > 0 || c.lossAt(c.pointerOf(d.about))
}

// pointerOf returns where the element is that has facts about it.
func (c *comparison) pointerOf(about string) string {
	for f, pointer := range c.at {
		if f.about == about {
			return pointer
		}
	}
	return ""
}

// lossAt reports whether a loss names what is at pointer; the empty pointer is the document's own members.
func (c *comparison) lossAt(pointer string) bool {
	if c.lossIndex == nil {
		c.lossIndex = indexLosses(c.losses)
	}
	list, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	switch {
	case c.lossIndex["list "+list]:
		return true
	case pointer == "":
		return c.lossIndex["document"]
	case c.lossIndex["in "+pointer]:
		return true
	}
	for p := pointer; p != ""; p = p[:strings.LastIndexByte(p, '/')] {
		if c.lossIndex["at "+p] {
			return true
		}
	}
	return false
}

// indexLosses returns the pointers "at" which a loss is, what losses are "in",
// each "list" of the document that lost an element, and "document" where a loss is none of an element.
func indexLosses(losses []sbom.Loss) map[string]bool {
	index := map[string]bool{}
	for _, l := range losses {
		index["at "+l.Pointer] = true
		for p := l.Pointer; p != ""; p = p[:strings.LastIndexByte(p, '/')] {
			index["in "+p] = true
		}
		if m := wholeElement.FindStringSubmatch(l.Pointer); m != nil {
			index["list "+m[1]] = true
		} else {
			index["document"] = true
		}
	}
	return index
}

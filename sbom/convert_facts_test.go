// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/HailBytes/evidence/internal/test/corpus"
)

// fact is one thing that a document states, in words that SPDX 2 and CycloneDX
// share: "licence declared", the name of the element, and the value.
type fact struct{ kind, element, value string }

// factSet are the factSet of a document, each with the pointers of where it is stated.
type factSet map[fact][]string

func (f factSet) add(kind, element, value, pointer string) {
	if strings.HasPrefix(kind, "licence") && kind != "licence text" {
		value = bareName.ReplaceAllString(value, "$1")
	}
	if value != "" && value != "NOASSERTION" {
		k := fact{kind, element, value}
		f[k] = append(f[k], pointer)
	}
}

// jsonFacts reads the factSet out of the JSON text of a document, without the model.
func jsonFacts(t testing.TB, text []byte) factSet {
	f := factSet{}
	doc, _ := decoded(t, text).(map[string]any)
	if inner, ok := doc["Document"].(map[string]any); ok {
		doc = inner
	}
	if doc["bomFormat"] != nil {
		f.cyclonedx(doc)
	} else {
		f.spdx(doc)
	}
	return f
}

func jsonObject(v any) map[string]any { m, _ := v.(map[string]any); return m }
func jsonArray(v any) []any           { l, _ := v.([]any); return l }
func jsonText(v any) string           { s, _ := v.(string); return s }

// bareName is a licence by a name that may be an identifier.
var bareName = regexp.MustCompile(`<([^ <>]+)>`)

var licenseWord = regexp.MustCompile(`[^ ()]+`)

// expression returns an expression with each reference replaced by the text that it stands for.
func expression(s string, texts map[string]string) string {
	if s == "NONE" {
		return ""
	}
	return licenseWord.ReplaceAllStringFunc(s, func(word string) string {
		if text, ok := texts[word]; ok {
			return "<" + text + ">"
		}
		return word
	})
}

// found adds each licence of an expression: what was found is a set.
func (f factSet) found(name, text, pointer string, texts map[string]string) {
	seen := map[string]bool{"AND": true, "OR": true, "WITH": true, "NONE": true}
	for _, word := range licenseWord.FindAllString(text, -1) {
		if !seen[word] {
			seen[word] = true
			f.add("licence found", name, expression(word, texts), pointer)
		}
	}
}

func (f factSet) spdx(doc map[string]any) {
	texts, names := map[string]string{}, map[string]string{jsonText(doc["SPDXID"]): "document"}
	for i, v := range jsonArray(doc["hasExtractedLicensingInfos"]) {
		l := jsonObject(v)
		id, text := jsonText(l["licenseId"]), jsonText(l["extractedText"])
		texts[id] = text
		f.add("licence text", "", text, fmt.Sprintf("/hasExtractedLicensingInfos/%d/extractedText", i))
	}
	for list, member := range map[string]string{"packages": "name", "files": "fileName"} {
		for _, v := range jsonArray(doc[list]) {
			p := jsonObject(v)
			names[jsonText(p["SPDXID"])] = strings.TrimSpace(jsonText(p[member]) + " " + jsonText(p["versionInfo"]))
		}
	}
	edge := func(from, word, to, pointer string) {
		if from == to {
			return
		}
		typ := map[string]string{"CONTAINS": "contains", "CONTAINED_BY": "contains", "PACKAGE_OF": "contains", "DEPENDS_ON": "depends", "DESCRIBES": "describes", "DESCRIBED_BY": "describes"}[word]
		if strings.HasSuffix(word, "DEPENDENCY_OF") || strings.HasSuffix(word, "ED_BY") || strings.HasSuffix(word, "PACKAGE_OF") {
			from, to = to, from
		}
		if strings.HasSuffix(word, "DEPENDENCY_OF") {
			typ = "depends"
			if kind := strings.TrimSuffix(word, "DEPENDENCY_OF"); kind != "" {
				f.add("scope", names[to], strings.ToLower(kind), pointer)
			}
		}
		if typ == "" {
			typ = word
		}
		a, b := names[from], names[to]
		if a == "" {
			a = from
		}
		if b == "" {
			b = to
		}
		if b != "NOASSERTION" && (b != "NONE" || typ != "depends") {
			f.add("relationship "+typ, a, b, pointer)
		}
	}
	for i, v := range jsonArray(doc["relationships"]) {
		r := jsonObject(v)
		edge(jsonText(r["spdxElementId"]), jsonText(r["relationshipType"]), jsonText(r["relatedSpdxElement"]), fmt.Sprintf("/relationships/%d", i))
	}
	for i, v := range jsonArray(doc["documentDescribes"]) {
		edge(jsonText(doc["SPDXID"]), "DESCRIBES", jsonText(v), fmt.Sprintf("/documentDescribes/%d", i))
	}
	for i, v := range jsonArray(doc["packages"]) {
		p, at := jsonObject(v), fmt.Sprintf("/packages/%d", i)
		name := strings.TrimSpace(jsonText(p["name"]) + " " + jsonText(p["versionInfo"]))
		f.add("component", name, "component", at)
		f.add("licence declared", name, expression(jsonText(p["licenseDeclared"]), texts), at+"/licenseDeclared")
		f.add("licence concluded", name, expression(jsonText(p["licenseConcluded"]), texts), at+"/licenseConcluded")
		for _, v := range jsonArray(p["licenseInfoFromFiles"]) {
			f.found(name, jsonText(v), at+"/licenseInfoFromFiles", texts)
		}
		f.element(p, name, at)
		for j, v := range jsonArray(p["hasFiles"]) {
			edge(jsonText(p["SPDXID"]), "CONTAINS", jsonText(v), fmt.Sprintf("%s/hasFiles/%d", at, j))
		}
		if s := jsonText(p["downloadLocation"]); s != "NONE" {
			f.add("download location", name, s, at+"/downloadLocation")
		}
		f.leaf("truth value", name, "filesAnalyzed", p["filesAnalyzed"], at+"/filesAnalyzed")
		for _, member := range []string{"comment", "summary", "sourceInfo", "description", "copyrightText", "homepage", "packageFileName", "licenseComments"} {
			if s := jsonText(p[member]); s != "NONE" {
				f.add("text", name, s, at+"/"+member)
			}
		}
	}
	for i, v := range jsonArray(doc["files"]) {
		p, at := jsonObject(v), fmt.Sprintf("/files/%d", i)
		name := jsonText(p["fileName"])
		f.add("component", name, "component", at)
		f.add("licence concluded", name, expression(jsonText(p["licenseConcluded"]), texts), at+"/licenseConcluded")
		for _, v := range jsonArray(p["licenseInfoInFiles"]) {
			f.found(name, jsonText(v), at+"/licenseInfoInFiles", texts)
		}
		f.element(p, name, at)
	}
}

// element adds what SPDX packages and files, and CycloneDX components share.
func (f factSet) element(p map[string]any, name, at string) {
	for _, list := range []string{"checksums", "hashes"} {
		for i, v := range jsonArray(p[list]) {
			h := jsonObject(v)
			f.add("digest", name, jsonText(h["checksumValue"])+jsonText(h["content"]), fmt.Sprintf("%s/%s/%d", at, list, i))
		}
	}
	for i, v := range jsonArray(p["annotations"]) {
		f.add("annotation", name, jsonText(jsonObject(v)["comment"]), fmt.Sprintf("%s/annotations/%d", at, i))
	}
	for i, v := range jsonArray(p["externalRefs"]) {
		f.add("reference", name, jsonText(jsonObject(v)["referenceLocator"]), fmt.Sprintf("%s/externalRefs/%d", at, i))
	}
}

func (f factSet) leaf(kind, element, member string, v any, at string) {
	switch x := v.(type) {
	case bool:
		f.add(kind, element, member+" "+strconv.FormatBool(x), at)
	case float64:
		f.add(kind, element, member+" "+strconv.FormatFloat(x, 'g', -1, 64), at)
	}
}

func (f factSet) cyclonedx(doc map[string]any) {
	names, texts := map[string]string{}, map[string]string{}
	for i, v := range jsonArray(doc["properties"]) {
		p := jsonObject(v)
		if id, ok := strings.CutSuffix(strings.TrimPrefix(jsonText(p["name"]), "spdx:license:"), ":text"); ok {
			texts[id] = jsonText(p["value"])
			f.add("licence text", "", texts[id], fmt.Sprintf("/properties/%d", i))
		}
	}
	var each func(list []any, at string, visit func(map[string]any, string))
	each = func(list []any, at string, visit func(map[string]any, string)) {
		for i, v := range list {
			p := jsonObject(v)
			visit(p, fmt.Sprintf("%s/%d", at, i))
			each(jsonArray(p["components"]), fmt.Sprintf("%s/%d/components", at, i), visit)
		}
	}
	all := func(visit func(map[string]any, string)) {
		root := jsonObject(jsonObject(doc["metadata"])["component"])
		if root != nil {
			visit(root, "/metadata/component")
			each(jsonArray(root["components"]), "/metadata/component/components", visit)
		}
		each(jsonArray(doc["components"]), "/components", visit)
	}
	title := func(p map[string]any) string {
		return strings.TrimSpace(jsonText(p["name"]) + " " + jsonText(p["version"]))
	}
	all(func(p map[string]any, _ string) { names[jsonText(p["bom-ref"])] = title(p) })
	annotations := map[string][]string{}
	for _, v := range jsonArray(doc["annotations"]) {
		a := jsonObject(v)
		for _, s := range jsonArray(a["subjects"]) {
			annotations[jsonText(s)] = append(annotations[jsonText(s)], jsonText(a["text"]))
		}
	}
	root := jsonObject(jsonObject(doc["metadata"])["component"])
	if root != nil {
		f.add("relationship describes", "document", title(root), "/metadata/component")
	}
	all(func(p map[string]any, at string) {
		name := title(p)
		f.add("component", name, "component", at)
		f.licenses(jsonArray(p["licenses"]), name, "", at+"/licenses", texts)
		f.licenses(jsonArray(jsonObject(p["evidence"])["licenses"]), name, "licence found", at+"/evidence/licenses", texts)
		f.element(p, name, at)
		for _, text := range annotations[jsonText(p["bom-ref"])] {
			f.add("annotation", name, text, "/annotations")
		}
		for _, member := range []string{"purl", "cpe"} {
			f.add("reference", name, jsonText(p[member]), at+"/"+member)
		}
		for _, member := range []string{"swhid", "omniborId"} {
			for _, v := range jsonArray(p[member]) {
				f.add("reference", name, jsonText(v), at+"/"+member)
			}
		}
		downloads := 0
		for i, v := range jsonArray(p["externalReferences"]) {
			ref := jsonObject(v)
			kind := "reference"
			switch jsonText(ref["type"]) {
			case "distribution":
				if downloads++; downloads == 1 { // SPDX has one
					kind = "download location"
				}
			case "website":
				kind = "text"
			}
			f.add(kind, name, jsonText(ref["url"]), fmt.Sprintf("%s/externalReferences/%d", at, i))
		}
		for i, v := range jsonArray(p["components"]) {
			f.add("relationship contains", name, title(jsonObject(v)), fmt.Sprintf("%s/components/%d", at, i))
		}
		f.leaf("truth value", name, "modified", p["modified"], at+"/modified")
		f.leaf("truth value", name, "isExternal", p["isExternal"], at+"/isExternal")
		if s := jsonText(p["scope"]); s != "" {
			f.add("scope", name, s, at+"/scope")
		}
		for _, member := range []string{"copyright", "description"} {
			f.add("text", name, jsonText(p[member]), at+"/"+member)
		}
		for i, v := range jsonArray(p["properties"]) {
			x := jsonObject(v)
			pointer := fmt.Sprintf("%s/properties/%d", at, i)
			switch s := jsonText(x["value"]); strings.TrimPrefix(jsonText(x["name"]), "spdx:package:") {
			case "filesAnalyzed":
				f.add("truth value", name, "filesAnalyzed "+s, pointer)
			case "licenseConcluded":
				f.add("licence concluded", name, expression(s, texts), pointer)
			case "checksums":
				_, digest, _ := strings.Cut(s, ":")
				f.add("digest", name, digest, pointer)
			default:
				f.add("text", name, s, pointer)
				f.add("reference", name, s, pointer)
			}
		}
	})
	for i, v := range jsonArray(doc["dependencies"]) {
		d := jsonObject(v)
		for _, to := range jsonArray(d["dependsOn"]) {
			if a, b := names[jsonText(d["ref"])], names[jsonText(to)]; a != "" && b != "" && jsonText(d["ref"]) != jsonText(to) {
				f.add("relationship depends", a, b, fmt.Sprintf("/dependencies/%d", i))
			}
		}
	}
}

// licenses adds a list of choices: by role, as one conjunction, or each if role says so.
func (f factSet) licenses(list []any, name, role, at string, texts map[string]string) {
	byRole := map[string][]string{}
	pointers := map[string]string{}
	for i, v := range list {
		choice := jsonObject(v)
		pointer := fmt.Sprintf("%s/%d", at, i)
		l, s := jsonObject(choice["license"]), ""
		details := map[string]string{}
		for _, v := range jsonArray(choice["expressionDetails"]) {
			details[jsonText(jsonObject(v)["licenseIdentifier"])] = jsonText(jsonObject(jsonObject(v)["text"])["content"])
		}
		maps.Copy(details, texts)
		kind := jsonText(choice["acknowledgement"])
		if l != nil {
			kind = jsonText(l["acknowledgement"])
			s = jsonText(l["id"])
			if s == "" {
				s = "<" + jsonText(l["name"]) + ">"
				if a := jsonObject(l["text"]); jsonText(a["content"]) != "" && jsonText(a["encoding"]) == "" {
					s = "<" + jsonText(a["content"]) + ">"
					f.add("licence text", "", jsonText(a["content"]), pointer+"/license/text/content")
				}
			}
		} else {
			s = expression(jsonText(choice["expression"]), details)
			if role != "" {
				f.found(name, jsonText(choice["expression"]), pointer, details)
				continue
			}
		}
		if kind == "" {
			kind = "declared"
		}
		kind = "licence " + kind
		if role != "" {
			kind = role
		}
		if kind == "licence found" {
			f.add(kind, name, s, pointer)
			continue
		}
		if !slices.Contains(byRole[kind], s) {
			byRole[kind] = append(byRole[kind], s)
		}
		pointers[kind] = pointer
	}
	for kind, list := range byRole {
		f.add(kind, name, conjunction(list), pointers[kind])
	}
}

// resolves reports whether a JSON pointer leads to a value.
func resolves(v any, pointer string) bool {
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if pointer == "" {
			return true
		}
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		switch x := v.(type) {
		case map[string]any:
			e, ok := x[token]
			if !ok {
				return false
			}
			v = e
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i >= len(x) {
				return false
			}
			v = x[i]
		default:
			return false
		}
	}
	return true
}

// tally counts what became of the factSet of one kind.
type tally struct{ source, kept, listed, silent int }

// account counts the factSet of a source that its conversion keeps, that a loss names, and the others.
func account(source, result factSet, losses []Loss, counts map[string]*tally) (silent []string) {
	lost := map[string]bool{}
	for _, l := range losses {
		l.Pointer = strings.TrimPrefix(l.Pointer, "/Document") // around documents of SPDX 2.2
		lost[l.Pointer] = true
		if i := strings.Index(l.Pointer, "/licenses/"); i >= 0 { // a part of the statement
			if n := strings.IndexByte(l.Pointer[i+len("/licenses/"):], '/'); n >= 0 {
				lost[l.Pointer[:i+len("/licenses/")+n]] = true
			}
		}
	}
	for k, pointers := range source {
		kind, _, _ := strings.Cut(k.kind, " ")
		if kind == "relationship" {
			kind = k.kind
			if kind != "relationship contains" && kind != "relationship depends" && kind != "relationship describes" {
				kind = "relationship, other"
			}
		} else {
			kind = k.kind
		}
		n := counts[kind]
		if n == nil {
			n = &tally{}
			counts[kind] = n
		}
		n.source += len(pointers)
		if kind == "licence text" {
			if _, ok := result[k]; ok {
				n.kept += len(pointers)
				continue
			}
		}
		kept := min(len(result[k]), len(pointers))
		if (strings.HasPrefix(kind, "relationship") || kind == "licence found") && kept > 0 {
			kept = len(pointers) // stated twice in the source, once in the result
		}
		n.kept += kept
		missing := len(pointers) - kept
		for _, pointer := range pointers {
			named := false
			for p := pointer; !named; p = p[:strings.LastIndexByte(p, '/')] {
				if named = lost[p]; p == "" {
					break
				}
			}
			if named && missing > 0 {
				missing--
				n.listed++
			}
		}
		if missing > 0 {
			n.silent += missing
			silent = append(silent, fmt.Sprintf("%v of %v", k, pointers[0]))
		}
	}
	return silent
}

// TestConvertFacts converts every document of the corpus and compares factSet:
// relationships with their kind, licences by role with the texts that they stand for, truth
// values, digests, references. Each is in the result, or a loss names it, with a
// pointer that the source has.
func TestConvertFacts(t *testing.T) {
	dir, rows := corpus.SBOMs(t)
	for _, target := range []Target{TargetSPDX23, TargetCycloneDX16, TargetCycloneDX15} {
		counts := map[string]*tally{}
		documents, pointers, shown := 0, 0, 0
		for _, e := range rows {
			data, err := os.ReadFile(filepath.Join(dir, e.Path))
			if err != nil {
				t.Fatal(err)
			}
			doc, err := Read(bytes.NewReader(data), nil)
			if err != nil || doc.Format == FormatSPDX3JSON || len(data) > largestConverted {
				continue
			}
			out, losses, err := Convert(doc, target)
			if err != nil {
				continue
			}
			if !json.Valid(data) {
				if data, err = doc.inJSON(); err != nil {
					t.Fatal(err)
				}
			}
			text, err := out.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			documents++
			data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
			for _, what := range account(jsonFacts(t, data), jsonFacts(t, text), losses, counts) {
				if shown++; shown <= 40 {
					t.Errorf("%s to %v: %.200s", e.Path, target, what)
				}
			}
			source := decoded(t, data)
			for _, l := range losses {
				if !resolves(source, l.Pointer) {
					if pointers++; pointers <= 5 {
						t.Errorf("%s to %v: no %s in the source: %s", e.Path, target, l.Pointer, l.Message)
					}
				}
			}
		}
		t.Logf("to %v: %d documents, %d pointers of losses that the source does not have", target, documents, pointers)
		for _, kind := range slices.Sorted(maps.Keys(counts)) {
			n := counts[kind]
			t.Logf("%-24s %7d in the source, %7d in the result, %7d listed as lost, %6d silent", kind, n.source, n.kept, n.listed, n.silent)
		}
		if documents < 600 {
			t.Errorf("%d documents are too few", documents)
		}
	}
}

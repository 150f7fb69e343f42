// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	gosarif "github.com/owenrumney/go-sarif/v2/sarif"

	"github.com/HailBytes/evidence/sarif"
)

// Parse reads a SARIF 2.1.0 log into go-sarif's types. What package sarif refuses
// is refused: duplicate names, trailing data, other versions. Two things that are
// valid SARIF and that go-sarif cannot hold are brought into a form that it can:
// indexes of -1, which mean none, are left out, and dates without a time get one.
// Messages of exceptions, which it takes for texts, become texts.
func Parse(data []byte, o *sarif.ReadOptions) (*gosarif.Report, error) {
	if _, err := sarif.ReadSARIF(bytes.NewReader(data), o); err != nil {
		return nil, err
	}
	var doc any
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	d.UseNumber() // large numbers keep their digits
	if err := d.Decode(&doc); err != nil {
		return nil, err
	}
	normalize(doc)
	if top := doc.(map[string]any); top["version"] == nil { // read as 2.1.0, so named it
		top["version"] = "2.1.0"
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	return gosarif.FromBytes(text)
}

// normalize goes through a document. Property bags may hold anything under any
// name, and are left as they are.
func normalize(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			normalize(e)
		}
	case map[string]any:
		for name, e := range v {
			if name == "properties" {
				continue
			}
			if n, ok := e.(json.Number); ok && n == "-1" && unsigned[name] {
				delete(v, name)
				continue
			}
			if s, ok := e.(string); ok && strings.HasSuffix(name, "Utc") && len(s) == len("2006-01-02") {
				v[name] = s + "T00:00:00Z"
				continue
			}
			if exception, ok := e.(map[string]any); ok && name == "exception" {
				if message, ok := exception["message"].(map[string]any); ok {
					exception["message"], _ = message["text"].(string)
				}
			}
			normalize(e)
		}
	}
}

// unsigned are the members that go-sarif holds as unsigned numbers and whose
// default is -1 in the specification.
var unsigned = map[string]bool{
	"index": true, "parentIndex": true, "ruleIndex": true, "id": true, "rank": true, "length": true, "executionOrder": true,
	"invocationIndex": true, "runGraphIndex": true, "resultGraphIndex": true, "charOffset": true, "byteOffset": true,
	"absoluteAddress": true, "offsetFromParent": true, "relativeAddress": true, "threadId": true,
}

// Read makes findings of a report. A report without a list of results in a run
// is not evidence of a clean scan, as everywhere in package sarif: go-sarif does not
// tell an absent list from one that is null.
func Read(r *gosarif.Report, o *sarif.ReadOptions) (*sarif.Log, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("go-sarif: %w", err)
	}
	return sarif.ReadSARIF(bytes.NewReader(text), o)
}

// Report makes a report of findings, as [sarif.WriteSARIF] writes it. Read gives
// the findings back.
func Report(findings []*sarif.Finding, o *sarif.WriteOptions) (*gosarif.Report, error) {
	var b bytes.Buffer
	if err := sarif.WriteSARIF(&b, findings, o); err != nil {
		return nil, err
	}
	return gosarif.FromBytes(b.Bytes())
}

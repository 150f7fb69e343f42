// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"bytes"
	_ "embed"
	"io"
	"sync"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/schema"
)

// schemaID is the identifier of the JSON Schema that ValidateSchema obeys.
const schemaID = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

//go:embed schema/sarif-schema-2.1.0.json
var schemaText []byte

var compiledSchema = sync.OnceValues(func() (*schema.Schema, error) {
	return schema.Compile(schemaID, map[string][]byte{schemaID: schemaText})
})

// ValidateSchema holds a document against the JSON Schema of SARIF 2.1.0 with
// errata 01, formats asserted, and returns every difference, in document order;
// none means schema-valid. The error is for data that is no strict JSON within
// the limits. A byte order mark and UTF-16 are no differences: the schema judges
// values, not bytes; positions then count bytes of the text as UTF-8 without a mark.
//
// Safe for concurrent use.
func ValidateSchema(data []byte, l evidence.Limits) (evidence.Problems, error) {
	s, err := compiledSchema()
	if err != nil {
		return nil, err
	}
	if data, err = asUTF8(data); err != nil {
		return nil, err
	}
	return s.Validate(data, l)
}

// asUTF8 returns data as UTF-8 without a byte order mark.
func asUTF8(data []byte) ([]byte, error) {
	r, encoding := jsonstrict.UTF8(bytes.NewReader(data))
	if encoding == "UTF-8" {
		return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), nil
	}
	return io.ReadAll(r)
}

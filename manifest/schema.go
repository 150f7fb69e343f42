// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import _ "embed"

//go:embed schema/manifest-v1.json
var schemaV1 string

// Schema returns the JSON Schema (2020-12) of MANIFEST.json, version 1. Its $id is
// [SchemaV1]. It asserts the formats "date" and "date-time". The package
// documentation lists the rules that it cannot say.
func Schema() []byte { return []byte(schemaV1) }

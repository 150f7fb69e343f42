// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import _ "embed"

//go:embed schema/manifest-v1.json
var schemaV1 string

//go:embed schema/release-v1.json
var schemaConfig string

// SchemaConfig identifies the JSON Schema of release.json; see ConfigSchema.
const SchemaConfig = "https://hailbytes.com/schemas/trust-pack/release/v1"

// Schema returns the JSON Schema (2020-12) of MANIFEST.json, version 1. Its $id is
// [SchemaV1]. It asserts the formats "date" and "date-time". The package
// documentation lists the rules that it cannot say.
func Schema() []byte { return []byte(schemaV1) }

// ConfigSchema returns the JSON Schema (2020-12) of release.json, which ParseConfig reads:
// for editors, which find it by the member "$schema" of the file. Its $id is
// [SchemaConfig]. It refers to definitions of [Schema] by their $id.
func ConfigSchema() []byte { return []byte(schemaConfig) }

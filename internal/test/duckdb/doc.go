// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package duckdb tests that DuckDB, and a second reader that has no code in common with
// it, find in the tables what the packs hold. It is a module of its own: DuckDB is not
// for users of the module above.
//
// The tests make 50 packs; EVIDENCE_FLEET says another number, and EVIDENCE_FLEET_DIR
// where the packs and tables stay.
package duckdb

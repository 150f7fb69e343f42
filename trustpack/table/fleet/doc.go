// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package fleet keeps the tables of many packs in a folder, for databases that read
// files: as Parquet or JSON Lines, first one file for each pack and table, then one
// sorted file for each product and table.
//
//	f, err := fleet.Open("lake", nil)
//	...
//	defer f.Close()
//	landed, err := f.Land(ctx, packs) // one Landed for each pack: a broken one says why
//	_, err = f.Compact(ctx)
//	err = f.WriteTexts()
//
// The columns are those of package table. The folder is
//
//	landing/TABLE/product=PRODUCT/PACK_ID.parquet   what Land writes, once for each content digest
//	tables/TABLE/product=PRODUCT/part-0.parquet     what Compact writes: the tables that engines read
//	tables.sql questions.sql                        views and ten questions for DuckDB
//	athena.sql spark.sql trino.sql                  the same folder as external tables
//
// # Files
//
// Column names are lower case. There are no maps and no unsigned integers; times are
// milliseconds in UTC; text that is not known is null, lists are never null. The column
// product is in the name of the folder and in the file. The same packs give the same
// bytes, in whatever order and in however many runs they come. Primary keys are not
// enforced; a row is one of its pack by
//
//	packs, and none else           pack_id
//	images                         image
//	files                          path
//	packages                       image, source_path, source_pointer
//	findings                       image, vulnerability, purl, name, installed
//	checks                         check_id, subject
//	controls                       framework, control_id, evidence
//
// # One machine, and more
//
// Land reads several packs at once, each on one CPU, and bounded memory for each.
// Compact holds one table of one product in memory. Where that is too little, packs
// are independent: [RowsOf], [Write], [Read] and [Sort] are the parts of another
// pipeline, which examples/fleet is.
package fleet

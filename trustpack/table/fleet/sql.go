// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	_ "embed"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/HailBytes/evidence/trustpack/table"
)

//go:embed sql/questions.sql
var questions string

// Texts returns the SQL that belongs to the tables in a folder, by the name of its file:
// tables.sql (views for DuckDB, which is started in the folder), questions.sql (ten
// questions as macros of DuckDB), and the declarations of external tables for Athena,
// Spark and Trino. These are for the format Parquet; in them stands LOCATION for where
// the folder is, such as s3://bucket/evidence.
func Texts(f Format) map[string]string {
	texts := map[string]string{"tables.sql": duckDB(f.orDefault()), "questions.sql": questions}
	if f.orDefault() == Parquet {
		for _, e := range engines {
			texts[e.name+".sql"] = e.text()
		}
	}
	return texts
}

// WriteTexts writes Texts into the folder.
func (f *Folder) WriteTexts() error {
	for name, text := range Texts(f.o.Format) {
		if err := f.whole(filepath.Join(f.dir, name), func(w io.Writer) error { _, err := io.WriteString(w, text); return err }); err != nil {
			return err
		}
	}
	return nil
}

// Parts of table definitions, by the Go type of a column.
type sqlTypes map[reflect.Type]string

var (
	stringType = reflect.TypeFor[string]()
	intType    = reflect.TypeFor[int64]()
	boolType   = reflect.TypeFor[bool]()
	floatType  = reflect.TypeFor[float64]()
	timeType   = reflect.TypeFor[table.Time]()
	listType   = reflect.TypeFor[[]string]()
)

// duckDB declares views. Types are stated for JSON Lines, which has none of its own.
func duckDB(f Format) string {
	types := sqlTypes{stringType: "VARCHAR", intType: "BIGINT", boolType: "BOOLEAN", floatType: "DOUBLE", timeType: "TIMESTAMPTZ", listType: "VARCHAR[]"}
	var b strings.Builder
	b.WriteString("-- Views of DuckDB over the tables, for a start in this folder: duckdb -init tables.sql\n")
	for _, k := range kinds {
		files := fmt.Sprintf("%s/%s/*/*.%s", tablesDir, k.title(), f)
		from := fmt.Sprintf("read_parquet('%s')", files)
		if f == JSONLines {
			var columns []string
			for _, c := range k.columns() {
				columns = append(columns, fmt.Sprintf("%s: '%s'", c.name, types[c.typ]))
			}
			from = fmt.Sprintf("read_json('%s', format = 'newline_delimited', columns = {%s})", files, strings.Join(columns, ", "))
		}
		fmt.Fprintf(&b, "CREATE OR REPLACE VIEW %s AS SELECT * FROM %s;\n", k.title(), from)
	}
	return b.String()
}

// engine is one that reads the folder as external tables.
type engine struct {
	name  string
	head  string
	types sqlTypes
	table string // of name, columns
	after string // of name: finds the folders product=...
	quote string // of names: Hive has "commit" for a word of its own
	last  bool   // the column of the folders is declared as the last one
}

var engines = []engine{
	{
		name: "athena", head: "CREATE DATABASE IF NOT EXISTS evidence;\n",
		types: sqlTypes{stringType: "string", intType: "bigint", boolType: "boolean", floatType: "double", timeType: "timestamp", listType: "array<string>"},
		table: "CREATE EXTERNAL TABLE IF NOT EXISTS evidence.%[1]s (\n%[2]s\n) PARTITIONED BY (product string)\nSTORED AS PARQUET LOCATION 'LOCATION/tables/%[1]s/';\n",
		after: "MSCK REPAIR TABLE evidence.%s;\n", quote: "`",
	},
	{
		name: "spark", head: "CREATE DATABASE IF NOT EXISTS evidence;\n",
		types: sqlTypes{stringType: "STRING", intType: "BIGINT", boolType: "BOOLEAN", floatType: "DOUBLE", timeType: "TIMESTAMP", listType: "ARRAY<STRING>"},
		table: "CREATE TABLE IF NOT EXISTS evidence.%[1]s (\n%[2]s\n) USING PARQUET PARTITIONED BY (product)\nLOCATION 'LOCATION/tables/%[1]s';\n",
		after: "MSCK REPAIR TABLE evidence.%s;\n", quote: "`",
		last: true,
	},
	{
		name: "trino", head: "CREATE SCHEMA IF NOT EXISTS hive.evidence;\n",
		types: sqlTypes{stringType: "VARCHAR", intType: "BIGINT", boolType: "BOOLEAN", floatType: "DOUBLE", timeType: "TIMESTAMP(3)", listType: "ARRAY(VARCHAR)"},
		table: "CREATE TABLE IF NOT EXISTS hive.evidence.%[1]s (\n%[2]s\n) WITH (format = 'PARQUET', partitioned_by = ARRAY['product'],\n  external_location = 'LOCATION/tables/%[1]s');\n",
		after: "CALL hive.system.sync_partition_metadata('evidence', '%s', 'FULL');\n", quote: `"`,
		last: true,
	},
}

// text declares the tables. The product stands in the names of the folders, from where
// these engines take it; they do not look at the column of the files.
func (e engine) text() string {
	var b strings.Builder
	b.WriteString("-- Put the place of the folder for LOCATION: s3://bucket/evidence\n" + e.head)
	for _, k := range kinds {
		var lines []string
		for _, c := range k.columns() {
			if c.name != "product" {
				lines = append(lines, "  "+e.quote+c.name+e.quote+" "+e.types[c.typ])
			}
		}
		if e.last {
			lines = append(lines, "  product "+e.types[stringType])
		}
		fmt.Fprintf(&b, "\n"+e.table+e.after, k.title(), strings.Join(lines, ",\n"))
	}
	return b.String()
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Fleet writes the tables of Trust Packs as trustpack-table does, on more than one
// machine: it is a pipeline of Apache Beam.
//
//	fleet -packs 'packs/*.zip' -out lake                        in this process, by Beam's Prism
//	fleet -packs 'gs://releases/*.zip' -out gs://lake -shards 8 \
//	      -runner dataflow -project P -region R -staging_location gs://lake-staging
//	fleet ... -runner flink -endpoint localhost:8099            also spark, or any job server (universal)
//
// Packs and tables are in local folders (file), Google Cloud Storage (gs) or S3 (s3), as
// workers see them. Each pack is read whole into the memory of one worker, so are the
// rows of one table, product and shard. With one shard the files are those of
// trustpack-table, byte for byte; with more, the rows are the same.
//
// A broken pack does not end the run: broken.jsonl in the folder names it with its
// reason, and the exit code is 1. What a worker did that died is done again, under the
// same names; two packs of one content digest are one. The folder must not hold tables
// yet.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/gcs"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/s3"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"

	"github.com/HailBytes/evidence/trustpack/table/fleet"
)

var (
	packs  = flag.String("packs", "", "pattern of the packs: packs/*.zip, gs://bucket/*.zip")
	out    = flag.String("out", "", "folder for the tables, which holds none yet")
	shards = flag.Int("shards", 1, "files for each table and product")
)

func main() {
	flag.Parse()
	beam.Init()
	broken, err := run(context.Background(), *packs, *out, *shards)
	switch {
	case err != nil:
		fmt.Fprintf(os.Stderr, "fleet: %v\n", err)
		os.Exit(2)
	case broken != "":
		fmt.Fprintf(os.Stderr, "fleet: broken packs were left out:\n%s", broken)
		os.Exit(1)
	}
}

// run runs the pipeline and returns what it wrote of broken packs.
func run(ctx context.Context, packs, out string, shards int) (broken string, err error) {
	if packs == "" || out == "" || shards < 1 {
		return "", errors.New("-packs, -out and at least one shard are needed")
	}
	files, err := filesystem.New(ctx, out)
	if err != nil {
		return "", err
	}
	defer files.Close()
	for _, pattern := range []string{out + "/tables/packs/*/*", out + "/" + brokenName} {
		// Another number of shards, or packs that went, would leave files of the run before.
		if old, err := files.List(ctx, pattern); err == nil && len(old) > 0 {
			return "", fmt.Errorf("%s is there already: use a folder without tables", old[0])
		}
	}
	p, s := beam.NewPipelineWithRoot()
	pipeline(s, packs, out, shards)
	if err := beamx.Run(ctx, p); err != nil {
		return "", err
	}
	for name, text := range fleet.Texts(fleet.Parquet) {
		if err := filesystem.Write(ctx, files, out+"/"+name, []byte(text)); err != nil {
			return "", err
		}
	}
	if list, err := files.List(ctx, out+"/"+brokenName); err != nil || len(list) == 0 {
		return "", err
	}
	text, err := filesystem.Read(ctx, files, out+"/"+brokenName)
	return string(text), err
}

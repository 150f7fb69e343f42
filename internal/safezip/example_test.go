// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/safezip"
)

func file(name, content string) safezip.File {
	return safezip.File{Name: name, Size: int64(len(content)), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(content)), nil
	}}
}

func Example() {
	ctx := context.Background()
	var pack bytes.Buffer
	files := []safezip.File{file("MANIFEST.json", "{}\n"), file("sbom/web.spdx.json", "{}\n")}
	if _, err := safezip.Write(ctx, &pack, files, nil); err != nil {
		fmt.Println(err)
		return
	}

	a, err := safezip.Open(bytes.NewReader(pack.Bytes()), int64(pack.Len()), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	problems, err := a.Verify(ctx, nil)
	fmt.Println(len(problems), err)
	for _, e := range a.Entries() {
		fmt.Println(e.Name, e.Size)
	}
	// Output:
	// 0 <nil>
	// MANIFEST.json 3
	// sbom/web.spdx.json 3
}

// One byte after the end record is a problem with a code and a class.
func ExampleOpen_refused() {
	var pack bytes.Buffer
	if _, err := safezip.Write(context.Background(), &pack, []safezip.File{file("a", "a")}, nil); err != nil {
		fmt.Println(err)
		return
	}
	pack.WriteByte('\n')

	_, err := safezip.Open(bytes.NewReader(pack.Bytes()), int64(pack.Len()), nil)
	if p, ok := errors.AsType[*evidence.Problem](err); ok {
		fmt.Println(p.Code, errors.Is(err, evidence.ErrFormat))
		fmt.Println(p)
	}
	// Output:
	// archive.end true
	// 1 bytes follow the end record
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/HailBytes/evidence/internal/test/corpus"
)

// sbomSample is a real document of Syft, in parts that can be repeated.
type sbomSample struct {
	head     []byte              // members that stand once
	sections []string            // names of the lists, in order
	lists    map[string][][]byte // elements, as they are written
}

// Real output of Syft: SPDX 2.3 and CycloneDX of the same three images.
var sbomImages = []string{"hailbytes-asm-web", "hailbytes-asm-nginx", "hailbytes-asm-celery"}

// sampleSBOM joins the documents of one format.
func sampleSBOM(t testing.TB, suffix string, sections ...string) *sbomSample {
	dir := corpus.Dir(t, "real", "asm-1.482", "sbom")
	s := &sbomSample{sections: sections, lists: map[string][][]byte{}}
	for _, image := range sbomImages {
		data, err := os.ReadFile(filepath.Join(dir, image+suffix))
		if err != nil {
			t.Fatal(err)
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal(data, &members); err != nil {
			t.Fatal(err)
		}
		for _, name := range sections {
			var elements []json.RawMessage
			if err := json.Unmarshal(members[name], &elements); err != nil {
				t.Fatal(err)
			}
			for _, e := range elements {
				s.lists[name] = append(s.lists[name], e)
			}
			delete(members, name)
		}
		if s.head == nil {
			if s.head, err = json.Marshal(members); err != nil {
				t.Fatal(err)
			}
		}
	}
	return s
}

// sbomChanges are identifiers and digests.
var sbomChanges = regexp.MustCompile(`SPDXRef-(?:File|Package)-[^"\\]*|package-id=[0-9a-f]+|\b[0-9a-f]{40}\b|\b[0-9a-f]{64}\b`)

// generate writes a document of about size bytes: the sample again and again,
// with its own identifiers and digests each time.
func (s *sbomSample) generate(size int) []byte {
	once := 0
	for _, list := range s.lists {
		for _, e := range list {
			once += len(e) + 1
		}
	}
	var b bytes.Buffer
	b.Grow(size + size/16)
	b.Write(bytes.TrimSuffix(s.head, []byte("}")))
	// Each list takes the same part of the document as in the sample.
	rng := rand.New(rand.NewPCG(1, 2))
	part := float64(size) / float64(once)
	for _, name := range s.sections {
		fmt.Fprintf(&b, ",%q:[", name)
		list := s.lists[name]
		changes := make([][][]int, len(list))
		var element []byte
		for i := range max(int(float64(len(list))*part), 1) {
			if i > 0 {
				b.WriteByte(',')
			}
			if i < len(list) {
				changes[i] = changing(list[i])
				b.Write(list[i])
				continue
			}
			n := i % len(list)
			element = renew(element[:0], list[n], changes[n], i/len(list), rng)
			b.Write(element)
		}
		b.WriteByte(']')
	}
	b.WriteByte('}')
	return b.Bytes()
}

// changing finds what differs from copy to copy, once for each element.
func changing(e []byte) [][]int {
	return sbomChanges.FindAllIndex(e, -1)
}

// renew returns element e, whose changing parts are at, as it stands in copy k.
func renew(out, e []byte, at [][]int, k int, rng *rand.Rand) []byte {
	from := 0
	for _, span := range at {
		out = append(out, e[from:span[0]]...)
		part := e[span[0]:span[1]]
		from = span[1]
		if len(part) != 40 && len(part) != 64 || bytes.IndexByte(part, '-') >= 0 {
			out = append(out, part...) // an identifier
			out = strconv.AppendInt(append(out, '-'), int64(k), 10)
			continue
		}
		const digits = "0123456789abcdef"
		for i := 0; i < len(part); i += 8 {
			for n, j := rng.Uint32(), 0; j < 8; n, j = n>>4, j+1 {
				out = append(out, digits[n&15])
			}
		}
	}
	return append(out, e[from:]...)
}

func spdxSample(t testing.TB) *sbomSample {
	return sampleSBOM(t, ".spdx.json", "packages", "files", "relationships")
}

func cycloneDXSample(t testing.TB) *sbomSample {
	return sampleSBOM(t, ".cdx.json", "components", "dependencies")
}

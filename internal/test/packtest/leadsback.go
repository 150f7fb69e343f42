// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package packtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// LeadsBack returns an error unless a pack has a file at path, with this SHA-256, and
// something at the place in it: a JSON Pointer, "line N", or nothing for the whole file.
func LeadsBack(pack fs.FS, path, digest, place string) error {
	data, err := fs.ReadFile(pack, path)
	if err != nil {
		return err
	}
	if got := sha256.Sum256(data); hex.EncodeToString(got[:]) != digest {
		return fmt.Errorf("%s has SHA-256 %x, want %s", path, got, digest)
	}
	if line, ok := strings.CutPrefix(place, "line "); ok {
		if n, err := strconv.Atoi(line); err != nil || n < 1 || n > bytes.Count(data, []byte("\n"))+1 {
			return fmt.Errorf("%s has no %s", path, place)
		}
		return nil
	}
	if place == "" {
		return nil
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return fmt.Errorf("%s: %v", path, err)
	}
	for token := range strings.SplitSeq(place[1:], "/") {
		switch node := v.(type) {
		case map[string]any:
			v = node[strings.NewReplacer("~1", "/", "~0", "~").Replace(token)]
		case []any:
			i, err := strconv.Atoi(token)
			if v = nil; err == nil && i >= 0 && i < len(node) {
				v = node[i]
			}
		default:
			v = nil
		}
	}
	if v == nil {
		return fmt.Errorf("%s has nothing at %s", path, place)
	}
	return nil
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"net/url"
	"strings"
)

// resolveURI joins a base URI and a reference by RFC 3986 section 5. Texts that
// are no URIs are joined as they are.
func resolveURI(base, ref string) string {
	if base == "" {
		return ref
	}
	if ref == "" {
		return base
	}
	b, err := url.Parse(base)
	if err != nil {
		return base + ref
	}
	u, err := b.Parse(ref)
	if err != nil {
		return base + ref
	}
	return u.String()
}

// lastElement returns what follows the last slash.
func lastElement(path string) string {
	return path[strings.LastIndexByte(path, '/')+1:]
}

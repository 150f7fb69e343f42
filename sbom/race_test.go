// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

//go:build race

package sbom

func init() { largestConverted = 100 << 10 }

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

//go:build race

package interop

func init() { largestExchanged = 200 << 10 }

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

//go:build race

package trustpack

func init() { underRace = true }

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package bench measures the module beside its peers, on the same bytes and in
// one run. It is a module of its own so that the peers stay out of the main go.mod.
package bench

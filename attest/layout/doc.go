// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package layout verifies classic in-toto layouts: that each step of a supply
// chain was carried out by those whom the layout names, and that what one step
// made is what the next one took.
//
//	result, err := layout.Verify(ctx, data, os.DirFS("links"), keys, nil)
//
// The formats and rules are in-toto-golang's, which reads layouts and links (in-toto
// specification v1.0, Metablock and DSSE), verifies their signatures and
// thresholds and applies artifact rules. This package adds the walls around it:
//
//   - links are read from an fs.FS, bounded and as strict JSON, and put into a
//     directory that is thrown away;
//   - a threshold counts different keys, not key ids;
//   - a step cannot name a file outside that directory;
//   - inspections, which are commands that the layout's author chose, are refused
//     unless Options.UnsafeRunInspections is set. They then run in a copy of the links'
//     folder, never in the caller's, with next to no environment. They are not
//     confined: a command may do whatever the process may do.
//   - nothing is printed, and the working directory does not change.
//
// It is a package of its own because in-toto-golang brings some 50 packages, which
// users of package attest do not need.
//
// Every error of a layout that does not hold is an *attest.Error of stage layout;
// [ErrInspections] says that it asks for commands.
package layout

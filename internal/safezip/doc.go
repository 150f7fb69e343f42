// Package safezip reads and writes the ZIP archives of the module.
//
// The reader holds to one rule: every byte of the file belongs to exactly one
// record, and every fact that is stated twice agrees. An archive which obeys it
// reads the same with every tool. Start with [Open], or with [Check] to see every
// problem; read entries with [Entry.Open] or, all at once on all CPUs, with
// [Archive.Verify].
package safezip

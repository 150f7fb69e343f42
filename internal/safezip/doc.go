// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package safezip reads and writes the ZIP archives of the module.
//
// The reader holds to one rule: every byte of the file belongs to exactly one
// record, and every fact that is stated twice agrees. An archive that obeys it
// means the same to every tool, so what was verified is what is unpacked.
// archive/zip does not promise that: it finds entries through the directory and
// ignores what lies between them.
//
// Start with [Open], or with [Check] to see every problem. Read one entry with
// [Entry.Open], or all on every CPU with [Archive.Verify]; write them to disk with
// [Extract]. [Write] makes an archive whose bytes depend on its content alone.
//
// # Rules
//
// A refused archive gives a problem with one of these codes. The section is that of
// PKWARE's APPNOTE 6.3.10, the last column names the cases under
// testdata/vectors/archives, or the test, that break the rule.
//
//	code                       rule                                                        section   cases
//	archive.end                the end record ends the file                                4.3.16    end-*
//	archive.comment            neither archive nor entry has a comment                     4.4.18    end-comment, directory-comment
//	archive.disks              everything is on disk 0                                     4.4.11    end-*disk*, zip64-*disk*, directory-disk
//	archive.zip64              ZIP64 records and fields agree with all else                4.3.14    zip64-*
//	archive.directory          the directory leads up to the end records, record by record 4.3.12    end-directory-*, directory-*
//	archive.count              as many entries as announced                                4.4.21    end-count-*, zip64-count-*
//	archive.prefix             the first entry starts the file                             4.3.6     end-prefix-byte, prefix-*
//	archive.gap                nothing stands between entries or before the directory      4.3.6     gap-*
//	archive.overlap            no two records share a byte                                 4.3.6     overlap-*
//	archive.local              a local header stands where the directory says              4.3.7     local-*
//	archive.descriptor         a data descriptor only after deflated data, and true        4.3.9     descriptor-*
//	archive.name-mismatch      local header and directory agree on the name                4.4.17    mismatch-name*
//	archive.method-mismatch    ... on the method                                           4.4.5     mismatch-method*
//	archive.flags-mismatch     ... on the flags                                            4.4.4     mismatch-flags*
//	archive.crc-mismatch       ... on the CRC-32                                           4.4.7     mismatch-crc*
//	archive.size-mismatch      ... on both sizes                                           4.4.8     mismatch-size*
//	archive.time-mismatch      ... on date and time                                        4.4.6     mismatch-time, mismatch-date
//	archive.version-mismatch   ... on the version needed                                   4.4.3     mismatch-version
//	archive.encrypted          nothing is encrypted                                        4.4.4     encrypted*
//	archive.patch              nothing is patch data                                       4.4.4     patch
//	archive.flags              no reserved flag is set                                     4.4.4     flag-*
//	archive.method             entries are stored or deflated                              4.4.5     method-*
//	archive.version            version 4.5 is enough to read them                          4.4.3     version-*
//	archive.extra              extra fields are known, well-formed and agree               4.5       extra-*
//	archive.creator            the attributes are those of FAT, NTFS or Unix               4.4.2     creator-*
//	archive.attributes         no reserved internal attribute is set                       4.4.14    directory-internal-*
//	archive.type               regular files and directories, as their names say           4.4.15    type-*
//	archive.mode               nothing is setuid, setgid or sticky                         4.4.15    type-set*, type-sticky
//	archive.folder             directories have no content                                 4.3.8     type-folder-*
//	archive.entries            at most Limits.Entries entries                              -         TestLimits
//	archive.entry-size         at most Limits.EntryBytes in an entry                       -         limit-entry*
//	archive.total-size         at most Limits.TotalBytes in all                            -         TestLimits
//	archive.ratio              at most Limits.Ratio above 1 MiB, and above 64 MiB in all   -         limit-ratio*
//	archive.name-RULE          names are safe: rules of packages safepath and nameset      4.4.17    name-*, collision-*
//	archive.name-encoding      names outside ASCII are declared as UTF-8                   D.1       name-encoding-*
//	archive.deflate            the data are one deflate stream                             4.4.5     content-deflate-*
//	archive.trailing           nothing follows the stream                                  4.3.8     content-trailing-*
//	archive.length             the content has the declared size                           4.4.9     content-size-*
//	archive.checksum           the content has the declared CRC-32, zero too               4.4.7     content-crc-*
//
// The last four show when an entry is read. archive.canonical is a warning: a header
// or stream is not as [Write] makes it, so another tool made or changed the archive,
// though its content is sound. Streams are compared in archives of up to 4 MiB; in
// larger ones only the bits after their end are looked at.
//
// # What honest writers do
//
// Accepted with that warning, as Python, Info-ZIP, 7-Zip, jar and archive/zip write
// it: directory entries; data descriptors after deflated data, signed or not; ZIP64
// fields and records that are not needed, where they agree; times, owners and the
// JAR marker in extra fields; compression level flags; UTF-8 names that Info-ZIP on Unix
// does not declare. Not accepted, though some of them do it: a data descriptor
// after stored data, since then only the directory tells where the data end; a
// named pipe, which is how Info-ZIP and 7-Zip record standard input.
//
// # What is not promised
//
// The file must not change while an Archive is used: what Verify found holds for the
// bytes that it read. Bytes in a deflate stream that carry no content (empty
// blocks, unused codes) are not looked for.
package safezip

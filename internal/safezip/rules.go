// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip

import (
	"github.com/HailBytes/evidence"
)

// rule is one reason to refuse an archive: its stable code and its class.
type rule struct {
	code  string
	class error
}

// The rules, in the order of the table in the package documentation.
var (
	ruleEnd       = rule{"archive.end", evidence.ErrFormat}
	ruleComment   = rule{"archive.comment", evidence.ErrUnsafe}
	ruleDisks     = rule{"archive.disks", evidence.ErrUnsupported}
	ruleZIP64     = rule{"archive.zip64", evidence.ErrMismatch}
	ruleDirectory = rule{"archive.directory", evidence.ErrFormat}
	ruleCount     = rule{"archive.count", evidence.ErrMismatch}

	rulePrefix     = rule{"archive.prefix", evidence.ErrUnsafe}
	ruleGap        = rule{"archive.gap", evidence.ErrUnsafe}
	ruleOverlap    = rule{"archive.overlap", evidence.ErrUnsafe}
	ruleLocal      = rule{"archive.local", evidence.ErrFormat}
	ruleDescriptor = rule{"archive.descriptor", evidence.ErrMismatch}

	ruleNameMismatch    = rule{"archive.name-mismatch", evidence.ErrMismatch}
	ruleMethodMismatch  = rule{"archive.method-mismatch", evidence.ErrMismatch}
	ruleFlagsMismatch   = rule{"archive.flags-mismatch", evidence.ErrMismatch}
	ruleCRCMismatch     = rule{"archive.crc-mismatch", evidence.ErrMismatch}
	ruleSizeMismatch    = rule{"archive.size-mismatch", evidence.ErrMismatch}
	ruleTimeMismatch    = rule{"archive.time-mismatch", evidence.ErrMismatch}
	ruleVersionMismatch = rule{"archive.version-mismatch", evidence.ErrMismatch}

	ruleEncrypted  = rule{"archive.encrypted", evidence.ErrUnsupported}
	rulePatch      = rule{"archive.patch", evidence.ErrUnsupported}
	ruleFlags      = rule{"archive.flags", evidence.ErrUnsupported}
	ruleMethod     = rule{"archive.method", evidence.ErrUnsupported}
	ruleVersion    = rule{"archive.version", evidence.ErrUnsupported}
	ruleExtra      = rule{"archive.extra", evidence.ErrUnsafe}
	ruleCreator    = rule{"archive.creator", evidence.ErrUnsupported}
	ruleAttributes = rule{"archive.attributes", evidence.ErrUnsupported}
	ruleType       = rule{"archive.type", evidence.ErrUnsafe}
	ruleMode       = rule{"archive.mode", evidence.ErrUnsafe}
	ruleFolder     = rule{"archive.folder", evidence.ErrUnsafe}

	ruleEntries   = rule{"archive.entries", evidence.ErrLimit}
	ruleEntrySize = rule{"archive.entry-size", evidence.ErrLimit}
	ruleTotalSize = rule{"archive.total-size", evidence.ErrLimit}
	ruleRatio     = rule{"archive.ratio", evidence.ErrLimit}

	ruleNameEncoding = rule{"archive.name-encoding", evidence.ErrUnsafe}

	ruleDeflate  = rule{"archive.deflate", evidence.ErrFormat}
	ruleTrailing = rule{"archive.trailing", evidence.ErrUnsafe}
	ruleLength   = rule{"archive.length", evidence.ErrMismatch}
	ruleChecksum = rule{"archive.checksum", evidence.ErrMismatch}
)

// allRules is every rule of this package.
var allRules = []rule{
	ruleEnd, ruleComment, ruleDisks, ruleZIP64, ruleDirectory,
	ruleCount, rulePrefix, ruleGap, ruleOverlap, ruleLocal,
	ruleDescriptor, ruleNameMismatch, ruleMethodMismatch, ruleFlagsMismatch, ruleCRCMismatch,
	ruleSizeMismatch, ruleTimeMismatch, ruleVersionMismatch, ruleEncrypted, rulePatch,
	ruleFlags, ruleMethod, ruleVersion, ruleExtra, ruleCreator,
	ruleAttributes, ruleType, ruleMode, ruleFolder, ruleEntries,
	ruleEntrySize, ruleTotalSize, ruleRatio, ruleNameEncoding, ruleDeflate,
	ruleTrailing, ruleLength, ruleChecksum,
}

// namePrefix leads the code of a rule of package safepath or nameset.
const namePrefix = "archive.name-"

// CodeCanonical is the code of the warnings about headers and streams that the
// Writer of this package would not have written.
const CodeCanonical = "archive.canonical"

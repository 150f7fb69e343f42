package safezip

import "github.com/HailBytes/evidence/internal/diag"

// rule is one reason to refuse an archive: its stable code and its class.
type rule struct {
	code  string
	class error
}

// The rules, in the order of the table in the package documentation.
var (
	ruleEnd       = rule{"archive.end", diag.ErrFormat}
	ruleComment   = rule{"archive.comment", diag.ErrUnsafe}
	ruleDisks     = rule{"archive.disks", diag.ErrUnsupported}
	ruleZIP64     = rule{"archive.zip64", diag.ErrMismatch}
	ruleDirectory = rule{"archive.directory", diag.ErrFormat}
	ruleCount     = rule{"archive.count", diag.ErrMismatch}

	rulePrefix     = rule{"archive.prefix", diag.ErrUnsafe}
	ruleGap        = rule{"archive.gap", diag.ErrUnsafe}
	ruleOverlap    = rule{"archive.overlap", diag.ErrUnsafe}
	ruleLocal      = rule{"archive.local", diag.ErrFormat}
	ruleDescriptor = rule{"archive.descriptor", diag.ErrMismatch}

	ruleNameMismatch    = rule{"archive.name-mismatch", diag.ErrMismatch}
	ruleMethodMismatch  = rule{"archive.method-mismatch", diag.ErrMismatch}
	ruleFlagsMismatch   = rule{"archive.flags-mismatch", diag.ErrMismatch}
	ruleCRCMismatch     = rule{"archive.crc-mismatch", diag.ErrMismatch}
	ruleSizeMismatch    = rule{"archive.size-mismatch", diag.ErrMismatch}
	ruleTimeMismatch    = rule{"archive.time-mismatch", diag.ErrMismatch}
	ruleVersionMismatch = rule{"archive.version-mismatch", diag.ErrMismatch}

	ruleEncrypted  = rule{"archive.encrypted", diag.ErrUnsupported}
	rulePatch      = rule{"archive.patch", diag.ErrUnsupported}
	ruleFlags      = rule{"archive.flags", diag.ErrUnsupported}
	ruleMethod     = rule{"archive.method", diag.ErrUnsupported}
	ruleVersion    = rule{"archive.version", diag.ErrUnsupported}
	ruleExtra      = rule{"archive.extra", diag.ErrUnsafe}
	ruleCreator    = rule{"archive.creator", diag.ErrUnsupported}
	ruleAttributes = rule{"archive.attributes", diag.ErrUnsupported}
	ruleType       = rule{"archive.type", diag.ErrUnsafe}
	ruleMode       = rule{"archive.mode", diag.ErrUnsafe}
	ruleFolder     = rule{"archive.folder", diag.ErrUnsafe}

	ruleEntries   = rule{"archive.entries", diag.ErrLimit}
	ruleEntrySize = rule{"archive.entry-size", diag.ErrLimit}
	ruleTotalSize = rule{"archive.total-size", diag.ErrLimit}
	ruleRatio     = rule{"archive.ratio", diag.ErrLimit}

	ruleNameEncoding = rule{"archive.name-encoding", diag.ErrUnsafe}

	ruleDeflate  = rule{"archive.deflate", diag.ErrFormat}
	ruleTrailing = rule{"archive.trailing", diag.ErrUnsafe}
	ruleLength   = rule{"archive.length", diag.ErrMismatch}
	ruleChecksum = rule{"archive.checksum", diag.ErrMismatch}
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

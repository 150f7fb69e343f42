// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package evidence

// Limits bounds what a reader accepts. A zero field means its default, so the
// zero Limits is the default set; there is no way to say "unlimited", only a
// larger number. Sizes are bytes.
type Limits struct {
	// Documents.
	DocumentBytes int64 // one JSON, XML, CSV or text document; default 2 GiB: the largest SBOMs seen are 300 MB
	Depth         int   // nesting of JSON or XML; default 200: real evidence stays under 40
	StringBytes   int   // one string, attribute or text node; default 64 MiB: a base64 payload of a 48 MiB bundle fits
	Elements      int   // members of one object or elements of one array, children of one XML element; default 4,194,304
	Attributes    int   // attributes of one XML element; default 1,024: real evidence stays under 20
	MemoryRatio   int   // bytes of the model that is made of a document, for each byte of it and beyond 16 MiB; default 32: real SBOMs take 2 to 4, a list of nothing but "{}" 400

	// Scans.
	Findings int // results of one report; default 1,000,000: each takes some 500 bytes, and the largest scans seen hold some 100,000

	// Tests.
	Tests    int   // suites, cases, and the results, properties and attachments of them, of one report together; default 2,000,000: each takes some 200 bytes
	TestText int64 // names, messages and outputs of one report that are kept, together; default 128 MiB: the largest reports seen hold some 40 MB

	// Licences.
	ImportPath int // bytes of the import path of a package; default 1,024: the longest seen have some 150

	// Archives.
	Entries    int   // entries of one archive; default 200,000
	EntryBytes int64 // one entry, uncompressed; default 4 GiB
	TotalBytes int64 // all entries, uncompressed; default 16 GiB
	Ratio      int   // uncompressed over compressed size of an entry above 1 MiB; default 200
	NameBytes  int   // one entry name; default 1,024; a single component may have 255
	PathDepth  int   // components of one entry name; default 64: real evidence stays under 10

	// Attestations.
	BundleBytes  int64 // one Sigstore bundle or DSSE envelope; default 48 MiB: a 32 MiB predicate in base64
	Signatures   int   // signatures of one envelope; default 16
	Subjects     int   // subjects of one statement; default 1,024
	Digests      int   // digests of one subject; default 32
	LogEntries   int   // transparency log entries, and timestamps, of one bundle; default 32
	Attestations int   // attestations of one file; default 1,024: tools write one a line for each platform, document and signer

	// Images.
	Pixels      int64 // width times height of one screenshot; default 64 Mi
	TotalPixels int64 // of the screenshots of one pack that are decoded, together; default 1 Gi: a thousand of 1280 x 720 and some
}

// OrDefault returns l with every zero or negative field replaced by its default.
func (l Limits) OrDefault() Limits {
	orInt := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	orInt64 := func(v *int64, d int64) {
		if *v <= 0 {
			*v = d
		}
	}
	orInt64(&l.DocumentBytes, 2<<30)
	orInt(&l.Depth, 200)
	orInt(&l.StringBytes, 64<<20)
	orInt(&l.Elements, 4<<20)
	orInt(&l.Attributes, 1024)
	orInt(&l.MemoryRatio, 32)
	orInt(&l.Findings, 1_000_000)
	orInt(&l.Tests, 2_000_000)
	orInt64(&l.TestText, 128<<20)
	orInt(&l.ImportPath, 1024)
	orInt(&l.Entries, 200_000)
	orInt64(&l.EntryBytes, 4<<30)
	orInt64(&l.TotalBytes, 16<<30)
	orInt(&l.Ratio, 200)
	orInt(&l.NameBytes, 1024)
	orInt(&l.PathDepth, 64)
	orInt64(&l.BundleBytes, 48<<20)
	orInt(&l.Signatures, 16)
	orInt(&l.Subjects, 1024)
	orInt(&l.Digests, 32)
	orInt(&l.LogEntries, 32)
	orInt(&l.Attestations, 1024)
	orInt64(&l.Pixels, 64<<20)
	orInt64(&l.TotalPixels, 1<<30)
	return l
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package xmlstrict reads XML 1.0 with namespaces from sources that nobody
// vouches for.
//
// A [Decoder] pulls one token after another, holding no more than a window of
// the text and one tag or text. It knows no DTD, so nothing is ever expanded or
// fetched; the five predefined entities and character references are all there
// is. It refuses, with the code and class given:
//
//	code                     refused                                                   class
//	xml.syntax               anything outside the grammar                              diag.ErrFormat
//	xml.truncated            the text ends inside the document, or holds none          diag.ErrFormat
//	xml.trailing             anything but comments and white space after the root      diag.ErrFormat
//	xml.tag                  an end tag that does not match its start tag              diag.ErrFormat
//	xml.duplicate-attribute  two attributes of one element with equal names            diag.ErrFormat
//	xml.namespace            a prefix that is not declared, or a forbidden declaration diag.ErrFormat
//	xml.entity               a reference to an entity that is not predefined           diag.ErrFormat
//	xml.char                 a character that XML 1.0 §2.2 excludes, even as reference diag.ErrFormat
//	xml.encoding             bytes that are not text of the encoding, or an encoding
//	                         declared that cannot be the one in use                    diag.ErrFormat
//	xml.charset              a declared encoding that is not known here                diag.ErrUnsupported
//	xml.version              a version other than 1.x                                  diag.ErrUnsupported
//	xml.dtd                  a document type declaration                               diag.ErrUnsafe
//	xml.depth                nesting beyond Limits.Depth                               diag.ErrLimit
//	xml.size                 a document beyond Limits.DocumentBytes                    diag.ErrLimit
//	xml.text                 a text or start tag beyond Limits.StringBytes             diag.ErrLimit
//	xml.attributes           an element with more than Limits.Attributes               diag.ErrLimit
//	xml.elements             an element with more than Limits.Elements children        diag.ErrLimit
//	xml.namespace-size       a namespace name of more than 1,024 bytes                 diag.ErrLimit
//
// Every error is a *diag.Problem with line, column and offset; an error of the
// io.Reader is returned as it is and matches no class. A document of version
// 1.1 is read by the rules of 1.0, as XML 1.0 §2.8 has it.
//
// UTF-8, UTF-16 (by its mark or its first bytes) and the encodings that
// [Encodings] lists are read, all turned into UTF-8; positions count bytes of
// that. Line ends are normalised (XML 1.0 §2.11) and attribute values too (§3.3.3).
// Comments and processing instructions are checked and dropped; text and CDATA
// around them is one text.
//
// Errors stick: after the first, [Decoder.Next] returns Invalid and
// [Decoder.Child] false, so a caller checks [Decoder.End] once. The shape of a
// typed reader is a loop over the children of an element:
//
//	d := xmlstrict.New(r, xmlstrict.Options{})
//	d.Root()
//	for depth := d.Depth(); d.Child(depth); {
//		switch d.Name().Local {
//		case "name":
//			v.Name = d.Content()
//		case "part":
//			v.Parts = append(v.Parts, readPart(d))
//		}
//	}
//	return v, d.End()
//
// A child that the loop body does not read is skipped, checked all the same.
//
// A Decoder is not safe for concurrent use.
package xmlstrict

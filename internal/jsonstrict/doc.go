// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package jsonstrict reads JSON (RFC 8259) from sources that nobody vouches for.
//
// A [Decoder] pulls one value after another from a byte slice or an io.Reader,
// holding no more than a window of the text. It refuses what lenient decoders
// let pass with a meaning of their own:
//
//	code                 refused                                              class
//	json.syntax          anything outside the grammar                         diag.ErrFormat
//	json.truncated       the text ends inside a value                         diag.ErrFormat
//	json.trailing        anything but white space after the last value        diag.ErrFormat
//	json.duplicate-name  two members of one object with equal names           diag.ErrFormat
//	json.utf8            bytes that are not UTF-8, or an unpaired surrogate   diag.ErrFormat
//	json.nul             U+0000 in a string, unless Options.AllowNUL          diag.ErrFormat
//	json.bom             a byte order mark, unless Options.AllowBOM           diag.ErrFormat
//	json.type            a value of another type than the one asked for       diag.ErrFormat
//	json.number          a number that does not fit the type asked for        diag.ErrFormat
//	json.depth           nesting beyond Limits.Depth                          diag.ErrLimit
//	json.size            a document beyond Limits.DocumentBytes               diag.ErrLimit
//	json.string          a string beyond Limits.StringBytes                   diag.ErrLimit
//	json.elements        an object or array beyond Limits.Elements            diag.ErrLimit
//
// Every error is a *diag.Problem with JSON pointer, line, column and offset; an
// error of the io.Reader is returned as it is and matches no class.
//
// Errors stick: after the first, every method returns a zero value and
// [Decoder.Next] returns false, so a caller checks [Decoder.End] once. The shape
// of a typed reader is a loop over a switch:
//
//	d := jsonstrict.NewBytes(data, jsonstrict.Options{})
//	for d.Object(); d.Next(); {
//		switch string(d.Key()) {
//		case "name":
//			v.Name = d.String()
//		case "tags":
//			for d.Array(); d.Next(); {
//				v.Tags = append(v.Tags, d.String())
//			}
//		}
//	}
//	return v, d.End()
//
// A member or element that the loop body does not read is skipped, checked all
// the same. Time is linear in the text; memory is the window, the longest
// string, and the names of the objects that are open.
//
// A Decoder is not safe for concurrent use.
package jsonstrict

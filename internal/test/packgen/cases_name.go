// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package packgen

import (
	"fmt"
	"strings"
)

func nameCases() []Case {
	var cases []Case
	add := func(rule, name, description string, names ...string) {
		for i, n := range names {
			id := "name-" + name
			if len(names) > 1 {
				id = fmt.Sprintf("%s-%d", id, i+1)
			}
			e := Stored(n, "")
			if strings.HasSuffix(n, "/") {
				e = Dir(n)
			}
			cases = append(cases, refused(id, "archive.name-"+rule, description+": "+fmt.Sprintf("%+q", n), base(e)))
		}
	}
	add("empty", "empty", "an empty name", "", "/")
	add("empty", "empty-component", "an empty component", "notes//c.txt", "notes/c.txt//")
	add("absolute", "absolute", "an absolute name", "/etc/passwd", "//server/share", "/etc/")
	add("dot", "dot", "a component that is a dot", "./c.txt", "notes/./c.txt", "notes/.", "./")
	add("dot", "parent", "a component that leads up", "../c.txt", "notes/../../c.txt", "notes/..", "..", "../")
	add("dot", "look-alike", "a component of characters that look like or become full stops", "notes/\u2025/c.txt", "\uff0e\uff0e/c.txt", "\u2024\u2024/c.txt", ".\uff0e/c.txt", "\u2026/c.txt")
	add("dot", "dots", "a component of three dots", "notes/.../c.txt")
	add("character", "backslash", "a backslash", "..\\c.txt", "notes\\c.txt", "\\\\server\\share", "notes/c.txt\\")
	add("character", "drive", "a drive letter", "C:/c.txt", "c:c.txt", "notes/D:c.txt")
	add("character", "stream", "an alternate data stream", "notes/a.txt:hidden", "notes/a.txt::$DATA")
	add("character", "reserved", "a character that Windows reserves", "notes/*.txt", "notes/?.txt", "notes/<c.txt", "notes/c>.txt", "notes/c|d", "notes/\"c\"")
	add("control", "nul", "a NUL", "notes/c.txt\x00.exe", "notes/c\x00")
	add("control", "control", "a control character", "notes/c\n.txt", "notes/c\r", "notes/\tc", "notes/\x1b[31mc", "notes/c\x7f", "notes/c\u0080", "notes/c\u0085", "notes/c\u009f")
	add("bidi", "bidi", "a character that changes direction", "notes/\u202efdp.exe", "notes/\u202ac", "notes/c\u200f", "notes/\u200ec", "notes/\u2066c\u2069", "notes/\u061cc")
	add("invisible", "zero-width", "a character without width", "notes/c\u200b.txt", "notes/c\u200d.txt", "notes/c\u200c.txt", "\ufeffnotes/c.txt", "notes/c\u2060", "notes/c\u00ad.txt",
		"notes/c\u180e", "notes/c\u034f", "notes/\U000e0063", "notes/c\ufffb")
	add("invisible", "filler", "a filler without ink", "notes/\u3164", "notes/\u115fc", "notes/\uffa0", "notes/c\u2800")
	add("separator", "line", "a line or paragraph separator", "notes/c\u2028", "notes/\u2029c")
	add("separator", "slash", "a character that looks like or becomes a slash", "notes\u2044c", "notes\u2215c", "notes\uff0fc", "notes\u29f8c", "notes\u2571c", "notes\u2100c", "..\uff0fc")
	add("separator", "slash-back", "a character that looks like or becomes a backslash", "notes\uff3cc", "notes\u2216c", "notes\ufe68c", "notes\u29f5c", "notes\u29f9c")
	add("device", "device", "a device of Windows", "CON", "notes/con", "notes/PRN.txt", "AUX/c.txt", "nul.tar.gz", "notes/Com1", "LPT9.log", "COM\u00b9", "lpt\u00b2.txt", "COM\u00b3", "CONIN$", "conout$.txt",
		"NUL .txt", "\uff23\uff2f\uff2e")
	add("trailing", "trailing", "a component that ends with a full stop or a space", "notes/c.", "notes/c ", "notes./c", "notes /c", "notes/c.txt. ", " ")
	add("utf8", "utf8", "a name that is not UTF-8", "notes/\xff", "notes/c\xc3", "notes/\xc0\xafc", "notes/\xed\xa0\x80", "notes/\xf4\x90\x80\x80", "notes/\xe2\x82", "caf\x82.txt")
	add("utf8", "noncharacter", "a noncharacter", "notes/\ufffe", "notes/\ufdd0", "notes/\U0010ffff")

	plain := func(name, description string, madeBy uint16) Case {
		e := Stored("notes/\u00e9.txt", "")
		e.Both(func(r *Record) { r.Flags = 0 })
		e.Central.MadeBy = madeBy
		return refused(name, "archive.name-encoding", description, base(e))
	}
	return append(cases,
		plain("name-encoding-fat", "a name in UTF-8 that is not said to be so, from FAT", 20),
		plain("name-encoding-unix", "a name in UTF-8 that is not said to be so, from a writer that says it otherwise", 3<<8|20))
}

func collisionCases() []Case {
	pair := func(rule, name, description string, names ...string) Case {
		var entries []*Entry
		for _, n := range names {
			if strings.HasSuffix(n, "/") {
				entries = append(entries, Dir(n))
			} else {
				entries = append(entries, Stored(n, n))
			}
		}
		return refused("collision-"+name, "archive.name-"+rule, fmt.Sprintf("%s: %+q", description, names), base(entries...))
	}
	return []Case{
		pair("duplicate", "duplicate", "a name twice", "notes/c", "notes/c"),
		pair("duplicate", "duplicate-manifest", "a second manifest", "MANIFEST.json"),
		pair("duplicate", "duplicate-folder", "a directory twice", "d/", "d/"),
		pair("collision", "case", "names that differ in case", "notes/c", "notes/C"),
		pair("collision", "case-manifest", "a manifest that differs in case", "Manifest.json"),
		pair("collision", "case-folder", "directories that differ in case", "docs/c", "Docs/d"),
		pair("collision", "case-folder-entry", "directory entries that differ in case", "docs/", "DOCS/"),
		pair("collision", "case-accent", "names that differ in the case of an accented letter", "\u00e9", "\u00c9"),
		pair("collision", "case-greek", "names that differ in a final sigma", "\u03c3", "\u03c2"),
		pair("collision", "case-sharp-s", "names that are equal under full case folding", "stra\u00dfe", "STRASSE"),
		pair("collision", "case-long-s", "a long s", "\u017f", "s"),
		pair("collision", "case-kelvin", "the sign of Kelvin", "\u212a", "k"),
		pair("collision", "nfc", "names that are equal under NFC", "\u00e9", "e\u0301"),
		pair("collision", "nfc-hangul", "a Hangul syllable and its parts", "\uac00", "\u1100\u1161"),
		pair("collision", "nfc-order", "accents in another order", "q\u0307\u0323", "q\u0323\u0307"),
		pair("collision", "nfc-folder", "directories that are equal under NFC", "\u00e9/c", "e\u0301/d"),
		pair("collision", "nfkc-ligature", "a ligature", "\ufb01le", "file"),
		pair("collision", "nfkc-fullwidth", "a fullwidth letter", "\uff41", "a"),
		pair("collision", "nfkc-circled", "a circled digit", "\u2460", "1"),
		pair("collision", "nfkc-superscript", "a superscript digit", "x\u00b2", "x2"),
		pair("collision", "nfkc-case", "a fullwidth capital", "\uff21", "a"),
		pair("collision", "nfkc-space", "a no-break space", "a\u00a0b", "a b"),
		pair("collision", "variation", "a variation selector", "\u2764", "\u2764\ufe0f"),
		pair("tree", "file-folder", "a file that is also a directory", "c", "c/d"),
		pair("tree", "folder-file", "a directory that is also a file", "c/d", "c"),
		pair("tree", "file-folder-entry", "a file and a directory entry", "c", "c/"),
		pair("tree", "file-folder-deep", "a file that is a directory further down", "c/d", "c/d/e/f"),
		pair("tree", "file-folder-case", "a file that is a directory in another case", "C", "c/d"),
		pair("tree", "manifest-folder", "a directory with the name of the manifest", "MANIFEST.json/c"),
	}
}

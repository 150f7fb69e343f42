// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"embed"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/bidi"
)

// The fonts are subsets, see fonts/README.md: DejaVu Sans for Latin, Greek, Cyrillic,
// Armenian, Georgian, Hebrew and Arabic, Droid Sans Fallback for Chinese, Japanese and Korean.
//
//go:embed fonts/*.ttf
var fontFiles embed.FS

// face is one font, and the characters that it has.
type face struct {
	family, style string
	data          []byte
	font          *sfnt.Font
}

func (f *face) has(r rune) bool {
	if r > 0xFFFF { // the PDF library writes none above
		return false
	}
	var b sfnt.Buffer
	i, err := f.font.GlyphIndex(&b, r)
	return err == nil && i != 0
}

var faces = sync.OnceValues(func() ([]*face, error) {
	var list []*face
	for _, f := range []face{{family: "sans"}, {family: "sans", style: "B"}, {family: "cjk"}} {
		name := map[string]string{"sans": "DejaVuSans.ttf", "sansB": "DejaVuSans-Bold.ttf", "cjk": "DroidSansFallback.ttf"}[f.family+f.style]
		var err error
		if f.data, err = fontFiles.ReadFile("fonts/" + name); err != nil {
			return nil, err
		}
		if f.font, err = sfnt.Parse(f.data); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		list = append(list, &f)
	}
	return list, nil
})

// typesetter writes text of any script: each part of it in a font that has its characters.
type typesetter struct {
	*fpdf.Fpdf
	regular, bold, cjk *face
	known              map[rune]*face // of regular text
	knownBold          map[rune]*face
	advances           map[bool]map[rune]float64 // by bold: width of a character of one point, in millimetres
}

func newTypesetter(pdf *fpdf.Fpdf) (*typesetter, error) {
	list, err := faces()
	if err != nil {
		return nil, err
	}
	for _, f := range list {
		pdf.AddUTF8FontFromBytes(f.family, f.style, f.data)
	}
	return &typesetter{Fpdf: pdf, regular: list[0], bold: list[1], cjk: list[2], known: map[rune]*face{}, knownBold: map[rune]*face{},
		advances: map[bool]map[rune]float64{false: {}, true: {}}}, nil
}

// face returns the font that a character is written in; nil where none has it.
func (t *typesetter) face(r rune, bold bool) *face {
	known, order := t.known, []*face{t.regular, t.cjk}
	if bold {
		known, order = t.knownBold, []*face{t.bold, t.regular, t.cjk}
	}
	f, ok := known[r]
	if !ok {
		for _, candidate := range order {
			if candidate.has(r) {
				f = candidate
				break
			}
		}
		known[r] = f
	}
	return f
}

// printable makes text of one line of what the fonts can show: a character that none of them
// has is written as its number, so that nothing is lost.
func (t *typesetter) printable(s string, bold bool) string {
	s = line(s)
	var b strings.Builder
	for _, r := range s {
		if t.face(r, bold) == nil {
			fmt.Fprintf(&b, "<U+%04X>", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// style is how text is written.
type style struct {
	size float64 // points
	bold bool
	rgb  [3]int
}

// runs calls do for each part of text that one font writes.
func (t *typesetter) runs(s string, bold bool, do func(f *face, part string)) {
	start := 0
	var current *face
	for i, r := range s {
		f := t.face(r, bold)
		if f != current && i > start {
			do(current, s[start:i])
			start = i
		}
		current = f
	}
	if start < len(s) {
		do(current, s[start:])
	}
}

// width measures text in millimetres.
func (t *typesetter) width(s string, st style) float64 {
	w := 0.0
	t.runs(s, st.bold, func(f *face, part string) {
		t.SetFont(f.family, f.style, st.size)
		w += t.GetStringWidth(part)
	})
	return w
}

// advance is the width of a character of one point. It is measured once: a document has
// many characters, and few different ones.
func (t *typesetter) advance(r rune, bold bool) float64 {
	w, ok := t.advances[bold][r]
	if !ok {
		w = t.width(string(r), style{size: 100, bold: bold}) / 100
		t.advances[bold][r] = w
	}
	return w
}

// put writes one line of text that is printable, from x with its base line at y.
func (t *typesetter) put(x, y float64, s string, st style) {
	t.SetTextColor(st.rgb[0], st.rgb[1], st.rgb[2])
	t.runs(visual(s), st.bold, func(f *face, part string) {
		t.SetFont(f.family, f.style, st.size)
		t.Text(x, y, part)
		x += t.GetStringWidth(part)
	})
}

// visual puts a line into the order in which it is seen: from left to right.
func visual(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r >= 0x590 && r <= 0x8FF || r >= 0xFB1D && r <= 0xFEFC }) < 0 {
		return s
	}
	var p bidi.Paragraph
	if _, err := p.SetString(s); err != nil {
		return s
	}
	order, err := p.Order()
	if err != nil {
		return s
	}
	var b strings.Builder
	for i := range order.NumRuns() {
		run := order.Run(i)
		text := run.String()
		if run.Direction() == bidi.RightToLeft {
			text = bidi.ReverseString(text)
		}
		b.WriteString(text)
	}
	return b.String()
}

// mostText is how much of a text is laid out, in bytes: more than fits a page.
const mostText = 8000

// wrap breaks text into lines no wider than width, at most most of them; the last says
// with … that there is more. A word that is too long is broken.
func (t *typesetter) wrap(s string, width float64, st style, most int) []string {
	if len(s) > mostText {
		s = strings.ToValidUTF8(s[:mostText], "") + "…"
	}
	s = t.printable(s, st.bold)
	var lines []string
	for s != "" {
		w, end, blank := 0.0, len(s), -1
		for i, r := range s {
			if w += t.advance(r, st.bold) * st.size; w > width && i > 0 {
				end = i
				break
			}
			if r == ' ' {
				blank = i
			}
		}
		if end < len(s) && blank > 0 && s[end] != ' ' {
			end = blank
		}
		lines = append(lines, strings.TrimSpace(s[:end]))
		s = strings.TrimLeft(s[end:], " ")
		if len(lines) == most && s != "" {
			last := lines[most-1]
			for last != "" && t.width(last+"…", st) > width {
				_, n := utf8.DecodeLastRuneInString(last)
				last = last[:len(last)-n]
			}
			lines[most-1] = last + "…"
			break
		}
	}
	return lines
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package page

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/HailBytes/evidence/internal/textfmt"
)

// Style and script stand in the page, allowed by their hash: a policy of 'self'
// means different things for pages opened from disk.
var (
	//go:embed page.html.tmpl
	pageText string
	//go:embed app.css
	appStyle string
	//go:embed app.js
	appScript string

	pageTemplate = template.Must(template.New("index.html").Funcs(template.FuncMap{
		"count":  func(n int, noun string) string { return textfmt.Count(n, noun) },
		"number": textfmt.Number,
		"size":   textfmt.Size,
		"when":   when,
		"short":  short,
		"link":   linkTo,
		"join":   strings.Join,
		"key":    func(f Finding) string { return f.ID + "|" + f.Image + "|" + f.Package },
		"or0":    func(s string) string { return orElse(s, "not stated") },
	}).Parse(pageText))
)

// Render writes the page of d. The error is that of w.
func Render(w io.Writer, d *Data) error {
	copied := *d
	if copied.Rules == 0 {
		copied.Rules = Rules
	}
	data, err := block(&copied)
	if err != nil {
		return err
	}
	v := newOverview(&copied)
	v.Style, v.Script = template.CSS(appStyle), template.JS(appScript)
	v.StyleHash, v.ScriptHash = hashOf(appStyle), hashOf(appScript)
	var out bytes.Buffer
	if err := pageTemplate.ExecuteTemplate(&out, "above the data", v); err != nil {
		return err
	}
	out.Write(data)
	if err := pageTemplate.ExecuteTemplate(&out, "below the data", v); err != nil {
		return err
	}
	_, err = out.WriteTo(w)
	return err
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// when writes an RFC 3339 time for people.
func when(text string) string {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return orElse(text, "not stated")
	}
	return t.UTC().Format("2 Jan 2006, 15:04 UTC")
}

// short cuts a digest or commit to what tells it from others.
func short(s string) string {
	algorithm, hex, found := strings.Cut(s, ":")
	if !found {
		algorithm, hex = "", s
	} else {
		algorithm += ":"
	}
	return algorithm + hex[:min(12, len(hex))]
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// passive are the file types that no browser runs. The script has the same list.
var passive = []string{
	".json", ".sarif", ".csv", ".txt", ".md", ".png", ".jpg", ".jpeg", ".pem", ".pub", ".crt",
	".yml", ".yaml", ".hcl", ".mod", ".sum", ".log", ".bundle", ".gz", ".zip", ".spdx",
}

// linkTo returns a relative URL for a file that a browser shows without running
// it; empty for all others.
func linkTo(name string) string {
	if !slices.Contains(passive, strings.ToLower(path.Ext(name))) {
		return ""
	}
	return (&url.URL{Path: "./" + name}).EscapedPath()
}

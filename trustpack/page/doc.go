// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package page writes and reads index.html, the page of a Trust Pack for people.
//
// [Render] makes the page of [Data]; [Read] takes the Data out of a page. The page
// is one file that asks for nothing: it opens from a disk without a network. What a reader
// needs first is plain HTML and works without JavaScript: the overview, the
// images, the commands that verify, the findings of high and critical severity, the files.
// The script adds the views that are searched, filtered and sorted; it reads the one block of
// data in the page.
//
// # The page as a format
//
//   - One element <script type="application/json" id="data"> holds the Data as JSON; above
//     64 KiB it has the attribute data-encoding="deflate-base64" and holds the base64 (RFC
//     4648 section 4) of the raw DEFLATE (RFC 1951) of that JSON.
//   - The Content-Security-Policy allows one style and one script, by hash, and images in data:
//     URLs. The script makes no HTML of text: the policy demands trusted types and allows none.
//   - The address names what is shown: #VIEW?KEY=VALUE&…, with q for the words searched, sort
//     for the column (with - for descending), page, open for the row whose details are shown,
//     and the name of a facet for each of its values.
//   - The same Data give the same bytes.
//
// # How it is made
//
// The sources of script and style are in web/, in TypeScript with Preact: small (a few kB),
// widely used, and it sets text and properties, never HTML. Tables, search, the fragment
// and charts are our own few hundred lines: table libraries bring rendering and state that this
// page has already. esbuild bundles them to app.js and app.css, which are committed, so that
// users of this package need no Node. A test holds the bundle against its sources:
//
//	cd web && npm ci --ignore-scripts && npm run build
package page

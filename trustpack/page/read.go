// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package page

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/flate"

	"github.com/HailBytes/evidence"
)

const (
	blockOpen  = `<script type="application/json" id="data"`
	plain      = `>`
	packed     = ` data-encoding="deflate-base64">`
	blockClose = `</script>`

	packFrom  = 64 << 10  // bytes of JSON from which the block is deflated
	packLevel = 9         // part of the format: another level gives other bytes
	mostData  = 256 << 20 // bytes of JSON that Read takes; the Data of 100,000 packages are below 50 MB
)

// ErrNoData says that a page holds no data to read.
var ErrNoData = errors.New("the page holds no block of data")

// Read returns the Data of a page. The error is [ErrNoData] for a page without a
// block of data, such as one that another program made; otherwise it matches
// evidence.ErrFormat or evidence.ErrLimit. A block that is not, byte for byte, the one that Render writes for
// these Data is refused, so nothing can stand in it that is not compared.
func Read(page []byte) (*Data, error) {
	text, err := dataOf(page)
	if err != nil {
		return nil, err
	}
	var d Data
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		// Data of newer rules may have members that this version does not know.
		var head struct {
			Rules int `json:"rules"`
		}
		if json.Unmarshal(text, &head) == nil && head.Rules != Rules {
			return &Data{Rules: head.Rules}, nil
		}
		return nil, malformed("the data of the page: %v", err)
	}
	again, err := block(&d)
	if err != nil {
		return nil, err
	}
	if d.Rules == Rules && !bytes.Contains(page, again) {
		return nil, malformed("the data of the page are not written as this program writes them")
	}
	return &d, nil
}

// dataOf returns the JSON in a page.
func dataOf(page []byte) ([]byte, error) {
	_, rest, found := bytes.Cut(page, []byte(blockOpen))
	if !found {
		return nil, ErrNoData
	}
	if bytes.Contains(rest, []byte(blockOpen)) {
		return nil, malformed("the page holds more than one block of data")
	}
	text, _, closed := bytes.Cut(rest, []byte(blockClose))
	if !closed {
		return nil, malformed("the block of data has no end")
	}
	if text, ok := bytes.CutPrefix(text, []byte(plain)); ok {
		return text, nil
	}
	text, ok := bytes.CutPrefix(text, []byte(packed))
	if !ok {
		return nil, malformed("the block of data has attributes that this program does not write")
	}
	r := flate.NewReader(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(text)))
	out, err := io.ReadAll(io.LimitReader(r, mostData+1))
	if err != nil {
		return nil, malformed("the block of data: %v", err)
	}
	if len(out) > mostData {
		return nil, &evidence.Problem{Code: "index.data", Severity: evidence.SeverityError, Err: evidence.ErrLimit, Message: fmt.Sprintf("the data of the page are over %d bytes", mostData)}
	}
	return out, nil
}

func malformed(format string, args ...any) error {
	return &evidence.Problem{Code: "index.data", Severity: evidence.SeverityError, Err: evidence.ErrFormat, Message: fmt.Sprintf(format, args...)}
}

// block returns the element that holds d.
func block(d *Data) ([]byte, error) {
	text, err := json.Marshal(d) // escapes <, > and &: nothing in it can end the element
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString(blockOpen)
	if len(text) < packFrom {
		out.WriteString(plain)
		out.Write(text)
	} else {
		out.WriteString(packed)
		b64 := base64.NewEncoder(base64.StdEncoding, &out)
		w, err := flate.NewWriter(b64, packLevel)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(text); err != nil {
			return nil, err
		}
		if err := errors.Join(w.Close(), b64.Close()); err != nil {
			return nil, err
		}
	}
	out.WriteString(blockClose)
	return out.Bytes(), nil
}

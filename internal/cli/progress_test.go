// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"strings"
	"testing"
	"time"
)

func TestProgress(t *testing.T) {
	var out strings.Builder
	now := time.Unix(0, 0)
	p := newProgress(&out, "reading", func() time.Time { return now })
	p.Update(1, 4)
	if out.Len() > 0 {
		t.Fatalf("drawn at once: %q", out.String())
	}
	now = now.Add(patience)
	p.Update(2, 4)
	p.Update(3, 4) // within the interval
	now = now.Add(interval)
	p.Update(9, 0)
	p.Done()
	half := "reading [###############...............]  50%"
	want := "\r" + half + "\rreading 9" + strings.Repeat(" ", len(half)-len("reading 9")) + "\r" + strings.Repeat(" ", len("reading 9")) + "\r"
	if out.String() != want {
		t.Errorf("got %q\nwant %q", out.String(), want)
	}
	var none *Progress
	none.Update(1, 2)
	none.Done()
}

func TestNoBarWithoutTerminal(t *testing.T) {
	c := New(Std{Err: &strings.Builder{}}, Help{Name: "x"})
	if p := c.Progress("reading"); p != nil {
		t.Error("a bar on something that is no terminal")
	}
}

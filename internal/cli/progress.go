// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// Progress is a bar on standard error. A nil Progress does nothing, so a command
// need not ask whether there is a terminal. It is safe for concurrent use.
type Progress struct {
	mu    sync.Mutex
	w     io.Writer
	label string
	now   func() time.Time
	next  time.Time // when to draw again
	drawn int       // columns on the line now
}

// Work that ends within patience shows no bar; later it moves every interval.
const (
	patience = 500 * time.Millisecond
	interval = 100 * time.Millisecond
)

// Progress returns a bar that stands behind label if standard error is a
// terminal, else nil. End it with Done before anything is printed.
func (c *Command) Progress(label string) *Progress {
	if f, ok := c.std.Err.(*os.File); !ok || !isTerminal(f) {
		return nil
	}
	return newProgress(c.std.Err, label, time.Now)
}

func newProgress(w io.Writer, label string, now func() time.Time) *Progress {
	return &Progress{w: w, label: label, now: now, next: now().Add(patience)}
}

// isTerminal takes any character device for a terminal. That includes the null
// device, where a bar does no harm.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}

// Update says that done of total units are finished. A total of zero or less is unknown.
func (p *Progress) Update(done, total int64) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if now.Before(p.next) {
		return
	}
	p.next = now.Add(interval)
	p.draw(bar(p.label, done, total))
}

// Done removes the bar.
func (p *Progress) Done() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn > 0 {
		p.draw("")
		fmt.Fprint(p.w, "\r")
	}
}

// draw replaces the line; spaces cover what was longer before.
func (p *Progress) draw(line string) {
	fmt.Fprintf(p.w, "\r%s%s", line, strings.Repeat(" ", max(0, p.drawn-len(line))))
	p.drawn = len(line)
}

func bar(label string, done, total int64) string {
	const width = 30
	if total <= 0 {
		return fmt.Sprintf("%s %d", label, done)
	}
	done = min(max(done, 0), total)
	share := float64(done) / float64(total)
	full := int(share * width)
	return fmt.Sprintf("%s [%s%s] %3d%%", label, strings.Repeat("#", full), strings.Repeat(".", width-full), int(share*100))
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// conn speaks the Chrome DevTools Protocol: JSON messages, each ended by a zero
// byte. A session is one page; the empty session is the browser itself.
type conn struct {
	mu      sync.Mutex
	w       io.Writer
	last    int
	waiting map[int]chan message
	events  map[string]func(method string, params json.RawMessage) // by session
	err     error                                                  // why there is no more
}

type message struct {
	ID        int             `json:"id,omitempty"`
	SessionID string          `json:"sessionId,omitempty"`
	Method    string          `json:"method,omitempty"`
	Params    json.RawMessage `json:"params,omitempty"`
	Result    json.RawMessage `json:"result,omitempty"`
	Error     *struct {
		Message string `json:"message"`
		Data    string `json:"data"`
	} `json:"error,omitempty"`
}

func newConn(r io.Reader, w io.Writer) *conn {
	c := &conn{w: w, waiting: map[int]chan message{}, events: map[string]func(string, json.RawMessage){}}
	go c.read(bufio.NewReader(r))
	return c
}

func (c *conn) read(r *bufio.Reader) {
	for {
		line, err := r.ReadBytes(0)
		var m message
		if err == nil {
			err = json.Unmarshal(line[:len(line)-1], &m)
		}
		c.mu.Lock()
		if err != nil {
			c.err = fmt.Errorf("the browser is gone: %w", err)
			for id, answer := range c.waiting {
				delete(c.waiting, id)
				close(answer)
			}
			c.mu.Unlock()
			return
		}
		answer, event := c.waiting[m.ID], c.events[m.SessionID]
		delete(c.waiting, m.ID)
		c.mu.Unlock()
		switch {
		case m.ID != 0 && answer != nil:
			answer <- m
		case m.ID == 0 && event != nil:
			event(m.Method, m.Params)
		}
	}
}

// handle sets what happens with the events of a session. It is called from one
// goroutine, and must not call.
func (c *conn) handle(session string, event func(method string, params json.RawMessage)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events[session] = event
}

// call sends a command and reads its result.
func (c *conn) call(ctx context.Context, session, method string, params, result any) error {
	encoded, err := json.Marshal(params)
	if err != nil {
		return err
	}
	if params == nil {
		encoded = nil
	}
	answer := make(chan message, 1)
	if err := c.send(message{SessionID: session, Method: method, Params: encoded}, answer); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", method, ctx.Err())
	case m, ok := <-answer:
		if !ok {
			return c.err
		}
		if m.Error != nil {
			return fmt.Errorf("%s: %s %s", method, m.Error.Message, m.Error.Data)
		}
		if result == nil {
			return nil
		}
		return json.Unmarshal(m.Result, result)
	}
}

func (c *conn) send(m message, answer chan message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return c.err
	}
	c.last++
	m.ID = c.last
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	c.waiting[m.ID] = answer
	if _, err := c.w.Write(append(text, 0)); err != nil {
		return errors.Join(errors.New("the browser does not listen"), err)
	}
	return nil
}

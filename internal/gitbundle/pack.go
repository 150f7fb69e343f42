// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package gitbundle

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// The types of objects in a pack (gitformat-pack).
const (
	typeCommit   = 1
	typeTree     = 2
	typeBlob     = 3
	typeTag      = 4
	typeOfsDelta = 6
	typeRefDelta = 7
)

// The bounds of one pack, besides evidence.Limits.
const (
	objectBytes = 16 << 20 // one commit or tag: real ones stay under 1 MiB
	freeBytes   = 64 << 20 // of inflated objects, and of commits that deltas make, beyond what the ratio allows
	freeMemory  = 16 << 20
	deltaDepth  = 4095 // as git bounds it
)

// packReader reads the objects of a pack one after the other. It keeps commits,
// tags, and what is a delta of one; trees and files pass through.
type packReader struct {
	*Bundle
	*source
	limits evidence.Limits

	inflater io.ReadCloser
	kinds    map[int64]byte            // type of the object at an offset that is, or is a delta of, a commit or tag
	deltas   map[int64][]pendingDelta  // by offset of the base
	byName   map[string][]pendingDelta // by raw name of the base
	contents []content                 // commits and tags that are no delta
	inflated int64                     // bytes in all
	kept     int64
	start    int64 // offset of the pack
}

type pendingDelta struct {
	offset int64
	data   []byte
}

type content struct {
	offset int64
	kind   byte
	data   []byte
	depth  int
}

// read reads the pack to the end of the file.
func (p *packReader) read() error {
	p.kinds, p.deltas, p.byName = map[int64]byte{}, map[int64][]pendingDelta{}, map[string][]pendingDelta{}
	p.start = p.offset
	p.begin(p.newHash())
	var head [12]byte
	if err := p.full(head[:]); err != nil {
		return err
	}
	version, count := binary.BigEndian.Uint32(head[4:]), binary.BigEndian.Uint32(head[8:])
	switch {
	case string(head[:4]) != "PACK":
		return problem(CodePack, evidence.ErrFormat, "no pack follows the header")
	case version != 2 && version != 3:
		return problem(CodeUnsupported, evidence.ErrUnsupported, "a pack of version %d, want 2", version)
	}
	for i := range count {
		if err := p.object(); err != nil {
			if q, ok := err.(*evidence.Problem); ok {
				q.Message = fmt.Sprintf("object %d of %d: %s", i+1, count, q.Message)
			}
			return err
		}
	}
	got, want := p.checksum(), make([]byte, p.nameSize())
	if err := p.full(want); err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return problem(CodeChecksum, evidence.ErrFormat, "the pack has the checksum %x, and states %x", got, want)
	}
	if _, err := p.ReadByte(); err == nil {
		return problem(CodeTrailing, evidence.ErrFormat, "bytes follow the pack")
	} else if err != io.EOF {
		return err
	}
	return p.resolve()
}

func (p *packReader) newHash() hash.Hash {
	if p.ObjectFormat == "sha256" {
		return sha256.New()
	}
	return sha1.New()
}

// full fills b.
func (p *packReader) full(b []byte) error {
	if _, err := io.ReadFull(p.source, b); err != nil {
		return p.ended(err)
	}
	return nil
}

// object reads one object.
func (p *packReader) object() error {
	at := p.offset
	c, err := p.ReadByte()
	if err != nil {
		return p.ended(err)
	}
	kind, size := c>>4&7, int64(c&15)
	for shift := 4; c&0x80 != 0; shift += 7 {
		if c, err = p.ReadByte(); err != nil {
			return p.ended(err)
		}
		if shift > 56 {
			return problem(CodePack, evidence.ErrFormat, "the size does not fit 63 bits")
		}
		size |= int64(c&0x7f) << shift
	}
	if size < 0 {
		return problem(CodePack, evidence.ErrFormat, "the size does not fit 63 bits")
	}
	keep, baseName, base := false, "", int64(0)
	switch kind {
	case typeCommit, typeTag:
		keep = true
		p.kinds[at] = kind
	case typeTree, typeBlob:
	case typeOfsDelta:
		distance, err := p.distance()
		if err != nil {
			return err
		}
		base = at - distance
		if distance <= 0 || base < p.start {
			return problem(CodePack, evidence.ErrFormat, "a delta of an object %d bytes before it, where the pack has not begun", distance)
		}
		if k := p.kinds[base]; k != 0 {
			keep = true
			p.kinds[at] = k
		}
	case typeRefDelta:
		name := make([]byte, p.nameSize())
		if err := p.full(name); err != nil {
			return err
		}
		keep, baseName = true, string(name) // of what, is known at the end
	default:
		return problem(CodePack, evidence.ErrFormat, "type %d is not one of a pack", kind)
	}
	data, err := p.inflate(size, keep)
	if err != nil || !keep {
		return err
	}
	switch kind {
	case typeOfsDelta:
		p.deltas[base] = append(p.deltas[base], pendingDelta{at, data})
	case typeRefDelta:
		p.byName[baseName] = append(p.byName[baseName], pendingDelta{at, data})
	default:
		p.contents = append(p.contents, content{offset: at, kind: kind, data: data})
	}
	return nil
}

// distance reads how far before a delta its base begins.
func (p *packReader) distance() (int64, error) {
	c, err := p.ReadByte()
	if err != nil {
		return 0, p.ended(err)
	}
	n := int64(c & 0x7f)
	for c&0x80 != 0 {
		if c, err = p.ReadByte(); err != nil {
			return 0, p.ended(err)
		}
		if n > 1<<55 {
			return 0, problem(CodePack, evidence.ErrFormat, "the distance of a delta does not fit 63 bits")
		}
		n = (n+1)<<7 | int64(c&0x7f)
	}
	return n, nil
}

// inflate reads the deflated bytes of an object that states a size.
func (p *packReader) inflate(size int64, keep bool) ([]byte, error) {
	if keep && size > objectBytes {
		return nil, problem(CodeLimit, evidence.ErrLimit, "a commit or tag of %s, want at most %s", textfmt.Size(size), textfmt.Size(objectBytes))
	}
	var err error
	if p.inflater == nil {
		p.inflater, err = zlib.NewReader(p.source)
	} else {
		err = p.inflater.(zlib.Resetter).Reset(p.source, nil)
	}
	if err != nil {
		return nil, p.inflateError(err)
	}
	if most := freeBytes + int64(p.limits.Ratio)*p.offset; size > most-p.inflated {
		return nil, problem(CodeLimit, evidence.ErrLimit, "the objects inflate to more than %s", textfmt.Size(most))
	}
	p.inflated += size
	var data bytes.Buffer
	var n int64
	if keep {
		if p.kept += size; p.kept > freeMemory+int64(p.limits.MemoryRatio)*p.offset {
			return nil, problem(CodeLimit, evidence.ErrLimit, "the commits and tags inflate to more than %s", textfmt.Size(p.kept))
		}
		n, err = io.Copy(&data, io.LimitReader(p.inflater, size+1))
	} else {
		n, err = io.Copy(io.Discard, io.LimitReader(p.inflater, size+1))
	}
	switch {
	case err != nil:
		return nil, p.inflateError(err)
	case n != size:
		return nil, problem(CodePack, evidence.ErrFormat, "the object states %d bytes, and has %d or more", size, n)
	}
	// The end of the stream, with its checksum, stands behind the last byte.
	if n, err := io.Copy(io.Discard, io.LimitReader(p.inflater, 1)); err != nil {
		return nil, p.inflateError(err)
	} else if n > 0 {
		return nil, problem(CodePack, evidence.ErrFormat, "the object states %d bytes, and has more", size)
	}
	return data.Bytes(), nil
}

func (p *packReader) inflateError(err error) error {
	switch {
	case p.err != nil:
		return p.err
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		return p.ended(io.EOF)
	}
	return problem(CodePack, evidence.ErrFormat, "an object cannot be inflated: %s", textfmt.Clip(err.Error(), 80))
}

// resolve makes commits and tags of the deltas, and learns from all of them. The
// content of a base is held only until its deltas are done.
func (p *packReader) resolve() error {
	var made int64
	todo := p.contents
	p.contents = nil
	for len(todo) > 0 {
		c := todo[len(todo)-1]
		todo[len(todo)-1] = content{}
		todo = todo[:len(todo)-1]
		name, err := p.learn(c)
		if err != nil {
			return err
		}
		waiting := append(p.deltas[c.offset], p.byName[name]...)
		delete(p.deltas, c.offset)
		delete(p.byName, name)
		for _, d := range waiting {
			if c.depth >= deltaDepth {
				return problem(CodeLimit, evidence.ErrLimit, "a chain of more than %s", textfmt.Count(deltaDepth, "delta"))
			}
			data, err := applyDelta(c.data, d.data)
			if err != nil {
				return err
			}
			if made += int64(len(data)); made > freeBytes+int64(p.limits.MemoryRatio)*p.offset {
				return problem(CodeLimit, evidence.ErrLimit, "the deltas of commits and tags make more than %s", textfmt.Size(made))
			}
			todo = append(todo, content{d.offset, c.kind, data, c.depth + 1})
		}
	}
	return nil
}

// applyDelta makes an object of its base (gitformat-pack, deltified representation).
func applyDelta(base, delta []byte) ([]byte, error) {
	bad := func(what string) ([]byte, error) {
		return nil, problem(CodePack, evidence.ErrFormat, "a delta of a commit or tag %s", what)
	}
	baseSize, delta, ok := deltaSize(delta)
	if !ok || baseSize != uint64(len(base)) {
		return bad("is not one of its base")
	}
	size, delta, ok := deltaSize(delta)
	if !ok || size > objectBytes {
		return bad("makes an object of no or too large a size")
	}
	var out []byte
	for len(delta) > 0 {
		op := delta[0]
		delta = delta[1:]
		var piece []byte
		if op&0x80 == 0 {
			if op == 0 || len(delta) < int(op) {
				return bad("ends inside an instruction")
			}
			piece, delta = delta[:op], delta[op:]
		} else {
			var args [7]byte // offset, then size
			for i := range args {
				if op&(1<<i) == 0 {
					continue
				}
				if len(delta) == 0 {
					return bad("ends inside an instruction")
				}
				args[i], delta = delta[0], delta[1:]
			}
			offset := uint64(binary.LittleEndian.Uint32(args[:4]))
			n := uint64(args[4]) | uint64(args[5])<<8 | uint64(args[6])<<16
			if n == 0 {
				n = 0x10000
			}
			if offset+n > uint64(len(base)) {
				return bad("copies what its base does not have")
			}
			piece = base[offset : offset+n]
		}
		if uint64(len(out)+len(piece)) > size {
			return bad("makes more than it states")
		}
		out = append(out, piece...)
	}
	if uint64(len(out)) != size {
		return bad("makes less than it states")
	}
	return out, nil
}

func deltaSize(b []byte) (size uint64, rest []byte, ok bool) {
	size, n := binary.Uvarint(b)
	if n <= 0 {
		return 0, nil, false
	}
	return size, b[n:], true
}

// learn notes a commit or tag under the name that its content gives it.
func (p *packReader) learn(c content) (name string, err error) {
	word := "commit"
	if c.kind == typeTag {
		word = "tag"
	}
	h := p.newHash()
	h.Write(strconv.AppendInt([]byte(word+" "), int64(len(c.data)), 10))
	h.Write([]byte{0})
	h.Write(c.data)
	name = string(h.Sum(nil))
	fields := headerFields(c.data)
	bad := func(what string) (string, error) {
		return "", problem(CodePack, evidence.ErrFormat, "%s %x has no well-formed %s", word, name, what)
	}
	if c.kind == typeTag {
		object, ok := p.rawName(fields["object"])
		if !ok {
			return bad("object")
		}
		p.tags[name] = tag{object, fieldText(fields["type"])}
		return name, nil
	}
	var out Commit
	for _, parent := range fields["parent"] {
		raw, ok := p.rawName([]string{parent})
		if !ok {
			return bad("parent")
		}
		out.parents = append(out.parents, raw)
	}
	if _, ok := p.rawName(fields["tree"]); !ok {
		return bad("tree")
	}
	out.Time = committed(fieldText(fields["committer"]))
	p.commits[name] = out
	return name, nil
}

// headerFields returns the lines before the first empty one, by their first word.
func headerFields(data []byte) map[string][]string {
	head, _, _ := bytes.Cut(data, []byte("\n\n"))
	fields := map[string][]string{}
	for line := range strings.SplitSeq(string(head), "\n") {
		key, value, _ := strings.Cut(line, " ")
		switch key {
		case "tree", "parent", "committer", "object", "type":
			fields[key] = append(fields[key], value)
		}
	}
	return fields
}

func fieldText(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// rawName returns the name of an object in bytes; there must be one.
func (p *packReader) rawName(values []string) (string, bool) {
	if len(values) != 1 || !p.isName(values[0]) {
		return "", false
	}
	raw := make([]byte, p.nameSize())
	for i := range raw {
		n, _ := strconv.ParseUint(values[0][2*i:2*i+2], 16, 8)
		raw[i] = byte(n)
	}
	return string(raw), true
}

// committed reads the seconds behind the last ">" of a committer line; a line
// that git itself would not read gives the zero time.
func committed(line string) time.Time {
	fields := strings.Fields(line[strings.LastIndexByte(line, '>')+1:])
	if len(fields) == 0 {
		return time.Time{}
	}
	seconds, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil || seconds < 0 || seconds > 253402300799 { // 9999-12-31T23:59:59Z
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

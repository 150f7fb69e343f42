// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigtest

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// Log is a log of certificates, or one of signatures: Rekor v1 has an ECDSA key,
// Rekor v2 an Ed25519 key.
type Log struct {
	Host        string
	From, Until time.Time // as the trusted root states it; a zero Until is open
	key         crypto.Signer
	leaves      [][sha256.Size]byte
}

func newLog(host string, key crypto.Signer) *Log { return &Log{Host: host, From: founded, key: key} }

func newEd25519() ed25519.PrivateKey {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	return must(key, err)
}

// ID returns the log's id: the hash of its key (RFC 6962 section 3.2), for an
// Ed25519 key that of the C2SP signed-note.
func (l *Log) ID() []byte {
	data := spki(l.key)
	if public, ok := l.key.Public().(ed25519.PublicKey); ok {
		data = append([]byte(l.Host+"\n\x01"), public...)
	}
	id := sha256.Sum256(data)
	return id[:]
}

// trusted returns the TransparencyLogInstance of a trusted root.
func (l *Log) trusted() any {
	details := "PKIX_ECDSA_P256_SHA_256"
	if _, ok := l.key.(ed25519.PrivateKey); ok {
		details = "PKIX_ED25519"
	}
	return map[string]any{
		"baseUrl": "https://" + l.Host, "hashAlgorithm": "SHA2_256", "logId": map[string]any{"keyId": l.ID()},
		"publicKey": map[string]any{"rawBytes": spki(l.key), "keyDetails": details, "validFor": validFor(l.From, l.Until)},
	}
}

func (l *Log) sign(message []byte) []byte {
	if _, ok := l.key.(ed25519.PrivateKey); ok {
		return must(l.key.Sign(nil, message, crypto.Hash(0)))
	}
	return signSHA256(l.key, message)
}

func signSHA256(key crypto.Signer, message []byte) []byte {
	sum := sha256.Sum256(message)
	return must(key.Sign(rand.Reader, sum[:], crypto.SHA256))
}

// timestampList returns the extension with a signed certificate timestamp of each
// log over the certificate without it (RFC 6962 sections 3.2 and 3.3).
func timestampList(logs []*Log, issuer *x509.Certificate, tbs []byte, at time.Time) pkix.Extension {
	var list []byte
	for _, l := range logs {
		millis := uint64(at.UnixMilli())
		keyHash := sha256.Sum256(issuer.RawSubjectPublicKeyInfo)
		in := binary.BigEndian.AppendUint64([]byte{0, 0}, millis) // version 1, certificate_timestamp
		in = append(append(in, 0, 1), keyHash[:]...)              // precert_entry
		in = append(in, byte(len(tbs)>>16), byte(len(tbs)>>8), byte(len(tbs)))
		in = append(append(in, tbs...), 0, 0) // no extensions

		sct := binary.BigEndian.AppendUint64(append([]byte{0}, l.ID()...), millis)
		sct = append(sct, 0, 0, 4, 3) // no extensions, SHA-256, ECDSA
		sct = vector(sct, l.sign(in))
		list = vector(list, sct)
	}
	return pkix.Extension{
		Id:    asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2},
		Value: must(asn1.Marshal(vector(nil, list))),
	}
}

// vector appends data with its length in two bytes (RFC 8446 section 3.4).
func vector(to, data []byte) []byte {
	return append(binary.BigEndian.AppendUint16(to, uint16(len(data))), data...)
}

// Entry is a TransparencyLogEntry of a bundle.
type Entry struct {
	Kind, Version string
	LogID         []byte
	Index         int64
	Time          int64 // seconds since 1970; zero in Rekor v2
	Body          []byte
	SET           []byte // signed entry timestamp; nil in Rekor v2
	Proof         *Proof
}

// Proof is the InclusionProof of an entry.
type Proof struct {
	Index, Size int64
	Root        []byte
	Hashes      [][]byte
	Checkpoint  string
}

// shard is how many entries Rekor v1 keeps in trees before this one: an entry's
// index in the log is not that in the tree.
const shard = 1000

// Append adds an entry to a Rekor v1 log.
func (l *Log) Append(kind, version string, body []byte, at time.Time) Entry {
	e := Entry{Kind: kind, Version: version, LogID: l.ID(), Time: at.Unix(), Body: body, Proof: l.include(body, l.Host+" - 42")}
	e.Index = shard + e.Proof.Index
	// Rekor signs the canonical JSON (RFC 8785) of these members.
	e.SET = l.sign(must(json.Marshal(map[string]any{
		"body": body, "integratedTime": e.Time, "logID": hex.EncodeToString(e.LogID), "logIndex": e.Index,
	})))
	return e
}

// AppendTile adds an entry to a Rekor v2 log, which states no time.
func (l *Log) AppendTile(kind, version string, body []byte) Entry {
	p := l.include(body, l.Host)
	return Entry{Kind: kind, Version: version, LogID: l.ID(), Index: p.Index, Body: body, Proof: p}
}

// include adds a leaf between two others and proves that it is there.
func (l *Log) include(body []byte, origin string) *Proof {
	index := len(l.leaves) + 1
	for _, data := range [][]byte{[]byte("before"), body, []byte("after")} {
		l.leaves = append(l.leaves, sha256.Sum256(append([]byte{0}, data...)))
	}
	p := &Proof{Index: int64(index), Size: int64(len(l.leaves)), Hashes: path(index, l.leaves)}
	root := treeHash(l.leaves)
	p.Root = root[:]
	p.Checkpoint = l.Checkpoint(origin, p.Size, p.Root)
	return p
}

// Checkpoint returns a signed note (C2SP tlog-checkpoint and signed-note).
func (l *Log) Checkpoint(origin string, size int64, root []byte) string {
	text := fmt.Sprintf("%s\n%d\n%s\n", origin, size, base64.StdEncoding.EncodeToString(root))
	signature := append(l.ID()[:4:4], l.sign([]byte(text))...)
	return text + "\n\u2014 " + l.Host + " " + base64.StdEncoding.EncodeToString(signature) + "\n"
}

// treeHash returns the Merkle tree hash of at least one leaf (RFC 6962 section 2.1).
func treeHash(leaves [][sha256.Size]byte) [sha256.Size]byte {
	if len(leaves) == 1 {
		return leaves[0]
	}
	k := split(len(leaves))
	left, right := treeHash(leaves[:k]), treeHash(leaves[k:])
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

// path returns the Merkle audit path of a leaf (RFC 6962 section 2.1.1).
func path(index int, leaves [][sha256.Size]byte) [][]byte {
	if len(leaves) == 1 {
		return nil
	}
	k := split(len(leaves))
	if index < k {
		other := treeHash(leaves[k:])
		return append(path(index, leaves[:k]), other[:])
	}
	other := treeHash(leaves[:k])
	return append(path(index-k, leaves[k:]), other[:])
}

// split returns the largest power of two below n.
func split(n int) int {
	k := 1
	for k*2 < n {
		k *= 2
	}
	return k
}

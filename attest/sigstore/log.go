// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"
	"github.com/sigstore/sigstore-go/pkg/tlog"
	"github.com/sigstore/sigstore-go/pkg/verify"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/internal/jsonstrict"
	"github.com/HailBytes/evidence/internal/signed"
	"github.com/HailBytes/evidence/internal/textfmt"
)

var errNotHere = errors.New("sigstore: the statement is parsed by package attest")

// log verifies the transparency log entries: each that is of a log in the trust
// root must hold and be about this signature, by this key, of this content.
func (j *judgement) log() *attest.Error {
	logs := map[string]bool{}
	var strange []error
	for i := range j.in.LogEntries {
		e := &j.in.LogEntries[i]
		if slices.ContainsFunc(j.in.LogEntries[:i], func(o signed.LogEntry) bool {
			return bytes.Equal(o.LogID, e.LogID) && o.LogIndex == e.LogIndex
		}) {
			return refuse(signed.StageLog, attest.ErrLog, "log entry %d is there twice", e.LogIndex)
		}
		log := j.root.log(e.LogID)
		if log == nil {
			strange = append(strange, fmt.Errorf("log %s is not in the trust root", hex.EncodeToString(e.LogID[:min(len(e.LogID), 32)])))
			continue
		}
		if failed := j.logged(log, e); failed != nil {
			return failed
		}
		// One log vouches once, however many entries it has.
		logs[string(e.LogID)] = true
	}
	if n := len(logs); n < j.want.logEntries {
		if n == 0 && len(strange) > 0 {
			return &attest.Error{Stage: signed.StageLog, Kind: attest.ErrTrustRoot, Message: "not in this trust root", Errs: strange}
		}
		return tooFew(signed.StageLog, "transparency log entries", n, j.want.logEntries, strange)
	}
	return nil
}

// logged verifies one entry of a known log.
func (j *judgement) logged(log *rekorLog, e *signed.LogEntry) *attest.Error {
	promise, proof := len(e.SET) > 0, e.Proof != nil
	if !promise && !proof {
		return refuse(signed.StageLog, attest.ErrLog, "log entry without inclusion proof and promise")
	}
	if promise {
		if err := verifySET(log, e); err != nil {
			return logError(err)
		}
	}
	var failed *attest.Error
	if e.Kind == "intoto" && e.Version == "0.0.1" {
		failed = j.intoto001(e)
	} else {
		failed = j.rekor(log, e)
	}
	if failed != nil {
		return failed
	}
	j.signer.Logged = append(j.signer.Logged, attest.Logged{
		Authority: log.BaseURL, LogID: hex.EncodeToString(e.LogID), Index: e.LogIndex,
		Kind: e.Kind + "/" + e.Version, Proof: proof, Promise: promise,
	})
	j.logs = append(j.logs, loggedEntry{log, e})
	if e.IntegratedTime == 0 {
		return nil
	}
	// The time is signed with the promise. A proof alone says nothing about time,
	// and each log gives one time.
	t := attest.Time{Source: "log", Authority: log.BaseURL, Time: time.Unix(e.IntegratedTime, 0).UTC()}
	if j.entry = append(j.entry, t); promise && !slices.ContainsFunc(j.signer.Times, func(o attest.Time) bool { return o.Authority == log.BaseURL }) {
		j.signer.Times = append(j.signer.Times, t)
	}
	return nil
}

// loggedEntry is an entry that holds, with its log.
type loggedEntry struct {
	log   *rekorLog
	entry *signed.LogEntry
}

// logPeriods holds every entry against the period of its log's key, ends included: when
// it was made by its own word, and, where the log did not sign that, also when the
// signature is first known to have been there. An entry with neither is no entry of a log
// whose period has an end.
func (j *judgement) logPeriods() *attest.Error {
	for _, l := range j.logs {
		var times []time.Time
		if l.entry.IntegratedTime != 0 {
			times = append(times, time.Unix(l.entry.IntegratedTime, 0))
		}
		if len(l.entry.SET) == 0 && len(j.signer.Times) > 0 {
			times = append(times, j.signer.Times[0].Time)
		}
		since, until := l.log.ValidityPeriodStart, l.log.ValidityPeriodEnd
		if len(times) == 0 && !until.IsZero() {
			return refuse(signed.StageLog, attest.ErrLog, "key of log %s was valid until %s, and nothing says when the entry was made", l.log.BaseURL, stamp(until))
		}
		for _, t := range times {
			if t.Before(since) || !until.IsZero() && t.After(until) {
				e := refuse(signed.StageLog, attest.ErrLog, "key of log %s not valid when the entry was made", l.log.BaseURL)
				e.Got, e.Want = stamp(t), "from "+stamp(since)
				if !until.IsZero() {
					e.Want += " to " + stamp(until)
				}
				return e
			}
		}
	}
	return nil
}

func logError(err error) *attest.Error {
	// The libraries print hashes as lists of numbers.
	return refuse(signed.StageLog, attest.ErrLog, "transparency log evidence does not hold: %s", textfmt.Clip(err.Error(), 240))
}

// rekor verifies an entry of a kind that sigstore-go reads.
func (j *judgement) rekor(log *rekorLog, e *signed.LogEntry) *attest.Error {
	entry, err := tlog.ParseTransparencyLogEntry(protoEntry(e))
	if err == nil {
		err = tlog.ValidateEntry(entry)
	}
	if err != nil {
		return &attest.Error{Stage: signed.StageLog, Kind: evidence.ErrFormat, Message: "body of the log entry", Errs: []error{err}}
	}
	if entry.IsRekorV2() {
		return j.rekorV2(entry, e)
	}
	if failed := j.bound(entry); failed != nil {
		return failed
	}
	if e.Proof == nil {
		return nil
	}
	if err := checkpointSize(e.Proof); err != nil {
		return logError(err)
	}
	if err := tlog.VerifyInclusion(entry, log.verifier); err != nil {
		return logError(err)
	}
	return nil
}

// rekorV2 verifies an entry of Rekor v2, whose hash commits to signature, key
// and content.
func (j *judgement) rekorV2(entry *tlog.Entry, e *signed.LogEntry) *attest.Error {
	if e.Proof == nil {
		return refuse(signed.StageLog, attest.ErrLog, "Rekor v2 entry without an inclusion proof")
	}
	// A tree id in the checkpoint's origin is Rekor v1's; sigstore-go would then
	// compare nothing with the entry.
	if origin, _, _ := strings.Cut(e.Proof.Checkpoint, "\n"); treeID(origin) {
		return refuse(signed.StageLog, attest.ErrLog, "Rekor v2 entry under a Rekor v1 checkpoint")
	}
	_, err := verify.VerifyTlogEntry(&entity{judgement: j, logged: entry}, j.trusted(), 1, false)
	if err == nil {
		return nil
	}
	// What the log holds and what the bundle holds differ: which of them is wrong?
	if failed := j.signature(); failed != nil {
		return failed
	}
	return logError(err)
}

// treeID reports whether a checkpoint's origin ends in " - " and digits.
func treeID(origin string) bool {
	i := strings.LastIndex(origin, " - ")
	return i >= 0 && i+3 < len(origin) && strings.Trim(origin[i+3:], "0123456789") == ""
}

// checkpointSize refuses a proof for another tree than the checkpoint signs.
func checkpointSize(p *signed.InclusionProof) error {
	lines := strings.SplitN(p.Checkpoint, "\n", 3)
	if len(lines) < 3 {
		return errors.New("checkpoint without a tree size")
	}
	if size, err := strconv.ParseInt(lines[1], 10, 64); err != nil || size != p.TreeSize {
		return fmt.Errorf("checkpoint of a tree of %q entries, proof in one of %d", lines[1], p.TreeSize)
	}
	return nil
}

// bound compares a Rekor v1 entry with the attestation: any entry of the log is
// valid, but only one is about this signature.
func (j *judgement) bound(entry *tlog.Entry) *attest.Error {
	if !j.isKey(entry.PublicKey()) {
		return refuse(signed.StageLog, attest.ErrLog, "log entry is by another certificate or key")
	}
	if !bytes.Equal(entry.Signature(), j.sig) {
		if failed := j.signature(); failed != nil {
			return failed
		}
		return refuse(signed.StageLog, attest.ErrLog, "log entry is of another signature")
	}
	if sum, ok := entry.GetDssePayloadHash(); ok && !j.in.IsMessage {
		return sameDigest("payload", sum, j.in.PayloadSHA256(), "sha256")
	}
	// Of an artifact, or of the pre-authentication encoding of an envelope: the bytes
	// that are signed (Sigstore client specification, bundle content and log entry).
	sum, algorithm, ok := entry.GetHashedRekordDigest()
	if !ok {
		return refuse(signed.StageLog, attest.ErrLog, "log entry is not one of what is signed")
	}
	hashes := map[string]crypto.Hash{"sha256": crypto.SHA256, "sha384": crypto.SHA384, "sha512": crypto.SHA512}
	mine := j.in.Digest(hashes[algorithm])
	if mine == nil {
		return refuse(signed.StageLog, attest.ErrSubject, "log entry has the %q digest of the artifact, which is not known here", algorithm)
	}
	return sameDigest("artifact", sum, mine, algorithm)
}

func sameDigest(what string, got, want []byte, algorithm string) *attest.Error {
	if bytes.Equal(got, want) {
		return nil
	}
	return &attest.Error{
		Stage: signed.StageLog, Kind: attest.ErrLog, Message: "log entry is of another " + what,
		Got: algorithm + ":" + hex.EncodeToString(got), Want: algorithm + ":" + hex.EncodeToString(want),
	}
}

// protoEntry returns e as sigstore-go takes it.
func protoEntry(e *signed.LogEntry) *protorekor.TransparencyLogEntry {
	p := &protorekor.TransparencyLogEntry{
		LogIndex:          e.LogIndex,
		LogId:             &protocommon.LogId{KeyId: e.LogID},
		KindVersion:       &protorekor.KindVersion{Kind: e.Kind, Version: e.Version},
		IntegratedTime:    e.IntegratedTime,
		CanonicalizedBody: e.Body,
	}
	if len(e.SET) > 0 {
		p.InclusionPromise = &protorekor.InclusionPromise{SignedEntryTimestamp: e.SET}
	}
	if e.Proof != nil {
		p.InclusionProof = &protorekor.InclusionProof{
			LogIndex: e.Proof.LogIndex, RootHash: e.Proof.RootHash, TreeSize: e.Proof.TreeSize, Hashes: e.Proof.Hashes,
			Checkpoint: &protorekor.Checkpoint{Envelope: e.Proof.Checkpoint},
		}
	}
	return p
}

// verifySET verifies a signed entry timestamp: the log's signature over the
// entry in canonical JSON (RFC 8785), which for these four members is plain.
func verifySET(log *rekorLog, e *signed.LogEntry) error {
	text := fmt.Sprintf(`{"body":"%s","integratedTime":%d,"logID":"%s","logIndex":%d}`,
		base64.StdEncoding.EncodeToString(e.Body), e.IntegratedTime, hex.EncodeToString(e.LogID), e.LogIndex)
	sum := sha256.Sum256([]byte(text))
	key, ok := log.PublicKey.(*ecdsa.PublicKey)
	if !ok || !ecdsa.VerifyASN1(key, sum[:], e.SET) {
		return errors.New("signed entry timestamp does not verify")
	}
	return nil
}

// intoto001 compares an entry of kind intoto/0.0.1, which sigstore-go does not
// read, with the attestation. Its body does not hold the signature, only the
// digest of the envelope as it was uploaded; a Sigstore bundle does not keep
// those bytes, a cosign layer does. The promise, which was verified, is all there
// is to verify: cosign kept no inclusion proof.
func (j *judgement) intoto001(e *signed.LogEntry) *attest.Error {
	if j.in.Form != signed.FormCosignLayer || len(e.SET) == 0 {
		return refuse(signed.StageLog, evidence.ErrUnsupported, "log entry of kind intoto/0.0.1 outside a cosign layer: it cannot be tied to the signature")
	}
	var kind, version, algorithm, hash, payloadHash string
	var key []byte
	d := jsonstrict.NewBytes(e.Body, jsonstrict.Options{})
	object := func(members map[string]func()) {
		for d.Object(); d.Next(); {
			if read, ok := members[string(d.Key())]; ok {
				read()
			}
		}
	}
	digest := func(alg, value *string) func() {
		return func() {
			object(map[string]func(){"algorithm": func() { *alg = d.String() }, "value": func() { *value = d.String() }})
		}
	}
	var payloadAlgorithm string
	object(map[string]func(){
		"kind":       func() { kind = d.String() },
		"apiVersion": func() { version = d.String() },
		"spec": func() {
			object(map[string]func(){
				"publicKey": func() { key = d.Bytes(); key, _ = base64.StdEncoding.DecodeString(string(key)) },
				"content": func() {
					object(map[string]func(){"hash": digest(&algorithm, &hash), "payloadHash": digest(&payloadAlgorithm, &payloadHash)})
				},
			})
		},
	})
	if err := d.End(); err != nil {
		return &attest.Error{Stage: signed.StageLog, Kind: evidence.ErrFormat, Message: "body of the log entry", Errs: []error{err}}
	}
	switch {
	case kind != e.Kind || version != e.Version:
		return refuse(signed.StageLog, evidence.ErrFormat, "body of the log entry is of another kind")
	case !j.isKey(publicKey(key)):
		return refuse(signed.StageLog, attest.ErrLog, "log entry is by another certificate or key")
	case algorithm != "sha256" || hash != hex.EncodeToString(j.in.LoggedEnvelope[:]):
		if failed := j.signature(); failed != nil {
			return failed
		}
		return refuse(signed.StageLog, attest.ErrLog, "log entry is of another envelope")
	case payloadHash != "" && (payloadAlgorithm != "sha256" || payloadHash != hex.EncodeToString(j.in.PayloadSHA256())):
		return refuse(signed.StageLog, attest.ErrLog, "log entry is of another payload")
	}
	return nil
}

// publicKey reads a PEM certificate or public key, nil if it is neither.
func publicKey(text []byte) any {
	block, rest := pem.Decode(text)
	if block == nil || len(bytes.TrimSpace(rest)) > 0 {
		return nil
	}
	if cert, err := x509.ParseCertificate(block.Bytes); err == nil {
		return cert
	}
	if key, err := x509.ParsePKIXPublicKey(block.Bytes); err == nil {
		return key
	}
	return nil
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/in-toto/in-toto-golang/in_toto"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/internal/signed"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// ErrInspections is the kind of error for a layout that asks for commands to be run.
// It is of class ErrUnsafe.
var ErrInspections = fmt.Errorf("layout asks for inspections: %w", evidence.ErrUnsafe)

// Options says how to verify a layout; nil means the defaults.
type Options struct {
	Limits evidence.Limits

	// Time is when the layout must not have expired; zero means now.
	Time time.Time

	// Parameters replace {NAME} in the layout's rules and commands.
	Parameters map[string]string

	// Intermediates are PEM certificates between those in links and the layout's root CAs.
	Intermediates [][]byte

	// UnsafeRunInspections runs the commands of the layout, in a copy of the
	// links' folder with all its files.
	UnsafeRunInspections bool
}

// Result is what a layout that holds shows.
type Result struct {
	Expires     time.Time
	Steps       []Step
	Inspections []string                    // names of those that were run, in order
	Materials   map[string]attest.DigestSet // what the first step took, by path
	Products    map[string]attest.DigestSet // what the last step made, by path
	Warnings    []string                    // a step's command is not the expected one, a link could not be read
	Weakened    []string                    // what the caller allowed, in words
}

// Step is one step and who carried it out.
type Step struct {
	Name string
	Keys []string // ids, as the layout states them, of the keys whose links were accepted; sorted
}

// Verify verifies the layout in data with the links in the top folder of links
// (STEP.KEYID.link, and folders STEP.KEYID of sublayouts). Every key must have
// signed the layout; there must be at least one.
//
// Beside an *attest.Error, the error may be one of links, of the temporary
// directory, or of ctx.
func Verify(ctx context.Context, data []byte, links fs.FS, keys []*attest.Key, o *Options) (r *Result, err error) {
	if o == nil {
		o = &Options{}
	}
	if len(keys) == 0 {
		return nil, errors.New("layout: no key to verify it with")
	}
	dir, err := os.MkdirTemp("", "layout-")
	if err != nil {
		return nil, err
	}
	defer func() {
		if p := recover(); p != nil { // in-toto-golang reads what a stranger wrote
			r, err = nil, refuse(evidence.ErrFormat, "malformed metadata: %s", textfmt.Clip(fmt.Sprint(p), 200))
		}
		err = errors.Join(err, os.RemoveAll(dir))
	}()
	owners, err := ownerKeys(keys)
	if err != nil {
		return nil, err
	}
	v := &verification{ctx: ctx, Options: o, limits: o.Limits.OrDefault(), dir: dir, source: links, result: &Result{}}
	metadata, err := v.load(data, filepath.Join(dir, "root.layout"))
	if err != nil {
		return nil, err
	}
	if err := v.copyLinks(); err != nil {
		return nil, err
	}
	if _, err := v.verify(metadata, owners, v.linkDir(), "", o.Parameters); err != nil {
		return nil, err
	}
	return v.result, nil
}

// ownerKeys returns keys as in-toto-golang takes them.
func ownerKeys(keys []*attest.Key) (map[string]in_toto.Key, error) {
	owners := map[string]in_toto.Key{}
	for _, k := range keys {
		der, err := x509.MarshalPKIXPublicKey(k.Public())
		if err != nil {
			return nil, fmt.Errorf("layout: %w", err)
		}
		var key in_toto.Key
		text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
		if err := key.LoadKeyReaderDefaults(strings.NewReader(string(text))); err != nil {
			return nil, fmt.Errorf("layout: %w", err)
		}
		owners[key.KeyID] = key
	}
	return owners, nil
}

// verification is one call of Verify.
type verification struct {
	*Options
	ctx    context.Context
	limits evidence.Limits
	dir    string // thrown away at the end
	source fs.FS
	result *Result
	depth  int
}

func (v *verification) linkDir() string { return filepath.Join(v.dir, "links") }

// maxDepth bounds sublayouts within sublayouts.
const maxDepth = 8

// verify follows in-toto specification v1.0 §5.2, for the layout and its
// sublayouts, and returns the link that stands for all of it.
func (v *verification) verify(metadata in_toto.Metadata, owners map[string]in_toto.Key, dir, stepName string, parameters map[string]string) (in_toto.Metadata, error) {
	if err := v.ctx.Err(); err != nil {
		return nil, err
	}
	if err := in_toto.VerifyLayoutSignatures(metadata, owners); err != nil {
		return nil, wrap(attest.ErrSignature, "layout is not signed by every key that was asked for", err)
	}
	layout, ok := metadata.GetPayload().(in_toto.Layout)
	if !ok {
		return nil, refuse(evidence.ErrFormat, "metadata of a link, want a layout")
	}
	if err := v.checkLayout(&layout); err != nil {
		return nil, err
	}
	layout, err := in_toto.SubstituteParameters(layout, parameters)
	if err != nil {
		return nil, wrap(evidence.ErrFormat, "parameters", err)
	}
	steps, err := v.steps(layout, dir)
	if err != nil {
		return nil, err
	}
	if err := in_toto.VerifyArtifacts(items(layout.Steps), steps); err != nil {
		return nil, wrap(evidence.ErrPolicy, "artifact rules of a step", err)
	}
	inspections, err := v.inspect(layout)
	if err != nil {
		return nil, err
	}
	// Rules of inspections may refer to what the steps made.
	for name, link := range steps {
		inspections[name] = link
	}
	if err := in_toto.VerifyArtifacts(items(layout.Inspect), inspections); err != nil {
		return nil, wrap(evidence.ErrPolicy, "artifact rules of an inspection", err)
	}
	_, dsse := metadata.(*in_toto.Envelope)
	summary, err := in_toto.GetSummaryLink(layout, steps, stepName, dsse)
	if err != nil {
		return nil, wrap(evidence.ErrFormat, "summary", err)
	}
	if link, ok := summary.GetPayload().(in_toto.Link); ok && stepName == "" {
		v.result.Materials, v.result.Products = digests(link.Materials), digests(link.Products)
	}
	return summary, nil
}

// checkLayout refuses a layout that has expired, asks for commands that the
// caller does not allow, or names files outside its folder.
func (v *verification) checkLayout(layout *in_toto.Layout) error {
	expires, err := time.Parse(time.RFC3339, layout.Expires)
	if err != nil {
		return wrap(evidence.ErrFormat, "time of expiry", err)
	}
	now := v.Time
	if now.IsZero() {
		now = time.Now()
	}
	if !now.Before(expires) {
		return &attest.Error{
			Stage: signed.StageLayout, Kind: attest.ErrTime, Message: "layout has expired",
			Got: expires.UTC().Format(time.RFC3339), Want: "after " + now.UTC().Format(time.RFC3339),
		}
	}
	if v.depth == 0 {
		v.result.Expires = expires.UTC()
	}
	if n := len(layout.Inspect); n > 0 && !v.UnsafeRunInspections {
		return refuse(ErrInspections, "layout asks for %d inspections, the first is %s: they are commands, and were not run", n, textfmt.Quote(strings.Join(layout.Inspect[0].Run, " ")))
	}
	if len(layout.Steps) == 0 {
		return refuse(evidence.ErrPolicy, "layout without a step: it asks for nothing")
	}
	names := map[string]bool{}
	once := func(what, name string) error {
		if names[name] {
			return refuse(evidence.ErrFormat, "second %s that is called %s", what, textfmt.Quote(name))
		}
		names[name] = true
		return nil
	}
	for _, step := range layout.Steps {
		// The name is put into a file pattern.
		if step.Name == "" || strings.ContainsAny(step.Name, `/\*?[]`) || step.Name == "." || step.Name == ".." {
			return refuse(evidence.ErrUnsafe, "step is called %s", textfmt.Quote(step.Name))
		}
		if step.Threshold < 1 {
			return refuse(evidence.ErrPolicy, "step %s with a threshold of %d, want at least 1", textfmt.Quote(step.Name), step.Threshold)
		}
		if err := once("step", step.Name); err != nil {
			return err
		}
	}
	for _, inspection := range layout.Inspect {
		if err := once("step or inspection", inspection.Name); err != nil {
			return err
		}
	}
	return nil
}

// steps loads and verifies the links of each step, and reduces them to one.
func (v *verification) steps(layout in_toto.Layout, dir string) (map[string]in_toto.Metadata, error) {
	roots, intermediates, err := in_toto.LoadLayoutCertificates(layout, v.Intermediates)
	if err != nil {
		return nil, wrap(evidence.ErrFormat, "certificates of the layout", err)
	}
	links, err := in_toto.LoadLinksForLayout(layout, dir)
	if err != nil {
		return nil, wrap(attest.ErrThreshold, "links", err)
	}
	verified, err := in_toto.VerifyLinkSignatureThesholds(layout, links, roots, intermediates)
	if err != nil {
		return nil, wrap(attest.ErrThreshold, "links", err)
	}
	for _, step := range layout.Steps {
		if err := v.functionaries(layout, step, verified[step.Name]); err != nil {
			return nil, err
		}
		if err := checkArtifacts(step, verified[step.Name]); err != nil {
			return nil, err
		}
		if err := v.sublayouts(layout, step, verified[step.Name], dir); err != nil {
			return nil, err
		}
		v.compareCommand(step, verified[step.Name])
	}
	reduced, err := in_toto.ReduceStepsMetadata(layout, verified)
	if err != nil {
		return nil, wrap(evidence.ErrMismatch, "links of one step", err)
	}
	return reduced, nil
}

// functionaries counts the different keys behind the accepted links of a step.
func (v *verification) functionaries(layout in_toto.Layout, step in_toto.Step, links map[string]in_toto.Metadata) error {
	different := map[string]bool{}
	var ids []string
	for id, link := range links {
		ids = append(ids, id)
		key, err := functionary(layout, id, link)
		if err != nil {
			return wrap(evidence.ErrFormat, "key "+textfmt.Quote(id)+" of step "+textfmt.Quote(step.Name), err)
		}
		different[key.ID()] = true
	}
	if len(different) < step.Threshold {
		return refuse(attest.ErrThreshold, "step %s has links by %d different keys, want %d", textfmt.Quote(step.Name), len(different), step.Threshold)
	}
	slices.Sort(ids)
	if v.depth == 0 {
		v.result.Steps = append(v.result.Steps, Step{step.Name, ids})
	}
	return nil
}

// functionary returns the key behind a link: one of the layout's, or that of the
// certificate in the link. One key can be spelled in many ways.
func functionary(layout in_toto.Layout, id string, link in_toto.Metadata) (*attest.Key, error) {
	key, ok := layout.Keys[id]
	if !ok {
		sig, err := link.GetSignatureForKeyID(id)
		if err != nil {
			return nil, err
		}
		if key, err = sig.GetCertificate(); err != nil {
			return nil, err
		}
	}
	if public, err := hex.DecodeString(strings.TrimSpace(key.KeyVal.Public)); err == nil && len(public) == ed25519.PublicKeySize {
		return attest.NewKey(ed25519.PublicKey(public))
	}
	if block, _ := pem.Decode([]byte(key.KeyVal.Certificate)); block != nil {
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		return attest.NewKey(cert.PublicKey)
	}
	return attest.ParseKey([]byte(key.KeyVal.Public))
}

// digestDigits are the hexadecimal digits of the digests that a rule may compare.
var digestDigits = map[string]int{"sha256": 64, "sha384": 96, "sha512": 128}

// checkArtifacts refuses a link with a material or product whose content no digest
// states: two of them would be the same to a rule.
func checkArtifacts(step in_toto.Step, links map[string]in_toto.Metadata) error {
	for _, metadata := range links {
		link, ok := metadata.GetPayload().(in_toto.Link)
		if !ok {
			continue // a sublayout, whose links are checked
		}
		for _, artifacts := range []map[string]in_toto.HashObj{link.Materials, link.Products} {
			for name, digests := range artifacts {
				stated := false
				for algorithm, value := range digests {
					digits, known := digestDigits[algorithm]
					_, err := hex.DecodeString(value)
					stated = stated || known && err == nil && len(value) == digits
				}
				if !stated {
					return refuse(evidence.ErrFormat, "artifact %s of step %s without a digest, want sha256, sha384 or sha512", textfmt.Quote(name), textfmt.Quote(step.Name))
				}
			}
		}
	}
	return nil
}

// sublayouts puts a summary in the place of a link that is itself a layout.
func (v *verification) sublayouts(layout in_toto.Layout, step in_toto.Step, links map[string]in_toto.Metadata, dir string) error {
	for id, metadata := range links {
		if _, ok := metadata.GetPayload().(in_toto.Layout); !ok {
			continue
		}
		if v.depth++; v.depth > maxDepth {
			return refuse(evidence.ErrLimit, "sublayouts more than %d deep", maxDepth)
		}
		sub := filepath.Join(dir, fmt.Sprintf(in_toto.SublayoutLinkDirFormat, step.Name, id))
		summary, err := v.verify(metadata, map[string]in_toto.Key{id: layout.Keys[id]}, sub, step.Name, map[string]string{})
		if err != nil {
			return err
		}
		v.depth--
		links[id] = summary
	}
	return nil
}

// compareCommand notes a step that was carried out by another command than
// expected; in-toto specification v1.0 §5.2 makes that a warning.
func (v *verification) compareCommand(step in_toto.Step, links map[string]in_toto.Metadata) {
	for id, metadata := range links {
		link, ok := metadata.GetPayload().(in_toto.Link)
		if ok && !slices.Equal(link.Command, step.ExpectedCommand) && len(link.Command)+len(step.ExpectedCommand) > 0 {
			v.result.Warnings = append(v.result.Warnings, fmt.Sprintf("step %s by %s: command %s, expected %s",
				textfmt.Quote(step.Name), textfmt.Clip(id, 16), textfmt.Quote(strings.Join(link.Command, " ")), textfmt.Quote(strings.Join(step.ExpectedCommand, " "))))
		}
	}
	slices.Sort(v.result.Warnings)
}

// items returns steps or inspections as VerifyArtifacts takes them.
func items[T any](list []T) []any {
	all := make([]any, len(list))
	for i := range list {
		all[i] = list[i]
	}
	return all
}

func digests(artifacts map[string]in_toto.HashObj) map[string]attest.DigestSet {
	all := map[string]attest.DigestSet{}
	for path, hashes := range artifacts {
		set := attest.DigestSet{}
		for alg, value := range hashes {
			set[alg] = value
		}
		all[path] = set
	}
	return all
}

func refuse(kind error, format string, args ...any) *attest.Error {
	return &attest.Error{Stage: signed.StageLayout, Kind: kind, Message: fmt.Sprintf(format, args...)}
}

func wrap(kind error, what string, err error) *attest.Error {
	return &attest.Error{Stage: signed.StageLayout, Kind: kind, Message: what, Errs: []error{err}}
}

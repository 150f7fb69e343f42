// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sigstore_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/attest/sigstore"
	"github.com/HailBytes/evidence/internal/test/attestcase"
	"github.com/HailBytes/evidence/internal/test/corpus"
	"github.com/HailBytes/evidence/internal/test/sigtest"
)

// TestExpected refuses signers that are nobody or anybody.
func TestExpected(t *testing.T) {
	root := attestcase.NewRelease(t, "1.482").Root
	workflow := func(change func(*sigstore.GitHubWorkflow)) sigstore.GitHubWorkflow {
		w := sigstore.GitHubWorkflow{Owner: "HailBytes", Repository: "hailbytes-asm", Workflow: "build.yml", RefPattern: `refs/tags/v1\.482`}
		change(&w)
		return w
	}
	for name, tt := range map[string]struct {
		expected sigstore.Expected
		o        *sigstore.Options
		says     string
	}{
		"no issuer":            {sigstore.Identity{SAN: "a@b.example"}, nil, "issuer"},
		"no name":              {sigstore.Identity{Issuer: "https://i.example"}, nil, "name or a pattern"},
		"both":                 {sigstore.Identity{SAN: "a", SANPattern: "b", Issuer: "https://i.example"}, nil, "not both"},
		"anybody":              {sigstore.Identity{SANPattern: ".*", Issuer: "https://i.example"}, nil, "accepts strangers"},
		"anybody, alternative": {sigstore.Identity{SANPattern: "a|.+", Issuer: "https://i.example"}, nil, "accepts strangers"},
		"all of GitHub":        {sigstore.Identity{SANPattern: "https://github.com/.+", Issuer: sigstore.GitHubIssuer}, nil, "accepts strangers"},
		"closing parenthesis":  {sigstore.Identity{SANPattern: "a)|(?:.*", Issuer: "https://i.example"}, nil, "pattern"},
		"any ref":              {workflow(func(w *sigstore.GitHubWorkflow) { w.RefPattern = ".+" }), nil, "pull requests"},
		"no ref":               {workflow(func(w *sigstore.GitHubWorkflow) { w.RefPattern = "" }), nil, "RefPattern"},
		"slash in repository":  {workflow(func(w *sigstore.GitHubWorkflow) { w.Repository = "a/b" }), nil, "Repository"},
		"no time":              {workflow(func(*sigstore.GitHubWorkflow) {}), &sigstore.Options{UnsafeNoTimestamp: true}, "trusted time"},
		"negative":             {workflow(func(*sigstore.GitHubWorkflow) {}), &sigstore.Options{LogEntries: -1}, "-1"},
		"nobody":               {nil, nil, "expected signer"},
	} {
		_, err := sigstore.NewVerifier(root, tt.expected, tt.o)
		if err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: got %v, want %q in it", name, err, tt.says)
		}
	}
	if _, err := sigstore.NewVerifier(root, workflow(func(*sigstore.GitHubWorkflow) {}), nil); err != nil {
		t.Error(err)
	}
}

// TestPatterns: a pattern is for names that strangers cannot have.
func TestPatterns(t *testing.T) {
	root := attestcase.NewRelease(t, "1.482").Root
	for pattern, accepted := range map[string]bool{
		`https://github\.com/HailBytes/.+`:                                             true,
		`https://github.com/HailBytes/.+/.github/workflows/.+`:                         true, // dots as people write them
		`https://github\.com/HailBytes/hailbytes-asm/\.github/workflows/build\.yml@.+`: true,
		`https://github\.com/(HailBytes|hailbytes-labs)/.+`:                            true,
		`(?i)https://github\.com/hailbytes/.*`:                                         true,
		`https?://github\.com/HailBytes/.+`:                                            true,
		`https://github\.com/HailBytes/asm|https://github\.com/HailBytes/sat`:          true, // exact names
		`https://gitlab\.com/hailbytes/asm//\.gitlab-ci\.yml@refs/tags/v[0-9.]+`:       true,
		`spiffe://hailbytes\.com/.+`:                                                   true,
		`.+@hailbytes\.com`:                                                            true,
		`[a-z]+@hailbytes.com`:                                                         true,
		`release-[0-9]+@(hailbytes\.com|hailbytes\.dev)`:                               true,
		`https://github\.com/HailBytes.*`:                                              false, // HailBytes-evil
		`https://github\.com/HailBytes.+/\.github/workflows/build\.yml@refs/tags/v1`:   false,
		`https://github\.com/HailBytes[a-z-]*/.+`:                                      false,
		`https://github\.com/(HailBytes|acme.*)/.+`:                                    false,
		`https://github\.com/Hail.ytes/.+`:                                             false,
		`https://github\.com/.*/hailbytes-asm/.+`:                                      false,
		`https://github\.com/.*HailBytes/.+`:                                           false,
		`https://.*/HailBytes/.+`:                                                      false,
		`.*@refs/tags/v1\.482`:                                                         false,
		`.*HailBytes/hailbytes-asm.*`:                                                  false,
		`(https://github\.com/HailBytes/.+)?`:                                          true, // or no name, which nobody has
		`(https://github\.com/HailBytes/.+)*`:                                          false,
		`release@.+`:                                                                   false,
		`.+@.*hailbytes\.com`:                                                          false, // evilhailbytes.com
		`.+hailbytes\.com`:                                                             false,
		`.+@mail.hailbytes.com`:                                                        false, // mailxhailbytes.com
		`.+@hailbytes\.com|.+@.+`:                                                      false,
		`.+`:                                                                           false,
		``:                                                                             false,
		`https://github\.com/(` + strings.Repeat("a|", 300) + `b)/.+`:                  true, // one character of two
		`https://github\.com/HailBytes/(x|yy)(x|yy)(x|yy)(x|yy)(x|yy)(x|yy)(x|yy)(x|yy)(x|yy)(x|yy).+`: false,
	} {
		_, err := sigstore.NewVerifier(root, sigstore.Identity{SANPattern: pattern, Issuer: sigstore.GitHubIssuer}, nil)
		if (err == nil) != accepted {
			t.Errorf("%q: got %v, want it accepted: %v", pattern, err, accepted)
		}
	}
	for ref, accepted := range map[string]bool{
		`refs/tags/v1\.482`: true, `refs/tags/v.+`: true, `refs/(tags|heads)/.+`: true, `refs/pulls/1`: true, `refs/pull`: true,
		`refs/pull/2/merge`: false, `refs/pull/[2-9]+/merge`: false, `refs/.+`: false, `.+/merge`: false, `refs/(tags/v1|pull/77/merge)`: false,
		`refs/p.+`: false, `(?i)REFS/PULL/2/merge`: false, `refs/pull.*`: false,
	} {
		_, err := sigstore.NewVerifier(root, sigstore.GitHubWorkflow{Owner: "HailBytes", Repository: "a", Workflow: "b.yml", RefPattern: ref}, nil)
		if (err == nil) != accepted {
			t.Errorf("ref %q: got %v, want it accepted: %v", ref, err, accepted)
		}
	}
}

// TestThresholds asks for more than the bundles have, and for less.
func TestThresholds(t *testing.T) {
	r := attestcase.NewRelease(t, "1.482")
	data := attestcase.Read(t, r.Bundle("hailbytes-asm-web", "image"))
	b, err := attest.ParseBundle(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	id := sigstore.Identity{SAN: "https://github.com/HailBytes/hailbytes-asm/.github/workflows/build.yml@refs/tags/v1.482", Issuer: sigstore.GitHubIssuer}
	for name, tt := range map[string]struct {
		o        *sigstore.Options
		stage    attest.Stage
		weakened int
	}{
		"default":            {nil, "", 0},
		"a signed timestamp": {&sigstore.Options{SignedTimestamps: 1, Timestamps: 2}, "", 0},
		"less":               {&sigstore.Options{UnsafeNoLogEntry: true, UnsafeNoSCT: true}, "", 2},
		"two logs":           {&sigstore.Options{LogEntries: 2}, "tlog", 0},
		"three times":        {&sigstore.Options{Timestamps: 3}, "time", 0},
		"two authorities":    {&sigstore.Options{SignedTimestamps: 2}, "time", 0},
		"two SCTs":           {&sigstore.Options{SCTs: 2}, "sct", 0},
	} {
		v, err := sigstore.NewVerifier(r.Root, id, tt.o)
		if err != nil {
			t.Fatal(err)
		}
		verified, err := attest.Verify(t.Context(), b, attest.DigestSubject(evidence.Sum256(r.Manifest(t, "hailbytes-asm-web"))), attest.AtLeast(1, v))
		if tt.stage == "" {
			if err != nil || len(verified.Weakened()) != tt.weakened {
				t.Errorf("%s: %v, weakened %q", name, err, verified.Weakened())
			}
			continue
		}
		var e *attest.Error
		if !errors.As(err, &e) || e.Stage != tt.stage {
			t.Errorf("%s: want stage %s, got %v", name, tt.stage, err)
		}
	}
}

// TestConcurrent uses one verifier and one trust root from eight goroutines.
func TestConcurrent(t *testing.T) {
	r := attestcase.NewRelease(t, "1.482")
	pol := r.Policy(t)
	type job struct {
		b       *attest.Bundle
		subject attest.Subject
	}
	var jobs []job
	for _, name := range attestcase.Images {
		for _, kind := range attestcase.Kinds {
			b, err := attest.ParseBundle(attestcase.Read(t, r.Bundle(name, kind)), nil)
			if err != nil {
				t.Fatal(err)
			}
			jobs = append(jobs, job{b, attest.DigestSubject(evidence.Sum256(r.Manifest(t, name)))})
		}
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, j := range jobs {
				if _, err := attest.Verify(t.Context(), j.b, j.subject, pol); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// TestFlippedBytes flips one byte of a keyless bundle at a time: it is refused, or
// what is believed is unchanged.
func TestFlippedBytes(t *testing.T) {
	r := attestcase.NewRelease(t, "1.482")
	data := attestcase.Read(t, r.Bundle("hailbytes-asm-web", "image"))
	pol := r.Policy(t)
	subject := attest.DigestSubject(evidence.Sum256(r.Manifest(t, "hailbytes-asm-web")))
	b, err := attest.ParseBundle(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	want, err := attest.Verify(t.Context(), b, subject, pol)
	if err != nil {
		t.Fatal(err)
	}
	_, payload := b.UnverifiedPayload()
	accepted := 0
	for i := 0; i < len(data); i += 7 {
		flipped := bytes.Clone(data)
		flipped[i] ^= 1
		b, err := attest.ParseBundle(flipped, nil)
		if err != nil {
			continue
		}
		got, err := attest.Verify(t.Context(), b, subject, pol)
		if err != nil {
			continue
		}
		accepted++
		if _, p := b.UnverifiedPayload(); !bytes.Equal(p, payload) || got.Signers()[0].Certificate.Identity != want.Signers()[0].Certificate.Identity {
			t.Fatalf("byte %d flipped: something else is believed", i)
		}
	}
	t.Logf("%d of %d flips change nothing that is believed", accepted, (len(data)+6)/7)
}

func TestParseTrustedRoot(t *testing.T) {
	file := filepath.Join(corpus.Dir(t, "real"), "asm-1.482", "signatures", "keyless", "trusted_root.json")
	good := attestcase.Read(t, file)
	if _, err := sigstore.ParseTrustedRoot(good); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"empty":     nil,
		"not JSON":  []byte("{"),
		"no type":   []byte("{}"),
		"duplicate": bytes.Replace(good, []byte("{"), []byte(`{"mediaType":"x",`), 1),
	} {
		if _, err := sigstore.ParseTrustedRoot(data); !errors.Is(err, evidence.ErrFormat) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := sigstore.ParseTrustedRoot(make([]byte, 5<<20)); !errors.Is(err, evidence.ErrLimit) {
		t.Errorf("too long: got %v", err)
	}
}

// TestLogKeyPeriod: the key of a log holds from a stated time on; the end may be open.
func TestLogKeyPeriod(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(period map[string]any)
		want   error
	}{
		"both":          {func(map[string]any) {}, nil},
		"no end":        {func(period map[string]any) { delete(period, "end") }, nil},
		"no start":      {func(period map[string]any) { delete(period, "start") }, evidence.ErrFormat},
		"neither":       {func(period map[string]any) { clear(period) }, evidence.ErrFormat},
		"start of zero": {func(period map[string]any) { period["start"] = "0001-01-01T00:00:00Z" }, evidence.ErrFormat},
	} {
		in := sigtest.New("a.example")
		in.Rekor.Until = sigtest.Epoch
		var root map[string]any
		if err := json.Unmarshal(in.TrustedRoot(), &root); err != nil {
			t.Fatal(err)
		}
		key := root["tlogs"].([]any)[0].(map[string]any)["publicKey"].(map[string]any)
		tt.change(key["validFor"].(map[string]any))
		data, err := json.Marshal(root)
		if err != nil {
			t.Fatal(err)
		}
		_, err = sigstore.ParseTrustedRoot(data)
		if !errors.Is(err, tt.want) || err != nil && !strings.Contains(err.Error(), "start") {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
}

// TestDocumentedPattern verifies with the pattern that the product documents: it is
// taken, anchored, and what it lets pass is said.
func TestDocumentedPattern(t *testing.T) {
	r := attestcase.NewRelease(t, "1.482")
	v, err := sigstore.NewVerifier(r.Root, sigstore.Identity{
		SANPattern: `https://github.com/HailBytes/.+/.github/workflows/.+`, Issuer: sigstore.GitHubIssuer,
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	data := attestcase.Read(t, filepath.Join(corpus.Dir(t, "real", "negative"), "asm-1.482.hailbytes-asm-web.image.pull-request.sigstore.json"))
	b, err := attest.ParseBundle(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	verified, err := attest.Verify(t.Context(), b, attest.DigestSubject(evidence.Sum256(r.Manifest(t, "hailbytes-asm-web"))), attest.AtLeast(1, v))
	if err != nil {
		t.Fatal(err)
	}
	if w := verified.Weakened(); len(w) != 1 || !strings.Contains(w[0], "pull request") {
		t.Errorf("weakened %q, want the pull requests that the pattern accepts", w)
	}
}

// TestNotMade: a verifier that its function did not make is an error of the policy.
func TestNotMade(t *testing.T) {
	b, err := attest.ParseBundle(newAttempt().data(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []*sigstore.Verifier{nil, {}} {
		_, err := attest.Verify(t.Context(), b, attest.DigestSubject(evidence.Sum256(artifact)), attest.AtLeast(1, v))
		var e *attest.Error
		if !errors.As(err, &e) || e.Stage != "policy" || e.Kind != nil {
			t.Errorf("%v: got %v", v == nil, err)
		}
	}
}

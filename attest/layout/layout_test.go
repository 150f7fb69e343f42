// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package layout_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/in-toto/in-toto-golang/in_toto"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
	"github.com/HailBytes/evidence/attest/layout"
	"github.com/HailBytes/evidence/internal/test/attestcase"
)

// TestCorpus gives every layout its verdict, leaves nothing in the working
// directory, and holds the verdict against in-toto-golang's own verification.
func TestCorpus(t *testing.T) {
	kinds := map[string]error{
		"layout/demo-no-inspect":        layout.ErrInspections,
		"layout/demo-wrong-key":         attest.ErrSignature,
		"layout/super-expired-unsigned": attest.ErrSignature,
		"layout/link-tampered":          attest.ErrThreshold,
		"layout/link-missing":           attest.ErrThreshold,
	}
	ran := 0
	for _, c := range attestcase.Load(t) {
		if c.Family != "layout" {
			continue
		}
		ran++
		t.Run(c.ID, func(t *testing.T) {
			work := t.TempDir()
			t.Chdir(work)
			r, err := verify(t, &c)
			if (err == nil) != (c.Expect == "pass") {
				t.Fatalf("want %s, got %v", c.Expect, err)
			}
			if err != nil {
				var e *attest.Error
				if !errors.As(err, &e) || e.Stage != "layout" || !errors.Is(err, kinds[c.ID]) {
					t.Errorf("want kind %v, got %v", kinds[c.ID], err)
				}
			} else if len(r.Steps) == 0 || len(r.Products) == 0 {
				t.Errorf("result without steps or products: %+v", r)
			}
			if left, _ := os.ReadDir(work); len(left) != 0 {
				t.Errorf("left in the working directory: %v", left)
			}
			if theirs := oracle(t, &c); !c.Policy.AllowInspections && c.ID != "layout/demo-no-inspect" && (theirs == nil) != (err == nil) {
				t.Errorf("in-toto-golang says %v, we say %v", theirs, err)
			}
		})
	}
	t.Logf("%d layouts", ran)
}

func verify(t *testing.T, c *attestcase.Case) (*layout.Result, error) {
	t.Helper()
	var keys []*attest.Key
	for _, file := range c.Policy.LayoutKeys {
		key, err := attest.ParseKey(attestcase.Read(t, c.Path(file)))
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	return layout.Verify(t.Context(), attestcase.Read(t, c.Path(c.File)), os.DirFS(c.Path(c.Policy.LinkDir)), keys,
		&layout.Options{UnsafeRunInspections: c.Policy.AllowInspections})
}

// oracle is in-toto-golang itself, in a directory of its own.
func oracle(t *testing.T, c *attestcase.Case) error {
	t.Helper()
	t.Chdir(t.TempDir())
	metadata, err := in_toto.LoadMetadata(c.Path(c.File))
	if err != nil {
		return err
	}
	keys := map[string]in_toto.Key{}
	for _, file := range c.Policy.LayoutKeys {
		var key in_toto.Key
		if err := key.LoadKeyDefaults(c.Path(file)); err != nil {
			t.Fatal(err)
		}
		keys[key.KeyID] = key
	}
	_, err = in_toto.InTotoVerify(metadata, keys, c.Path(c.Policy.LinkDir), "", nil, nil, false)
	return err
}

// chain is a layout of two steps that owner signs, with links by functionary.
type chain struct {
	layout             in_toto.Layout
	owner, functionary in_toto.Key
	ownerKey           *attest.Key
	links              []in_toto.Link
	respelled          string // another id of the functionary's key
}

// newKey returns a new key pair as in-toto-golang and as package attest hold it.
func newKey(t *testing.T) (in_toto.Key, *attest.Key) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	var key in_toto.Key
	if err := key.LoadKeyReaderDefaults(bytes.NewReader(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))); err != nil {
		t.Fatal(err)
	}
	mine, err := attest.NewKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return key, mine
}

func newChain(t *testing.T) *chain {
	t.Helper()
	owner, ownerKey := newKey(t)
	functionary, _ := newKey(t)
	public := functionary
	public.KeyVal.Private = ""
	hash := in_toto.HashObj{"sha256": "74dc3727c6e89308b39e4dfedf787e37841198b1fa165a27c013544a60502549"}
	return &chain{
		owner: owner, ownerKey: ownerKey, functionary: functionary,
		layout: in_toto.Layout{
			Type: "layout", Expires: "2040-01-01T00:00:00Z", Keys: map[string]in_toto.Key{public.KeyID: public}, Inspect: []in_toto.Inspection{},
			Steps: []in_toto.Step{
				{Type: "step", PubKeys: []string{public.KeyID}, Threshold: 1, ExpectedCommand: []string{"edit"}, SupplyChainItem: in_toto.SupplyChainItem{
					Name: "write", ExpectedMaterials: [][]string{}, ExpectedProducts: [][]string{{"CREATE", "a.go"}, {"DISALLOW", "*"}}}},
				{Type: "step", PubKeys: []string{public.KeyID}, Threshold: 1, ExpectedCommand: []string{"build"}, SupplyChainItem: in_toto.SupplyChainItem{
					Name: "build", ExpectedMaterials: [][]string{{"MATCH", "a.go", "WITH", "PRODUCTS", "FROM", "write"}, {"DISALLOW", "*"}}, ExpectedProducts: [][]string{}}},
			},
		},
		links: []in_toto.Link{
			{Type: "link", Name: "write", Command: []string{"edit"}, Materials: map[string]in_toto.HashObj{}, Products: map[string]in_toto.HashObj{"a.go": hash}, ByProducts: map[string]any{}, Environment: map[string]any{}},
			{Type: "link", Name: "build", Command: []string{"make"}, Materials: map[string]in_toto.HashObj{"a.go": hash}, Products: map[string]in_toto.HashObj{"a": hash}, ByProducts: map[string]any{}, Environment: map[string]any{}},
		},
	}
}

// verify signs layout and links and verifies them.
func (c *chain) verify(t *testing.T, o *layout.Options) (*layout.Result, error) {
	t.Helper()
	links := fstest.MapFS{}
	for _, link := range c.links {
		links[link.Name+"."+c.functionary.KeyID[:8]+".link"] = &fstest.MapFile{Data: sign(t, link, c.functionary)}
	}
	if c.respelled != "" {
		again := c.functionary
		again.KeyID = c.respelled
		links["write."+again.KeyID[:8]+".link"] = &fstest.MapFile{Data: sign(t, c.links[0], again)}
	}
	links["product.txt"] = &fstest.MapFile{Data: []byte("x")}
	return layout.Verify(t.Context(), sign(t, c.layout, c.owner), links, []*attest.Key{c.ownerKey}, o)
}

// respell adds the functionary's key once more to the first step, spelled in another way
// under the id that in-toto-golang gives it then.
func (c *chain) respell(spell func(string) string) {
	key := c.layout.Keys[c.functionary.KeyID]
	key.KeyVal.Public = spell(key.KeyVal.Public)
	key.KeyID = strings.Repeat("0", 64)
	c.layout.Keys[key.KeyID] = key
	c.layout.Steps[0].Threshold = 2
	c.layout.Steps[0].PubKeys = append(c.layout.Steps[0].PubKeys, key.KeyID)
	c.respelled = key.KeyID
}

// digests puts digests in the place of all.
func (c *chain) digests(set in_toto.HashObj) {
	for _, link := range c.links {
		for _, artifacts := range []map[string]in_toto.HashObj{link.Materials, link.Products} {
			for name := range artifacts {
				artifacts[name] = set
			}
		}
	}
}

func sign(t *testing.T, payload any, key in_toto.Key) []byte {
	t.Helper()
	block := &in_toto.Metablock{Signed: payload}
	if err := block.Sign(key); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "metadata")
	if err := block.Dump(file); err != nil {
		t.Fatal(err)
	}
	return attestcase.Read(t, file)
}

func TestVerify(t *testing.T) {
	r, err := newChain(t).verify(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Steps) != 2 || r.Steps[1].Name != "build" || len(r.Steps[1].Keys) != 1 {
		t.Errorf("steps %+v", r.Steps)
	}
	if len(r.Products["a"]["sha256"]) != 64 {
		t.Errorf("products %v", r.Products)
	}
	if len(r.Warnings) != 1 { // "make" where "build" was expected
		t.Errorf("warnings %q", r.Warnings)
	}
}

func TestRefused(t *testing.T) {
	inspection := func(name string, command ...string) []in_toto.Inspection {
		return []in_toto.Inspection{{Type: "inspection", Run: command, SupplyChainItem: in_toto.SupplyChainItem{
			Name: name, ExpectedMaterials: [][]string{}, ExpectedProducts: [][]string{{"ALLOW", "*"}}}}}
	}
	tests := []struct {
		name   string
		change func(*chain)
		o      *layout.Options
		want   error
	}{
		{"expired", func(c *chain) {}, &layout.Options{Time: time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)}, attest.ErrTime},
		{"material nobody made", func(c *chain) {
			c.links[1].Materials = map[string]in_toto.HashObj{"b.go": c.links[1].Materials["a.go"]}
		}, nil, evidence.ErrPolicy},
		{"link missing", func(c *chain) { c.links = c.links[:1] }, nil, attest.ErrThreshold},
		{"link by another key", func(c *chain) { c.functionary = c.owner }, nil, attest.ErrThreshold},
		{"one key under two ids", func(c *chain) {
			key := c.layout.Keys[c.functionary.KeyID]
			key.KeyID = "0000000000000000000000000000000000000000000000000000000000000000"
			c.layout.Keys[key.KeyID] = key
			c.layout.Steps[0].Threshold = 2
			c.layout.Steps[0].PubKeys = append(c.layout.Steps[0].PubKeys, key.KeyID)
		}, nil, attest.ErrThreshold},
		{"one key in upper case", func(c *chain) { c.respell(strings.ToUpper) }, nil, attest.ErrThreshold},
		{"one key after a blank", func(c *chain) { c.respell(func(s string) string { return " " + s }) }, nil, attest.ErrThreshold},
		{"no steps", func(c *chain) { c.layout.Steps = []in_toto.Step{} }, nil, evidence.ErrPolicy},
		{"two steps of one name", func(c *chain) { c.layout.Steps = append(c.layout.Steps, c.layout.Steps[0]) }, nil, evidence.ErrFormat},
		{"inspection of a step's name", func(c *chain) { c.layout.Inspect = inspection("write", "true") },
			&layout.Options{UnsafeRunInspections: true}, evidence.ErrFormat},
		{"threshold of zero", func(c *chain) { c.layout.Steps[0].Threshold, c.links = 0, c.links[1:] }, nil, evidence.ErrPolicy},
		{"no digest", func(c *chain) { c.digests(in_toto.HashObj{}) }, nil, evidence.ErrFormat},
		{"empty digest", func(c *chain) { c.digests(in_toto.HashObj{"sha256": ""}) }, nil, evidence.ErrFormat},
		{"short digest", func(c *chain) { c.digests(in_toto.HashObj{"sha512": strings.Repeat("0", 64)}) }, nil, evidence.ErrFormat},
		{"weak digest", func(c *chain) { c.digests(in_toto.HashObj{"md5": strings.Repeat("0", 32)}) }, nil, evidence.ErrFormat},
		{"sha512", func(c *chain) { c.digests(in_toto.HashObj{"sha512": strings.Repeat("0", 128)}) }, nil, nil},
		{"sha384 and another", func(c *chain) {
			c.digests(in_toto.HashObj{"sha384": strings.Repeat("0", 96), "gitoid": "x"})
		}, nil, nil},
		{"step outside the folder", func(c *chain) { c.layout.Steps[0].Name = "../write" }, nil, evidence.ErrUnsafe},
		{"inspection", func(c *chain) { c.layout.Inspect = inspection("look", "touch", "x") }, nil, layout.ErrInspections},
		{"inspection fails", func(c *chain) { c.layout.Inspect = inspection("look", "false") },
			&layout.Options{UnsafeRunInspections: true}, evidence.ErrPolicy},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newChain(t)
			tt.change(c)
			_, err := c.verify(t, tt.o)
			if tt.want == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var e *attest.Error
			if !errors.As(err, &e) || e.Stage != "layout" || !errors.Is(err, tt.want) {
				t.Errorf("want %v, got %v", tt.want, err)
			}
		})
	}
}

// TestInspection lets a layout run a command: it sees the files beside the links
// but not the links, and what it writes is gone afterwards.
func TestInspection(t *testing.T) {
	c := newChain(t)
	c.layout.Inspect = []in_toto.Inspection{{Type: "inspection", Run: []string{"sh", "-c", "test -f product.txt && ! ls *.link 2>/dev/null && echo y > made.txt"},
		SupplyChainItem: in_toto.SupplyChainItem{Name: "look", ExpectedMaterials: [][]string{{"REQUIRE", "product.txt"}}, ExpectedProducts: [][]string{{"REQUIRE", "made.txt"}, {"ALLOW", "*"}}}}}
	work := t.TempDir()
	t.Setenv("TMPDIR", work)
	r, err := c.verify(t, &layout.Options{UnsafeRunInspections: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Inspections) != 1 || len(r.Weakened) != 1 {
		t.Errorf("result %+v", r)
	}
	left, err := filepath.Glob(filepath.Join(work, "layout-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestNoKeys(t *testing.T) {
	if _, err := layout.Verify(t.Context(), []byte(`{}`), fstest.MapFS{}, nil, nil); err == nil {
		t.Error("a layout was verified without a key")
	}
}

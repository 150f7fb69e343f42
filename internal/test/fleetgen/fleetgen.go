// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package fleetgen makes many packs of the sample releases: as a fleet of real ones
// looks to who reads its tables, some hundred kilobytes each. The same seed gives the
// same packs.
//
// From release to release a tenth of the packages comes and goes, versions grow, a
// third of the findings comes and goes, and the name of the release and its day
// change. Each twentieth pack has another digest of an image under the version of the
// pack before it. Verified in full, the packs do not hold: their files state the
// samples' own releases.
package fleetgen

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/safezip"
	"github.com/HailBytes/evidence/internal/test/samples"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack"
)

// Base is the pack of a sample release, without its pictures.
type Base struct {
	m     *manifest.Manifest
	files map[string][]byte
}

// Bases builds the packs of the sample releases.
func Bases() ([]*Base, error) {
	var list []*Base
	for _, name := range []string{"asm-1.482", "sat-1.205"} {
		config, files, err := samples.Release(name)
		if err != nil {
			return nil, err
		}
		var zip bytes.Buffer
		if _, err := trustpack.BuildFS(context.Background(), &zip, *config, files, nil); err != nil {
			return nil, err
		}
		p, err := trustpack.Open(bytes.NewReader(zip.Bytes()), int64(zip.Len()), nil)
		if err != nil {
			return nil, err
		}
		b := &Base{m: p.Manifest(), files: map[string][]byte{}}
		for _, f := range b.m.Files {
			if ext := filepath.Ext(f.Path); ext == ".png" || ext == ".zip" || ext == ".bundle" {
				continue
			}
			if b.files[f.Path], err = fs.ReadFile(p, f.Path); err != nil {
				return nil, err
			}
		}
		list = append(list, b)
	}
	return list, nil
}

// Write writes n packs into a folder.
func Write(dir string, bases []*Base, n int, seed uint64) error {
	for i := range n {
		p := pack{Base: bases[i%len(bases)], number: i / len(bases), seed: seed}
		if err := p.write(dir); err != nil {
			return fmt.Errorf("pack %d: %w", i, err)
		}
	}
	return nil
}

// pack is one release of a product.
type pack struct {
	*Base
	number int
	seed   uint64
}

// chance is a number below n that depends on the seed, on what is asked, and on the
// period of releases: within one of that length it stays.
func (p *pack) chance(what string, period, n int) int {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %s %d", p.seed, what, p.number/period)
	return int(h.Sum64() % uint64(n))
}

func (p *pack) write(dir string) error {
	m := manifest.Manifest{Product: p.m.Product, Release: p.m.Release, Images: append([]manifest.Image(nil), p.m.Images...), Gaps: p.m.Gaps}
	count := 1000 + p.number
	name := fmt.Sprintf("%s-%05d.zip", m.Product, p.number)
	if p.number%20 == 19 && len(m.Images) > 0 { // published twice, with another image
		count--
		digest, err := evidence.ParseDigest(evidence.Sum256([]byte(name)).String())
		if err != nil {
			return err
		}
		m.Images[0].Digest = digest
	}
	m.Version = fmt.Sprintf("1.%d", count)
	m.Release.Tag = "v" + m.Version
	m.Release.Created = p.m.Release.Created.Add(time.Duration(p.number) * 24 * time.Hour)

	var files []safezip.File
	for _, f := range p.m.Files {
		data, ok := p.files[f.Path]
		if !ok {
			continue
		}
		if err := p.vary(&f, &data); err != nil {
			return fmt.Errorf("%s: %w", f.Path, err)
		}
		f.SHA256, f.Size = evidence.Sum256(data), int64(len(data))
		m.Files = append(m.Files, f)
		files = append(files, file(f.Path, data))
	}
	text, err := m.Marshal()
	if err != nil {
		return err
	}
	files = append([]safezip.File{file(manifest.Name, text)}, files...)
	out, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	defer out.Close()
	if _, err := safezip.Write(context.Background(), out, inOrder(files), nil); err != nil {
		return err
	}
	return out.Close()
}

// inOrder puts index.html behind the manifest, where an archive has it.
func inOrder(files []safezip.File) []safezip.File {
	for i, f := range files {
		if f.Name == trustpack.IndexName {
			copy(files[2:], files[1:i])
			files[1] = f
		}
	}
	return files
}

func file(name string, data []byte) safezip.File {
	return safezip.File{Name: name, Size: int64(len(data)), Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}

// vary changes what an SBOM or scan lists.
func (p *pack) vary(f *manifest.File, data *[]byte) error {
	var change func(map[string]any)
	switch f.Format {
	case manifest.FormatSPDXJSON:
		change = p.spdx
	case manifest.FormatCycloneDXJSON:
		change = p.cycloneDX
	case manifest.FormatSARIF:
		change = p.sarif
	case manifest.FormatTrivyJSON:
		change = p.trivy
	default:
		return nil
	}
	var doc map[string]any
	dec := json.NewDecoder(bytes.NewReader(*data))
	dec.UseNumber()
	if err := dec.Decode(&doc); err != nil {
		return err
	}
	change(doc)
	version := doc["SchemaVersion"] // of Trivy, which writes it first: readers tell its reports by their beginning
	delete(doc, "SchemaVersion")
	text, err := json.Marshal(doc)
	if version != nil {
		text = fmt.Appendf(nil, `{"SchemaVersion":%s,%s`, version, text[1:])
	}
	*data = text
	return err
}

// gone reports whether a release lacks a package; now and then only one of two SBOMs does.
func (p *pack) gone(url, format string) bool {
	return url != "" && (p.chance(url, 10, 10) == 0 || p.chance(url+format, 30, 500) == 0)
}

// grown returns a package URL or version with the growth of its version in it.
func (p *pack) grown(url, text string) string {
	version := url
	if _, after, ok := strings.Cut(url, "@"); ok {
		version, _, _ = strings.Cut(after, "?")
	}
	if n := p.chance(url+"version", 25, 6); n > 0 && version != "" {
		return strings.Replace(text, version, fmt.Sprintf("%s.%d", version, n), 1)
	}
	return text
}

func (p *pack) spdx(doc map[string]any) {
	dropped := map[any]bool{}
	doc["packages"] = keep(doc["packages"], func(c map[string]any) bool {
		for _, ref := range list(c["externalRefs"]) {
			if ref["referenceType"] != "purl" {
				continue
			}
			url, _ := ref["referenceLocator"].(string)
			if p.gone(url, "spdx") {
				dropped[c["SPDXID"]] = true
				return false
			}
			ref["referenceLocator"] = p.grown(url, url)
			if v, ok := c["versionInfo"].(string); ok {
				c["versionInfo"] = p.grown(url, v)
			}
		}
		return true
	})
	doc["relationships"] = keep(doc["relationships"], func(r map[string]any) bool {
		return !dropped[r["spdxElementId"]] && !dropped[r["relatedSpdxElement"]]
	})
}

func (p *pack) cycloneDX(doc map[string]any) {
	dropped := map[any]bool{}
	doc["components"] = keep(doc["components"], func(c map[string]any) bool {
		url, _ := c["purl"].(string)
		if p.gone(url, "cyclonedx") {
			dropped[c["bom-ref"]] = true
			return false
		}
		if url != "" {
			c["purl"] = p.grown(url, url)
			if v, ok := c["version"].(string); ok {
				c["version"] = p.grown(url, v)
			}
		}
		return true
	})
	doc["dependencies"] = keep(doc["dependencies"], func(d map[string]any) bool {
		var on []any
		all, _ := d["dependsOn"].([]any)
		for _, ref := range all {
			if !dropped[ref] {
				on = append(on, ref)
			}
		}
		if on == nil {
			delete(d, "dependsOn")
		} else {
			d["dependsOn"] = on
		}
		return !dropped[d["ref"]]
	})
}

func (p *pack) sarif(doc map[string]any) {
	for _, run := range list(doc["runs"]) {
		run["results"] = keep(run["results"], func(r map[string]any) bool {
			id, _ := r["ruleId"].(string)
			return p.chance(id, 8, 3) > 0
		})
	}
}

func (p *pack) trivy(doc map[string]any) {
	for _, result := range list(doc["Results"]) {
		if result["Vulnerabilities"] == nil {
			continue
		}
		left := keep(result["Vulnerabilities"], func(v map[string]any) bool {
			id, _ := v["VulnerabilityID"].(string)
			return p.chance(id, 8, 3) > 0
		})
		result["Vulnerabilities"] = left
		if len(left) == 0 { // Trivy writes no empty list
			delete(result, "Vulnerabilities")
		}
	}
}

// list returns the objects in a list.
func list(v any) []map[string]any {
	var out []map[string]any
	all, _ := v.([]any)
	for _, e := range all {
		if o, ok := e.(map[string]any); ok {
			out = append(out, o)
		}
	}
	return out
}

func keep(v any, want func(map[string]any) bool) []any {
	out := []any{}
	for _, e := range list(v) {
		if want(e) {
			out = append(out, e)
		}
	}
	return out
}

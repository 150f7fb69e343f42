// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/manifest"
	"github.com/HailBytes/evidence/trustpack"
)

// source is a file of a pack from memory.
func source(path, image string, data []byte) trustpack.Source {
	return trustpack.Source{Path: path, Image: image, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(data)), nil
	}}
}

// largePack builds a pack on disk, and returns its name.
func largePack(b *testing.B, images []manifest.Image, src []trustpack.Source) string {
	b.Helper()
	release := benchRelease
	release.Release.Created = time.Unix(1_700_000_000, 0)
	release.Images = images
	name := b.TempDir() + "/" + trustpack.FileName(release.Product, release.Version)
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if _, err := trustpack.Build(context.Background(), f, release, src, nil); err != nil {
		b.Fatal(err)
	}
	return name
}

func verifyLarge(b *testing.B, name string) {
	report, err := trustpack.VerifyFile(context.Background(), name, trustpack.Policy{}, nil)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range report.Checks {
		if c.Status == evidence.StatusFail || c.Status == evidence.StatusError {
			b.Fatal(c.ID, c.Message, c.Problems)
		}
	}
}

// BenchmarkVerifyImages verifies packs of many images, each with SBOM and scan:
// ms/image must not grow.
func BenchmarkVerifyImages(b *testing.B) {
	for _, n := range []int{500, 1000, 2000} {
		b.Run(fmt.Sprintf("images=%d", n), func(b *testing.B) {
			var images []manifest.Image
			var src []trustpack.Source
			for i := range n {
				name := fmt.Sprintf("i%d", i)
				digest, err := evidence.NewDigest(evidence.SHA256, sum(name))
				if err != nil {
					b.Fatal(err)
				}
				reference := "ghcr.io/acme/" + name
				images = append(images, manifest.Image{Name: name, Reference: reference, Digest: digest})
				src = append(src, source("sbom/"+name+".spdx.json", name, spdxOf(reference, digest, 20)),
					source("scans/"+name+".sarif", name, sarifOf(reference, digest, 10)))
			}
			name := largePack(b, images, src)
			for b.Loop() {
				verifyLarge(b, name)
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N*n), "ms/image")
		})
	}
}

// BenchmarkVerifyPackages verifies a pack with one SBOM of 100,000 packages:
// peak-x is the peak of memory in sizes of the SBOM.
func BenchmarkVerifyPackages(b *testing.B) {
	digest, err := evidence.NewDigest(evidence.SHA256, sum("image"))
	if err != nil {
		b.Fatal(err)
	}
	images := []manifest.Image{{Name: "web", Reference: "ghcr.io/acme/web", Digest: digest}}
	for _, format := range []struct {
		name string
		make func(reference string, digest evidence.Digest, n int) []byte
	}{{"spdx.json", spdxOf}, {"cdx.json", cycloneDXOf}} {
		b.Run(format.name, func(b *testing.B) {
			data := format.make("ghcr.io/acme/web", digest, 100_000)
			size := len(data)
			name := largePack(b, images, []trustpack.Source{source("sbom/web."+format.name, "web", data)})
			data = nil
			b.SetBytes(int64(size))
			before := processStatus("VmRSS:")
			packPeak(b, func() {
				for b.Loop() {
					verifyLarge(b, name)
				}
			})
			b.ReportMetric(float64(processStatus("VmHWM:")-before)*1024/float64(size), "peak-x")
		})
	}
}

// BenchmarkVerifyScreenshots verifies a pack of 1,000 pictures of a browser's window.
func BenchmarkVerifyScreenshots(b *testing.B) {
	const n = 1000
	var shots [8][]byte
	for i := range shots {
		shots[i] = windowPNG(b, uint64(i))
	}
	var src []trustpack.Source
	for i := range n {
		src = append(src, source(fmt.Sprintf("uat/screenshots/%04d.png", i), "", shots[i%len(shots)]))
	}
	name := largePack(b, nil, src)
	start := processCPU(b)
	for b.Loop() {
		verifyLarge(b, name)
	}
	b.ReportMetric(float64((processCPU(b)-start).Microseconds())/1000/float64(b.N*n), "cpu-ms/picture")
}

// processCPU is the CPU time of the process.
func processCPU(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func sum(s string) []byte {
	d := sha256.Sum256([]byte(s))
	return d[:]
}

// windowPNG draws what a page looks like: plain areas, lines of letters, one photograph.
func windowPNG(b *testing.B, seed uint64) []byte {
	const width, height = 1280, 720
	rnd := rand.New(rand.NewPCG(seed, 0))
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{250, 250, 252, 255}
			switch {
			case y < 64:
				c = color.RGBA{24, 30, 60, 255}
			case x > 900 && y > 100 && y < 300: // a photograph
				c = color.RGBA{uint8(x/3 + rnd.IntN(16)), uint8(y/2 + rnd.IntN(16)), uint8(x/5 + y/5 + rnd.IntN(16)), 255}
			case x > 40 && x < 860 && y%24 < 14 && rnd.IntN(3) == 0: // letters
				c = color.RGBA{40, 40, uint8(40 + rnd.IntN(3)*60), 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

// spdxOf writes an SBOM as Syft does, with n packages of an image.
func spdxOf(reference string, digest evidence.Digest, n int) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, `{"spdxVersion":"SPDX-2.3","dataLicense":"CC0-1.0","SPDXID":"SPDXRef-DOCUMENT","name":%q,"documentNamespace":"https://example.com/spdx/%s","creationInfo":{"licenseListVersion":"3.25","creators":["Organization: Anchore, Inc","Tool: syft-1.18.1"],"created":"2026-11-22T21:24:33Z"},"packages":[`, reference, digest.Hex())
	fmt.Fprintf(&out, `{"name":%q,"SPDXID":"SPDXRef-DocumentRoot-Image","versionInfo":%q,"supplier":"NOASSERTION","downloadLocation":"NOASSERTION","filesAnalyzed":false,"checksums":[{"algorithm":"SHA256","checksumValue":%q}],"licenseConcluded":"NOASSERTION","licenseDeclared":"NOASSERTION","copyrightText":"NOASSERTION","externalRefs":[{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:oci/%s@%s"}],"primaryPackagePurpose":"CONTAINER"}`, reference, digest, digest.Hex(), lastPart(reference), digest)
	licences := []string{"MIT", "Apache-2.0", "BSD-3-Clause", "GPL-2.0-or-later AND LGPL-2.1-only", "NOASSERTION"}
	for i := range n {
		name := fmt.Sprintf("lib%c%d", 'a'+i%26, i)
		version := fmt.Sprintf("%d.%d.%d-%d+deb12u1", i%3, i%17, i%29, i%4)
		fmt.Fprintf(&out, `,{"name":%q,"SPDXID":"SPDXRef-Package-deb-%s-%016x","versionInfo":%q,"supplier":"Person: Debian Developers \u003cdevelopers@lists.debian.org\u003e","originator":"Person: Debian Developers \u003cdevelopers@lists.debian.org\u003e","downloadLocation":"NOASSERTION","filesAnalyzed":false,"sourceInfo":"acquired package info from DPKG DB: /var/lib/dpkg/status","licenseConcluded":"NOASSERTION","licenseDeclared":%q,"copyrightText":"NOASSERTION","externalRefs":[{"referenceCategory":"SECURITY","referenceType":"cpe23Type","referenceLocator":"cpe:2.3:a:%s:%s:%d.%d.%d:*:*:*:*:*:*:*"},{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:deb/debian/%s@%d.%d.%d-%d%%2Bdeb12u1?arch=amd64&distro=debian-12"}]}`,
			name, name, i, version, licences[i%len(licences)], name, name, i%3, i%17, i%29, name, i%3, i%17, i%29, i%4)
	}
	out.WriteString(`],"relationships":[{"spdxElementId":"SPDXRef-DOCUMENT","relatedSpdxElement":"SPDXRef-DocumentRoot-Image","relationshipType":"DESCRIBES"}`)
	for i := range n {
		fmt.Fprintf(&out, `,{"spdxElementId":"SPDXRef-DocumentRoot-Image","relatedSpdxElement":"SPDXRef-Package-deb-lib%c%d-%016x","relationshipType":"CONTAINS"}`, 'a'+i%26, i, i)
	}
	out.WriteString("]}")
	return out.Bytes()
}

// cycloneDXOf writes an SBOM as Syft does, with n packages of an image.
func cycloneDXOf(reference string, digest evidence.Digest, n int) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, `{"$schema":"http://cyclonedx.org/schema/bom-1.6.schema.json","bomFormat":"CycloneDX","specVersion":"1.6","serialNumber":"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79","version":1,"metadata":{"timestamp":"2026-11-22T21:24:33Z","tools":{"components":[{"type":"application","author":"anchore","name":"syft","version":"1.18.1"}]},"component":{"bom-ref":"root","type":"container","name":%q,"version":%q}},"components":[`, reference, digest)
	for i := range n {
		if i > 0 {
			out.WriteByte(',')
		}
		name := fmt.Sprintf("lib%c%d", 'a'+i%26, i)
		version := fmt.Sprintf("%d.%d.%d-%d+deb12u1", i%3, i%17, i%29, i%4)
		purl := fmt.Sprintf("pkg:deb/debian/%s@%d.%d.%d-%d%%2Bdeb12u1?arch=amd64&distro=debian-12", name, i%3, i%17, i%29, i%4)
		fmt.Fprintf(&out, `{"bom-ref":"%s&package-id=%016x","type":"library","publisher":"Debian Developers","name":%q,"version":%q,"licenses":[{"license":{"id":"MIT"}},{"license":{"name":"GPL-2+"}}],"cpe":"cpe:2.3:a:%s:%s:%d.%d.%d:*:*:*:*:*:*:*","purl":%q,"properties":[{"name":"syft:package:foundBy","value":"dpkg-db-cataloger"},{"name":"syft:package:type","value":"deb"},{"name":"syft:package:metadataType","value":"dpkg-db-entry"},{"name":"syft:location:0:path","value":"/var/lib/dpkg/status"}]}`,
			purl, i, name, version, name, name, i%3, i%17, i%29, purl)
	}
	out.WriteString(`],"dependencies":[{"ref":"root"}]}`)
	return out.Bytes()
}

// sarifOf writes a scan as Trivy does, with n findings in an image.
func sarifOf(reference string, digest evidence.Digest, n int) []byte {
	var out, results bytes.Buffer
	out.WriteString(`{"version":"2.1.0","$schema":"https://json.schemastore.org/sarif-2.1.0.json","runs":[{"tool":{"driver":{"fullName":"Trivy Vulnerability Scanner","informationUri":"https://github.com/aquasecurity/trivy","name":"Trivy","version":"0.58.0","rules":[`)
	for i := range n {
		if i > 0 {
			out.WriteByte(',')
			results.WriteByte(',')
		}
		id := fmt.Sprintf("CVE-2026-%04d", i)
		fmt.Fprintf(&out, `{"id":%q,"name":"OsPackageVulnerability","shortDescription":{"text":"a fault"},"fullDescription":{"text":"A fault in the library."},"defaultConfiguration":{"level":"warning"},"helpUri":"https://avd.aquasec.com/nvd/%s","help":{"text":"Vulnerability %s"},"properties":{"precision":"very-high","security-severity":"5.5","tags":["vulnerability","security","MEDIUM"]}}`, id, id, id)
		fmt.Fprintf(&results, `{"ruleId":%q,"ruleIndex":%d,"level":"warning","message":{"text":"Package: lib%c%d\nInstalled Version: %d.%d.%d-%d+deb12u1\nVulnerability %s\nSeverity: MEDIUM\nFixed Version: \nLink: [%s](https://avd.aquasec.com/nvd/%s)"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"acme/app","uriBaseId":"ROOTPATH"},"region":{"startLine":1,"startColumn":1,"endLine":1,"endColumn":1}},"message":{"text":"acme/app: lib%c%d@%d.%d.%d-%d+deb12u1"}}]}`,
			id, i, 'a'+i%26, i, i%3, i%17, i%29, i%4, id, id, id, 'a'+i%26, i, i%3, i%17, i%29, i%4)
	}
	fmt.Fprintf(&out, `]}},"results":[%s],"columnKind":"utf16CodeUnits","originalUriBaseIds":{"ROOTPATH":{"uri":"file:///"}},"properties":{"imageID":"sha256:1111111111111111111111111111111111111111111111111111111111111111","imageName":"%s@%s","repoDigests":["%s@%s"],"repoTags":["%s:1.0"]}}]}`, results.Bytes(), reference, digest, reference, digest, reference)
	return out.Bytes()
}

func lastPart(s string) string {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == '/' {
			return s[i+1:]
		}
	}
	return s
}

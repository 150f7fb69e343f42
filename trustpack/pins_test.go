// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/imageref"
	"github.com/HailBytes/evidence/manifest"
)

// pinLines writes what a file states, one statement a line, and then what is loose.
func pinLines(f *pinFile) []string {
	var out []string
	for _, p := range f.pins {
		open := ""
		if p.Open {
			open = " (open)"
		}
		out = append(out, fmt.Sprintf("%d:%d %s %s = %s%s", p.Source.Line, p.Source.Column, p.Kind, p.Name, p.Value, open))
	}
	for _, p := range f.problems {
		out = append(out, fmt.Sprintf("%d:%d %s", p.Line, p.Column, p.Code))
	}
	return out
}

// The deployment files of a real release, statement by statement.
func TestReadPinsSample(t *testing.T) {
	const web, celery, nginx = "ghcr.io/hailbytes/hailbytes-asm-web:1.482@sha256:e2b6f6baa8de616a5d3157a653c9cdb5f9af021872fd0ba65393803827f27855",
		"ghcr.io/hailbytes/hailbytes-asm-celery@sha256:21dbc47a7a3291e349a1e418e027011159b6ccdc2346bc0efe5745453144a8fa",
		"ghcr.io/hailbytes/hailbytes-asm-nginx@sha256:581567360c91fa4e02230ee6f97e2ed4fed65f70e38e79e518fdeb7d577bacec"
	want := map[string][]string{
		"docker-compose.yml": {
			"31:12 image web = " + web,
			"20:18 version ASM_VERSION = 1.482",
			"44:12 image celery = " + celery,
			"57:12 image nginx = " + nginx,
			"70:12 image db = postgres:16.13-alpine",
			"88:12 image pgbouncer = bitnamilegacy/pgbouncer:1.24.1",
			"101:12 image redis = redis:7.4.8-alpine",
		},
		"hailbytes-asm.pkr.hcl": {
			"3:22 plugin packer = 1.11.2",
			"7:17 plugin amazon = = 1.3.6",
			"11:17 plugin azure = = 2.1.9",
			"19:13 version release = 1.482",
			"24:13 commit commit = 678c4d5240bab55a8a31af48cf83375da4255ea3",
			"38:14 image web = " + strings.Replace(web, ":1.482", "", 1),
			"39:14 image celery = " + celery,
			"40:14 image nginx = " + nginx,
			"59:3 machine-image amazon-ebs.asm = debian-12-amd64-20250814-2204",
			"70:1 machine-image azure-arm.asm = 0.20250814.2204",
			"44:15 product Product = hailbytes-asm",
			"45:15 version Release = 1.482 (open)",
			"46:15 commit Commit = 678c4d5240bab55a8a31af48cf83375da4255ea3 (open)",
		},
	}
	for name, lines := range want {
		data, err := os.ReadFile(filepath.Join("..", "testdata", "evidence", "asm-1.482", "pins", name))
		if err != nil {
			t.Fatal(err)
		}
		f, err := readPins("pins/"+name, evidence.Sum256(data), "", data)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(lines, pinLines(f)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
		for _, p := range f.pins {
			if p.Source.Path != "pins/"+name || p.Source.SHA256 != evidence.Sum256(data) {
				t.Errorf("%s: %s has the source %+v", name, p.Name, p.Source)
			}
		}
	}
}

func TestReadCompose(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"variable with a default", "services: {web: {image: '${WEB:-a/web:1.2}'}}", "1:25 image web = a/web:1.2 (open)"},
		{"variable in the middle", "services: {web: {image: '${REG-r.example}/web:${TAG:-${VERSION:-1.2}}'}}", "1:25 image web = r.example/web:1.2 (open)"},
		{"variable without a default", "services: {web: {image: 'a/web:$TAG'}}", "1:25 image web = a/web: (open)"},
		{"variable that must be given", "services: {web: {image: '${WEB:?which image}'}}", "1:25 image web =  (open)"},
		{"a dollar sign", "services: {web: {image: a, labels: [app.version=1$$]}}", "1:25 image web = a|1:37 version app.version = 1$"},
		{"merged from an extension", "x-app: &app {image: a/web:1.2}\nservices:\n  web:\n    <<: *app\n  own:\n    <<: *app\n    image: a/own:1.3\n", "1:21 image web = a/web:1.2|7:12 image own = a/own:1.3"},
		{"a list of merges: the first counts", "x-a: &a {image: a}\nx-b: &b {image: b}\nservices: {web: {<<: [*a, *b]}}", "1:17 image web = a"},
		{"an alias", "x-i: &i a/web:1.2\nservices: {web: {image: *i}}", "2:25 image web = a/web:1.2"},
		{"extends", "services:\n  base: {image: a:1.2}\n  web: {extends: {service: base}}\n  two: {extends: web}\n", "2:17 image base = a:1.2|2:17 image web = a:1.2|2:17 image two = a:1.2"},
		{"extends another file", "services: {web: {extends: {file: other.yml, service: base}}}", "1:17 pins.elsewhere"},
		{"services that extend one another", "services: {a: {extends: b}, b: {extends: a}}", "1:15 pins.no-image|1:32 pins.no-image"},
		{"build without image", "services: {web: {build: .}}", "1:17 pins.build"},
		{"build with image", "services: {web: {build: ., image: a:1.2}}", "1:35 image web = a:1.2"},
		{"a second document overrides", "services: {web: {image: a:1.2}, db: {image: d:1.2}}\n---\nservices: {web: {image: a:1.3}}", "3:25 image web = a:1.3|1:45 image db = d:1.2"},
		{"settings as list and map", "services:\n  web:\n    image: a:1.2\n    environment: [ASM_VERSION=1.2, DEBUG=1, HOME]\n    labels: {org.opencontainers.image.revision: abc}\n",
			"3:12 image web = a:1.2|4:19 version ASM_VERSION = 1.2|5:49 commit org.opencontainers.image.revision = abc"},
		{"an image as a volume", "services: {web: {image: a:1.2, volumes: [{type: image, source: b:1.3, target: /b}, d:/d]}}", "1:25 image web = a:1.2|1:64 image web = b:1.3"},
		{"a column behind letters of two bytes", "services: {é: {image: a:1.2}}", "1:24 image é = a:1.2"},
		{"no services", "services:\n", ""},
	} {
		f, err := readPins("docker-compose.yml", evidence.Digest{}, manifest.FormatCompose, []byte(test.text))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got := strings.Join(pinLines(f), "|"); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

func TestReadPacker(t *testing.T) {
	digest := "sha256:" + strings.Repeat("0123456789abcdef", 4)
	for _, test := range []struct{ name, file, text, want string }{
		{"the newest machine image", "a.pkr.hcl", "source \"amazon-ebs\" \"x\" {\n  source_ami_filter {\n    most_recent = true\n    filters = { name = \"debian-12-*\" }\n  }\n}\n",
			"2:3 machine-image amazon-ebs.x = debian-12-* (open)|2:3 pins.most-recent"},
		{"the newest, by a variable", "a.pkr.hcl", "variable \"newest\" { default = true }\nsource \"amazon-ebs\" \"x\" {\n  source_ami_filter { most_recent = var.newest }\n}\n", "3:3 machine-image amazon-ebs.x =  (open)|3:3 pins.most-recent"},
		{"the newest, by a data source", "a.pkr.hcl", "data \"amazon-ami\" \"x\" {\n  most_recent = true\n  filters = { name = \"debian\" }\n}\n", "1:1 machine-image amazon-ami.x = debian (open)|1:1 pins.most-recent"},
		{"a fixed machine image", "a.pkr.hcl", "source \"amazon-ebs\" \"x\" { source_ami = \"ami-1\" }\n", "1:1 machine-image amazon-ebs.x = ami-1"},
		{"a family", "a.pkr.hcl", "source \"googlecompute\" \"x\" { source_image_family = \"debian-12\" }\n", "1:1 machine-image googlecompute.x =  (open)|1:1 pins.most-recent"},
		{"a family and an image of it", "a.pkr.hcl", "source \"googlecompute\" \"x\" {\n  source_image_family = \"debian-12\"\n  source_image = \"debian-12-v20250811\"\n}\n", "1:1 machine-image googlecompute.x = debian-12-v20250811"},
		{"the latest of a marketplace", "a.pkr.hcl", "source \"azure-arm\" \"x\" {\n  image_sku = \"12\"\n  image_version = \"latest\"\n}\n", "1:1 machine-image azure-arm.x = latest (open)|1:1 pins.most-recent"},
		{"a plugin of any version", "a.pkr.hcl", "packer {\n  required_plugins {\n    amazon = { source = \"s\" }\n  }\n}\n", "3:5 plugin amazon = "},
		{"an image of variables and locals", "a.pkr.hcl", "variable \"digest\" { default = \"" + digest + "\" }\nlocals {\n  registry = \"ghcr.io/a\"\n  web_image = \"${local.registry}/web@${var.digest}\"\n}\nbuild {}\n",
			"4:15 image web_image = ghcr.io/a/web@" + digest + " (open)"},
		{"a container to start from", "a.pkr.hcl", "source \"docker\" \"x\" { image = \"debian:12\" }\n", "1:31 image docker.x = debian:12"},
		{"an image that a command pulls", "a.pkr.hcl", "build {\n  provisioner \"shell\" { inline = [\"docker pull -q redis:latest && docker run -d a/b@" + digest + "\"] }\n}\n",
			"2:35 image inline = redis:latest|2:35 image inline = a/b@" + digest},
		{"a variable without a default", "a.pkr.hcl", "variable \"commit\" { type = string }\nsource \"x\" \"y\" { tags = { Commit = var.commit } }\n", ""},
		{"what a function makes is open", "a.pkr.hcl", "locals { version = trimprefix(\"v1.2\", \"v\") }\nbuild {}\n", ""},
		{"settings of a provisioner", "a.pkr.hcl", "build {\n  provisioner \"shell\" { environment_vars = [\"RELEASE=1.300\", \"X=1\"] }\n}\n", "2:45 version RELEASE = 1.300"},
		{"the older JSON form", "a.json", "{\"variables\": {\"release\": \"1.300\"},\n\"builders\": [{\"type\": \"amazon-ebs\", \"source_ami_filter\": {\"most_recent\": true},\n\"tags\": {\"Release\": \"{{user `release`}}\"}}]}",
			"1:27 version release = 1.300|2:58 machine-image amazon-ebs =  (open)|3:21 version Release = 1.300 (open)|2:58 pins.most-recent"},
		{"HCL written as JSON", "a.pkr.json", "{\"packer\": {\"required_plugins\": {\"amazon\": {\"version\": \"~> 1\"}}},\n\"variable\": {\"tag\": {\"default\": \"v1.2\"}},\n\"source\": {\"docker\": {\"x\": {\"image\": \"a:${var.tag}\"}}}}",
			"1:56 plugin amazon = ~> 1|2:33 ref tag = v1.2|3:38 image docker.x = a:v1.2 (open)"},
		{"a commit in a column behind letters of two bytes", "a.pkr.hcl", "locals { é = \"\"\n ü = 1, commit = \"abc\" }\n", "err"},
	} {
		f, err := readPins(test.file, evidence.Digest{}, manifest.FormatPacker, []byte(test.text))
		if test.want == "err" {
			if !errors.Is(err, evidence.ErrFormat) {
				t.Errorf("%s: %v", test.name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got := strings.Join(pinLines(f), "|"); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

func TestReadPinsRefuses(t *testing.T) {
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := range 8 {
		bomb += fmt.Sprintf("a%d: &a%d [%s*a%d]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*a%d, ", i), 9), i)
	}
	locals := "a0 = \"xxxxxxxxxxxxxxxx\"\n"
	for i := range 30 {
		locals += fmt.Sprintf("a%d = \"${local.a%d}${local.a%d}\"\n", i+1, i, i)
	}
	for _, test := range []struct {
		name, file, text string
		class            error
		code             string
	}{
		{"not YAML", "c.yml", "\x00\x01{{{: not yaml\n", evidence.ErrFormat, "pins.syntax"},
		{"no compose file", "c.yml", "a: 1\n", evidence.ErrUnsupported, "pins.compose"},
		{"an empty file", "c.yml", "", evidence.ErrUnsupported, "pins.compose"},
		{"services is a list", "c.yml", "services: [web]\n", evidence.ErrFormat, "pins.compose"},
		{"a service is a text", "c.yml", "services: {web: a}\n", evidence.ErrFormat, "pins.compose"},
		{"a name twice", "c.yml", "services:\n  web: {image: a}\n  web: {image: b}\n", evidence.ErrFormat, "pins.duplicate-name"},
		{"a variable that does not end", "c.yml", "services: {web: {image: '${A'}}\n", evidence.ErrFormat, "pins.variable"},
		{"an alias to what it stands in", "c.yml", "services: &s {web: {x: *s}}\n", evidence.ErrLimit, "pins.depth"},
		{"aliases of aliases", "c.yml", bomb, evidence.ErrLimit, "pins.size"},
		{"a large file", "c.yml", "services: {}\n" + strings.Repeat("# comment\n", pinBytes/10), evidence.ErrLimit, "pins.size"},
		{"not HCL", "p.hcl", "build {\n", evidence.ErrFormat, "pins.syntax"},
		{"no template", "p.hcl", "a = 1\n", evidence.ErrUnsupported, "pins.packer"},
		{"locals that double", "p.hcl", "locals {\n" + locals + "}\nbuild {}\n", evidence.ErrLimit, "pins.size"},
		{"a local value of itself", "p.hcl", "locals { a = \"${local.a}\" }\n", evidence.ErrLimit, "pins.depth"},
		{"brackets", "p.hcl", "build { a = " + strings.Repeat("[", 1000), evidence.ErrLimit, "pins.depth"},
		{"operators", "p.hcl", "build { a = " + strings.Repeat("!", 100_000) + "true }", evidence.ErrLimit, "pins.depth"},
		{"splats", "p.hcl", "build { a = b" + strings.Repeat("[*]", 10_000) + " }", evidence.ErrLimit, "pins.depth"},
		{"a long name", "p.hcl", "build { a = " + strings.Repeat("a::", 10_000), evidence.ErrLimit, "pins.depth"},
		{"a long text", "p.hcl", "a = <<A\n" + strings.Repeat("x\n", 10_000) + "A\nbuild {}\n", evidence.ErrLimit, "pins.depth"},
		{"cut JSON", "p.json", `{"builders": [`, evidence.ErrFormat, "json.truncated"},
		{"a JSON variable of itself", "p.json", "{\"variables\": {\"a\": \"{{user `a`}}\"}, \"builders\": []}", evidence.ErrLimit, "pins.depth"},
		{"another kind of file", "p.txt", "x", evidence.ErrUnsupported, "pins.format"},
	} {
		_, err := readPins(test.file, evidence.Digest{}, "", []byte(test.text))
		var p *evidence.Problem
		if !errors.As(err, &p) || p.Code != test.code || !errors.Is(err, test.class) || p.Path != test.file {
			t.Errorf("%s: got %v, want %s of class %v", test.name, err, test.code, test.class)
		}
	}
}

func TestLooseTag(t *testing.T) {
	for text, loose := range map[string]bool{
		"redis": true, "redis:latest": true, "redis:7": true, "redis:7-alpine": true, "nginx:stable": true, "python:3-alpine3.21": true, "a:v1": true, "a:main": true,
		"debian:bookworm-slim":  true,
		"postgres:16.13-alpine": false, "redis:7.4.8-alpine": false, "a:v1.482": false, "debian:bookworm-20250811-slim": false,
		"minio/minio:RELEASE.2025-01-20T14-49-07Z": false, "a:sha-1a2b3c4": false, "a:asm-1.2.3": false,
		"a:latest@sha256:" + strings.Repeat("ab", 32): false,
	} {
		r, err := imageref.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := looseTag(r); (got != "") != loose {
			t.Errorf("%s: %q, want loose %v", text, got, loose)
		}
	}
}

func TestSettingKind(t *testing.T) {
	for name, want := range map[string]string{
		"ASM_VERSION": "version asm", "release": "version ", "appVersion": "version app", "GIT_COMMIT_SHA": "commit git-commit",
		"org.opencontainers.image.source": "repository org-opencontainers-image", "DEBUG": " ", "versions": " ", "": " ",
	} {
		kind, about := settingKind(name)
		if got := string(kind) + " " + about; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// FuzzReadPins wants an answer or a typed error with the file's name; every pin has
// a place in the file, and what is read twice is read alike.
func FuzzReadPins(f *testing.F) {
	for _, name := range []string{"docker-compose.yml", "hailbytes-asm.pkr.hcl"} {
		data, err := os.ReadFile(filepath.Join("..", "testdata", "evidence", "asm-1.482", "pins", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(name, data)
	}
	f.Add("c.yml", []byte("x: &a {image: '${A:-b}'}\nservices: {w: {<<: *a}}\n---\nservices: {w: {extends: w}}"))
	f.Add("p.json", []byte("{\"variables\":{\"tag\":\"1\"},\"builders\":[{\"type\":\"docker\",\"image\":\"a:{{user `tag`}}\"}]}"))
	f.Add("p.pkr.hcl", []byte("locals { a = \"${local.b}\"\n b = f([x ? \"y\" : 1]) }\nbuild {}\n"))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		got, err := readPins(name, evidence.Digest{}, "", data)
		if err != nil {
			var p *evidence.Problem
			if !errors.As(err, &p) || !evidence.IsVerdict(err) || p.Path != name {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		lines := strings.Count(string(data), "\n") + 1
		for _, p := range got.pins {
			if p.Source.Line < 1 || p.Source.Line > lines || p.Source.Column < 1 {
				t.Fatalf("%s has the place %s", p.Name, p.Source)
			}
		}
		again, err := readPins(name, evidence.Digest{}, "", data)
		if err != nil || cmp.Diff(pinLines(got), pinLines(again)) != "" {
			t.Fatalf("read twice: %v", err)
		}
	})
}

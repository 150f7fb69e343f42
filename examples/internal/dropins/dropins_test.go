// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package dropins runs what examples/github-actions and examples/install-gate offer to copy,
// over the sample evidence: the scripts of the workflows with stand-ins for the tools of
// others, and the commands of this module as they are.
package dropins

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/HailBytes/evidence/internal/test/sigtest"
)

// TestMain is cosign where the test calls this program by that name: it has the statement
// signed by the in-memory instance of the test.
func TestMain(m *testing.M) {
	if strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") == "cosign" {
		if err := cosign(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, "cosign:", err)
			os.Exit(1)
		}
		return
	}
	code := m.Run()
	if bins != "" {
		os.RemoveAll(bins)
	}
	os.Exit(code)
}

const repository = "../../.." // of this module

// commands are those of this module that the examples call.
var commands = []string{"./examples/release-version", "./examples/trustpack-build", "./examples/trustpack-verify", "./examples/trustpack-diff", "./examples/trustpack-gate",
	"./examples/trustpack-show", "./examples/trustpack-extract", "./examples/attest-verify"}

// bins is the folder of the commands of this module, once they were built.
var bins string

var build = sync.OnceValue(func() error {
	var err error
	if bins, err = os.MkdirTemp("", "dropins"); err != nil {
		return err
	}
	cmd := exec.Command("go", append([]string{"build", "-o", bins + string(filepath.Separator)}, commands...)...)
	cmd.Dir = repository
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
})

// workflow is what of a workflow file is run.
type workflow struct {
	Jobs map[string]struct {
		Env   map[string]string `yaml:"env"`
		Steps []step            `yaml:"steps"`
	} `yaml:"jobs"`
	Runs struct {
		Steps []step `yaml:"steps"`
	} `yaml:"runs"`
}

type step struct {
	Name string            `yaml:"name"`
	Run  string            `yaml:"run"`
	Env  map[string]string `yaml:"env"`
}

func readWorkflow(t *testing.T, name string) *workflow {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(repository, "examples", "github-actions", name))
	if err != nil {
		t.Fatal(err)
	}
	w := &workflow{}
	if err := yaml.Unmarshal(data, w); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return w
}

// runner runs the steps of workflows in one folder, as GitHub does.
type runner struct {
	t    *testing.T
	dir  string            // the checkout
	bin  string            // stand-ins for the tools of others
	env  map[string]string // of all steps; a step adds to it by $GITHUB_ENV
	expr map[string]string // values of expressions
	in   *sigtest.Instance
}

func newRunner(t *testing.T, product, tag string) *runner {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the scripts are for Linux")
	}
	for _, tool := range []string{"bash", "git", "jq"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no %s to run the steps with", tool)
		}
	}
	if err := build(); err != nil {
		t.Fatal(err)
	}
	r := &runner{t: t, dir: filepath.Join(t.TempDir(), "checkout"), bin: t.TempDir(), in: sigtest.New("sigstore.test")}
	sample, err := filepath.Abs(filepath.Join(repository, "testdata", "evidence", product+"-"+strings.TrimPrefix(tag, "v")))
	if err != nil {
		t.Fatal(err)
	}
	clone := exec.Command("git", "clone", "-q", "--branch", tag, filepath.Join(sample, "source", "hailbytes-"+product+".bundle"), r.dir)
	if out, err := clone.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	commit, err := exec.Command("git", "-C", r.dir, "rev-parse", "HEAD").Output()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(r.sign))
	t.Cleanup(server.Close)
	name := "HailBytes/hailbytes-" + product
	r.env = map[string]string{
		"PATH": strings.Join([]string{r.bin, bins, os.Getenv("PATH")}, string(filepath.ListSeparator)), "HOME": t.TempDir(),
		"GITHUB_REPOSITORY": name, "GITHUB_REF_NAME": tag, "GITHUB_SHA": strings.TrimSpace(string(commit)),
		"GITHUB_ENV": filepath.Join(t.TempDir(), "env"), "GITHUB_STEP_SUMMARY": filepath.Join(t.TempDir(), "summary"),
		"SAMPLE": sample, "SIGTEST_URL": server.URL, "SOURCE_DATE_EPOCH": "1796000000",
	}
	r.expr = map[string]string{"github.repository": name, "github.ref": "refs/tags/" + tag}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(r.bin, "cosign")); err != nil {
		t.Fatal(err)
	}
	for tool, script := range standIns {
		r.script(tool, script)
	}
	return r
}

// sign is what Fulcio and Rekor do for cosign: it signs as the workflow that runs.
func (r *runner) sign(w http.ResponseWriter, q *http.Request) {
	statement, err := io.ReadAll(q.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	owner, name, _ := strings.Cut(r.env["GITHUB_REPOSITORY"], "/")
	w.Write(r.in.Attest(statement, sigtest.Signing{Holder: sigtest.Workflow(owner, name, "release.yml", r.expr["github.ref"])}).JSON())
}

// cosign is the part of cosign that the workflows use to sign without a key.
func cosign(args []string) error {
	value := func(flag string) string {
		for i, a := range args {
			if a == flag && i+1 < len(args) {
				return args[i+1]
			}
		}
		return ""
	}
	sample, name := os.Getenv("SAMPLE"), os.Getenv("NAME")
	show := func(file string) error {
		data, err := os.ReadFile(filepath.Join(sample, "signatures", file))
		if err != nil {
			return err
		}
		_, err = os.Stdout.Write(data)
		return err
	}
	switch line := strings.Join(args, " "); {
	case strings.HasPrefix(line, "sign --yes --output-certificate "):
		data, err := os.ReadFile(filepath.Join(sample, "signatures", name+".pem"))
		if err != nil {
			return err
		}
		return os.WriteFile(value("--output-certificate"), data, 0o644)
	case strings.HasPrefix(line, "attest --yes "):
		return nil
	case strings.HasPrefix(line, "verify "):
		return show(name + ".cosign-verify.json")
	case strings.HasPrefix(line, "download signature "):
		return show(name + ".signature.json")
	case strings.HasPrefix(line, "download attestation "):
		return show(filepath.Join("keyless", name+".spdx.sigstore.json"))
	case strings.HasPrefix(line, "attest-blob --yes "):
		statement, err := os.Open(value("--statement"))
		if err != nil {
			return err
		}
		defer statement.Close()
		res, err := http.Post(os.Getenv("SIGTEST_URL"), "application/json", statement)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		bundle, err := io.ReadAll(res.Body)
		if err != nil {
			return err
		}
		return os.WriteFile(value("--bundle"), bundle, 0o644)
	}
	return fmt.Errorf("no stand-in for %q", args)
}

// standIns write what the tools of others wrote of the samples.
var standIns = map[string]string{
	"go": `exit 0`,
	"syft": `for a; do case "$a" in
  spdx-json=*) cp "$SAMPLE/sbom/$NAME.spdx.json" "${a#*=}";;
  cyclonedx-json@1.5=*) cp "$SAMPLE/sbom/$NAME.cdx.json" "${a#*=}";;
esac; done`,
	"trivy": `while [ $# -gt 0 ]; do case "$1" in --format) format=$2;; --output) out=$2;; esac; shift; done
case $format in sarif) cp "$SAMPLE/scans/$NAME.trivy.sarif" "$out";; json) cp "$SAMPLE/scans/$NAME.trivy.json" "$out";; esac`,
	"docker": `case "$*" in
  *--metadata-file*) ref=$(cat "$SAMPLE"/*/"$NAME.image-ref.txt"); printf '{"containerimage.digest":"%s"}' "${ref##*@}" > metadata.json;;
  "buildx imagetools"*) cat "$SAMPLE"/*/"$NAME.manifest.json" 2>/dev/null || cat "$SAMPLE"/*/"$NAME.image-manifest.json";;
esac`,
	"npm":         `exit 0`,
	"npx":         `mkdir -p evidence/uat/results; cp -R "$SAMPLE/uat/." evidence/uat/`,
	"python3":     `exit 0`,
	"govulncheck": `case "$2" in sarif) cat "$SAMPLE/scans/govulncheck.sarif";; openvex) cat "$SAMPLE/scans/govulncheck.openvex.json";; esac`,
	"go-licenses": `cat "$SAMPLE/licenses/go-licenses.csv"`,
	"gh":          `[ "$1 $2" = "release create" ] && for a; do case "$a" in *.zip|*.json) [ -s "$a" ] || exit 1;; esac; done`,
}

func (r *runner) script(name, text string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.bin, name), []byte("#!/bin/sh\nset -e\n"+text+"\n"), 0o755); err != nil {
		r.t.Fatal(err)
	}
}

// value replaces the expressions in the value of an environment variable.
func (r *runner) value(text string) string {
	for name, value := range r.expr {
		text = strings.ReplaceAll(text, "${{ "+name+" }}", value)
	}
	if strings.Contains(text, "${{") {
		r.t.Errorf("no value for %s", text)
	}
	return text
}

// run runs the steps of a job one after the other, and returns the name of the step that
// failed, with what it printed.
func (r *runner) run(env map[string]string, steps []step) (failed, printed string) {
	r.t.Helper()
	for _, s := range steps {
		if s.Run == "" || s.Name == "Fetch the trusted root" {
			continue // an action of others, or the network
		}
		if strings.Contains(s.Run, "${{") {
			r.t.Errorf("step %q has an expression in its script: whoever names a branch can run commands", s.Name)
		}
		cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", s.Run)
		cmd.Dir = r.dir
		for _, set := range []map[string]string{r.env, env, s.Env} {
			for k, v := range set {
				cmd.Env = append(cmd.Env, k+"="+r.value(v))
			}
		}
		out, err := cmd.CombinedOutput()
		if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
			r.t.Fatal(err)
		}
		if err != nil {
			return s.Name, string(out)
		}
		r.readEnv()
	}
	return "", ""
}

// readEnv takes what steps added to the environment.
func (r *runner) readEnv() {
	r.t.Helper()
	data, err := os.ReadFile(r.env["GITHUB_ENV"])
	if err != nil && !os.IsNotExist(err) {
		r.t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if k, v, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			r.env[k] = v
		}
	}
}

// job runs a job of a workflow, which must end well.
func (r *runner) job(file, name string) {
	r.t.Helper()
	j, ok := readWorkflow(r.t, filepath.Join("workflows", file)).Jobs[name]
	if !ok {
		r.t.Fatalf("%s has no job %s", file, name)
	}
	if failed, printed := r.run(j.Env, j.Steps); failed != "" {
		r.t.Fatalf("%s, step %q:\n%s", file, failed, printed)
	}
}

func (r *runner) write(name string, data []byte) {
	r.t.Helper()
	name = filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		r.t.Fatal(err)
	}
}

func (r *runner) read(name string) []byte {
	r.t.Helper()
	data, err := os.ReadFile(filepath.Join(r.dir, name))
	if err != nil {
		r.t.Fatal(err)
	}
	return data
}

// publish runs the workflows of a product at a tag, from the build to the release, and
// leaves pack, statement and trusted root below dist.
func publish(t *testing.T, product, tag string) *runner {
	t.Helper()
	r := newRunner(t, product, tag)
	sample := r.env["SAMPLE"]
	root := compact(t, r.in.TrustedRoot())
	switch product {
	case "asm":
		for _, file := range []string{"docker-compose.yml", "hailbytes-asm.pkr.hcl"} {
			data, err := os.ReadFile(filepath.Join(sample, "pins", file))
			if err != nil {
				t.Fatal(err)
			}
			r.write("deploy/"+file, data)
		}
		r.expr["matrix.image"] = "celery" // the one of the sample
		r.job("asm-build.yml", "image")
		r.job("asm-build.yml", "uat")
		// The images were signed by another instance.
		of, err := os.ReadFile(filepath.Join(sample, "signatures", "keyless", "trusted_root.json"))
		if err != nil {
			t.Fatal(err)
		}
		root = append(compact(t, of), root...)
	case "sat":
		for _, file := range []string{"go.mod", "go.sum"} {
			data, err := os.ReadFile(filepath.Join(sample, "source", file))
			if err != nil {
				t.Fatal(err)
			}
			r.write(file, data)
		}
		r.job("sat-build.yml", "evidence")
	}
	config, err := os.ReadFile(sample + ".json")
	if err != nil {
		t.Fatal(err)
	}
	r.write(".github/release.json", config)
	r.write("trusted_root.json", root)
	r.expr["inputs.product"], r.expr["inputs.config"] = product, ".github/release.json"
	r.expr["github.token"] = "none"
	r.job("release.yml", "pack")
	return r
}

func compact(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, data); err != nil {
		t.Fatal(err)
	}
	return append(b.Bytes(), '\n')
}

// TestWorkflows: the steps of the producer's workflows make, sign and verify a pack.
// Those of asm are the beginning of TestEndToEnd.
func TestWorkflows(t *testing.T) {
	r := publish(t, "sat", "v1.205")
	const pack = "dist/hailbytes-sat-trust-pack-v1.205.zip"
	if len(r.read(pack)) == 0 || len(r.read(pack+".sigstore.json")) == 0 {
		t.Error("nothing was published")
	}
}

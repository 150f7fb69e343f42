// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package dropins

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclparse"
	"go.yaml.in/yaml/v3"

	"github.com/HailBytes/evidence/internal/test/sigtest"
)

// customer is a machine with nothing but the published pack, its statement, a trusted root
// and the files of examples/install-gate.
type customer struct {
	t   *testing.T
	dir string
	bin string // docker, for the commands that ask it
}

func newCustomer(t *testing.T, from *runner) *customer {
	t.Helper()
	c := &customer{t, t.TempDir(), t.TempDir()}
	const pack = "dist/hailbytes-asm-trust-pack-v1.482.zip"
	for name, data := range map[string][]byte{
		"trust-pack.zip": from.read(pack), "trust-pack.zip.sigstore.json": from.read(pack + ".sigstore.json"), "trusted_root.json": from.read("trusted_root.json"),
		"policy.yaml": example(t, "policy.yaml"), "docker-compose.yml": example(t, "docker-compose.yml"), "bin/gate.sh": example(t, "gate.sh"),
	} {
		c.write(name, data)
	}
	if err := os.Symlink(filepath.Join(bins, "trustpack-gate"), filepath.Join(c.dir, "bin", "trustpack-gate")); err != nil {
		t.Fatal(err)
	}
	return c
}

// example returns a file of examples/install-gate.
func example(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(repository, "examples", "install-gate", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (c *customer) write(name string, data []byte) {
	c.t.Helper()
	name = filepath.Join(c.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o755); err != nil {
		c.t.Fatal(err)
	}
}

// edit replaces a text that must be there in a file.
func (c *customer) edit(name, old, with string) {
	c.t.Helper()
	data, err := os.ReadFile(filepath.Join(c.dir, name))
	if err != nil {
		c.t.Fatal(err)
	}
	if !bytes.Contains(data, []byte(old)) {
		c.t.Fatalf("%s has no %q", name, old)
	}
	c.write(name, bytes.ReplaceAll(data, []byte(old), []byte(with)))
}

// isolated says whether commands can run in a network namespace of their own, in which
// there is no network.
func isolated() bool { return exec.Command("unshare", "-rn", "true").Run() == nil }

// run runs a command, without a network where that can be had.
func (c *customer) run(line ...string) (code int, printed string) {
	c.t.Helper()
	if isolated() {
		line = append([]string{"unshare", "-rn"}, line...)
	}
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Dir, cmd.Env = c.dir, append(os.Environ(), "PATH="+c.bin+string(filepath.ListSeparator)+bins+string(filepath.ListSeparator)+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		c.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

func (c *customer) gate() (code int, printed string) {
	c.t.Helper()
	return c.run("sh", filepath.Join(c.dir, "bin", "gate.sh"), c.dir)
}

func (c *customer) lock() string {
	data, _ := os.ReadFile(filepath.Join(c.dir, "trust-pack.lock.yml"))
	return string(data)
}

// TestEndToEnd: a workflow signs the pack without a key; a customer with the pack, the
// statement and a root verifies it, gates a compose file and gets the lock. Each change
// stops the gate, with the reason, and no lock is written.
func TestEndToEnd(t *testing.T) {
	r := publish(t, "asm", "v1.482")
	const image, digest = "ghcr.io/hailbytes/hailbytes-asm-celery", "sha256:21dbc47a7a3291e349a1e418e027011159b6ccdc2346bc0efe5745453144a8fa"
	sign := func(statement []byte, workflow string) []byte {
		return r.in.Attest(statement, sigtest.Signing{Holder: sigtest.Workflow("HailBytes", "hailbytes-asm", workflow, "refs/tags/v1.482")}).JSON()
	}
	statement := r.read("statement.json")
	for name, tt := range map[string]struct {
		change func(c *customer)
		code   int
		says   string
	}{
		"as published": {func(*customer) {}, 0, "1.482"},
		"other image":  {func(c *customer) { c.edit("docker-compose.yml", digest, "sha256:"+strings.Repeat("a", 64)) }, 1, "gate.digest"},
		"floating tag": {func(c *customer) { c.edit("docker-compose.yml", ":1.482@"+digest, ":latest") }, 1, "gate.floating"},
		"older tag":    {func(c *customer) { c.edit("docker-compose.yml", ":1.482@", ":1.481@") }, 1, "gate.tag"},
		"stranger": {func(c *customer) {
			c.edit("docker-compose.yml", "services:\n", "services:\n  miner:\n    image: evil/miner:1\n")
		}, 1, "gate.image"},
		"older pack":    {func(c *customer) { c.edit("policy.yaml", "atLeast: 1.482", "atLeast: 1.483") }, 1, "policy.release"},
		"other product": {func(c *customer) { c.edit("policy.yaml", "product: asm", "product: sat") }, 1, "release.expected"},
		"other workflow": {func(c *customer) {
			c.write("trust-pack.zip.sigstore.json", sign(statement, "nightly.yml"))
		}, 1, "nightly.yml"},
		"pull request": {func(c *customer) {
			holder := sigtest.Workflow("HailBytes", "hailbytes-asm", "release.yml", "refs/pull/9/merge")
			c.write("trust-pack.zip.sigstore.json", r.in.Attest(statement, sigtest.Signing{Holder: holder}).JSON())
		}, 1, "refs/pull/9/merge"},
		"statement of another pack": {func(c *customer) {
			other := bytes.ReplaceAll(statement, []byte(`"version":"1.482"`), []byte(`"version":"1.490"`))
			c.write("trust-pack.zip.sigstore.json", sign(other, "release.yml"))
		}, 1, "statement of another pack"},
		"another instance": {func(c *customer) {
			c.write("trust-pack.zip.sigstore.json", sigtest.New("evil.test").Attest(statement, sigtest.Signing{Holder: sigtest.Workflow("HailBytes", "hailbytes-asm", "release.yml", "refs/tags/v1.482")}).JSON())
		}, 1, "not in this trust root"},
		"changed pack": {func(c *customer) {
			data, err := os.ReadFile(filepath.Join(c.dir, "trust-pack.zip"))
			if err != nil {
				t.Fatal(err)
			}
			data[len(data)/2] ^= 1
			c.write("trust-pack.zip", data)
		}, 1, "REFUSED"},
		"no statement": {func(c *customer) {
			if err := os.Remove(filepath.Join(c.dir, "trust-pack.zip.sigstore.json")); err != nil {
				t.Fatal(err)
			}
		}, 2, "sigstore.json"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCustomer(t, r)
			tt.change(c)
			code, printed := c.gate()
			if code != tt.code || !strings.Contains(printed, tt.says) {
				t.Errorf("exit code %d, want %d and %q\n%s", code, tt.code, tt.says, printed)
			}
			if lock := c.lock(); (lock != "") != (tt.code == 0) || lock != "" && !strings.Contains(lock, image+"@"+digest) {
				t.Errorf("lock: %q", lock)
			}
		})
	}
	t.Run("offline", func(t *testing.T) {
		if !isolated() {
			t.Skip("no network namespace can be made here (unshare -rn)")
		}
		c := newCustomer(t, r)
		const by = "https://github.com/HailBytes/hailbytes-asm/.github/workflows/"
		flags := []string{"-trusted-root", "trusted_root.json", "-certificate-oidc-issuer", sigtest.GitHubIssuer}
		for _, line := range [][]string{
			append([]string{"trustpack-verify", "-require", "authentic", "-bundle", "trust-pack.zip.sigstore.json", "-certificate-identity", by + "release.yml@refs/tags/v1.482", "-image-certificate-identity", by + "build.yml@refs/tags/v1.482", "trust-pack.zip"}, flags...),
			append([]string{"attest-verify", "-artifact", "trust-pack.zip", "-certificate-identity", by + "release.yml@refs/tags/v1.482", "trust-pack.zip.sigstore.json"}, flags...),
			{"trustpack-extract", "-out", "out", "trust-pack.zip"},
			{"trustpack-show", "trust-pack.zip", "findings"},
			{"trustpack-diff", "trust-pack.zip", "trust-pack.zip"},
		} {
			if code, printed := c.run(line...); code != 0 {
				t.Errorf("%q: exit code %d\n%s", line, code, printed)
			}
		}
	})
	t.Run("SSM", func(t *testing.T) {
		c := newCustomer(t, r)
		var document struct {
			MainSteps []struct {
				Inputs struct {
					RunCommand []string `yaml:"runCommand"`
				}
			} `yaml:"mainSteps"`
		}
		if err := yaml.Unmarshal(example(t, "ssm.yml"), &document); err != nil || len(document.MainSteps) != 1 {
			t.Fatalf("%d steps, %v", len(document.MainSteps), err)
		}
		script := strings.NewReplacer("/opt/hailbytes", c.dir, "/run/", c.dir+"/").Replace(strings.Join(document.MainSteps[0].Inputs.RunCommand, "\n"))
		for running, want := range map[string]int{digest: 0, "sha256:" + strings.Repeat("a", 64): 1} {
			docker := "#!/bin/sh\n[ \"$1\" = ps ] && echo 1 && exit\ncat <<'EOF'\n" +
				`[{"Id":"` + strings.Repeat("1", 64) + `","Name":"/celery","Image":"` + running + `","Config":{"Image":"` + image + `@` + running + `"},"State":{"Running":true}}]` + "\nEOF\n"
			if err := os.WriteFile(filepath.Join(c.bin, "docker"), []byte(docker), 0o755); err != nil {
				t.Fatal(err)
			}
			if code, printed := c.run("sh", "-c", script); code != want {
				t.Errorf("%s runs: exit code %d, want %d\n%s", running, code, want, printed)
			}
		}
	})
	t.Run("consumer", func(t *testing.T) { consumer(t, r) })
}

// consumer runs the steps of a customer's pull request that brings the published pack.
func consumer(t *testing.T, from *runner) {
	r := *from
	r.t, r.dir = t, t.TempDir()
	const pack = "hailbytes-asm-trust-pack-v1.482.zip"
	r.write("trust-pack/"+pack, from.read("dist/"+pack))
	r.write("trust-pack/"+pack+".sigstore.json", from.read("dist/"+pack+".sigstore.json"))
	r.write("trust-pack/trusted_root.json", from.read("trusted_root.json"))
	sample, err := filepath.Abs(filepath.Join(repository, "testdata", "evidence"))
	if err != nil {
		t.Fatal(err)
	}
	older := exec.Command(filepath.Join(bins, "trustpack-build"), "-config", filepath.Join(sample, "asm-1.481.json"), "-evidence", filepath.Join(sample, "asm-1.481"), "-out", filepath.Join(r.dir, "trust-pack"))
	if out, err := older.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	job := readWorkflow(t, "workflows/consumer.yml").Jobs["verify"]
	steps := slices.DeleteFunc(slices.Clone(job.Steps), func(s step) bool { return s.Name == "What changed" })
	if failed, printed := r.run(job.Env, steps); failed != "" {
		t.Errorf("step %q:\n%s", failed, printed)
	}
	// New critical findings or licences may stop the last step: that is what it is for.
	_, printed := r.run(job.Env, job.Steps)
	summary, err := os.ReadFile(r.env["GITHUB_STEP_SUMMARY"])
	if err != nil || !bytes.Contains(summary, []byte("1.481")) {
		t.Errorf("no summary of what changed: %v\n%s", err, printed)
	}
	r.write("trust-pack/"+pack+".sigstore.json", sigtest.New("evil.test").Attest(from.read("statement.json"), sigtest.Signing{}).JSON())
	if failed, printed := r.run(job.Env, job.Steps); failed != "Verify" {
		t.Errorf("a statement by a stranger passes: step %q\n%s", failed, printed)
	}
	// The action by itself.
	action := readWorkflow(t, "verify/action.yml").Runs.Steps
	r.expr = map[string]string{
		"inputs.pack": "trust-pack/" + pack, "inputs.expect": job.Env["EXPECT"], "inputs.bundle": "", "inputs.trusted-root": "trust-pack/trusted_root.json",
		"inputs.certificate-identity": job.Env["IDENTITY"], "inputs.image-certificate-identity": job.Env["IMAGES"],
		"inputs.certificate-oidc-issuer": job.Env["ISSUER"], "inputs.policy": "", "inputs.version": "latest",
	}
	if failed, _ := r.run(nil, action); failed != "Verify" {
		t.Error("the action accepts a statement by a stranger")
	}
	r.write("trust-pack/"+pack+".sigstore.json", from.read("dist/"+pack+".sigstore.json"))
	if failed, printed := r.run(nil, action); failed != "" {
		t.Errorf("action, step %q:\n%s", failed, printed)
	}
}

// TestUnit: systemd reads the drop-in, and cloud-init writes the same.
func TestUnit(t *testing.T) {
	const name = "hailbytes-asm.service.d/trust-pack.conf"
	unit := string(example(t, name))
	var cloud struct {
		WriteFiles []struct{ Path, Content string } `yaml:"write_files"`
	}
	if err := yaml.Unmarshal(example(t, "cloud-init.yml"), &cloud); err != nil || len(cloud.WriteFiles) != 1 {
		t.Fatalf("cloud-init: %d files, %v", len(cloud.WriteFiles), err)
	}
	if f := cloud.WriteFiles[0]; f.Path != "/etc/systemd/system/"+name || !strings.HasSuffix(unit, f.Content) {
		t.Errorf("cloud-init writes another file: %s\n%s", f.Path, f.Content)
	}
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("no systemd-analyze")
	}
	dir := t.TempDir()
	for file, text := range map[string]string{
		"hailbytes-asm.service": "[Unit]\nDescription=x\n[Service]\nExecStart=/bin/false\n",
		name:                    strings.NewReplacer("/opt/hailbytes/bin/gate.sh", "/bin/sh", "/usr/bin/docker", "/bin/sh").Replace(unit),
	} {
		file = filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("systemd-analyze", "verify", "--man=no", filepath.Join(dir, "hailbytes-asm.service"))
	if out, err := cmd.CombinedOutput(); err != nil || bytes.Contains(out, []byte(dir)) {
		t.Errorf("systemd-analyze: %v\n%s", err, out)
	}
}

// TestPacker: the template is HCL.
func TestPacker(t *testing.T) {
	if _, failed := hclparse.NewParser().ParseHCL(example(t, "packer.pkr.hcl"), "packer.pkr.hcl"); failed.HasErrors() {
		t.Error(failed)
	}
}

// TestTerraform: an image that the release lists passes, another does not.
func TestTerraform(t *testing.T) {
	if _, err := exec.LookPath("terraform"); err != nil {
		t.Skip("no terraform")
	}
	dir := t.TempDir()
	for name, data := range map[string][]byte{"check.tf": example(t, "check.tf"), "amis.json": []byte(`["ami-1"]`)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	plan := func(args ...string) (string, error) {
		cmd := exec.Command("terraform", args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "TF_CLI_CONFIG_FILE="+os.DevNull, "CHECKPOINT_DISABLE=1")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := plan("init", "-backend=false", "-no-color"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := plan("plan", "-no-color", "-input=false", "-var", "ami=ami-1"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := plan("plan", "-no-color", "-input=false", "-var", "ami=ami-2"); err == nil || !strings.Contains(out, "none of those") {
		t.Errorf("another image passes: %v\n%s", err, out)
	}
}

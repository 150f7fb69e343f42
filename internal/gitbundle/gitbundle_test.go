// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package gitbundle

import (
	"bytes"
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/HailBytes/evidence"
)

// repository is a new repository with a history that has merges, tags of every
// sort and commits that are like one another, so that git stores them as deltas.
type repository struct {
	t   testing.TB
	dir string
}

func newRepository(t testing.TB, objectFormat string, commits int) *repository {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not here")
	}
	r := &repository{t, t.TempDir()}
	r.git("init", "-q", "-b", "main", "--object-format="+objectFormat, ".")
	long := strings.Repeat("a sentence that stands in every message, ", 20)
	var b strings.Builder
	for i := range commits {
		message := fmt.Sprintf("change %d: %s\n", i, long)
		fmt.Fprintf(&b, "commit refs/heads/main\nmark :%d\ncommitter A <a@b> %d +0200\ndata %d\n%s", i+1, 1700000000+60*i, len(message), message)
		if i > 0 {
			fmt.Fprintf(&b, "from :%d\n", i)
		}
		if i%7 == 5 {
			fmt.Fprintf(&b, "merge :%d\n", i-2)
		}
		fmt.Fprintf(&b, "M 100644 inline f%d\ndata 5\n%05d\n", i%5, i)
	}
	b.WriteString("done\n")
	r.run(strings.NewReader(b.String()), "fast-import", "--quiet", "--done")
	r.git("tag", "light", "main~2")
	r.git("tag", "-a", "-m", "one", "annotated", "main~1")
	r.git("tag", "-a", "-m", "two", "again", "annotated")
	r.git("tag", "-a", "-m", "a tree", "tree", "main^{tree}")
	r.git("repack", "-adfq", "--depth=50", "--window=50")
	return r
}

func (r *repository) git(args ...string) string { return r.run(nil, args...) }

func (r *repository) run(in io.Reader, args ...string) string {
	r.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin = r.dir, in
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@b", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@b")
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (r *repository) bundle(args ...string) []byte {
	r.t.Helper()
	name := filepath.Join(r.t.TempDir(), "b")
	r.git(append([]string{"bundle", "create", "-q", "--version=3", name}, args...)...)
	data, err := os.ReadFile(name)
	if err != nil {
		r.t.Fatal(err)
	}
	return data
}

// What git says of a history is what is read from its bundle.
func TestOracle(t *testing.T) {
	for _, format := range []string{"sha1", "sha256"} {
		t.Run(format, func(t *testing.T) {
			r := newRepository(t, format, 60)
			data := r.bundle("--all")
			b, err := Read(iotest.OneByteReader(bytes.NewReader(data)), evidence.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if b.ObjectFormat != format || len(b.Prerequisites) != 0 {
				t.Errorf("got %s, %v", b.ObjectFormat, b.Prerequisites)
			}
			deltas := 0
			for line := range strings.SplitSeq(r.git("cat-file", "--batch-check=%(objecttype) %(deltabase)", "--batch-all-objects"), "\n") {
				if kind, base, _ := strings.Cut(line, " "); kind == "commit" && strings.Trim(base, "0") != "" {
					deltas++
				}
			}
			if deltas < 10 {
				t.Errorf("only %d commits are deltas: the test says little", deltas)
			}
			for _, name := range []string{"refs/heads/main", "refs/tags/light", "refs/tags/annotated", "refs/tags/again"} {
				if got, want := b.Ref(name), r.git("rev-parse", name); got != want {
					t.Errorf("%s is %s, want %s", name, got, want)
				}
				commit, err := b.Peel(b.Ref(name))
				if want := r.git("rev-parse", name+"^{commit}"); err != nil || commit != want {
					t.Errorf("%s names %s, want %s: %v", name, commit, want, err)
				}
				count, err := b.Count(commit)
				if want := r.git("rev-list", "--count", name); err != nil || strconv.Itoa(count) != want {
					t.Errorf("%s has %d commits, want %s: %v", name, count, want, err)
				}
				c, ok := b.Commit(commit)
				if want := r.git("log", "-1", "--format=%ct", name); !ok || strconv.FormatInt(c.Time.Unix(), 10) != want {
					t.Errorf("%s is of %s, want %s", name, c.Time, want)
				}
			}
			if got := strings.Join(b.Tags(), " "); got != "again annotated light tree" {
				t.Errorf("tags %s", got)
			}
			if _, err := b.Peel(b.Ref("refs/tags/tree")); !errors.Is(err, evidence.ErrFormat) {
				t.Errorf("a tag of a tree names a commit: %v", err)
			}
		})
	}
}

// A bundle that continues another one says what it can, and no count.
func TestPrerequisites(t *testing.T) {
	r := newRepository(t, "sha1", 20)
	data := r.bundle("main~5..main", "annotated")
	b, err := Read(bytes.NewReader(data), evidence.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if b.Version != 3 || len(b.Prerequisites) == 0 {
		t.Errorf("version %d, builds on %v", b.Version, b.Prerequisites)
	}
	commit, err := b.Peel(b.Ref("refs/heads/main"))
	if err != nil || commit != r.git("rev-parse", "main") {
		t.Errorf("got %s, %v", commit, err)
	}
	var p *evidence.Problem
	if _, err := b.Count(commit); !errors.As(err, &p) || p.Code != CodeIncomplete {
		t.Errorf("got %v", err)
	}
}

// realBundles are those of the sample releases.
func realBundles(t testing.TB) map[string][]byte {
	out := map[string][]byte{}
	for _, name := range []string{"asm-1.482/source/hailbytes-asm.bundle", "sat-1.205/source/hailbytes-sat.bundle"} {
		data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "evidence", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		out[name] = data
	}
	return out
}

func TestSamples(t *testing.T) {
	for name, want := range map[string]struct {
		tag, commit string
		count       int
	}{
		"asm-1.482/source/hailbytes-asm.bundle": {"v1.482", "678c4d5240bab55a8a31af48cf83375da4255ea3", 482},
		"sat-1.205/source/hailbytes-sat.bundle": {"v1.205", "51bd812e7db91b032b9b6bac0186720979c83a4a", 205},
	} {
		b, err := Read(bytes.NewReader(realBundles(t)[name]), evidence.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		commit, err := b.Peel(b.Ref("refs/tags/" + want.tag))
		if err != nil || commit != want.commit {
			t.Errorf("%s: %s names %s, %v", name, want.tag, commit, err)
		}
		if n, err := b.Count(commit); err != nil || n != want.count {
			t.Errorf("%s: %d commits, want %d: %v", name, n, want.count, err)
		}
	}
}

// packOf makes a bundle of raw objects, with a checksum that fits.
func packOf(header string, count int, objects string) string {
	pack := "PACK\x00\x00\x00\x02\x00\x00\x00" + string(rune(count)) + objects
	sum := sha1.Sum([]byte(pack))
	return header + pack + string(sum[:])
}

func TestRefuses(t *testing.T) {
	const header = "# v2 git bundle\n1111111111111111111111111111111111111111 refs/heads/main\n\n"
	data := string(realBundles(t)["sat-1.205/source/hailbytes-sat.bundle"])
	flipped := []byte(data)
	flipped[len(flipped)-30_000] ^= 1
	wrongSum := []byte(data)
	wrongSum[len(wrongSum)-1] ^= 1
	zeros := "\x78\x9c\x03\x00\x00\x00\x00\x01" // nothing, deflated
	for _, test := range []struct {
		name, data string
		class      error
		code       string
	}{
		{"empty", "", evidence.ErrFormat, CodeTruncated},
		{"other text", "# Readme\n", evidence.ErrFormat, CodeHeader},
		{"a long line", "# v2 git bundle\n" + strings.Repeat("1", 1<<20), evidence.ErrFormat, CodeHeader},
		{"a later version", "# v4 git bundle\n\n", evidence.ErrUnsupported, CodeUnsupported},
		{"an unknown capability", "# v3 git bundle\n@new=1\n\n", evidence.ErrUnsupported, CodeUnsupported},
		{"an unknown object format", "# v3 git bundle\n@object-format=md5\n\n", evidence.ErrUnsupported, CodeUnsupported},
		{"a capability in version 2", "# v2 git bundle\n@object-format=sha256\n\n", evidence.ErrFormat, CodeHeader},
		{"a short name", "# v2 git bundle\n1234 refs/heads/main\n\n", evidence.ErrFormat, CodeHeader},
		{"a prerequisite that is none", "# v2 git bundle\n-main\n\n", evidence.ErrFormat, CodeHeader},
		{"no pack", header, evidence.ErrFormat, CodeTruncated},
		{"another pack", header + "PICK\x00\x00\x00\x02\x00\x00\x00\x00", evidence.ErrFormat, CodePack},
		{"a later pack", header + "PACK\x00\x00\x00\x09\x00\x00\x00\x00", evidence.ErrUnsupported, CodeUnsupported},
		{"cut in the header", data[:40], evidence.ErrFormat, CodeTruncated},
		{"cut after 300 bytes", data[:300], evidence.ErrFormat, CodeTruncated},
		{"cut in the checksum", data[:len(data)-1], evidence.ErrFormat, CodeTruncated},
		{"a bit of an object", string(flipped), evidence.ErrFormat, CodePack},
		{"a bit of the checksum", string(wrongSum), evidence.ErrFormat, CodeChecksum},
		{"a byte more", data + "x", evidence.ErrFormat, CodeTrailing},
		{"more objects than there are", packOf(header, 2, "\x30"+zeros), evidence.ErrFormat, CodePack},
		{"an unknown type", packOf(header, 1, "\x50"+zeros), evidence.ErrFormat, CodePack},
		{"a size that is too small", packOf(header, 1, "\x31"+zeros), evidence.ErrFormat, CodePack},
		{"a size beyond all numbers", packOf(header, 1, "\xbf\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), evidence.ErrFormat, CodePack},
		{"a huge commit", packOf(header, 1, "\x9f\xff\xff\xff\x7f"), evidence.ErrLimit, CodeLimit},
		{"a huge file", packOf(header, 1, "\xbf\xff\xff\xff\xff\x7f"+zeros), evidence.ErrLimit, CodeLimit},
		{"a delta of what is before the pack", packOf(header, 1, "\x60\x7f"+zeros), evidence.ErrFormat, CodePack},
		{"an empty commit", packOf(header, 1, "\x10"+zeros), evidence.ErrFormat, CodePack},
	} {
		_, err := Read(strings.NewReader(test.data), evidence.Limits{})
		var p *evidence.Problem
		if !errors.As(err, &p) || p.Code != test.code || !errors.Is(err, test.class) {
			t.Errorf("%s: got %v, want %s", test.name, err, test.code)
		}
	}
	broken := errors.New("broken")
	if _, err := Read(io.MultiReader(strings.NewReader(data[:1000]), iotest.ErrReader(broken)), evidence.Limits{}); err != broken {
		t.Errorf("got %v, want the error of the reader", err)
	}
}

// A name that the pack does not hold is not a commit, and has no count.
func TestMissing(t *testing.T) {
	b, err := Read(bytes.NewReader(realBundles(t)["sat-1.205/source/hailbytes-sat.bundle"]), evidence.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range []string{"", "x", strings.Repeat("1", 40)} {
		var p *evidence.Problem
		if _, err := b.Peel(object); !errors.As(err, &p) || p.Code != CodeMissing {
			t.Errorf("%q: %v", object, err)
		}
		if _, err := b.Count(object); !errors.As(err, &p) || p.Code != CodeMissing {
			t.Errorf("%q: %v", object, err)
		}
	}
}

func TestDelta(t *testing.T) {
	for _, test := range []struct{ base, delta, want string }{
		{"abc", "\x03\x03\x90\x03", "abc"},
		{"abc", "\x03\x02\x02xy", "xy"},
		{"abc", "\x03\x03\x91\x01\x02\x01z", "bcz"},
		{"abc", "\x02\x03\x90\x03", ""},
		{"abc", "\x03\x03\x90\x04", ""},
		{"abc", "\x03\x02\x90\x03", ""},
		{"abc", "\x03\x04\x90\x03", ""},
		{"abc", "\x03\x03\x00", ""},
		{"abc", "\x03\x03\x91", ""},
		{"abc", "\x03\x03\x05x", ""},
		{"abc", "", ""},
	} {
		got, err := applyDelta([]byte(test.base), []byte(test.delta))
		if string(got) != test.want || (err != nil) != (test.want == "") {
			t.Errorf("%q: got %q, %v", test.delta, got, err)
		}
	}
}

// FuzzRead wants a typed error or a bundle whose commits have the names of their
// content: then every reference peels to the same commit in whatever pieces the
// file is read.
func FuzzRead(f *testing.F) {
	for _, data := range realBundles(f) {
		f.Add(data[:min(len(data), 4000)])
		f.Add(data)
	}
	f.Add([]byte(packOf("# v2 git bundle\n1111111111111111111111111111111111111111 HEAD\n\n", 0, "")))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := Read(bytes.NewReader(data), evidence.Limits{})
		again, err2 := Read(iotest.HalfReader(bytes.NewReader(data)), evidence.Limits{})
		if fmt.Sprint(err) != fmt.Sprint(err2) {
			t.Fatalf("%v, and in pieces %v", err, err2)
		}
		if err != nil {
			if !evidence.IsVerdict(err) {
				t.Fatal(err)
			}
			return
		}
		for _, r := range b.Refs {
			c1, err1 := b.Peel(r.Object)
			c2, err2 := again.Peel(r.Object)
			if c1 != c2 || fmt.Sprint(err1) != fmt.Sprint(err2) {
				t.Fatalf("%s: %s and %s, %v and %v", r.Name, c1, c2, err1, err2)
			}
		}
	})
}

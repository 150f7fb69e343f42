// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package safezip_test

import (
	"archive/zip"
	"bytes"
	"hash/crc32"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/HailBytes/evidence/internal/safezip"
	"github.com/HailBytes/evidence/internal/test/packgen"
)

// sample is what the tools pack.
func sample() map[string]string {
	return map[string]string{
		"MANIFEST.json":      "{}\n",
		"empty":              "",
		"sbom/web.json":      string(packgen.Text(1, 50_000)),
		"uat/noise.bin":      string(packgen.Noise(1, 5_000)),
		"uat/日本語 é.txt":      "UTF-8",
		"uat/trace.zip":      string(packgen.Pack(packgen.Stored("a", "a")).Bytes()),
		"uat/shots/one.txt":  "one one one one one one one one one",
		"uat/shots/two.html": "<p>two two two two two two two two</p>",
	}
}

// evidenceDir writes evidence to a directory, without the files named.
func evidenceDir(t *testing.T, without ...string) (dir string, files map[string]string) {
	t.Helper()
	dir, files = t.TempDir(), sample()
	for _, name := range without {
		delete(files, name)
	}
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "uat", "none"), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir, files
}

// TestTools reads what the tools write that people make packs with.
func TestTools(t *testing.T) {
	python := func(script string) []string {
		return []string{"python3", "-c", "import sys,zipfile,pathlib\nfiles=sorted(str(p) for p in pathlib.Path('.').rglob('*'))\nout=sys.argv[1]\n" + script}
	}
	const stream = "class U:\n def __init__(s,p): s.f=open(p,'wb')\n def write(s,b): return s.f.write(b)\n def flush(s): s.f.flush()\n"
	shell := func(command string) []string { return []string{"sh", "-c", command, "sh"} } // $1 is the archive
	tests := []struct {
		name    string
		command []string // the archive is appended
		without []string // files that this tool stores with a data descriptor
	}{
		{name: "python stored", command: python("z=zipfile.ZipFile(out,'w')\n[z.write(f) for f in files]\nz.close()")},
		{name: "python deflated", command: python("z=zipfile.ZipFile(out,'w',8)\n[z.write(f) for f in files]\nz.close()")},
		{name: "python writestr", command: python("z=zipfile.ZipFile(out,'w',8)\nfor f in files:\n p=pathlib.Path(f)\n z.writestr(f+'/','') if p.is_dir() else z.writestr(f,p.read_bytes())\nz.close()")},
		{name: "python force_zip64", command: python("z=zipfile.ZipFile(out,'w',8)\nfor f in files:\n p=pathlib.Path(f)\n if p.is_file():\n  with z.open(f,'w',force_zip64=True) as w: w.write(p.read_bytes())\nz.close()")},
		{name: "python stream", command: python(stream + "z=zipfile.ZipFile(U(out),'w',8)\n[z.write(f) for f in files]\nz.close()")},
		{name: "python stream force_zip64", command: python(stream + "z=zipfile.ZipFile(U(out),'w',8)\nfor f in files:\n p=pathlib.Path(f)\n if p.is_file():\n  with z.open(f,'w',force_zip64=True) as w: w.write(p.read_bytes())\nz.close()")},
		{name: "python append", command: python("for f in files:\n z=zipfile.ZipFile(out,'a',8)\n z.write(f)\n z.close()")},
		{name: "python make_archive", command: python("import shutil\nshutil.make_archive(out[:-4],'zip','.')")},
		{name: "zip", command: shell(`zip -qr "$1" .`)},
		{name: "zip -9X", command: shell(`zip -qr9X "$1" .`)},
		{name: "zip -0D", command: shell(`zip -qr0D "$1" .`)},
		{name: "zip -fz", command: shell(`zip -qr -fz "$1" .`)},
		{name: "zip -UN=UTF8", command: shell(`zip -qr -UN=UTF8 "$1" .`)},
		{name: "zip stream", command: shell(`zip -qr - . | cat > "$1"`), without: []string{"empty", "uat/trace.zip"}},
		{name: "zip deleted", command: shell(`echo x > gone && zip -qr "$1" . && zip -qd "$1" gone && rm gone`)},
		{name: "zip updated", command: shell(`zip -qr "$1" MANIFEST.json uat && zip -qr "$1" .`)},
		{name: "7z", command: shell(`7z a -bso0 -bsp0 -tzip "$1" .`)},
		{name: "7z -mx0", command: shell(`7z a -bso0 -bsp0 -tzip -mx0 -mcu=on "$1" .`)},
		{name: "7z -mx9 -mtc", command: shell(`7z a -bso0 -bsp0 -tzip -mx9 -mtc=on -mta=on "$1" .`)},
		{name: "7z -mtm-", command: shell(`7z a -bso0 -bsp0 -tzip -mtm- "$1" .`)},
		{name: "7z stream", command: shell(`7z a -tzip -so x . > "$1" 2> /dev/null`)},
		{name: "jar", command: shell(`jar cf "$1" .`)},
		{name: "jar without manifest", command: shell(`jar cfM "$1" .`)},
		{name: "jar stored", command: shell(`jar cf0M "$1" .`)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tool := strings.Fields(tt.name)[0]
			if tool == "python" {
				tool = "python3"
			}
			if _, err := exec.LookPath(tool); err != nil {
				t.Skipf("%s is not installed", tool)
			}
			dir, want := evidenceDir(t, tt.without...)
			archive := filepath.Join(t.TempDir(), "pack.zip")
			cmd := exec.Command(tt.command[0], append(tt.command[1:], archive)...)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v: %v\n%s", tt.command, err, out)
			}
			data, err := os.ReadFile(archive)
			if err != nil {
				t.Fatal(err)
			}
			checkTool(t, data, want)
		})
	}
}

// checkTool wants an archive to be accepted, as foreign, with these files.
func checkTool(t *testing.T, data []byte, want map[string]string) {
	t.Helper()
	got, problems, err := content(t, data)
	if err != nil {
		t.Fatal(err)
	}
	if len(problems) == 0 || problems[0].Code != safezip.CodeCanonical {
		t.Errorf("no warning that the headers are foreign: %v", problems)
	}
	maps.DeleteFunc(got, func(name, content string) bool {
		return strings.HasSuffix(name, "/") && content == "" || name == "META-INF/MANIFEST.MF"
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestGoZIP reads what archive/zip writes.
func TestGoZIP(t *testing.T) {
	for _, name := range []string{"plain", "times", "directories", "raw"} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			w := zip.NewWriter(&b)
			for file, content := range sample() {
				h := &zip.FileHeader{Name: file, Method: zip.Deflate}
				if name == "times" {
					h.Modified = time.Date(2026, 11, 22, 21, 30, 7, 0, time.FixedZone("", 3600))
					h.SetMode(0o640)
				}
				if name == "directories" {
					if _, err := w.Create("d/" + file + ".d/"); err != nil {
						t.Fatal(err)
					}
				}
				create := w.CreateHeader
				if name == "raw" {
					h.Method, h.Flags, h.CRC32 = zip.Store, 1<<11, crc32.ChecksumIEEE([]byte(content))
					h.UncompressedSize64, h.CompressedSize64 = uint64(len(content)), uint64(len(content))
					create = w.CreateRaw
				}
				f, err := create(h)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.WriteString(f, content); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			checkTool(t, b.Bytes(), sample())
		})
	}
}

// TestToolsRead has the tools read what Write writes.
func TestToolsRead(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "pack.zip")
	if err := os.WriteFile(archive, small(t), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{
		{"unzip", "-tqq", archive},
		{"python3", "-m", "zipfile", "-t", archive},
		{"7z", "t", "-bso0", "-bsp0", archive},
		{"jar", "tf", archive},
		{"zip", "-qT", archive},
	} {
		t.Run(command[0], func(t *testing.T) {
			if _, err := exec.LookPath(command[0]); err != nil {
				t.Skipf("%s is not installed", command[0])
			}
			if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

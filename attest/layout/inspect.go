// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/in-toto/in-toto-golang/in_toto"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// inspectTime bounds one inspection: it unpacks or compares files.
const inspectTime = 5 * time.Minute

func (v *verification) inspectDir() string { return filepath.Join(v.dir, "inspect") }

// inspect runs the inspections of a layout one after the other in one directory,
// and records what lay there before and after each.
func (v *verification) inspect(layout in_toto.Layout) (map[string]in_toto.Metadata, error) {
	links := map[string]in_toto.Metadata{}
	if len(layout.Inspect) == 0 {
		return links, nil
	}
	if err := os.MkdirAll(v.inspectDir(), 0o700); err != nil {
		return nil, err
	}
	for _, inspection := range layout.Inspect {
		materials, err := v.record()
		if err != nil {
			return nil, err
		}
		if err := v.run(inspection); err != nil {
			return nil, err
		}
		products, err := v.record()
		if err != nil {
			return nil, err
		}
		links[inspection.Name] = &in_toto.Metablock{Signed: in_toto.Link{
			Type: "link", Name: inspection.Name, Command: inspection.Run,
			Materials: materials, Products: products,
		}}
		v.result.Inspections = append(v.result.Inspections, inspection.Name)
		v.result.Weakened = append(v.result.Weakened, "inspection run: "+textfmt.Quote(strings.Join(inspection.Run, " ")))
	}
	return links, nil
}

// record returns the digests of all files that inspections see.
func (v *verification) record() (map[string]in_toto.HashObj, error) {
	artifacts, err := in_toto.RecordArtifacts([]string{v.inspectDir()}, []string{"sha256"}, nil,
		[]string{v.inspectDir() + string(filepath.Separator)}, false, false)
	if err != nil {
		return nil, wrap(nil, "recording files", err)
	}
	return artifacts, nil
}

// run runs one command. Its output is dropped: nothing of it is evidence.
func (v *verification) run(inspection in_toto.Inspection) error {
	if len(inspection.Run) == 0 {
		return refuse(evidence.ErrFormat, "inspection %s without a command", textfmt.Quote(inspection.Name))
	}
	ctx, cancel := context.WithTimeout(v.ctx, inspectTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, inspection.Run[0], inspection.Run[1:]...)
	cmd.Dir = v.inspectDir()
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + v.inspectDir(), "LC_ALL=C"}
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	if cause := v.ctx.Err(); cause != nil {
		return cause
	}
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return wrap(evidence.ErrPolicy, "inspection "+textfmt.Quote(inspection.Name)+" failed", err)
	case err != nil:
		return wrap(nil, "inspection "+textfmt.Quote(inspection.Name)+" could not be run", err)
	}
	return nil
}

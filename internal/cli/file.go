// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/regular"
)

// MaxSettings bounds what a caller supplies to judge by: a key, a trusted root, a
// policy, a profile. The largest that people use are well below 1 MiB.
const MaxSettings = 16 << 20

// ReadFile reads a file that the command line names and that nothing is checked
// about: a key, a policy, a configuration. It must be a regular file, or a pipe as
// shells give in the place of one, of at most limit bytes. Whatever is wrong with it, nothing was checked: [ExitFor] of the
// error is ExitCannot.
func ReadFile(name string, limit int64) ([]byte, error) {
	data, err := regular.ReadFileOrPipe(name, limit)
	if errors.Is(err, evidence.ErrLimit) {
		return nil, errors.New(err.Error()) // without its class, which would make it a verdict
	}
	return data, err
}

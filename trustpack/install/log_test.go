// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"io"

	"github.com/sirupsen/logrus"
)

func init() { logrus.SetOutput(io.Discard) } // what compose-go says of the vectors

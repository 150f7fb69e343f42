// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

var ParseStatement = parseStatement

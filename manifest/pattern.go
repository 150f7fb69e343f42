// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package manifest

import "regexp"

// The patterns of strings, in the common subset of RE2 and ECMA-262: the schema
// holds the same texts under the same names in its $defs, and a test keeps them equal.
const (
	productPattern    = `^[a-z0-9]+(-[a-z0-9]+)*$`
	versionPattern    = `^[1-9][0-9]{0,15}\.(0|[1-9][0-9]{0,15})(\.[1-9][0-9]{0,15})?$`
	tagPattern        = `^[0-9A-Za-z_][0-9A-Za-z_+-]*([./][0-9A-Za-z_+-]+)*$`
	commitPattern     = `^([0-9a-f]{40}|[0-9a-f]{64})$`
	repositoryPattern = `^https://[0-9A-Za-z]([0-9A-Za-z.-]*[0-9A-Za-z])?(:[0-9]{1,5})?(/[0-9A-Za-z._~%/-]*)?$`
	createdPattern    = `^(19[7-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$`
	imageNamePattern  = `^[0-9A-Za-z]+([._-]+[0-9A-Za-z]+)*$`
	// The grammar of github.com/distribution/reference, without digests of other algorithms.
	referencePattern = `^(([0-9A-Za-z]|[0-9A-Za-z][0-9A-Za-z-]*[0-9A-Za-z])(\.([0-9A-Za-z]|[0-9A-Za-z][0-9A-Za-z-]*[0-9A-Za-z]))*(:[0-9]{1,5})?/)?` +
		`[a-z0-9]+(([.]|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+(([.]|_|__|-+)[a-z0-9]+)*)*` +
		`(:[0-9A-Za-z_][0-9A-Za-z_.-]{0,127})?(@(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}))?$`
	digestPattern    = `^(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$`
	sha256Pattern    = `^[0-9a-f]{64}$`
	platformPattern  = `^[a-z0-9]+/[a-z0-9]+(/[a-z0-9.]+)?$`
	mediaTypePattern = `^[0-9a-z][0-9a-z!#$&^_.+-]{0,126}/[0-9a-z][0-9a-z!#$&^_.+-]{0,126}(; [0-9a-z][0-9a-z!#$&^_.+-]{0,126}=[0-9A-Za-z!#$&^_.+-]{1,127})*$`
	formatPattern    = `^[a-z0-9]+([.+_-][a-z0-9]+)*$`
	targetPattern    = `^[1-9][0-9]{3}-(Q[1-4]|(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]))$`
)

// Text is what people read: no controls, and nothing that reorders or hides
// other text (Unicode 16 section 23.2, UAX #9 section 2).
const textPattern = "^[^\x01-\x1f\x7f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+$"

// maxText bounds text in characters: a reason is one line, an identity a URL.
const maxText = 1024

// maxName bounds names in bytes, which are all ASCII: a name with what is put
// around it must fit a path component.
const maxName = 128

var (
	productRE    = regexp.MustCompile(productPattern)
	versionRE    = regexp.MustCompile(versionPattern)
	tagRE        = regexp.MustCompile(tagPattern)
	commitRE     = regexp.MustCompile(commitPattern)
	repositoryRE = regexp.MustCompile(repositoryPattern)
	createdRE    = regexp.MustCompile(createdPattern)
	imageNameRE  = regexp.MustCompile(imageNamePattern)
	referenceRE  = regexp.MustCompile(referencePattern)
	platformRE   = regexp.MustCompile(platformPattern)
	mediaTypeRE  = regexp.MustCompile(mediaTypePattern)
	targetRE     = regexp.MustCompile(targetPattern)
	formatRE     = regexp.MustCompile(formatPattern)
)

// imageNameForm is imageNamePattern in words.
const imageNameForm = `letters and digits joined by ".", "-" or "_"`

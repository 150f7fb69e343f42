// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package cpe

import "testing"

func TestFormatted(t *testing.T) {
	for name, want := range map[string]bool{
		`cpe:2.3:a:zlib:zlib:1.2.13:*:*:*:*:*:*:*`:            true,
		`cpe:2.3:a:zlib:zlib:1.2.13:-:*:*:*:node.js:x64:*`:    true,
		`cpe:2.3:a:\@angular\/core:core:16.0.0:*:*:*:*:*:*:*`: true,
		`cpe:2.3:a:gnu:g\+\+:1:*:*:*:*:*:*:*`:                 true,
		`cpe:2.3:a:x:y\\:1:*:*:*:*:*:*:*`:                     true, // a backslash
		`cpe:2.3:a:x:a\:b:1:*:*:*:*:*:*:*`:                    true, // a colon
		`cpe:2.3:*:x:y:1:*:*:en-US:*:*:*:*`:                   true,
		`cpe:2.3:a:x:y:1:*:*:es-419:*:*:*:*`:                  true,
		`cpe:2.3:a:x:???y??:1.*:*:*:*:*:*:*:*`:                true, // wildcards at the ends
		`cpe:2.3:a:x:y\*:1:*:*:*:*:*:*:*`:                     true, // an asterisk
		`cpe:2.3:a:x:g++:1:*:*:*:*:*:*:*`:                     false,
		`cpe:2.3:a:@x:y:1:*:*:*:*:*:*:*`:                      false,
		`cpe:2.3:a:x:y z:1:*:*:*:*:*:*:*`:                     false,
		`cpe:2.3:a:x:y\ z:1:*:*:*:*:*:*:*`:                    false,
		"cpe:2.3:a:x:y\u00e9:1:*:*:*:*:*:*:*":                 false,
		`cpe:2.3:a:x:y\a:1:*:*:*:*:*:*:*`:                     false,
		`cpe:2.3:a:x:y\-z:1:*:*:*:*:*:*:*`:                    false,
		`cpe:2.3:a:x:y/z:1:*:*:*:*:*:*:*`:                     false,
		`cpe:2.3:a:x:y~z:1:*:*:*:*:*:*:*`:                     false,
		`cpe:2.3:a:x:y%21:1:*:*:*:*:*:*:*`:                    false,
		`cpe:2.3:a:x:y*z:1:*:*:*:*:*:*:*`:                     false,
		`cpe:2.3:a:x:**:1:*:*:*:*:*:*:*`:                      false,
		`cpe:2.3:a:x:?:1:*:*:*:*:*:*:*`:                       false,
		`cpe:2.3:a:x::1:*:*:*:*:*:*:*`:                        false,
		`cpe:2.3:b:x:y:1:*:*:*:*:*:*:*`:                       false,
		`cpe:2.3:ao:x:y:1:*:*:*:*:*:*:*`:                      false,
		`cpe:2.3:a:x:y:1:*:*:english:*:*:*:*`:                 false,
		`cpe:2.3:a:x:y:1:*:*:*:*:*:*`:                         false,
		`cpe:2.3:a:x:y:1:*:*:*:*:*:*:*:*`:                     false,
		`cpe:2.3:a:x:y:1:*:*:*:*:*:*:\`:                       false,
		`CPE:2.3:a:x:y:1:*:*:*:*:*:*:*`:                       false,
		`cpe:/a:x:y:1`:                                        false,
	} {
		if got := ValidFormatted(name); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

func TestURI(t *testing.T) {
	for name, want := range map[string]bool{
		`cpe:/a:zlib:zlib:1.2.13`:         true,
		`cpe:/o:debian:debian_linux:12`:   true,
		`CPE:/A:x:y`:                      true,
		`cpe:/a`:                          true,
		`cpe:/a:x:y:::~~~node.js~~:en-us`: true,
		`cpe:/a:x:g%2b%2b:1`:              true,
		`cpe:/a:x:y%01%02`:                true,
		`cpe:/`:                           false,
		`cpe:/a:x:g++`:                    false,
		`cpe:/a:x:y z`:                    false,
		`cpe:/a:x:y%2`:                    false,
		`cpe:/a:x:y%zz`:                   false,
		`cpe:/a:x:y%41`:                   false, // a letter
		`cpe:/a:x:y%20`:                   false,
		`cpe:/a:x:y%03`:                   false,
		`cpe:/a:x:y\+`:                    false,
		`cpe:/b:x:y`:                      false,
		`cpe:/a:1:2:3:4:5:6`:              true,
		`cpe:/a:1:2:3:4:5:6:7`:            false,
		`cpe:2.3:a:x:y:1:*:*:*:*:*:*:*`:   false,
		`cpe:a:x:y`:                       false,
	} {
		if got := ValidURI(name); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

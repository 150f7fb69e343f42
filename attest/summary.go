// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"slices"
	"strconv"
	"strings"

	"github.com/HailBytes/evidence/internal/signed"
)

// Summary is met when the statement is a verification summary ([VSAV1]) that says what
// is expected: the Result, PASSED if want has none; the VerifierID and ResourceURI if
// want has them; and each of VerifiedLevels, where a higher level of one SLSA track
// stands for those below it. Other fields of want are not looked at. Like
// [PredicateType] it asks for no signature.
//
// Without it, [Verify] refuses a summary whose result is not PASSED.
func Summary(want VSA) Policy {
	if want.Result == "" {
		want.Result = passed
	}
	return Policy{&summary{want}}
}

const passed = "PASSED"

type summary struct{ want VSA }

func (*summary) thresholds() []*atLeast  { return nil }
func (*summary) signatures(*votes) error { return nil }

func (s *summary) statement(st *Statement, a *asked) error {
	if err := (predicateType{VSAV1}).statement(st, a); err != nil {
		return err
	}
	decoded, err := st.decode()
	if err != nil {
		return err
	}
	a.result = true
	got := decoded.(*VSA)
	for _, c := range []struct{ what, got, want string }{
		{"result", got.Result, s.want.Result},
		{"verifier", got.VerifierID, s.want.VerifierID},
		{"resource", got.ResourceURI, s.want.ResourceURI},
	} {
		if c.want != "" && c.got != c.want {
			return &Error{Stage: signed.StagePredicate, Kind: ErrPredicate, Message: c.what + " of the verification summary", Got: c.got, Want: c.want}
		}
	}
	for _, want := range s.want.VerifiedLevels {
		if !slices.ContainsFunc(got.VerifiedLevels, func(level string) bool { return reaches(level, want) }) {
			return &Error{Stage: signed.StagePredicate, Kind: ErrPredicate, Message: "levels of the verification summary", Got: strings.Join(got.VerifiedLevels, ", "), Want: want}
		}
	}
	return nil
}

// reaches reports whether a level is the wanted one, or a higher one of its track:
// SLSA_BUILD_LEVEL_3 implies SLSA_BUILD_LEVEL_2 (SLSA v1.0, verification summary,
// SlsaResult).
func reaches(level, want string) bool {
	if level == want {
		return true
	}
	track, n, ok := slsaLevel(level)
	wantTrack, least, known := slsaLevel(want)
	return ok && known && track == wantTrack && n >= least
}

// slsaLevel splits "SLSA_BUILD_LEVEL_3".
func slsaLevel(s string) (track string, n int, ok bool) {
	track, digits, ok := strings.Cut(s, "_LEVEL_")
	n, err := strconv.Atoi(digits)
	return track, n, ok && err == nil && n >= 0 && strings.HasPrefix(track, "SLSA_") && strconv.Itoa(n) == digits
}

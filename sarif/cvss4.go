// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"strings"

	cvss40 "github.com/pandatix/go-cvss/40"
)

// cvss4Scores holds the score of each macro vector in tenths (CVSS 4.0 section
// 8.3), by the levels of the five sets: EQ1, EQ2, EQ3 with EQ6, EQ4, EQ5.
var cvss4Scores = [3][2][5][3][3]int{
	{{
		{{100, 98, 95}, {100, 93, 91}, {93, 89, 81}},
		{{99, 95, 92}, {96, 87, 81}, {90, 80, 68}},
		{{98, 95, 90}, {93, 89, 81}, {88, 78, 69}},
		{{95, 92, 84}, {92, 81, 65}, {80, 70, 48}},
		{{92, 82, 72}, {79, 69, 50}, {69, 55, 27}},
	}, {
		{{99, 95, 92}, {95, 90, 84}, {92, 82, 72}},
		{{97, 92, 85}, {91, 83, 71}, {81, 71, 53}},
		{{95, 92, 85}, {92, 80, 70}, {84, 71, 50}},
		{{93, 85, 73}, {82, 72, 59}, {70, 52, 30}},
		{{86, 75, 52}, {71, 52, 29}, {63, 29, 17}},
	}},
	{{
		{{98, 94, 91}, {94, 86, 77}, {87, 74, 63}},
		{{95, 87, 81}, {89, 74, 64}, {75, 63, 49}},
		{{94, 88, 76}, {86, 74, 59}, {72, 57, 52}},
		{{89, 77, 67}, {76, 58, 50}, {57, 52, 25}},
		{{83, 70, 54}, {65, 58, 26}, {53, 21, 13}},
	}, {
		{{95, 88, 76}, {90, 75, 61}, {77, 68, 52}},
		{{90, 76, 70}, {77, 62, 53}, {66, 59, 30}},
		{{89, 76, 62}, {74, 57, 47}, {61, 57, 24}},
		{{78, 67, 58}, {59, 57, 23}, {52, 29, 16}},
		{{71, 59, 30}, {58, 26, 15}, {23, 13, 6}},
	}},
	{{
		{{93, 86, 75}, {86, 74, 56}, {70, 52, 40}},
		{{87, 72, 58}, {74, 61, 34}, {54, 40, 22}},
		{{85, 74, 62}, {72, 55, 46}, {53, 34, 19}},
		{{75, 55, 51}, {57, 41, 19}, {36, 19, 8}},
		{{64, 51, 20}, {47, 21, 11}, {24, 9, 4}},
	}, {
		{{88, 73, 60}, {73, 59, 41}, {54, 45, 20}},
		{{75, 53, 50}, {55, 40, 20}, {43, 22, 11}},
		{{75, 58, 40}, {61, 48, 20}, {46, 17, 8}},
		{{55, 45, 21}, {51, 18, 9}, {18, 7, 2}},
		{{53, 24, 14}, {24, 12, 5}, {10, 3, 1}},
	}},
}

// The levels of EQ3 with EQ6, which depend on each other: EQ3 2 with EQ6 0 cannot be.
const (
	eq36At00 = iota
	eq36At01
	eq36At10
	eq36At11
	eq36At21
)

// cvss4Next lists the next lower levels of each level of each set. Where there
// are two, the one with the higher score counts (section 8.2).
var cvss4Next = [5][][]int{
	{{1}, {2}, nil},
	{{1}, nil},
	{eq36At00: {eq36At01, eq36At10}, eq36At01: {eq36At11}, eq36At10: {eq36At11}, eq36At11: {eq36At21}, eq36At21: nil},
	{{1}, {2}, nil},
	{{1}, {2}, nil},
}

// cvss4Set is where a vector stands in a set of equivalent metrics: the level,
// how many steps it is below the highest vectors of that level (all of which
// have the same sum of steps), and how many steps the level has.
type cvss4Set struct{ level, below, steps int }

// cvss4Unit is a multiple of every number of steps of a level.
const cvss4Unit = 840

// scoreCVSS4 scores a vector as CVSS 4.0 section 8 says, with its threat and
// environmental metrics. It computes exactly and rounds half up, as the
// reference calculator does; the library computes with binary fractions, and
// rounds 8.55 to 8.5.
func scoreCVSS4(v *cvss40.CVSS40) float64 {
	sets, harmless := cvss4Sets(v)
	if harmless {
		return 0
	}
	score := cvss4Lookup(sets, -1, 0)
	// What the sets take from the score, in tenths of 1/cvss4Unit, and how many have a lower level.
	taken, count := 0, 0
	for i, set := range sets {
		next := cvss4Next[i][set.level]
		if next == nil {
			continue
		}
		lower := 0
		for _, level := range next {
			lower = max(lower, cvss4Lookup(sets, i, level))
		}
		taken += (score - lower) * set.below * (cvss4Unit / set.steps)
		count++
	}
	unit := max(count, 1) * cvss4Unit
	return float64((2*(score*unit-taken)+unit)/(2*unit)) / 10
}

// cvss4Lookup returns the score of a macro vector in tenths, with set i at another level.
func cvss4Lookup(sets [5]cvss4Set, i, level int) int {
	if i >= 0 {
		sets[i].level = level
	}
	return cvss4Scores[sets[0].level][sets[1].level][sets[2].level][sets[3].level][sets[4].level]
}

// cvss4Sets returns the sets of a vector (section 8.1), and whether it has no impact at all.
func cvss4Sets(v *cvss40.CVSS40) (sets [5]cvss4Set, harmless bool) {
	// step returns the place of a metric's value among its values, the most severe first.
	// A modified metric replaces its base metric; what is not defined (X) counts as most severe.
	step := func(metric, values string) int {
		value, err := v.Get("M" + metric)
		if err != nil || value == "X" {
			value, _ = v.Get(metric)
		}
		return max(0, strings.Index(values, value))
	}
	av, pr, ui := step("AV", "NALP"), step("PR", "NLH"), step("UI", "NPA")
	ac, at := step("AC", "LH"), step("AT", "NP")
	vc, vi, va := step("VC", "HLN"), step("VI", "HLN"), step("VA", "HLN")
	sc, si, sa := step("SC", "SHLN"), step("SI", "SHLN"), step("SA", "SHLN")
	cr, ir, ar := step("CR", "HML"), step("IR", "HML"), step("AR", "HML")
	harmless = vc == 2 && vi == 2 && va == 2 && sc == 3 && si == 3 && sa == 3

	exploit := av + pr + ui
	switch {
	case exploit == 0:
		sets[0] = cvss4Set{0, 0, 1}
	case av < 3 && (av == 0 || pr == 0 || ui == 0):
		sets[0] = cvss4Set{1, exploit - 1, 4}
	default:
		sets[0] = cvss4Set{2, exploit - 3, 5}
	}

	if ac+at == 0 {
		sets[1] = cvss4Set{0, 0, 1}
	} else {
		sets[1] = cvss4Set{1, ac + at - 1, 2}
	}

	impact := vc + vi + va + cr + ir + ar
	both := vc == 0 && vi == 0                         // EQ3 is 0
	required := vc+cr == 0 || vi+ir == 0 || va+ar == 0 // EQ6 is 0
	switch {
	case both && required:
		sets[2] = cvss4Set{eq36At00, impact, 7}
	case both:
		sets[2] = cvss4Set{eq36At01, impact - 3, 6}
	case required:
		sets[2] = cvss4Set{eq36At10, impact - 1, 8}
	case vc == 0 || vi == 0 || va == 0:
		sets[2] = cvss4Set{eq36At11, impact - 3, 8}
	default:
		sets[2] = cvss4Set{eq36At21, impact - 3, 10}
	}

	subsequent := sc + si + sa
	switch {
	case si == 0 || sa == 0:
		sets[3] = cvss4Set{0, subsequent - 1, 6}
	case sc == 1 || si == 1 || sa == 1:
		sets[3] = cvss4Set{1, subsequent - 3, 5}
	default:
		sets[3] = cvss4Set{2, subsequent - 6, 4}
	}

	sets[4] = cvss4Set{step("E", "APU"), 0, 1}
	return sets, harmless
}

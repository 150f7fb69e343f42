// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	cvss40 "github.com/pandatix/go-cvss/40"
)

// TestCVSS4 holds scores of the reference calculator.
func TestCVSS4(t *testing.T) {
	for _, tt := range []struct {
		vector string
		want   float64
	}{
		// Exactly half a tenth: rounded up.
		{"AV:N/AC:L/AT:N/PR:N/UI:P/VC:H/VI:L/VA:N/SC:H/SI:H/SA:H", 8.6},
		{"AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:H/VA:N/SC:H/SI:H/SA:H/E:P", 9},
		{"AV:N/AC:L/AT:P/PR:L/UI:A/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N/E:U", 0.4},
		{"AV:L/AC:H/AT:N/PR:N/UI:N/VC:L/VI:H/VA:L/SC:N/SI:N/SA:H/E:A/CR:H/IR:M/AR:H/MAV:A/MAC:L/MAT:N/MPR:N/MUI:N/MVC:H/MVI:N/MVA:H/MSC:H/MSI:H/MSA:H/S:N/AU:N/R:I/V:C/RE:M/U:Green", 8.6},
		// The highest and the lowest; no impact, stated by the base or by the modified metrics.
		{"AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 10},
		{"AV:P/AC:H/AT:P/PR:H/UI:A/VC:N/VI:N/VA:L/SC:N/SI:N/SA:N/E:U", 0.1},
		{"AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0},
		{"AV:A/AC:L/AT:P/PR:L/UI:N/VC:N/VI:H/VA:L/SC:N/SI:N/SA:L/E:P/CR:X/IR:L/AR:M/MAV:X/MAC:X/MAT:N/MPR:L/MUI:X/MVC:X/MVI:N/MVA:N/MSC:X/MSI:N/MSA:N/S:P/AU:X/R:A/V:X/RE:M/U:Clear", 0},
		{"AV:N/AC:L/AT:N/PR:L/UI:P/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N/MVC:H/MVI:H/MVA:H", 8.6},
		// Vectors of the published reference set.
		{"AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N", 8.7},
		{"AV:A/AC:L/AT:P/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N", 6.1},
		{"AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:U/CR:M/IR:M/AR:M", 7.1},
		{"AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:L/VA:L/SC:L/SI:L/SA:L/E:U/CR:H/IR:H/AR:H", 2.7},
		{"AV:A/AC:L/AT:N/PR:N/UI:P/VC:H/VI:N/VA:N/SC:H/SI:H/SA:H/E:P/CR:M/IR:H/AR:M/MAV:N/MAC:H/MAT:X/MPR:N/MUI:N/MVC:L/MVI:N/MVA:X/MSC:N/MSI:H/MSA:X", 4.9},
		{"AV:P/AC:H/AT:P/PR:N/UI:A/VC:H/VI:H/VA:N/SC:L/SI:H/SA:H/E:A/CR:H/IR:X/AR:H/MAV:X/MAC:L/MAT:N/MPR:H/MUI:P/MVC:X/MVI:L/MVA:H/MSC:L/MSI:X/MSA:X", 7.1},
		{"AV:A/AC:H/AT:P/PR:N/UI:A/VC:H/VI:N/VA:N/SC:N/SI:N/SA:L/E:P/CR:X/IR:X/AR:X/MAV:L/MAC:X/MAT:P/MPR:N/MUI:X/MVC:H/MVI:X/MVA:X/MSC:N/MSI:N/MSA:H", 5.5},
		{"AV:A/AC:L/AT:P/PR:L/UI:P/VC:H/VI:N/VA:L/SC:N/SI:N/SA:L/E:U/CR:H/IR:L/AR:H/MAV:X/MAC:H/MAT:N/MPR:X/MUI:P/MVC:L/MVI:N/MVA:L/MSC:H/MSI:L/MSA:S", 1.1},
		{"AV:A/AC:H/AT:N/PR:L/UI:N/VC:L/VI:N/VA:N/SC:L/SI:H/SA:N/E:X/CR:M/IR:X/AR:H/MAV:X/MAC:L/MAT:P/MPR:H/MUI:P/MVC:N/MVI:L/MVA:L/MSC:N/MSI:S/MSA:X", 4.1},
		{"AV:A/AC:L/AT:P/PR:H/UI:P/VC:N/VI:N/VA:H/SC:L/SI:L/SA:H/E:A/CR:H/IR:H/AR:X/MAV:P/MAC:H/MAT:N/MPR:N/MUI:X/MVC:H/MVI:H/MVA:L/MSC:H/MSI:N/MSA:N", 6.7},
		{"AV:A/AC:H/AT:P/PR:L/UI:P/VC:N/VI:L/VA:L/SC:N/SI:N/SA:H/E:X/CR:X/IR:X/AR:M/MAV:N/MAC:H/MAT:P/MPR:X/MUI:N/MVC:H/MVI:X/MVA:L/MSC:H/MSI:X/MSA:S", 8.6},
		{"AV:P/AC:H/AT:P/PR:H/UI:P/VC:N/VI:N/VA:H/SC:N/SI:L/SA:H/E:U/CR:M/IR:X/AR:X/MAV:N/MAC:L/MAT:X/MPR:N/MUI:X/MVC:X/MVI:H/MVA:X/MSC:H/MSI:S/MSA:L", 6},
		{"AV:P/AC:L/AT:P/PR:H/UI:A/VC:N/VI:H/VA:N/SC:H/SI:L/SA:N/E:A/CR:M/IR:X/AR:L/MAV:N/MAC:H/MAT:P/MPR:H/MUI:X/MVC:L/MVI:H/MVA:N/MSC:L/MSI:S/MSA:X", 8.2},
		{"AV:L/AC:H/AT:P/PR:L/UI:N/VC:H/VI:L/VA:H/SC:N/SI:H/SA:N/E:P/CR:H/IR:H/AR:M/MAV:X/MAC:L/MAT:N/MPR:L/MUI:N/MVC:X/MVI:H/MVA:L/MSC:X/MSI:H/MSA:S", 9.2},
		{"AV:N/AC:H/AT:P/PR:L/UI:A/VC:N/VI:L/VA:N/SC:N/SI:N/SA:N/E:P/CR:X/IR:H/AR:X/MAV:P/MAC:L/MAT:N/MPR:L/MUI:P/MVC:L/MVI:L/MVA:X/MSC:H/MSI:N/MSA:L", 1.9},
		{"AV:A/AC:H/AT:N/PR:H/UI:N/VC:L/VI:H/VA:H/SC:N/SI:N/SA:H/E:U/CR:L/IR:X/AR:L/MAV:P/MAC:H/MAT:X/MPR:H/MUI:A/MVC:H/MVI:L/MVA:X/MSC:L/MSI:H/MSA:N", 0.6},
	} {
		r, ok := rateVector("CVSS:4.0/"+tt.vector, "")
		if !ok || r.Score != tt.want || r.Severity != severityOfScore(tt.want) {
			t.Errorf("%s: %v %v %v, want %v", tt.vector, ok, r.Score, r.Severity, tt.want)
		}
	}
}

// TestCVSS4Procedure scores random vectors as the text of CVSS 4.0 section 8
// goes: it looks for a highest vector of the macro vector that is at least as
// severe in each metric, adds up the distances from it, and computes with fractions.
// The library agrees wherever a score is not exactly half a tenth.
func TestCVSS4Procedure(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 0))
	halves := 0
	for range 20000 {
		vector := randomCVSS4(rnd)
		v, err := cvss40.ParseVector(vector)
		if err != nil {
			t.Fatal(vector, err)
		}
		tenths := procedureCVSS4(t, v)
		if new(big.Rat).Mul(tenths, big.NewRat(2, 1)).IsInt() && !tenths.IsInt() {
			halves++
		} else if library := v.Score(); scoreCVSS4(v) != library {
			t.Errorf("%s: the library says %v, exactly %v tenths", vector, library, tenths.FloatString(6))
		}
		half := new(big.Rat).Add(tenths, big.NewRat(1, 2))
		want := float64(new(big.Int).Div(half.Num(), half.Denom()).Int64()) / 10
		if got := scoreCVSS4(v); got != want {
			t.Fatalf("%s: %v, want %v from %v", vector, got, want, tenths.FloatString(6))
		}
	}
	if halves < 20 {
		t.Errorf("only %d scores were exactly half a tenth", halves)
	}
}

var cvss4Metrics = []struct{ name, values string }{
	{"AV", "NALP"}, {"AC", "LH"}, {"AT", "NP"}, {"PR", "NLH"}, {"UI", "NPA"},
	{"VC", "HLN"}, {"VI", "HLN"}, {"VA", "HLN"}, {"SC", "HLN"}, {"SI", "HLN"}, {"SA", "HLN"},
	{"E", "XAPU"}, {"CR", "XHML"}, {"IR", "XHML"}, {"AR", "XHML"},
	{"MAV", "XNALP"}, {"MAC", "XLH"}, {"MAT", "XNP"}, {"MPR", "XNLH"}, {"MUI", "XNPA"},
	{"MVC", "XHLN"}, {"MVI", "XHLN"}, {"MVA", "XHLN"}, {"MSC", "XHLN"}, {"MSI", "XSHLN"}, {"MSA", "XSHLN"},
}

func randomCVSS4(rnd *rand.Rand) string {
	var b strings.Builder
	b.WriteString("CVSS:4.0")
	baseOnly := rnd.IntN(2) == 0
	for i, m := range cvss4Metrics {
		if i >= 11 && (baseOnly || rnd.IntN(2) == 0) {
			continue
		}
		fmt.Fprintf(&b, "/%s:%c", m.name, m.values[rnd.IntN(len(m.values))])
	}
	return b.String()
}

func procedureCVSS4(t *testing.T, v *cvss40.CVSS40) *big.Rat {
	value := func(metric string) string {
		if m, err := v.Get("M" + metric); err == nil && m != "X" {
			return m
		}
		m, _ := v.Get(metric)
		if m == "X" {
			return map[string]string{"E": "A", "CR": "H", "IR": "H", "AR": "H"}[metric]
		}
		return m
	}
	is := func(pairs ...string) bool { // any of "AV:N"
		for _, p := range pairs {
			metric, want, _ := strings.Cut(p, ":")
			if value(metric) == want {
				return true
			}
		}
		return false
	}
	if is("VC:N") && is("VI:N") && is("VA:N") && is("SC:N") && is("SI:N") && is("SA:N") {
		return new(big.Rat)
	}
	level := func(zero, one bool) int {
		if zero {
			return 0
		}
		if one {
			return 1
		}
		return 2
	}
	eq := [6]int{
		level(is("AV:N") && is("PR:N") && is("UI:N"), is("AV:N", "PR:N", "UI:N") && !is("AV:P")),
		level(is("AC:L") && is("AT:N"), true),
		level(is("VC:H") && is("VI:H"), is("VC:H", "VI:H", "VA:H")),
		level(is("SI:S", "SA:S"), is("SC:H", "SI:H", "SA:H")),
		level(is("E:A"), is("E:P")),
		level(is("VC:H") && is("CR:H") || is("VI:H") && is("IR:H") || is("VA:H") && is("AR:H"), true),
	}
	lookup := func(eq [6]int) int {
		both := map[[2]int]int{{0, 0}: eq36At00, {0, 1}: eq36At01, {1, 0}: eq36At10, {1, 1}: eq36At11, {2, 1}: eq36At21}
		return cvss4Scores[eq[0]][eq[1]][both[[2]int{eq[2], eq[5]}]][eq[3]][eq[4]]
	}
	order := map[string]string{"AV": "NALP", "PR": "NLH", "UI": "NPA", "AC": "LH", "AT": "NP", "VC": "HLN", "VI": "HLN", "VA": "HLN",
		"CR": "HML", "IR": "HML", "AR": "HML", "SC": "SHLN", "SI": "SHLN", "SA": "SHLN"}
	distance := func(highest ...string) int64 {
		for _, h := range highest {
			sum, fits := 0, true
			for pair := range strings.SplitSeq(h, "/") {
				metric, top, _ := strings.Cut(pair, ":")
				d := strings.Index(order[metric], value(metric)) - strings.Index(order[metric], top)
				fits = fits && d >= 0
				sum += d
			}
			if fits {
				return int64(sum)
			}
		}
		t.Fatalf("no highest vector for %v", eq)
		return 0
	}
	highest36 := map[[2]int][]string{
		{0, 0}: {"VC:H/VI:H/VA:H/CR:H/IR:H/AR:H"},
		{0, 1}: {"VC:H/VI:H/VA:L/CR:M/IR:M/AR:H", "VC:H/VI:H/VA:H/CR:M/IR:M/AR:M"},
		{1, 0}: {"VC:L/VI:H/VA:H/CR:H/IR:H/AR:H", "VC:H/VI:L/VA:H/CR:H/IR:H/AR:H"},
		{1, 1}: {"VC:L/VI:H/VA:L/CR:H/IR:M/AR:H", "VC:L/VI:H/VA:H/CR:H/IR:M/AR:M", "VC:H/VI:L/VA:H/CR:M/IR:H/AR:M", "VC:H/VI:L/VA:L/CR:M/IR:H/AR:H", "VC:L/VI:L/VA:H/CR:H/IR:H/AR:M"},
		{2, 1}: {"VC:L/VI:L/VA:L/CR:H/IR:H/AR:H"},
	}
	score := lookup(eq)
	lower := func(set int) int {
		next := eq
		next[set]++
		return lookup(next)
	}
	var parts []*big.Rat
	add := func(next int, distance, steps int64) {
		parts = append(parts, big.NewRat(int64(score-next)*distance, steps))
	}
	if eq[0] < 2 {
		tops := [][]string{{"AV:N/PR:N/UI:N"}, {"AV:A/PR:N/UI:N", "AV:N/PR:L/UI:N", "AV:N/PR:N/UI:P"}}[eq[0]]
		add(lower(0), distance(tops...), []int64{1, 4}[eq[0]])
	}
	if eq[1] < 1 {
		add(lower(1), distance("AC:L/AT:N"), 1)
	}
	switch both := [2]int{eq[2], eq[5]}; both {
	case [2]int{0, 0}:
		add(max(lower(2), lower(5)), distance(highest36[both]...), 7)
	case [2]int{0, 1}:
		add(lower(2), distance(highest36[both]...), 6)
	case [2]int{1, 0}:
		add(lower(5), distance(highest36[both]...), 8)
	case [2]int{1, 1}:
		add(lower(2), distance(highest36[both]...), 8)
	}
	if eq[3] < 2 {
		tops := []string{"SC:H/SI:S/SA:S", "SC:H/SI:H/SA:H"}[eq[3]]
		add(lower(3), distance(tops), []int64{6, 5}[eq[3]])
	}
	if eq[4] < 2 {
		add(lower(4), 0, 1)
	}
	tenths := big.NewRat(int64(score), 1)
	for _, p := range parts {
		tenths.Sub(tenths, p.Quo(p, big.NewRat(int64(len(parts)), 1)))
	}
	return tenths
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package uat

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/HailBytes/evidence/internal/textfmt"
)

// signs is what the elements of a page say of what kind of page it is.
type signs struct {
	check    string // mark or words of a bot check or of a browser's error page
	failure  string // a heading or title such as "404 Not Found"
	password bool   // a field for one
	captcha  bool
	noPasses bool // the reporter left out what passes
}

// Marks in the tags of bot checks (Cloudflare, Imperva, PerimeterX, Akamai,
// DataDome) and of the error pages of Chromium and Firefox. They are sought in tags
// alone: a page may well talk of them.
var checkMarks = []string{
	"challenge-error", "challenge-platform", "challenge-running", "challenge-form", "cf-browser-verification", "cf-chl-", "cf-error-details",
	"utm_source=challenge", "_Incapsula_Resource", "px-captcha", "sec-if-cpt-container", "geo.captcha-delivery.com",
	"main-frame-error", "about:neterror",
}

// Headings of the same, in lower case and without stops at the end.
var checkHeadings = []string{
	"just a moment", "performing security verification", "checking your browser", "verify you are human", "verifying you are human",
	"attention required! | cloudflare", "pardon our interruption", "this site can’t be reached", "this site can't be reached",
	"this page isn’t working", "this page isn't working", "your connection is not private", "warning: potential security risk ahead",
}

var (
	failureHeading = regexp.MustCompile(`^(?:(?:http )?(?:error:? )?[45]\d\d(?: error)?(?:[ :|–—-]+(?:` + reasons + `))?|` + reasons + `)$`)
	headingTag     = regexp.MustCompile(`^<(?i:title|h1|h2)\b[^>]*>(.*)`)
	pageTitle      = regexp.MustCompile(`^<(?i:html)\b.*?<(?i:title)\b[^>]*>([^<]*)`)
	anyTag         = regexp.MustCompile(`<[^>]*>`)
)

const reasons = `(?:page )?not found|bad request|unauthorized|forbidden|access denied|too many requests|internal server error|bad gateway|service (?:temporarily )?unavailable|gateway time-?out|something went wrong`

// element takes in one element as the engine quotes it.
func (s *signs) element(html string) {
	tag, _, _ := strings.Cut(html, ">")
	for _, mark := range checkMarks {
		if s.check == "" && strings.Contains(tag, mark) {
			s.check = mark
		}
	}
	switch {
	case strings.HasPrefix(tag, "<input"):
		s.password = s.password || strings.Contains(tag, `type="password"`)
	case strings.Contains(tag, "cf-turnstile"), strings.Contains(tag, "g-recaptcha"), strings.Contains(tag, "h-captcha"):
		s.captcha = true
	}
	text := headingTag.FindStringSubmatch(html)
	if text == nil {
		text = pageTitle.FindStringSubmatch(html)
	}
	if text == nil {
		return
	}
	words := strings.Join(strings.Fields(anyTag.ReplaceAllString(text[1], " ")), " ")
	words = strings.TrimRight(strings.ToLower(words), ".…")
	switch {
	case s.check == "" && slices.Contains(checkHeadings, words):
		s.check = words
	case s.failure == "" && failureHeading.MatchString(words):
		s.failure = words
	}
}

// Addresses of pages that are expected to ask for a password, or to tell of a failure.
var (
	loginAddress   = regexp.MustCompile(`(?i)log-?_?[io]n|sign-?_?[iu][np]|auth|sso|password|account|register|profile|settings|user|admin|setup`)
	failureAddress = regexp.MustCompile(`(?i)[45]\d\d|error|not-?_?found|forbidden|denied|nowhere|unavailable`)
)

// failureDoubt begins the doubt that a page tells of a failure.
const failureDoubt = "it says "

// sparse is how many passing elements tell a page: the pages of the smallest
// application that was seen have 24, an error page of a few lines some 10.
const sparse = 10

// judge says what the page is not, by its address, what passes on it and the signs.
func (p *Page) judge(s *signs) {
	scheme, _, _ := strings.Cut(p.URL, ":")
	switch strings.ToLower(scheme) {
	case "chrome-error", "about", "data", "chrome", "edge":
		p.Suspect = append(p.Suspect, "the address is "+textfmt.Quote(p.URL))
	}
	switch n := p.passes(); {
	case s.noPasses:
		p.Suspect = append(p.Suspect, "the results leave out what passes, so nothing tells the page from an empty one")
	case n == 0:
		p.Suspect = append(p.Suspect, "no rule found an element that passes")
	case n < sparse && !p.partial() && !p.firstPasses:
		p.Doubts = append(p.Doubts, fmt.Sprintf("few elements pass (%d)", n))
	}
	if s.check != "" {
		p.Suspect = append(p.Suspect, "an element is of a bot check or a browser's error page: "+textfmt.Quote(s.check))
	}
	if s.failure != "" && !failureAddress.MatchString(p.URL) {
		p.Doubts = append(p.Doubts, failureDoubt+textfmt.Quote(s.failure))
	}
	if s.password && !loginAddress.MatchString(p.URL) {
		p.Doubts = append(p.Doubts, "it asks for a password")
	}
	if s.captcha {
		p.Doubts = append(p.Doubts, "it asks for proof of being a person")
	}
}

// passes counts the elements that pass.
func (p *Page) passes() int {
	n := 0
	for _, r := range p.Rules {
		n += r.Passes
	}
	return n
}

// collapsed reports whether p has less than half of the passing elements that
// the same page had before. That is what a challenge, login or error page in the
// place of the application looks like: it has few elements, so few that fail.
// Pages with fewer than 20 passing elements before are too small to tell, and a
// scan that lists one element of each rule that passes tells nothing.
func (p *Page) collapsed(before *Page) bool {
	const enough = 20
	was := before.passes()
	return !p.firstPasses && !before.firstPasses && was >= enough && p.passes() < was/2
}

// scans is what the pages of a release say of each other. Pages that were tested
// by other rules cannot be compared, so both maps are by set of rules.
type scans struct {
	fullest map[string]map[string]int // passing elements by address; of several scans, the most
	median  map[string]int            // of those
	host    string                    // of most pages, of three or more; empty where there is none such
}

func besides(results []*Accessibility) *scans {
	s := &scans{fullest: map[string]map[string]int{}, median: map[string]int{}}
	pages, hosts := 0, map[string]int{}
	for _, res := range results {
		for _, p := range res.Pages {
			pages++
			hosts[p.host()]++
			if p.firstPasses {
				continue
			}
			set := p.ruleSet()
			if s.fullest[set] == nil {
				s.fullest[set] = map[string]int{}
			}
			s.fullest[set][p.address()] = max(s.fullest[set][p.address()], p.passes())
		}
	}
	for host, n := range hosts {
		if pages >= few && 2*n > pages {
			s.host = host
		}
	}
	for set, pages := range s.fullest {
		sizes := slices.Sorted(maps.Values(pages))
		s.median[set] = sizes[len(sizes)/2]
	}
	return s
}

// host is the host of the page's address, with its port, or nothing.
func (p *Page) host() string {
	u, err := url.Parse(p.URL)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}

func (p *Page) ruleSet() string { return strings.Join(slices.Sorted(slices.Values(p.RunOnly)), " ") }

// few is how many pages have something to say of one of them.
const few = 3

// judge holds a page against the others. Another scan of its own address that
// has many times as much is a sign that it is another page. Pages of a product
// differ in size, so that being smaller than most is a doubt; with words of
// failure on the page it is a sign. Another host than that of most pages, as that
// of a sign-in service, is a doubt.
func (s *scans) judge(p *Page) (suspect, doubts []string) {
	const (
		enough = 20 // elements, less tell nothing
		same   = 4  // times as many, of one address
		other  = 5  // times as many, of most
	)
	if host := p.host(); host != "" && s.host != "" && host != s.host {
		doubts = append(doubts, "its host is not "+textfmt.Quote(s.host)+", as that of most pages")
	}
	if p.firstPasses {
		return suspect, doubts
	}
	set := p.ruleSet()
	n, fullest, median := p.passes(), s.fullest[set][p.address()], s.median[set]
	switch {
	case p.URL != "" && fullest >= enough && n*same < fullest:
		suspect = append(suspect, fmt.Sprintf("%d elements pass, in another scan of this address %d", n, fullest))
	case len(s.fullest[set]) >= few && median >= enough && n*other < median:
		doubt := fmt.Sprintf("%d elements pass, on half of the pages %d or more", n, median)
		if slices.ContainsFunc(p.Doubts, func(d string) bool { return strings.HasPrefix(d, failureDoubt) }) {
			suspect = append(suspect, doubt+", and "+strings.Join(p.Doubts, ", "))
		} else {
			doubts = append(doubts, doubt)
		}
	}
	return suspect, doubts
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package trustpack

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
	"github.com/HailBytes/evidence/trustpack/uat"
)

// uatFiles holds test reports, pictures and results of axe-core against each other:
// pictures that no test names, pictures that are not there, pictures that show nothing,
// one result under several names, reports without a test. An honest run may do each of
// these, so all are warnings.
func uatFiles(r *Release) evidence.Checks {
	var shots, pages []*Document
	var reports []uat.Source
	var empty evidence.Problems
	for d := range r.Documents() {
		switch {
		case d.Screenshot != nil:
			shots = append(shots, d)
		case d.Accessibility != nil:
			pages = append(pages, d)
		case d.Tests != nil:
			reports = append(reports, uat.Source{Path: d.File.Path, Report: d.Tests})
			if d.Tests.Counts().Tests == 0 {
				empty = append(empty, warning("uat.reports", d.File.Path, "holds no test"))
			}
		}
	}
	var checks evidence.Checks
	if len(reports) > 0 {
		checks = append(checks, evidence.Judge("uat.reports", "", empty, "every report holds tests"))
	}
	if len(shots) > 0 || len(reports) > 0 {
		checks = append(checks, screenshotCheck(shots, reports))
	}
	if len(pages) > 0 {
		checks = append(checks, axeFilesCheck(pages, reports))
	}
	return checks
}

func screenshotCheck(shots []*Document, reports []uat.Source) evidence.Check {
	const id = "uat.screenshots"
	var problems evidence.Problems
	files := make([]string, len(shots))
	for i, d := range shots {
		files[i] = d.File.Path
	}
	links, missing := uat.LinkAll(files, reports)
	for _, name := range missing {
		problems = append(problems, warning(id, "", "a test names the picture %s, which is not in the pack", textfmt.Quote(lastParts(name))))
	}
	for _, d := range shots {
		if _, ok := links[d.File.Path]; !ok && len(links) > 0 {
			problems = append(problems, warning(id, d.File.Path, "no test names the picture %s", textfmt.Quote(lastParts(d.File.Path))))
		}
		if d.Screenshot.Width < smallPicture && d.Screenshot.Height < smallPicture {
			problems = append(problems, warning(id, d.File.Path, "has %d by %d pixels: it shows nothing", d.Screenshot.Width, d.Screenshot.Height))
		}
	}
	if sums := digestsOf(shots); len(shots) > 2 && len(sums) == 1 {
		problems = append(problems, warning(id, "", "all %s are the same picture", textfmt.Count(len(shots), "screenshot")))
	}
	c := evidence.Judge(id, "", problems, fmt.Sprintf("%s, each named by a test", textfmt.Count(len(shots), "screenshot")))
	c.Problems = slices.Clip(c.Problems[:min(len(c.Problems), mostProblems)])
	return c
}

// smallPicture is the side in pixels below which a picture shows no page.
const smallPicture = 16

// axeFilesCheck looks for one result under several names, for pages that were
// tested with another version of the engine, and for pages of another site than the
// one that the tests were pointed at.
func axeFilesCheck(pages []*Document, reports []uat.Source) evidence.Check {
	const id = "uat.axe"
	var problems evidence.Problems
	first := map[evidence.Digest]string{}
	versions := map[string]string{}
	tested := map[string]bool{}
	for _, rep := range reports {
		for _, base := range rep.Report.BaseURLs {
			if site := siteOf(base); site != "" {
				tested[site] = true
			}
		}
	}
	for _, d := range pages {
		if have := first[d.File.SHA256]; have != "" {
			problems = append(problems, warning(id, d.File.Path, "is the same result as %s", have))
		} else {
			first[d.File.SHA256] = d.File.Path
		}
		for _, p := range d.Accessibility.Pages {
			if p.Version != "" && versions[p.Version] == "" {
				versions[p.Version] = d.File.Path
			}
			if site := siteOf(p.URL); site != "" && len(tested) > 0 && !tested[site] {
				problems = append(problems, warning(id, d.File.Path, "is of a page of %s, the tests were pointed at %s", textfmt.Quote(site), textfmt.Quote(sortedKeys(tested)[0])))
			}
		}
	}
	if len(versions) > 1 {
		var list []string
		for _, v := range sortedKeys(versions) {
			list = append(list, v+" in "+versions[v])
		}
		problems = append(problems, warning(id, "", "pages were tested with several versions of axe-core: %s", strings.Join(list, ", ")))
	}
	c := evidence.Judge(id, "", problems, textfmt.Count(len(pages), "result")+" of one engine, each of its own")
	c.Problems = slices.Clip(c.Problems[:min(len(c.Problems), mostProblems)])
	return c
}

// siteOf returns host and port of an address, or nothing. The names of the own machine
// are one name; the port that the scheme implies is left out.
func siteOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	host, port := strings.TrimSuffix(strings.ToLower(u.Hostname()), "."), u.Port()
	if ip, err := netip.ParseAddr(host); err == nil && (ip.IsLoopback() || ip.IsUnspecified()) {
		host = "localhost"
	}
	if u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443" {
		port = ""
	}
	if port != "" {
		host = net.JoinHostPort(host, port)
	}
	return host
}

func digestsOf(docs []*Document) map[evidence.Digest]bool {
	sums := map[evidence.Digest]bool{}
	for _, d := range docs {
		sums[d.File.SHA256] = true
	}
	return sums
}

// lastParts returns the last folder and the name of a path of another machine.
func lastParts(name string) string {
	parts := strings.Split(strings.ReplaceAll(name, `\`, "/"), "/")
	return strings.Join(parts[max(0, len(parts)-2):], "/")
}

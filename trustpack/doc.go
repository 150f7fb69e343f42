// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package trustpack builds, opens, verifies and extracts Trust Packs: one ZIP
// for one tagged release of a product, with everything that shows what is in it.
//
// [Pack.Evidence] gives the documents in a pack as the types of packages sbom, sarif,
// trustpack/uat and trustpack/license, [Diff] says what changed between the packs of
// two releases.
//
// To build, call [BuildFile] over the folder that the release's tools left
// their output in. To check a pack, call [VerifyFile] and look at the [Report].
// To read one, [OpenFile] gives a [Pack], which is an fs.FS whose files prove
// their digest as they are read.
//
// # The pack
//
// A pack is named hailbytes-<product>-trust-pack-v<version>.zip. It holds
//
//	MANIFEST.json   what is inside, with size and SHA-256 of each file; see package manifest
//	index.html      the same for a person, in one page that loads and runs nothing else
//	...             the evidence, sorted bytewise by path
//
// The evidence keeps the paths that it was found under, since test reports name
// their attachments by path. Readers go by the manifest, not by paths. Writers
// lay files out as sbom/<image>.spdx.json, scans/<image>.trivy.sarif,
// licenses/*.csv, uat/**, signatures/<image>.*, attestations/<image>.*, pins/*.
//
// The same release, options and contents give the same bytes on every machine:
// entries in fixed order, one time, one mode, no extra fields, a pinned
// compressor. The content digest is the SHA-256 of the MANIFEST.json bytes; it
// survives zipping the same files again.
//
// # Building
//
// Kind, format, tool and image of each file come from its content; the path
// decides only for text that nothing in it gives away, and [Source] fields
// override both. What nothing places is listed as kind "other", with a warning.
// A private key, a symbolic link, a file called MANIFEST.json or index.html, and
// names that some system could not hold are refused.
//
// The images of a release are those that the caller names, and those that image
// references, SBOMs, scans and cosign signatures name by repository and digest.
// Two of them that give one repository different digests are an error. What
// attestations say of digests is left to verification.
//
// # Verifying
//
// A manifest cannot vouch for itself: who edits a ZIP can rewrite it. So there
// are three verdicts. Consistent: the pack agrees with itself. Pinned: it is the
// one whose digest the caller has from elsewhere. Authentic: it is signed by
// someone whom the caller expects. A verdict that nothing was given for is
// skipped, and skipped is not passed.
//
// The checks have stable ids:
//
//	archive.structure        every byte belongs to one record; facts stated twice agree
//	archive.names            names are safe, and no two are alike
//	archive.limits           entries, sizes and ratios are within Limits
//	archive.content          entries inflate to the declared size and CRC-32
//	archive.canonical        headers and streams are those that Build writes (warning)
//	archive.sha256           the ZIP is the one that the caller expects (pinned)
//	manifest.schema          MANIFEST.json can be read; what had to be guessed is a warning
//	manifest.canonical       its bytes are in canonical form (warning)
//	manifest.inventory       the archive holds exactly the listed files
//	manifest.size            every file has the listed size
//	manifest.digest          every file has the listed SHA-256
//	manifest.kind            content does not contradict the declared kind and format
//	                         (warning; a failure under a profile)
//	manifest.tool            per file that names another tool than the manifest gives it: fails
//	manifest.filename        the pack is named for its release (warning)
//	manifest.content-digest  MANIFEST.json is the one that the caller expects (pinned)
//	release.expected         product and version are those that the caller expects
//	release.version          the version has the form 1.<commit count>
//	release.tag              the tag is that of the version
//	release.repository       version, tag and commit are those of a git repository
//	release.completeness     the evidence that the profile asks for is there
//	release.gaps             declared gaps are allowed, and not overdue
//	release.gaps.claims      ... they give a reason, and the pack does not hold what they say is
//	                         absent (warning)
//	release.identity         every file that states product, version, commit or repository states
//	                         the release's; see "Who states what"
//	release.pins             per compose file and Packer template: the images of the release by their
//	                         digests; floating tags, plugins and machine images are warnings
//	release.artifacts        artifacts have the digests of files of the same name; their names state this
//	                         version; one id is of one artifact (product and id: warnings)
//	release.source           per git bundle: tag, commit and commit count are the release's
//	release.time             commit, images and release are in this order, and not to come (warning)
//	sbom.readable            per SBOM: it can be read (see below)
//	sbom.schema              ... it obeys the official schema of its version (warning)
//	sbom.semantics           ... and the rules that no schema states (warning)
//	sbom.image               ... it describes the digest of its image, and is not named for another
//	sbom.versions            ... each version is that of the package URL
//	sbom.claims              ... what it declares not to affect the product has a reason (warning)
//	sbom.quality             ... it has what profile syft-release asks of an image's SBOM (warning)
//	sbom.time                SBOMs are not older than image and commit, and not to come (warning)
//	sbom.pair                per image: SPDX and CycloneDX list the same packages; of two tools, a warning
//	sbom.packages            per image: SBOMs that one tool wrote in one format list the same packages, and
//	                         none lists nothing where scans name packages
//	sbom.tool                per image: one tool wrote its SBOMs (warning)
//	sbom.labels              per image: all files state the same labels of it
//	sbom.serial              SBOMs of several images have serial numbers of their own (warning)
//	scan.readable            per scan: it can be read (see below)
//	scan.schema              ... it obeys the schema of SARIF (warning)
//	scan.semantics           ... and the rules that the schema cannot say (warning)
//	scan.health              ... the tool ran to its end, on this image
//	scan.packages            ... the SBOMs of the image hold the packages that it names (a package that
//	                         they do not hold is a warning, one in other versions only a failure)
//	scan.target              ... name, image ID, operating system, processor and layers are those of
//	                         manifest and SBOMs
//	scan.modules             per report of govulncheck: module versions are those of the SBOMs;
//	                         another toolchain is a warning
//	scan.tools               the scans of the release state one version of each scanner (warning)
//	scan.suppressed          per scan with suppressed findings: those of high severity, or without a
//	                         reason, are named (warning)
//	scan.pair                per two reports of one scan: they list the same findings, as severe, with the
//	                         same fixes, as reachable; a report that was limited to a severity or to
//	                         what has a fix is a warning, and so is one that finds nothing where another
//	                         of the same tool finds something
//	scan.time                ... scans say when they were made, not before image and commit, with
//	                         vulnerability data of the 30 days before (warning)
//	scan.vex                 per VEX document: it can be read (see below)
//	scan.vex.claims          ... it is about the release, and no scan shows calls of code that it
//	                         says is not reached (warning); one that govulncheck wrote lists what the
//	                         report of the same scan lists
//	license.readable         per licence report, go.mod and go.sum: it can be read (see below)
//	license.complete         the licence of every module is known (warning)
//	license.product          the reports are of this product, and read licences in the modules' own
//	                         repositories (warning)
//	license.reports          reports of one program agree (warning)
//	license.packages         per licence report of a scanner: no package has a licence of another family
//	                         than in the SBOM (warning)
//	license.sbom             the SBOM holds the modules, with the same licences (warning)
//	license.sums             per go.sum: it has a hash of each module that the go.mod beside it requires (warning)
//	uat.readable             per test report, axe-core result and screenshot: it can be read (see below)
//	uat.counts               the totals of test reports are those of their tests
//	uat.tests                tests passed (warning)
//	uat.time                 tests ran after commit and images, and not in times to come (warning)
//	uat.reports              every report holds a test (warning); two reports of one run that
//	                         contradict each other fail under uat.counts
//	uat.last-run             per .last-run.json and error-context.md of Playwright: no test failed that
//	                         passed in the reports; a run that passed where tests failed, and a test
//	                         that no report has, are warnings
//	uat.screenshots          tests name the pictures, and the pictures that they name are there (warning)
//	uat.axe                  results are of one engine, each of its own, and of pages of the site that
//	                         Playwright was pointed at (warning)
//	uat.accessibility        pages violate no rule of WCAG 2.1 A and AA (warning)
//	index.agrees             index.html says what MANIFEST.json says, and what the evidence comes to
//	attest.about             per signature, attestation, reference and image manifest: it names the
//	                         image that it is given to; what is about nothing in the pack, or named
//	                         for another image, is a warning. Compared whoever is expected to sign
//	attest.certificate       per certificate file: it is that of a signature in the pack. Per image:
//	                         its signer is whom the manifest names
//	attest.root              the trust roots in the pack list the authorities of its signatures (warning)
//	attest.trusted           per trusted root and key of the caller: how old the root is; that the pack
//	                         holds the same file is a warning
//	attest.statement         a statement about the pack, signed by one of Policy.Publisher (authentic)
//	attest.release           GitHub signed that the ZIP is an asset of the release's tag and commit, in
//	                         the repository that the caller names (authentic)
//	attest.present           per image: something that an expected signer made about it
//	attest.readable          per attestation: it can be read
//	attest.signature         ... signature and certificate verify
//	attest.transparency      ... it was logged, at a time when the certificate was valid
//	attest.identity          ... by an expected signer; another's, beside an expected one's about the
//	                         same digest and of the same predicate type, is a warning
//	attest.subject           ... about this image's digest
//	attest.predicate         ... the signed SBOM is the SBOM in the pack
//	attest.provenance        ... provenance, certificate and release agree
//	attest.sbom              per image: one of its SBOMs was attested
//	attest.images            skipped: no signers are expected
//	attest.tool              per version of cosign that signatures were made with: its own
//	                         verification has no known flaw (warning)
//	policy.findings          per image: no finding of the scans that Policy.Gate does not accept
//	policy.licenses          no module whose licence the gate denies; one to be reviewed is a warning
//	policy.tests             the tests passed
//	policy.accessibility     no page violates WCAG 2.1 A or AA
//	policy.exceptions        exceptions of the gate that are unused or expired (warning)
//	policy.weakened          what the gate lets pass that it would refuse otherwise (warning)
//	policy.age               pack, scans and vulnerability data are not older than Gate.MaxAge
//	policy.required          a verdict that the caller requires is a pass
//
// A check that could not be made is an error, never a pass. A file that cannot be
// read is a failure under a profile, and a warning where none asks for it. That
// tests failed, pages violate WCAG or licences are not known is what the evidence
// says, not a fault of the pack: a warning, which the caller judges. Suppressions
// in scans and VEX in the pack are the vendor's word and change no count.
//
// # Who states what
//
// The facts that several files state, and the check that compares them. A contradiction
// fails; times, and what is loose, are warnings.
//
//	fact             stated by                                                    check
//	product          image references, Product tags of Packer; names of           release.identity
//	                 artifacts                                                    release.artifacts
//	version          release.json; version, tag in the package URL and labels     release.identity
//	                 of SBOM roots; tags and labels in Trivy's reports; tags of
//	                 image references; tags that compose deploys; settings and
//	                 labels in compose; variables, tags, settings and names of
//	                 machine images in Packer; properties of test suites; tags
//	                 in provenance and certificates; names of artifacts           release.artifacts
//	tag              release.json, git bundle, ref variables of Packer            release.tag, release.source
//	commit           release.json; git bundle; label revision; Packer, compose;   release.source, release.identity
//	                 SARIF's versionControlProvenance; test suites; provenance;
//	                 with expected signers, certificates too                      attest.provenance
//	commit count     version, git bundle                                          release.source
//	repository       release.json; label source; Packer, compose; go.mod;         release.identity
//	                 module that govulncheck scanned; SARIF's
//	                 versionControlProvenance; provenance and certificate files   attest.provenance
//	image digest     manifest; SBOM roots; scans; compose and Packer;             sbom.image, scan.health, release.pins
//	                 signatures, attestations, references, image manifests        attest.about, attest.subject
//	image name       references; SBOMs; scans; names of signature files           sbom.image, scan.target, attest.about
//	image ID         the image's own manifest, Trivy's SARIF and JSON             scan.target, scan.pair
//	image labels     SBOMs, Trivy's JSON                                          sbom.labels
//	signer           manifest, certificate files, signatures                      attest.certificate
//	signed or not    manifest, gaps, signatures                                   attest.certificate, release.gaps
//	authorities      trust roots, certificates of signatures                      attest.root
//	processor        release.json, package URLs of SBOMs, Trivy's JSON            scan.target
//	system           package URLs of SBOMs, Trivy's JSON                          scan.target
//	layers           image's own manifest, places of packages in SBOMs, Trivy's   scan.target
//	                 JSON, its copy of the image's configuration
//	packages         SPDX, CycloneDX, scans                                       sbom.pair, sbom.packages, scan.packages
//	package version  version and package URL; SPDX, CycloneDX, scans              sbom.versions, sbom.pair, scan.packages
//	licences         SPDX, CycloneDX; licence reports, SBOM; attested SBOM        sbom.pair, license.*, attest.predicate
//	Go modules       SBOMs, govulncheck; go.mod and licence reports; go.sum       scan.modules, license.sbom, license.sums
//	findings         SARIF and the tool's own format; govulncheck's VEX           scan.pair, scan.vex.claims
//	severity, fix    SARIF and the tool's own format                              scan.pair
//	reachability     SARIF, govulncheck's own format; VEX                         scan.pair, scan.vex.claims
//	tool             release.json; the file itself; files of one release          manifest.tool, sbom.tool, scan.tools
//	artifact digest  release.json, files of the same name                         release.artifacts
//	others' images   compose files and Packer templates                           release.pins
//	outcome of tests JUnit, Playwright's JSON; .last-run.json, error-context.md   uat.counts, uat.last-run
//	site             Playwright's JSON, axe-core                                  uat.axe
//	pictures         test reports, PNG files                                      uat.screenshots
//	absence          gaps, the files                                              release.gaps.claims
//	times            commit, image labels and configuration, SBOMs, scans, their  release.time, sbom.time, scan.time,
//	                 data, tests, pages, release.json                             uat.time
//
// What is only written differently is no contradiction: references with and without the
// registry of Docker Hub, mirrors that have the digest, "v" before a version and ".0"
// after it, variants in a tag ("1.482-amd64"), shortened commits, URLs of a repository
// for SSH and HTTPS, labels that every file of an image has from the image below it.
// An image all of whose files name one older version was carried over, if another
// image is of this one.
//
// # Limits and hostile input
//
// Opening costs memory in proportion to the number of entries, reading costs
// a fixed amount for each CPU; neither follows the sizes that a pack declares.
// What evidence says is read after its digests are checked, the documents of one image
// at a time, which takes two to three times their size; VerifyStructure
// leaves it out.
// Nothing is extracted before all of it was checked.
//
// # Not promised
//
// The verdict consistent says nothing about who made a pack. Identities, keys,
// trust roots and commands found in a pack are claims; no function of this
// package trusts them.
package trustpack

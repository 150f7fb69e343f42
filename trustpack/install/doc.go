// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package install holds what is to be started against the images of one verified release:
// compose files, lists of references, archives of images, and what is in the store of a
// container engine or runs. It reads files only: no network, no docker socket.
//
//	report, err := trustpack.VerifyFile(ctx, "pack.zip", pol, nil) // by a policy that says who must have published it
//	gate, err := install.New(report, &install.Options{Rules: asked.Install})
//	checks, err := gate.Compose(ctx, []string{"docker-compose.yml"}, nil)
//	if err != nil || !checks.OK() {
//		// do not start it
//	}
//
// # What is accepted
//
// A reference with the digest of an image of the release: of its index or, where the pack
// has that, of one of the manifests that the index lists. The repository must be the image's
// own, or a mirror that the policy names, and a tag beside the digest must be the release's.
// Of other images only what [policy.Install] names. The reason of a refusal is the code of
// its problem: [CodeFloating] and the other codes. Whoever deploys with the file that
// [Gate.Lock] makes may name images of the release by the release's own tag, see
// [Options].Pin.
//
// # Compose
//
// The model is that of compose-go, as docker compose has it after extends, include, merges,
// !reset and !override, with all profiles. These places name images: services and jobs
// (image), hooks of services (pre_start), volumes of type image, models, additional contexts
// of builds. What is built, provided by another program, or replaced while it runs (build,
// pull_policy: build, provider, develop.watch) is refused unless the policy names the
// service. So is an image that a variable without value decides, and what is fetched from
// elsewhere by include or extends. What a Dockerfile starts from, and what containers with
// the socket of the engine start, is out of reach.
//
// Give the files that docker compose will be given, all of them: where it is called without
// -f it also reads compose.override.yaml. Variables must have the same values there as here.
// The version of docker compose that will run may read a file otherwise than this version of
// compose-go. Its own "docker compose config --format json" leaves no such doubt.
//
// # Archives and stores
//
// In tar files of docker save and in OCI layouts, every digest is computed from the bytes,
// once, while they stream by. An image is known by its manifest or by its configuration,
// which is the image id of a store that keeps no manifests; then each layer must have the
// digest that the configuration states. Both lists of an archive count, index.json and
// manifest.json, as docker load reads the one or the other.
//
// # Checks
//
//	gate.compose    the files can be read, and name images
//	gate.image      per reference: it may be started
//	gate.build      per service that is built where it is deployed: the policy allows it (warning)
//	gate.provider   per service that an external program provides: likewise
//	gate.watch      per service whose files are replaced while it runs: likewise
//	gate.archive    per image of an archive: it may be loaded, and its bytes are what it says
//	gate.local      per image or container of a store: it may run
//
// The folder testdata/compose has compose files that are hard to judge, with the verdict of
// each, for other programs to test themselves with.
package install

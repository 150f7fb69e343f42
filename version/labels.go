// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package version

import "time"

// Labels returns the annotations of the OCI image specification (annotations.md,
// pre-defined keys) that follow from the release: version, revision, created
// (the committer's time, so that one commit gives one image), ref.name where
// there is a tag, and source where it is not empty. All keys begin with
// "org.opencontainers.image.".
//
// A work tree that is dirty is not what the commit says; its image gets no
// revision and no ref.name.
func (r *Release) Labels(source string) map[string]string {
	const prefix = "org.opencontainers.image."
	labels := map[string]string{prefix + "version": r.Version.String()}
	set := func(key, value string) {
		if value != "" {
			labels[prefix+key] = value
		}
	}
	set("source", source)
	if !r.Time.IsZero() {
		set("created", r.Time.Format(time.RFC3339))
	}
	if r.WorkTree != StateDirty {
		set("revision", r.Commit)
		set("ref.name", r.Tag)
	}
	return labels
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/sigstore/sigstore-go/pkg/tuf"
	"github.com/theupdateframework/go-tuf/v2/metadata"
	"github.com/theupdateframework/go-tuf/v2/metadata/trustedmetadata"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/cli"
)

// githubRoot is version 1 of the root.json of GitHub's TUF repository, which gh carries
// too. Later versions are fetched, each signed by the keys of the one before.
//
//go:embed github.root.json
var githubRoot []byte

const (
	githubMirror = "https://tuf-repo.github.com"
	target       = "trusted_root.json" // of the TUF repository
)

// timeout bounds one download.
const timeout = time.Minute

// repository is a TUF repository, and with what the client begins.
type repository struct {
	mirror string
	anchor []byte // a root.json that is trusted
	cache  string
}

// choose fills in what the flags leave open.
func (r *repository) choose(github bool, anchor string) (err error) {
	mirror, root := tuf.DefaultMirror, tuf.DefaultRoot()
	if github {
		mirror, root = githubMirror, githubRoot
	}
	r.anchor = root
	if anchor != "" {
		if r.anchor, err = cli.ReadFile(anchor, cli.MaxSettings); err != nil {
			return err
		}
		if _, err := trustedmetadata.New(r.anchor); err != nil {
			return &cli.UsageError{Message: fmt.Sprintf("-root %s: %v", anchor, err)}
		}
	}
	if r.mirror == "" {
		r.mirror = mirror
	}
	if r.cache == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return &cli.UsageError{Message: fmt.Sprintf("-cache is needed: %v", err)}
		}
		r.cache = filepath.Join(dir, "hailbytes", "trusted-root")
	}
	return nil
}

// fetched is a target that the repository vouches for.
type fetched struct {
	target      []byte
	rootVersion int64
	expires     time.Time // of the repository's timestamp
}

// fetch updates the metadata and returns the target. An error that says that the
// repository is not as TUF demands is a verdict; that it cannot be reached is none.
func (r *repository) fetch(ctx context.Context) (*fetched, error) {
	// What was kept belongs to one anchor: another one must not be believed because of it.
	cache := filepath.Join(r.cache, evidence.Sum256(r.anchor).Hex()[:16])
	dir := filepath.Join(cache, tuf.URLToPath(r.mirror))
	client, err := tuf.New(&tuf.Options{
		Root: r.newestRoot(dir), CachePath: cache, RepositoryBaseURL: r.mirror, Fetcher: fetcher{ctx}, Context: ctx,
	})
	if err != nil {
		return nil, verdict(ctx, err)
	}
	f := &fetched{}
	if f.target, err = client.GetTarget(target); err != nil {
		return nil, verdict(ctx, err)
	}
	var root, timestamp state
	if err := errors.Join(root.read(dir, "root.json"), timestamp.read(dir, "timestamp.json")); err != nil {
		return nil, err
	}
	f.rootVersion, f.expires = root.Signed.Version, timestamp.Signed.Expires.UTC()
	return f, nil
}

// newestRoot returns the newest root.json that was reached from the anchor, so that a
// repository that withholds a rotation which was seen is refused.
func (r *repository) newestRoot(dir string) []byte {
	var kept, anchor state
	data, err := os.ReadFile(filepath.Join(dir, "root.json"))
	if err != nil || json.Unmarshal(data, &kept) != nil || json.Unmarshal(r.anchor, &anchor) != nil || kept.Signed.Version < anchor.Signed.Version {
		return r.anchor
	}
	return data
}

// state is what all metadata of TUF states.
type state struct {
	Signed struct {
		Version int64     `json:"version"`
		Expires time.Time `json:"expires"`
	} `json:"signed"`
}

// read reads metadata that the client has verified and kept.
func (s *state) read(dir, name string) error {
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	return json.Unmarshal(data, s)
}

// verdict gives an error of the TUF client its class: that the repository cannot be
// reached, or the cache not be used, is no verdict.
func verdict(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	class := evidence.ErrFormat
	_, network := errors.AsType[*url.Error](err)
	_, disk := errors.AsType[*fs.PathError](err)
	switch {
	case errors.Is(err, &metadata.ErrDownloadLengthMismatch{}):
		class = evidence.ErrLimit
	case network, disk, errors.Is(err, &metadata.ErrDownload{}):
		return err
	case errors.Is(err, &metadata.ErrExpiredMetadata{}):
		class = evidence.ErrPolicy
	case errors.Is(err, &metadata.ErrRepository{}):
		class = evidence.ErrMismatch
	}
	for next := err; next != nil; next = errors.Unwrap(next) {
		err = next // the innermost says what is wrong, the others where the client was
	}
	return fmt.Errorf("%w: %w", class, err)
}

// fetcher downloads for the TUF client, bounded in time and size.
type fetcher struct{ ctx context.Context }

// DownloadFile implements the fetcher of go-tuf.
func (f fetcher) DownloadFile(address string, most int64, _ time.Duration) ([]byte, error) {
	ctx, cancel := context.WithTimeout(f.ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, &metadata.ErrDownloadHTTP{StatusCode: res.StatusCode, URL: address}
	}
	data, err := io.ReadAll(io.LimitReader(res.Body, most+1))
	if err == nil && int64(len(data)) > most {
		err = &metadata.ErrDownloadLengthMismatch{Msg: fmt.Sprintf("%s: more than %d bytes", address, most)}
	}
	return data, err
}

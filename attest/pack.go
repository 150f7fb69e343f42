package attest

import (
	"github.com/HailBytes/evidence/manifest"
)

// PackPredicate is the predicate of type [PackV1]: which release a Trust Pack is of.
type PackPredicate struct {
	Product       string          `json:"product"`
	Version       string          `json:"version"`
	Commit        string          `json:"commit,omitempty"` // optional
	ContentDigest manifest.Digest `json:"contentDigest"`    // of MANIFEST.json in the pack
}

func decodePack(s *Statement) (any, []string, error) {
	r, p := newPredicateReader(s), &PackPredicate{}
	var digest string
	r.object(map[string]func(){
		"product":       r.text(&p.Product),
		"version":       r.text(&p.Version),
		"commit":        r.text(&p.Commit),
		"contentDigest": r.text(&digest),
	})
	r.need(p.Product != "", "/product")
	r.need(p.Version != "", "/version")
	if digest != "" {
		var err error
		if p.ContentDigest, err = manifest.ParseDigest(digest); err != nil {
			return nil, nil, err
		}
	}
	r.need(!p.ContentDigest.IsZero(), "/contentDigest")
	return r.done(p)
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest

import "time"

// Signer is who made a signature that a [Verifier] accepted.
type Signer struct {
	KeyID       string       `json:"keyId"`                 // lower-case hexadecimal SHA-256 of the public key, as PKIX DER
	Certificate *Certificate `json:"certificate,omitempty"` // nil for a plain key
	Times       []Time       `json:"times,omitempty"`       // trusted times of the signature, ascending
	Logged      []Logged     `json:"logged,omitempty"`      // transparency log entries that were verified
	Weakened    []string     `json:"weakened,omitempty"`    // checks that the caller lowered below the default, in words
}

// Certificate is what a verified Fulcio certificate says of its holder: the
// subject alternative name and the extensions 1.3.6.1.4.1.57264.1.x. A field is
// empty where the certificate has no such extension.
type Certificate struct {
	Identity                 string    `json:"identity"`                           // subject alternative name
	Issuer                   string    `json:"issuer"`                             // OIDC issuer; .1 or .8
	CertificateIssuer        string    `json:"certificateIssuer"`                  // distinguished name of the CA
	NotBefore                time.Time `json:"notBefore"`                          // UTC
	NotAfter                 time.Time `json:"notAfter"`                           // UTC
	BuildSignerURI           string    `json:"buildSignerUri,omitempty"`           // .9: the workflow that signed, with its ref
	BuildSignerDigest        string    `json:"buildSignerDigest,omitempty"`        // .10
	RunnerEnvironment        string    `json:"runnerEnvironment,omitempty"`        // .11: "github-hosted", "self-hosted"
	SourceRepositoryURI      string    `json:"sourceRepositoryUri,omitempty"`      // .12
	SourceRepositoryDigest   string    `json:"sourceRepositoryDigest,omitempty"`   // .13: git commit
	SourceRepositoryRef      string    `json:"sourceRepositoryRef,omitempty"`      // .14: "refs/tags/v1.482"
	SourceRepositoryID       string    `json:"sourceRepositoryId,omitempty"`       // .15
	SourceRepositoryOwnerURI string    `json:"sourceRepositoryOwnerUri,omitempty"` // .16
	SourceRepositoryOwnerID  string    `json:"sourceRepositoryOwnerId,omitempty"`  // .17
	BuildConfigURI           string    `json:"buildConfigUri,omitempty"`           // .18
	BuildConfigDigest        string    `json:"buildConfigDigest,omitempty"`        // .19
	BuildTrigger             string    `json:"buildTrigger,omitempty"`             // .20: "push", "pull_request"
	RunInvocationURI         string    `json:"runInvocationUri,omitempty"`         // .21
	RepositoryVisibility     string    `json:"repositoryVisibility,omitempty"`     // .22
	GithubWorkflowTrigger    string    `json:"githubWorkflowTrigger,omitempty"`    // .2, superseded by .20
	GithubWorkflowSHA        string    `json:"githubWorkflowSha,omitempty"`        // .3, superseded by .10 and .13
	GithubWorkflowName       string    `json:"githubWorkflowName,omitempty"`       // .4
	GithubWorkflowRepository string    `json:"githubWorkflowRepository,omitempty"` // .5, superseded by .12
	GithubWorkflowRef        string    `json:"githubWorkflowRef,omitempty"`        // .6, superseded by .14
}

// Time is one trusted time of a signature.
type Time struct {
	Source    string    `json:"source"`    // "log" (signed entry timestamp) or "tsa" (RFC 3161)
	Authority string    `json:"authority"` // URI of the log or authority in the trust root; may be empty
	Time      time.Time `json:"time"`      // UTC
}

// Logged is one transparency log entry that was verified for this signature.
type Logged struct {
	Authority string `json:"authority"` // URI of the log in the trust root
	LogID     string `json:"logId"`     // lower-case hexadecimal
	Index     int64  `json:"index"`     // in the log
	Kind      string `json:"kind"`      // "dsse/0.0.1"
	Proof     bool   `json:"proof"`     // with an inclusion proof under a signed checkpoint
	Promise   bool   `json:"promise"`   // with a signed entry timestamp
}

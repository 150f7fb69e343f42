// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package attest_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/attest"
)

// signExample returns a bundle about the artifact, and the key it verifies with.
func signExample(artifact []byte) (bundle []byte, key *attest.Key) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	signer, err := attest.NewKeySigner(private)
	if err != nil {
		panic(err)
	}
	statement := fmt.Sprintf(`{"_type":"https://in-toto.io/Statement/v1",
		"subject":[{"name":"web.tar","digest":{"sha256":%q}}],
		"predicateType":"https://in-toto.io/attestation/test-result/v0.1",
		"predicate":{"result":"PASSED","configuration":[]}}`, evidence.Sum256(artifact).Hex())
	if bundle, err = attest.Sign(context.Background(), signer, []byte(statement)); err != nil {
		panic(err)
	}
	return bundle, signer.Key()
}

func Example() {
	artifact := []byte("the artifact")
	data, key := signExample(artifact)

	bundle, err := attest.ParseBundle(data, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	policy := attest.All(attest.AtLeast(1, key), attest.PredicateType(attest.TestResultV01))
	verified, err := attest.Verify(context.Background(), bundle, attest.BytesSubject(artifact), policy)
	if err != nil {
		fmt.Println(err)
		return
	}
	subject, digests := verified.Subject()
	fmt.Println(subject.Name, digests[0].Algorithm())
	fmt.Println(verified.Statement().Result())
	// Output:
	// web.tar sha256
	// PASSED
}

func ExampleVerify_refused() {
	data, key := signExample([]byte("the artifact"))
	bundle, err := attest.ParseBundle(data, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = attest.Verify(context.Background(), bundle, attest.BytesSubject([]byte("another artifact")), attest.AtLeast(1, key))
	var refused *attest.Error
	fmt.Println(errors.Is(err, attest.ErrSubject), errors.As(err, &refused), refused.Stage)
	// Output: true true subject
}

package license_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/HailBytes/evidence/trustpack/license"
)

func Example() {
	rep, err := license.ReadReport(strings.NewReader(`example.com/app,Unknown,Unknown
github.com/hashicorp/golang-lru/simplelru,https://github.com/hashicorp/golang-lru/blob/v0.5.4/LICENSE,MPL-2.0
github.com/gorilla/mux,https://github.com/gorilla/mux/blob/v1.7.3/LICENSE,BSD-3-Clause
`), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	inv := license.Join(rep, &license.JoinOptions{
		Main: "example.com/app",
		Components: slices.Values([]license.Component{
			{Name: "github.com/hashicorp/golang-lru", Version: "v0.5.4"},
			{Name: "github.com/gorilla/mux", Version: "v1.7.3"},
		}),
	})
	policy, err := license.NewPolicy(license.PolicyRules{Categories: map[license.Category]license.Decision{license.Permissive: license.Allowed}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range policy.Decide(inv, time.Now()).Findings {
		fmt.Println(f.Decision, f.Module, f.Why)
	}
	// Output:
	// allowed example.com/app the product's own
	// allowed github.com/gorilla/mux@v1.7.3 BSD-3-Clause (permissive)
	// needs-review github.com/hashicorp/golang-lru@v0.5.4 MPL-2.0 (weak-copyleft)
}

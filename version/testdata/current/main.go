// Current prints what this program says of its own origin; a test sets it with the linker.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/HailBytes/evidence/version"
)

func main() {
	b, err := version.Current()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(b.Version, b.Commit, b.Time.Format(time.RFC3339), b.WorkTree)
}

//go:build race

package sbom

func init() { largestConverted = 100 << 10 }

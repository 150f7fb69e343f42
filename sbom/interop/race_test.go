//go:build race

package interop

func init() { largestExchanged = 200 << 10 }

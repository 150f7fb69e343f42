//go:build race

package trustpack

func init() { underRace = true }

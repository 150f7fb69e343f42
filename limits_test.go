// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"reflect"
	"testing"
)

// TestOrDefault: no field is unbounded when nothing is said, and what is said stands.
func TestOrDefault(t *testing.T) {
	defaults := reflect.ValueOf(Limits{}.OrDefault())
	for i := range defaults.NumField() {
		name := defaults.Type().Field(i).Name
		if defaults.Field(i).Int() <= 0 {
			t.Errorf("%s has no default", name)
		}
		var l Limits
		reflect.ValueOf(&l).Elem().Field(i).SetInt(7)
		if got := reflect.ValueOf(l.OrDefault()).Field(i).Int(); got != 7 {
			t.Errorf("%s: got %d, want the 7 that was asked for", name, got)
		}
		reflect.ValueOf(&l).Elem().Field(i).SetInt(-1)
		if got := reflect.ValueOf(l.OrDefault()).Field(i).Int(); got != defaults.Field(i).Int() {
			t.Errorf("%s: a negative bound gives %d", name, got)
		}
	}
}

// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package outschema_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/test/outschema"
)

type base struct {
	Name   string `json:"name"`
	Shadow string `json:"shadow"`
}

type other struct{ Word string }

type special struct{}

func (special) MarshalJSON() ([]byte, error) { return []byte(`"x"`), nil }

type object struct {
	base
	*other
	Shadow  int                     `json:"shadow"`
	Status  evidence.Status         `json:"status,omitzero"`
	Digest  evidence.Digest         `json:"digest"`
	Time    time.Time               `json:"time,omitzero"`
	List    []object                `json:"list"`
	Left    []int                   `json:"left,omitempty"`
	Counts  map[evidence.Status]int `json:"counts,omitempty"`
	Any     any                     `json:"any"`
	Raw     json.RawMessage         `json:"raw,omitempty"`
	Bytes   []byte                  `json:"bytes,omitempty"`
	Quoted  uint64                  `json:"quoted,string"`
	Next    *base                   `json:"next"`
	Special special                 `json:"special"`
	Not     func()                  `json:"-"`
}

func TestOf(t *testing.T) {
	written := outschema.Written{reflect.TypeFor[special](): reflect.TypeFor[string]()}
	text, err := outschema.Of("x", "https://example.com/x", []reflect.Type{reflect.TypeFor[object]()}, written)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Defs map[string]struct {
			Required   []string
			Properties map[string]json.RawMessage
			Additional *bool `json:"additionalProperties"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	o := got.Defs["outschema_test.object"]
	if required := strings.Join(o.Required, " "); required != "name shadow digest list any quoted next special schema tool" {
		t.Errorf("required: %s", required)
	}
	if o.Additional == nil || *o.Additional {
		t.Error("other members are allowed")
	}
	for name, want := range map[string]string{
		"name":    `{"type":"string"}`,
		"Word":    `{"type":"string"}`,
		"shadow":  `{"type":"integer"}`,
		"status":  `{"enum":["pass","fail","warn","skip","error"],"type":"string"}`,
		"digest":  `{"type":"string"}`,
		"time":    `{"format":"date-time","type":"string"}`,
		"list":    `{"items":{"$ref":"#/$defs/outschema_test.object"},"type":["array","null"]}`,
		"left":    `{"items":{"type":"integer"},"type":"array"}`,
		"counts":  `{"additionalProperties":{"type":"integer"},"propertyNames":{"enum":["pass","fail","warn","skip","error"]},"type":"object"}`,
		"any":     `{}`,
		"raw":     `{}`,
		"bytes":   `{"contentEncoding":"base64","type":"string"}`,
		"quoted":  `{"type":"string"}`,
		"next":    `{"anyOf":[{"$ref":"#/$defs/outschema_test.base"},{"type":"null"}]}`,
		"special": `{"type":"string"}`,
		"schema":  `{"const":"https://example.com/x"}`,
		"tool":    `{"$ref":"#/$defs/tool"}`,
	} {
		var value any
		json.Unmarshal(o.Properties[name], &value)
		if text, _ := json.Marshal(value); string(text) != want {
			t.Errorf("%s: %s, want %s", name, text, want)
		}
		delete(o.Properties, name)
	}
	if len(o.Properties) > 0 {
		t.Errorf("also %v", o.Properties)
	}
}

type unstated struct{ F special }

type unwritable struct{ F func() }

func TestRefused(t *testing.T) {
	for _, tt := range []struct {
		object reflect.Type
		want   string
	}{
		{reflect.TypeFor[unstated](), "MarshalJSON"},
		{reflect.TypeFor[unwritable](), "cannot be written"},
	} {
		_, err := outschema.Of("x", "https://example.com/x", []reflect.Type{tt.object}, nil)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: %v, want %q", tt.object, err, tt.want)
		}
	}
}

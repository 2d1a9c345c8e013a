package main

import (
	"reflect"
	"testing"
)

func TestHistoryKnowsWhatEachVersionBroughtAndWhatIsGone(t *testing.T) {
	fields := func(names ...string) map[string]bool {
		found := map[string]bool{}
		for _, name := range names {
			found[name] = true
		}
		return found
	}
	got := newHistory()
	got.compare([]types{
		{"Pod": fields("name", "ofTheOldest"), "Dropped": fields("name")},
		{"Pod": fields("name", "ofTheSecond", "new"), "Dropped": fields("name", "new"), "New": fields("name")},
		{"Pod": fields("name", "new"), "New": fields("name")},
	})
	want := newHistory()
	want.Types["New"] = "1.32"
	want.Fields["Pod"] = map[string]string{"new": "1.32"}
	want.Gone["Pod"] = []string{"ofTheOldest", "ofTheSecond"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

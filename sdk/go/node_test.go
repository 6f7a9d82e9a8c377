//go:build !wasip1

package gatewright

import (
	"slices"
	"testing"
)

func TestNodesAreWalked(t *testing.T) {
	root := NewRequest("t").WithArguments(map[string]any{"a": []any{1, "é", nil, 1.5}, "b": true}).Root()
	if root.Kind() != Object || root.Len() != 2 || !slices.Equal(root.Keys(), []string{"a", "b"}) {
		t.Error(root.JSON())
	}
	list, exists := root.Get("/a")
	if !exists || list.Kind() != Array || list.Len() != 4 || len(list.Children()) != 4 {
		t.Fatal(list)
	}
	first, _ := list.At(0)
	if integer, is := first.Integer(); first.Kind() != Number || integer != 1 || !is {
		t.Error("an integer is a number, and an integer")
	}
	text, _ := list.At(1)
	if content, is := text.Text(); content != "é" || !is || text.Len() != 2 {
		t.Error(content)
	}
	if _, exists := list.At(4); exists {
		t.Error("there are four elements")
	}
	if flag, exists := root.Member("b"); !exists || flag.Value() != (Value{Kind: Boolean, Boolean: true}) {
		t.Error("the member is true")
	}
	if _, exists := root.Member("/b"); exists {
		t.Error("a name is no pointer")
	}
	if _, isText := root.Text(); isText {
		t.Error("an object is no text")
	}
}

func TestAClosedNodeIsNotAsked(t *testing.T) {
	node := NewRequest("t").Root()
	node.Close()
	node.Close()
	defer func() {
		if recover() == nil {
			t.Error("a closed node answers")
		}
	}()
	node.JSON()
}

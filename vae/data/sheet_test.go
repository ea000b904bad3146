package data

import (
	"errors"
	"slices"
	"testing"
)

func TestNewSheet(t *testing.T) {
	g := NewGrowing("g", Shape{3, 1, 2})
	copy(g.Add(0), []byte{10, 20, 30, 40, 50, 60})
	copy(g.Add(1), []byte{1, 2, 3, 4, 5, 6})
	s, err := NewSheet(g, []int{1, -1, 0}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if s.Width != 2+SheetGap+2 || s.Height != 1+SheetGap+1 {
		t.Fatalf("%d x %d", s.Width, s.Height)
	}
	want := make([]byte, 4*s.Width*s.Height)
	copy(want, []byte{1, 3, 5, 255, 2, 4, 6, 255})
	copy(want[4*(1+SheetGap)*s.Width:], []byte{10, 30, 50, 255, 20, 40, 60, 255})
	if !slices.Equal(s.RGBA, want) {
		t.Errorf("%v, want %v", s.RGBA, want)
	}
	grey, err := NewSheet(small(t), []int{0}, 9)
	if err != nil || !slices.Equal(grey.RGBA, []byte{0, 0, 0, 255, 255, 255, 255, 255}) {
		t.Errorf("grey: %v, %v", grey, err)
	}
	if s, err := NewSheet(g, nil, 3); err != nil || len(s.RGBA) != 0 {
		t.Errorf("no pictures: %v, %v", s, err)
	}
	if _, err := NewSheet(NewGrowing("", Shape{2, 1, 1}), nil, 1); !errors.Is(err, ErrMismatch) {
		t.Errorf("two channels: error %v", err)
	}
	big := NewGrowing("", Shape{1, 4096, 4096})
	if _, err := NewSheet(big, []int{-1, -1}, 2); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a huge sheet: error %v", err)
	}
}

func TestExamples(t *testing.T) {
	g := growing(200, 10)
	a, b, c := Examples(g, 30, 1), Examples(g, 30, 1), Examples(g, 30, 2)
	if len(a) != 30 || !slices.Equal(a, b) || slices.Equal(a, c) || !slices.IsSorted(a) || len(slices.Compact(a)) != 30 {
		t.Errorf("%v, %v, %v", a, b, c)
	}
	if all := Examples(g, 1000, 1); !slices.Equal(all, numbers(0, 200)) {
		t.Errorf("all: %v", all)
	}
	rows := ExamplesByClass(g, 11, 3, 0)
	for k, i := range rows {
		if want := k/3*20 + k%3; k < 30 && i != want || k >= 30 && i != -1 {
			t.Errorf("place %d shows %d", k, i)
		}
	}
	if rows := ExamplesByClass(g, 10, 3, 20); rows[0] != 0 || rows[3] != -1 {
		t.Errorf("of the first 20: %v", rows)
	}
}

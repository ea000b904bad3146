package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// printTable prints all lines for people.
func printTable(w io.Writer, lines []Line) {
	for _, runtime := range runtimes {
		var here []Line
		for _, l := range lines {
			if l.Runtime == runtime {
				here = append(here, l)
			}
		}
		if len(here) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n== %s\n", runtime)
		for _, l := range here {
			if l.Impl == "simd-peak" {
				fmt.Fprintf(w, "ceiling %s, %d at a time: %s GFLOP/s (%s to %s)\n", l.Variant, l.Workers, text(l.Value), text(l.Min), text(l.Max))
			}
		}
		printProducts(w, here)
		for _, bench := range []string{"train", "decode", "encode", "startup"} {
			printRuns(w, bench, here)
		}
	}
}

// printRuns prints the lines of one bench, a table for each workload.
func printRuns(w io.Writer, bench string, lines []Line) {
	title := func(l Line) string {
		switch {
		case l.Data != "":
			return fmt.Sprintf("%s %s on %s, %s", bench, l.Workload, l.Data, l.Unit)
		case l.Batch > 0:
			return fmt.Sprintf("%s %s, %d, %s", bench, l.Workload, l.Batch, l.Unit)
		}
		return fmt.Sprintf("%s, %s", bench, l.Unit)
	}
	var titles []string
	for _, l := range lines {
		if name := title(withoutBatch(l)); l.Bench == bench && !slices.Contains(titles, name) {
			titles = append(titles, name)
		}
	}
	for _, name := range titles {
		rows := [][]string{{name, "workers", "median", "min", "max", "of ceiling", "to jax-js", ""}}
		var jax *Line
		for i, l := range lines {
			if l.Bench == bench && title(withoutBatch(l)) == name && l.Impl == "jax-js" && l.Workers == 1 && l.Runs > 0 {
				jax = &lines[i]
			}
		}
		for _, l := range lines {
			if l.Bench != bench || title(withoutBatch(l)) != name {
				continue
			}
			note := l.Reason
			if l.Data != "" && l.Batch != 128 && note == "" {
				note = fmt.Sprintf("batch %d", l.Batch)
			}
			name := l.Impl
			if bench == "startup" {
				name = l.Workload
			}
			rows = append(rows, []string{name, l.Workers.String(), text(l.Value), text(l.Min), text(l.Max), percent(l.OfCeiling), against(l, jax), note})
		}
		align(w, withoutEmpty(rows))
	}
}

// withoutEmpty leaves out the columns that have nothing below their heading.
func withoutEmpty(rows [][]string) [][]string {
	kept := make([][]string, len(rows))
	for column := range rows[0] {
		if !slices.ContainsFunc(rows[1:], func(row []string) bool { return row[column] != "" }) {
			continue
		}
		for i, row := range rows {
			kept[i] = append(kept[i], row[column])
		}
	}
	return kept
}

// withoutBatch is a line of training without what differs between
// implementations.
func withoutBatch(l Line) Line {
	if l.Data != "" {
		l.Batch = 0
	}
	return l
}

// against says how many times faster l is than jax-js with one worker.
func against(l Line, jax *Line) string {
	if jax == nil || l.Runs == 0 || l.Impl == "jax-js" {
		return ""
	}
	ratio := float64(*l.Value) / float64(*jax.Value)
	if l.Unit == "ms" {
		ratio = 1 / ratio
	}
	return fmt.Sprintf("%.3gx", ratio)
}

// printProducts prints a row for each product of matrices and a column for each
// implementation.
func printProducts(w io.Writer, lines []Line) {
	impls := []string{"inkdrift-relaxed", "inkdrift-strict", "inkdrift-go", "tfjs", "tfjs-plain"}
	for _, workload := range workloads {
		rows := [][]string{append([]string{"gemm " + workload + ", GFLOP/s", ""}, impls...)}
		var shapes []string
		cells := make(map[string]string)
		for _, l := range lines {
			if l.Bench != "gemm" || l.Workload != workload {
				continue
			}
			key := l.Shape + " " + l.Case
			if !slices.Contains(shapes, key) {
				shapes = append(shapes, key)
			}
			cell := text(l.Value)
			if l.OfCeiling != nil && l.Impl != "inkdrift-go" {
				cell += " " + percent(l.OfCeiling)
			}
			cells[key+" "+l.Impl] = cell
		}
		if len(shapes) == 0 {
			continue
		}
		for _, key := range shapes {
			shape, transposes, _ := strings.Cut(key, " ")
			row := []string{shape, transposes}
			for _, impl := range impls {
				row = append(row, cells[key+" "+impl])
			}
			rows = append(rows, row)
		}
		align(w, rows)
	}
}

// text writes a number as people read it, - for none.
func text(n *Number) string {
	if n == nil {
		return "-"
	}
	if v := float64(*n); v < 100 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	return strconv.FormatFloat(float64(*n), 'f', 0, 64)
}

func percent(n *Number) string {
	if n == nil {
		return ""
	}
	return fmt.Sprintf("%.0f%%", 100*float64(*n))
}

// align prints rows in columns: the first and the last one to the left, the
// others to the right.
func align(w io.Writer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	fmt.Fprintln(w)
	for _, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			switch {
			case i == 0:
				b.WriteString(cell + pad)
			case i == len(row)-1 && rows[0][i] == "":
				b.WriteString("  " + cell)
			default:
				b.WriteString("  " + pad + cell)
			}
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
}

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"inkdrift/vae/metric"
)

// row is one measure: on how many pictures, and its value, of a model; both
// empty where a model does not have it.
type row struct {
	name string
	of   func(l line) (n, value string)
}

var measures = []row{
	{"family", func(l line) (string, string) { return "", l.Family }},
	{"measured on", func(l line) (string, string) { return "", l.Data }},
	{"latent dimensions", func(l line) (string, string) { return "", fmt.Sprint(l.Latent) }},
	{"parameters", func(l line) (string, string) { return "", fmt.Sprint(l.Params) }},
	{"file, MB", func(l line) (string, string) { return "", fmt.Sprintf("%.2f", float64(l.Bytes)/1e6) }},
	{"NLL", func(l line) (string, string) {
		if l.Likelihoods == nil || l.NLLSamples == 0 {
			return "", ""
		}
		return fmt.Sprintf("%d, k = %d", l.Images, l.NLLSamples), fmt.Sprintf("%.2f ± %.2f", l.NLL, l.NLLStdErr)
	}},
	bound("ELBO", func(l line) float64 { return l.ELBO }),
	bound("- reconstruction", func(l line) float64 { return l.Recon }),
	bound("- KL", func(l line) float64 { return l.KL }),
	{"- binarisation", func(l line) (string, string) {
		if l.Likelihoods == nil {
			return "", ""
		}
		return "", l.Binarization
	}},
	{"active units", func(l line) (string, string) {
		if l.Latents == nil {
			return "", ""
		}
		return fmt.Sprint(l.LabelImages), fmt.Sprintf("%d of %d", l.ActiveUnits, l.Latent)
	}},
	fidelity("MSE", "%.5f", func(l line) float64 { return l.MSE }),
	fidelity("PSNR, dB", "%.2f", func(l line) float64 { return l.PSNR }),
	fidelity("SSIM", "%.4f", func(l line) float64 { return l.SSIM }),
	{"own classifier's error", func(l line) (string, string) {
		if l.Latents == nil || l.Accuracy == 0 {
			return "", ""
		}
		return fmt.Sprint(l.LabelImages), percent(1 - l.Accuracy)
	}},
	{"error of linear on mu", func(l line) (string, string) {
		if l.Reading == nil {
			return "", ""
		}
		return fmt.Sprintf("%d, fit on %d", l.LinearTest, l.LinearTrain), percent(l.LinearError)
	}},
	{"FID, own features", func(l line) (string, string) {
		if l.Distance == nil {
			return "", ""
		}
		return fmt.Sprintf("%d to %d", l.Distance.Samples, l.Distance.Reference), fmt.Sprintf("%.2f", l.FID)
	}},
	{"Inception-style score", func(l line) (string, string) {
		if l.Score == nil {
			return "", ""
		}
		return fmt.Sprintf("%d in %d", l.Score.Samples, l.Parts), fmt.Sprintf("%.2f ± %.2f", l.Mean, l.Std)
	}},
	coverage("classes covered", func(l line) string { return fmt.Sprintf("%d of %d", l.Covered, len(l.Counts)) }),
	coverage("their entropy, nats", func(l line) string { return fmt.Sprintf("%.3f", l.Entropy) }),
	coverage("largest class", func(l line) string { return percent(l.Largest) }),
	coverage("collapsed", func(l line) string {
		if l.Collapsed {
			return "yes"
		}
		return "no"
	}),
	{"precision / recall", func(l line) (string, string) {
		if l.Manifold == nil {
			return "", ""
		}
		return fmt.Sprintf("%d to %d", l.Manifold.Samples, l.Manifold.Reference), fmt.Sprintf("%.3f / %.3f", l.Precision, l.Recall)
	}},
	fitted("fitted prior, components", func(l line) string { return fmt.Sprint(l.Components) }),
	fitted("- FID", func(l line) string { return fmt.Sprintf("%.2f", l.FittedFID) }),
	fitted("- score", func(l line) string { return fmt.Sprintf("%.2f", l.FittedScore) }),
	fitted("- classes covered", func(l line) string { return fmt.Sprint(l.FittedCovered) }),
	fitted("- precision / recall", func(l line) string { return fmt.Sprintf("%.3f / %.3f", l.FittedPrecision, l.FittedRecall) }),
	{"not the class asked for", func(l line) (string, string) {
		if l.Obedience == nil {
			return "", ""
		}
		return fmt.Sprint(l.GivenSamples), percent(l.GivenError)
	}},
	hand("written as wanted", func(w metric.Writing) string { return percent(w.Correct) }),
	hand("- the worst class", func(w metric.Writing) string { return percent(slices.Min(w.CorrectOf)) }),
	hand("- slant follows, at least", func(w metric.Writing) string { return fmt.Sprintf("%.3f", slices.Min(w.SlantOf)) }),
	hand("- width follows, at least", func(w metric.Writing) string { return fmt.Sprintf("%.3f", slices.Min(w.WidthOf)) }),
}

func percent(part float64) string { return fmt.Sprintf("%.2f %%", 100*part) }

func bound(name string, value func(l line) float64) row {
	return row{name, func(l line) (string, string) {
		if l.Likelihoods == nil {
			return "", ""
		}
		return fmt.Sprint(l.Images), fmt.Sprintf("%.2f", value(l))
	}}
}

func fidelity(name, format string, value func(l line) float64) row {
	return row{name, func(l line) (string, string) {
		if l.Fidelity == nil || value(l) == 0 {
			return "", ""
		}
		return fmt.Sprint(l.Compared), fmt.Sprintf(format, value(l))
	}}
}

func coverage(name string, value func(l line) string) row {
	return row{name, func(l line) (string, string) {
		if l.Coverage == nil {
			return "", ""
		}
		return fmt.Sprint(l.Coverage.Samples), value(l)
	}}
}

func fitted(name string, value func(l line) string) row {
	return row{name, func(l line) (string, string) {
		if l.Fitted == nil {
			return "", ""
		}
		return fmt.Sprint(l.Manifold.Samples), value(l)
	}}
}

// hand is a measure of all classes written in the hand of a picture whose class is
// recognised, and of one whose class is given.
func hand(name string, value func(w metric.Writing) string) row {
	return row{name, func(l line) (string, string) {
		if l.Hand == nil {
			return "", ""
		}
		return fmt.Sprint(l.HandImages), value(l.Recognised) + " / " + value(l.Given)
	}}
}

// table prints a row a measure and a column a model, as Markdown.
func table(w io.Writer, lines []line) error {
	head := []string{"measure", "n"}
	for _, l := range lines {
		head = append(head, l.Model)
	}
	rows := [][]string{head, nil}
	for _, m := range measures {
		cells := []string{m.name, ""}
		var ns []string
		some := false
		for _, l := range lines {
			n, value := m.of(l)
			if value == "" {
				value = "-"
			} else {
				some = true
			}
			if n != "" && !slices.Contains(ns, n) {
				ns = append(ns, n)
			}
			cells = append(cells, value)
		}
		if some {
			cells[1] = strings.Join(ns, "; ")
			rows = append(rows, cells)
		}
	}
	widths := make([]int, len(head))
	for _, r := range rows {
		for i, c := range r {
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	var b strings.Builder
	for k, r := range rows {
		for i, width := range widths {
			switch {
			case k == 1:
				b.WriteString("|" + strings.Repeat("-", width+2))
			default:
				b.WriteString("| " + r[i] + strings.Repeat(" ", width-utf8.RuneCountInString(r[i])+1))
			}
		}
		b.WriteString("|\n")
	}
	fmt.Fprintf(&b, "\nNLL, ELBO and its terms in nats a picture; n: pictures; seed %d\n", lines[0].Seed)
	_, err := io.WriteString(w, b.String())
	return err
}

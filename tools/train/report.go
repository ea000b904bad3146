package main

import (
	"fmt"
	"strings"
	"time"

	"inkdrift/tools/internal/progress"
	"inkdrift/tools/internal/report"
	"inkdrift/vae"
	"inkdrift/vae/data"
	"inkdrift/vae/train"
)

// evalSeed is the seed of the noise and binarisation of every evaluation, so
// that epochs can be compared.
const evalSeed = 1

// reporter shows the run on the terminal.
type reporter struct {
	trainer *train.Trainer
	test    data.Dataset
	report  *report.Report
	line    *progress.Line
	start   time.Time
	from    int // step at which this process began

	sum   vae.Terms // of the epoch so far, weighted by pictures; Other is of TermNames
	count int
}

// epochLine is what -json prints.
type epochLine struct {
	Epoch     int       `json:"epoch"`
	Step      int       `json:"step"`
	Train     termsLine `json:"train"`
	Test      termsLine `json:"test"`
	Rate      float64   `json:"learning_rate"`
	ImagesSec float64   `json:"images_per_second"`
	Seconds   float64   `json:"seconds"`
}

// termsLine are the terms of the objective. A model without an encoder has no
// ELBO; Other are the terms of those that have more, by name.
type termsLine struct {
	ELBO  float64            `json:"elbo,omitempty"`
	Recon float64            `json:"recon,omitempty"`
	KL    float64            `json:"kl,omitempty"`
	Other map[string]float64 `json:"terms,omitempty"`
}

func (r *reporter) lineOf(t vae.Terms, names []string) (l termsLine) {
	if r.trainer.Model().HasEncoder() {
		l = termsLine{ELBO: t.ELBO(), Recon: t.Recon, KL: t.KL}
	}
	for i, name := range names {
		if l.Other == nil {
			l.Other = map[string]float64{}
		}
		l.Other[name] = t.Other[i]
	}
	return l
}

// text formats the terms for people.
func (r *reporter) text(of string, t vae.Terms, names []string) string {
	var parts []string
	if r.trainer.Model().HasEncoder() {
		parts = append(parts, fmt.Sprintf("ELBO %.2f (recon %.2f, KL %.2f)", t.ELBO(), t.Recon, t.KL))
	}
	for i, name := range names {
		parts = append(parts, fmt.Sprintf("%s %.3f", name, t.Other[i]))
	}
	return of + " " + strings.Join(parts, ", ")
}

func (r *reporter) step(ev train.Event) error {
	if ev.Undone {
		r.line.Printf("step %d: loss or gradient not finite; went back to the last snapshot and halved the learning rate", ev.Step)
	} else {
		n := float64(ev.Images)
		r.sum.Recon += ev.Terms.Recon * n
		r.sum.KL += ev.Terms.KL * n
		for i, v := range ev.Terms.Other {
			r.sum.Other[i] += v * n
		}
		r.count += ev.Images
	}
	r.line.Show(func() string { return r.bar(ev) })
	if !ev.EpochDone {
		return nil
	}
	return r.epoch(ev)
}

// rate is in pictures a second since this process began.
func (r *reporter) rate(step int) float64 {
	return float64((step-r.from)*r.trainer.Options().Batch) / max(time.Since(r.start).Seconds(), 1e-9)
}

// bar is the state of the run after a step.
func (r *reporter) bar(ev train.Event) string {
	const width = 24
	per := r.trainer.StepsPerEpoch()
	done := (ev.Step-1)%per + 1
	fill := done * width / per
	left := time.Duration(float64(r.trainer.Steps()-ev.Step) * float64(time.Since(r.start)) / float64(ev.Step-r.from))
	return fmt.Sprintf("epoch %d/%d [%s%s] %6.0f images/s, %s, left %v",
		ev.Epoch+1, r.trainer.Options().Epochs, strings.Repeat("#", fill), strings.Repeat(".", width-fill),
		r.rate(ev.Step), r.now(ev.Terms), left.Round(time.Second))
}

func (r *reporter) epoch(ev train.Event) error {
	line := epochLine{Epoch: ev.Epoch + 1, Step: ev.Step, Rate: ev.LearningRate,
		ImagesSec: r.rate(ev.Step), Seconds: time.Since(r.start).Seconds()}
	mean := r.sum
	if n := float64(r.count); n > 0 {
		mean.Recon, mean.KL = mean.Recon/n, mean.KL/n
		for i := range mean.Other {
			mean.Other[i] /= n
		}
		line.Train = r.lineOf(mean, r.trainer.TermNames())
	}
	r.sum, r.count = vae.Terms{}, 0
	// The terms of an evaluation may be fewer than those of training.
	e, err := train.NewEvaluation(r.trainer.Result(), r.test, r.trainer.Options().Binarize, evalSeed, 0)
	for more := err == nil; more && err == nil; {
		more, err = e.Next()
	}
	if err != nil {
		return err
	}
	test := e.Result().Terms
	line.Test = r.lineOf(test, e.TermNames())
	if r.report.JSON() {
		r.line.Clear()
		return r.report.Write(line, "")
	}
	r.line.Printf("epoch %d/%d  %s  %s", line.Epoch, r.trainer.Options().Epochs,
		r.text("train", mean, r.trainer.TermNames()), r.text("test", test, e.TermNames()))
	return nil
}

// now is the text of the progress bar after a step.
func (r *reporter) now(t vae.Terms) string {
	if r.trainer.Model().HasEncoder() {
		return fmt.Sprintf("ELBO %.2f", t.ELBO())
	}
	return strings.TrimSpace(r.text("", t, r.trainer.TermNames()))
}

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"inkdrift/vae"
	"inkdrift/vae/data"
	"inkdrift/vae/train"
)

// evalSeed is the seed of the noise and binarisation of every evaluation, so
// that epochs can be compared.
const evalSeed = 1

// reporter shows the run on the terminal.
type reporter struct {
	trainer        *train.Trainer
	test           data.Dataset
	stdout, stderr io.Writer
	json           bool
	start, shown   time.Time
	from           int // step at which this process began

	sum   vae.Terms // of the epoch so far, weighted by pictures
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

type termsLine struct {
	ELBO  float64 `json:"elbo"`
	Recon float64 `json:"recon"`
	KL    float64 `json:"kl"`
}

func lineOf(t vae.Terms) termsLine { return termsLine{t.ELBO(), t.Recon, t.KL} }

func (r *reporter) step(ev train.Event) error {
	if ev.Undone {
		fmt.Fprintf(r.stderr, "\rstep %d: loss or gradient not finite; went back to the last snapshot and halved the learning rate\n", ev.Step)
	} else {
		r.sum.Recon += ev.Terms.Recon * float64(ev.Images)
		r.sum.KL += ev.Terms.KL * float64(ev.Images)
		r.count += ev.Images
	}
	if now := time.Now(); now.Sub(r.shown) > 200*time.Millisecond || ev.EpochDone {
		r.shown = now
		r.bar(ev)
	}
	if !ev.EpochDone {
		return nil
	}
	return r.epoch(ev)
}

// rate is in pictures a second since this process began.
func (r *reporter) rate(step int) float64 {
	return float64((step-r.from)*r.trainer.Options().Batch) / max(time.Since(r.start).Seconds(), 1e-9)
}

func (r *reporter) bar(ev train.Event) {
	const width = 24
	per := r.trainer.StepsPerEpoch()
	done := (ev.Step-1)%per + 1
	fill := done * width / per
	left := time.Duration(float64(r.trainer.Steps()-ev.Step) * float64(time.Since(r.start)) / float64(ev.Step-r.from))
	fmt.Fprintf(r.stderr, "\repoch %d/%d [%s%s] %6.0f images/s, ELBO %.2f, left %v ",
		ev.Epoch+1, r.trainer.Options().Epochs, strings.Repeat("#", fill), strings.Repeat(".", width-fill),
		r.rate(ev.Step), ev.Terms.ELBO(), left.Round(time.Second))
}

func (r *reporter) epoch(ev train.Event) error {
	line := epochLine{Epoch: ev.Epoch + 1, Step: ev.Step, Rate: ev.LearningRate,
		ImagesSec: r.rate(ev.Step), Seconds: time.Since(r.start).Seconds()}
	if r.count > 0 {
		line.Train = lineOf(vae.Terms{Recon: r.sum.Recon / float64(r.count), KL: r.sum.KL / float64(r.count)})
	}
	r.sum, r.count = vae.Terms{}, 0
	test, err := train.Evaluate(r.trainer.Model(), r.test, r.trainer.Options().Binarize, evalSeed)
	if err != nil {
		return err
	}
	line.Test = lineOf(test)
	if r.json {
		return json.NewEncoder(r.stdout).Encode(line)
	}
	fmt.Fprintf(r.stderr, "\repoch %d/%d  train ELBO %.2f (recon %.2f, KL %.2f)  test ELBO %.2f (recon %.2f, KL %.2f)%s\n",
		line.Epoch, r.trainer.Options().Epochs, line.Train.ELBO, line.Train.Recon, line.Train.KL,
		line.Test.ELBO, line.Test.Recon, line.Test.KL, strings.Repeat(" ", 20))
	return nil
}

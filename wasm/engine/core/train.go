package core

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"

	"inkdrift/vae"
	"inkdrift/vae/data"
	"inkdrift/vae/store"
	"inkdrift/vae/train"
	"inkdrift/wasm/proto"
)

// training is a run: a trainer with its data, alone or in a group.
type training struct {
	engine     *Engine
	trainer    *train.Trainer
	recipe     train.Recipe
	data       proto.DataInfo
	validSet   data.Dataset
	validation proto.DataInfo

	group group
	news  news
	view  view

	reference *reference // that samples were held beside last; nil: none

	// For the leader.
	running bool
	pausing []*task        // wait for the step in progress to end
	limit   int            // steps at which to stop
	wanted  proto.Settings // from the next step on

	// diverged is why the trainer gave up; a change of settings forgives it.
	diverged error
}

var errNoTraining = proto.Errorf(proto.CodeNoTraining, "", "no run is open")

// run gives the open run.
func (e *Engine) run() (*training, error) {
	if e.training == nil {
		return nil, errNoTraining
	}
	return e.training, nil
}

// led gives the open run if this worker leads it.
func (e *Engine) led() (*training, error) {
	t, err := e.run()
	if err == nil && t.group.rank != 0 {
		err = proto.Errorf(proto.CodeNoTraining, "", "worker %d of the group does not lead it", t.group.rank)
	}
	return t, err
}

func (e *Engine) trainOpen(t *task) (any, [][]byte, error) {
	var r proto.TrainOpen
	if err := t.fields(&r); err != nil {
		return nil, nil, err
	}
	recipe, err := train.ReadRecipe(r.Recipe)
	if err != nil {
		return nil, nil, recipeError(err)
	}
	// A classifier is no part of a run.
	recipe.Model.Classes, recipe.Model.Classifier = 0, nil
	if err := checkSize(recipe.Model, recipe.Train.Batch, recipe.Train.Samples); err != nil {
		return nil, nil, err
	}
	e.closeTraining()
	m, err := vae.New(recipe.Model, recipe.Train.Seed)
	if err != nil {
		return nil, nil, recipeError(err)
	}
	if err := checkShape("data", r.Data, recipe.Model.Input); err != nil {
		return nil, nil, err
	}
	o, err := e.read(t, true).openData(r.Data, r.Validation, t.msg.Bufs)
	if err != nil {
		return nil, nil, err
	}
	trainer, err := train.New(m, o.train, recipe.Train)
	if err != nil {
		return nil, nil, recipeError(err)
	}
	return e.begin(trainer, recipe, r.Data, r.Validation, o)
}

func (e *Engine) trainRestore(t *task) (any, [][]byte, error) {
	var r proto.TrainRestore
	if err := t.fields(&r); err != nil {
		return nil, nil, err
	}
	c, err := train.ReadCheckpoint(t.msg.Buf(0))
	if err != nil {
		return nil, nil, proto.Errorf(proto.CodeBadCheckpoint, "checkpoint", "%v", err)
	}
	if err := checkSize(c.Config, c.Options.Batch, c.Options.Samples); err != nil {
		return nil, nil, err
	}
	e.closeTraining()
	if err := checkShape("data", r.Data, c.Config.Input); err != nil {
		return nil, nil, err
	}
	o, err := e.read(t, true).openData(r.Data, r.Validation, t.msg.Bufs[1:])
	if err != nil {
		return nil, nil, err
	}
	trainer, err := c.Resume(o.train)
	if err != nil {
		field := "checkpoint"
		if errors.As(err, new(*train.DataError)) {
			field = "data"
		}
		return nil, nil, proto.Errorf(proto.CodeBadCheckpoint, field, "%v", err)
	}
	recipe := train.Recipe{Model: c.Config, Train: c.Options, DType: store.F32}
	return e.begin(trainer, recipe, r.Data, r.Validation, o)
}

// begin makes a prepared run the open one, in a group of its own.
func (e *Engine) begin(trainer *train.Trainer, recipe train.Recipe, d, v proto.Data, o *opened) (any, [][]byte, error) {
	t := &training{
		engine: e, trainer: trainer, recipe: recipe, validSet: o.valid,
		data: describe(d, o.train), validation: describe(v, o.valid),
	}
	options := trainer.Options()
	t.wanted = proto.Settings{LearningRate: options.LearningRate, Beta: options.Beta}
	t.recipe.Train = options
	t.group = group{size: 1, stands: true}
	text, err := json.Marshal(t.recipe)
	if err != nil {
		return nil, nil, err
	}
	e.training = t
	return proto.TrainOpenOK{
		Step: trainer.StepsTaken(), Steps: trainer.Steps(), StepsPerEpoch: trainer.StepsPerEpoch(),
		Params: trainer.Model().NumParams(), Dataset: t.data, Validation: t.validation, Recipe: text,
		Classes: classNames(o.classes), Report: o.report,
		Terms: append([]string{}, trainer.TermNames()...), // never null in JSON
	}, nil, nil
}

func describe(d proto.Data, set data.Dataset) proto.DataInfo {
	name, shape := d.Kind, set.Shape()
	if d.Filed() {
		name = title(d)
	}
	return proto.DataInfo{Name: name, Count: set.Len(), Shape: [3]int{shape.C, shape.H, shape.W}}
}

// recipeError makes an error of the protocol of one about a recipe.
func recipeError(err error) error {
	var config *vae.ConfigError
	var option *train.OptionError
	var set *train.DataError
	switch {
	case errors.As(err, &config):
		return proto.Errorf(proto.CodeBadValue, "recipe.model."+config.Field, "%v", err)
	case errors.As(err, &option):
		return proto.Errorf(proto.CodeBadValue, "recipe.train."+option.Field, "%v", err)
	case errors.As(err, &set):
		return proto.Errorf(proto.CodeBadData, "data", "%v", err)
	}
	return err
}

// closeTraining ends the open run, if there is one.
func (e *Engine) closeTraining() {
	if t := e.training; t != nil {
		t.leave()
		e.training = nil
	}
}

func (e *Engine) trainClose(*task) (any, [][]byte, error) {
	e.closeTraining()
	e.opening = nil
	return nil, nil, nil
}

func (e *Engine) trainRun(t *task) (any, [][]byte, error) {
	var r proto.TrainRun
	if err := t.fields(&r); err != nil {
		return nil, nil, err
	}
	run, err := e.led()
	if err != nil {
		return nil, nil, err
	}
	switch {
	case !run.group.stands:
		return nil, nil, proto.Errorf(proto.CodeNoTraining, "", "the group does not stand yet")
	case run.diverged != nil:
		return nil, nil, run.diverged
	}
	run.start(r.Steps)
	return nil, nil, nil
}

func (e *Engine) trainPause(t *task) (any, [][]byte, error) {
	run, err := e.led()
	if err != nil {
		return nil, nil, err
	}
	if !run.running {
		return proto.TrainStepOK{Step: run.trainer.StepsTaken()}, nil, nil
	}
	run.pausing = append(run.pausing, t)
	return nil, nil, errLater
}

func (e *Engine) trainChange(t *task) (any, [][]byte, error) {
	var r proto.TrainChange
	if err := t.msg.Fields(&r); err != nil {
		return nil, nil, err
	}
	run, err := e.led()
	if err != nil {
		return nil, nil, err
	}
	o, wanted := run.trainer.Options(), run.wanted
	if r.LearningRate != nil {
		wanted.LearningRate = *r.LearningRate
	}
	if r.Beta != nil {
		wanted.Beta = *r.Beta
	}
	o.LearningRate, o.Beta = wanted.LearningRate, wanted.Beta
	if err := o.Validate(); err != nil {
		var option *train.OptionError
		if errors.As(err, &option) {
			field := map[string]string{"learning_rate": "learningRate"}[option.Field]
			if field == "" {
				field = option.Field
			}
			return nil, nil, proto.Errorf(proto.CodeBadValue, field, "%s", option.Reason)
		}
		return nil, nil, err
	}
	run.wanted, run.diverged = wanted, nil
	if run.running {
		return nil, nil, nil // from the next step but one on at the latest
	}
	return nil, nil, run.take(wanted)
}

func (e *Engine) trainStatus(*task) (any, [][]byte, error) {
	run, err := e.run()
	if err != nil {
		return nil, nil, err
	}
	return proto.TrainStatusOK{Step: run.trainer.StepsTaken(), Running: run.running, Generation: run.group.generation}, nil, nil
}

func (e *Engine) trainModel(*task) (any, [][]byte, error) {
	run, err := e.run()
	if err != nil {
		return nil, nil, err
	}
	recipe := run.recipe
	recipe.Train = run.trainer.Options()
	text, err := json.Marshal(recipe)
	if err != nil {
		return nil, nil, err
	}
	step, _ := json.Marshal(run.trainer.StepsTaken())
	f, err := store.ModelFile(run.trainer.Model(), store.Options{
		DType: recipe.DType, Mantissa: recipe.Mantissa,
		Notes: map[string]string{"recipe": string(text), "data": run.data.Name, "step": string(step)},
	})
	if err != nil {
		return nil, nil, err
	}
	return run.file(f, run.trainer.StepsTaken())
}

func (e *Engine) trainCheckpoint(*task) (any, [][]byte, error) {
	run, err := e.run()
	if err != nil {
		return nil, nil, err
	}
	c := run.trainer.Checkpoint()
	f, err := c.File()
	if err != nil {
		return nil, nil, err
	}
	return run.file(f, c.State.Step)
}

// file gives an answer of a file and the steps it holds.
func (t *training) file(f *store.File, step int) (any, [][]byte, error) {
	var b bytes.Buffer
	if err := f.Encode(&b); err != nil {
		return nil, nil, err
	}
	return proto.TrainStepOK{Step: step}, [][]byte{b.Bytes()}, nil
}

// now is the engine's clock.
func (t *training) now() time.Duration { return t.engine.opt.Now() }

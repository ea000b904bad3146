package training

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"

	"inkdrift/vae"
	"inkdrift/vae/data"
	"inkdrift/vae/store"
	"inkdrift/vae/train"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/engine/dataset"
	"inkdrift/wasm/engine/model"
	"inkdrift/wasm/proto"
)

// run is an open run: a trainer with its data, alone or in a group.
type run struct {
	engine     *engine.Engine
	trainer    *train.Trainer
	recipe     train.Recipe
	data       proto.DataInfo
	validSet   data.Dataset
	validation proto.DataInfo

	group    group
	progress progress
	cache    previewCache

	reference *reference   // that samples were last compared with; nil: none
	fitted    *fittedPrior // nil: none yet

	// For the leader.
	running bool
	pausing []*engine.Task     // wait for the step in progress to end
	limit   int                // steps at which to stop
	wanted  proto.LiveSettings // from the next step on

	// diverged is why the trainer gave up; a change of settings clears it.
	diverged error
}

func (s *service) open(t *engine.Task, q *proto.TrainOpen) (*proto.TrainOpenOK, [][]byte, error) {
	recipe, err := train.ReadRecipe(q.Recipe)
	if err != nil {
		return nil, nil, recipeError(err)
	}
	// A classifier is no part of a run.
	recipe.Model.Classes, recipe.Model.Classifier = 0, nil
	recipe.Model.Reader, recipe.Model.ReaderHidden = nil, nil
	if err := model.CheckTrainable(recipe.Model, recipe.Train.Batch, recipe.Train.Samples); err != nil {
		return nil, nil, err
	}
	s.closeRun()
	m, err := vae.New(recipe.Model, recipe.Train.Seed)
	if err != nil {
		return nil, nil, recipeError(err)
	}
	files, fresh := t.Msg.Bufs, false
	if q.Init {
		if fresh, err = startFrom(m, t.Msg.Buf(0)); err != nil {
			return nil, nil, err
		}
		files = files[1:]
	}
	if err := dataset.CheckShape("data", q.Data, recipe.Model.Input); err != nil {
		return nil, nil, err
	}
	o, err := s.reader(t).Open(q.Data, q.Validation, files)
	if err != nil {
		return nil, nil, err
	}
	trainer, err := train.New(m, o.Train, recipe.Train)
	if err != nil {
		return nil, nil, recipeError(err)
	}
	ok, bufs, err := s.begin(trainer, recipe, q.Data, q.Validation, o)
	if err == nil {
		ok.NewDiscriminator = fresh
	}
	return ok, bufs, err
}

// startFrom gives m the weights of the model in a file; fresh: but for its discriminator, which the file has not.
func startFrom(m *vae.Model, file []byte) (fresh bool, err error) {
	from, err := store.ReadModel(file)
	if err != nil {
		return false, proto.Errorf(proto.CodeBadModel, "init", "%v", err)
	}
	fresh, err = train.StartFrom(m, from)
	var start *train.StartError
	if errors.As(err, &start) {
		return false, proto.Errorf(proto.CodeBadValue, "recipe.model."+start.Field, "%v", err)
	}
	return fresh, err
}

func (s *service) restore(t *engine.Task, q *proto.TrainRestore) (*proto.TrainOpenOK, [][]byte, error) {
	c, err := train.ReadCheckpoint(t.Msg.Buf(0))
	if err != nil {
		return nil, nil, proto.Errorf(proto.CodeBadCheckpoint, "checkpoint", "%v", err)
	}
	if err := model.CheckTrainable(c.Config, c.Options.Batch, c.Options.Samples); err != nil {
		return nil, nil, err
	}
	s.closeRun()
	if err := dataset.CheckShape("data", q.Data, c.Config.Input); err != nil {
		return nil, nil, err
	}
	o, err := s.reader(t).Open(q.Data, q.Validation, t.Msg.Bufs[1:])
	if err != nil {
		return nil, nil, err
	}
	trainer, err := c.Resume(o.Train)
	if err != nil {
		field := "checkpoint"
		if errors.As(err, new(*train.DataError)) {
			field = "data"
		}
		return nil, nil, proto.Errorf(proto.CodeBadCheckpoint, field, "%v", err)
	}
	recipe := train.Recipe{Model: c.Config, Train: c.Options, DType: store.F32}
	return s.begin(trainer, recipe, q.Data, q.Validation, o)
}

// reader begins to read the data of a run for a task. Another one that opens a run,
// or a train.close, ends the reading.
func (s *service) reader(t *engine.Task) *dataset.Reader {
	s.opening = t
	return dataset.NewReader(s.engine, t, func() error {
		if s.opening != t {
			return proto.Errorf(proto.CodeNoTraining, "", "the run was closed, or another one opened, before its data was read")
		}
		return nil
	})
}

// begin makes a prepared run the open one, in a group of its own.
func (s *service) begin(trainer *train.Trainer, recipe train.Recipe, d, v proto.Data, sets *dataset.Sets) (*proto.TrainOpenOK, [][]byte, error) {
	r := &run{
		engine: s.engine, trainer: trainer, recipe: recipe, validSet: sets.Valid,
		data: dataset.Describe(d, sets.Train), validation: dataset.Describe(v, sets.Valid),
	}
	options := trainer.Options()
	r.wanted = proto.LiveSettings{LearningRate: options.LearningRate, Beta: options.Beta}
	r.recipe.Train = options
	r.group = group{size: 1, active: true}
	text, err := json.Marshal(r.recipe)
	if err != nil {
		return nil, nil, err
	}
	s.run = r
	return &proto.TrainOpenOK{
		Step: trainer.StepsTaken(), Steps: trainer.Steps(), StepsPerEpoch: trainer.StepsPerEpoch(),
		Params: trainer.Model().NumParams(), Dataset: r.data, Validation: r.validation, Recipe: text,
		Classes: dataset.ClassNames(sets.Classes), Report: sets.Report,
		Terms: append([]string{}, trainer.TermNames()...), // never null in JSON
	}, nil, nil
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

// closeRun closes the open run, if there is one.
func (s *service) closeRun() {
	if s.run != nil {
		s.run.leave()
		s.run = nil
	}
}

func (s *service) close(*engine.Task, *proto.TrainClose) (*engine.None, [][]byte, error) {
	s.closeRun()
	s.opening = nil
	return nil, nil, nil
}

func startRun(_ *engine.Task, r *run, q *proto.TrainRun) (*engine.None, [][]byte, error) {
	switch {
	case !r.group.active:
		return nil, nil, proto.Errorf(proto.CodeNoTraining, "", "the group is not complete yet")
	case r.diverged != nil:
		return nil, nil, r.diverged
	}
	r.start(q.Steps)
	return nil, nil, nil
}

func pauseRun(t *engine.Task, r *run, _ *proto.TrainPause) (*proto.TrainStepOK, [][]byte, error) {
	if !r.running {
		return &proto.TrainStepOK{Step: r.trainer.StepsTaken()}, nil, nil
	}
	r.pausing = append(r.pausing, t)
	return nil, nil, engine.ErrDeferred
}

func changeRun(_ *engine.Task, r *run, q *proto.TrainChange) (*engine.None, [][]byte, error) {
	o, wanted := r.trainer.Options(), r.wanted
	if q.LearningRate != nil {
		wanted.LearningRate = *q.LearningRate
	}
	if q.Beta != nil {
		wanted.Beta = *q.Beta
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
	r.wanted, r.diverged = wanted, nil
	if r.running {
		return nil, nil, nil // from the next step but one on at the latest
	}
	return nil, nil, r.applySettings(wanted)
}

func status(_ *engine.Task, r *run, _ *proto.TrainStatus) (*proto.TrainStatusOK, [][]byte, error) {
	return &proto.TrainStatusOK{Step: r.trainer.StepsTaken(), Running: r.running, Generation: r.group.generation}, nil, nil
}

func modelFile(_ *engine.Task, r *run, _ *proto.TrainModel) (*proto.TrainFileOK, [][]byte, error) {
	recipe := r.recipe
	recipe.Train = r.trainer.Options()
	text, err := json.Marshal(recipe)
	if err != nil {
		return nil, nil, err
	}
	step, _ := json.Marshal(r.trainer.StepsTaken())
	m := r.trainer.Result()
	if err := m.SetPrior(r.prior()); err != nil {
		return nil, nil, err
	}
	f, err := store.ModelFile(m, store.Options{
		DType: recipe.DType, Mantissa: recipe.Mantissa,
		Notes: map[string]string{"recipe": string(text), "data": r.data.Name, "step": string(step)},
	})
	if err != nil {
		return nil, nil, err
	}
	return fileAnswer(f, r.trainer.StepsTaken())
}

func checkpointFile(_ *engine.Task, r *run, q *proto.TrainCheckpoint) (*proto.TrainFileOK, [][]byte, error) {
	s := r.trainer.Snapshot()
	if q.Latest || !r.running {
		s = r.trainer.State()
	}
	c := r.trainer.Checkpoint(s)
	f, err := c.File()
	if err != nil {
		return nil, nil, err
	}
	return fileAnswer(f, c.State.Step)
}

// fileAnswer is the answer with a file of so many steps.
func fileAnswer(f *store.File, step int) (*proto.TrainFileOK, [][]byte, error) {
	var b bytes.Buffer
	if err := f.Encode(&b); err != nil {
		return nil, nil, err
	}
	return &proto.TrainFileOK{Step: step}, [][]byte{b.Bytes()}, nil
}

// now is the engine's clock.
func (r *run) now() time.Duration { return r.engine.Now() }

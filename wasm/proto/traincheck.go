package proto

// Limits of training requests.
const (
	// MaxTrainParams keeps a whole state with its snapshot, six numbers a
	// parameter, within one message.
	MaxTrainParams  = 5_000_000
	MaxPictures     = 200_000 // made and kept, a byte a value
	MaxFirstPicture = 1 << 30
	MaxWorkers      = 16
	MaxTrainPoints  = 200
	MaxTerms        = 4
	MaxScatter      = 5_000
	MaxGrid         = 40
)

// Check validates the fields of a request; the error names the invalid one.
func (r TrainOpen) Check() error {
	if len(r.Recipe) == 0 || string(r.Recipe) == "null" {
		return Errorf(CodeBadValue, "recipe", "missing")
	}
	return checkData(r.Data, r.Validation)
}

// Check validates the fields of a request; the error names the invalid one.
func (r TrainRestore) Check() error { return checkData(r.Data, r.Validation) }

func checkData(training, validation Data) error {
	if err := training.check("data"); err != nil {
		return err
	}
	if err := validation.check("validation"); err != nil {
		return err
	}
	if training.Filed() && validation.Filed() && training != validation {
		return Errorf(CodeBadValue, "validation", "only one set comes in the files: describe it as for training, or choose one that is made")
	}
	return nil
}

func (d Data) check(field string) error {
	if d.Filed() {
		return d.checkFiled(field)
	}
	if d.Kind == "" {
		return Errorf(CodeBadValue, field+".kind", "missing")
	}
	if err := checkRange(field+".first", d.First, 0, MaxFirstPicture); err != nil {
		return err
	}
	if d.Seed < 0 {
		return Errorf(CodeBadValue, field+".seed", "%d is negative", d.Seed)
	}
	return checkRange(field+".count", d.Count, 1, MaxPictures)
}

// Check validates the fields of a request; the error names the invalid one.
func (r TrainGroup) Check() error {
	if err := checkRange("size", r.Size, 1, MaxWorkers); err != nil {
		return err
	}
	if r.Generation <= 0 {
		return Errorf(CodeBadValue, "generation", "%d is not positive", r.Generation)
	}
	return checkRange("rank", r.Rank, 0, r.Size-1)
}

// Check validates the fields of a request; the error names the invalid one.
func (r TrainRun) Check() error {
	if r.Steps < 0 {
		return Errorf(CodeBadValue, "steps", "%d is negative", r.Steps)
	}
	return nil
}

// Check validates the fields of a request; the error names the invalid one.
func (r TrainPreview) Check() error {
	if err := checkRange("recon", r.Recon, 0, MaxSamples); err != nil {
		return err
	}
	if err := checkRange("samples", r.Samples, 0, MaxSamples); err != nil {
		return err
	}
	if r.Class < 0 {
		return Errorf(CodeBadValue, "class", "%d is negative", r.Class)
	}
	if err := checkRange("scatter", r.Scatter, 0, MaxScatter); err != nil {
		return err
	}
	if err := checkRange("grid", r.Grid, 0, MaxGrid); err != nil {
		return err
	}
	if err := checkRange("path", r.Path, 0, MaxFrames); err != nil {
		return err
	}
	if err := checkPrior(r.Prior); err != nil {
		return err
	}
	return checkSeed(r.Seed)
}

// Check validates the fields of a request; the error names the invalid one.
func (r TrainMap) Check() error {
	if err := checkRange("budgetMs", r.BudgetMS, 0, maxBudget); err != nil {
		return err
	}
	if r.First < 0 {
		return Errorf(CodeBadValue, "first", "%d is negative", r.First)
	}
	if r.Class < 0 {
		return Errorf(CodeBadValue, "class", "%d is negative", r.Class)
	}
	return checkRange("points", r.Points, 0, MaxScatter)
}

// maxBudget bounds the time for one [TrainMap], in milliseconds: training waits meanwhile.
const maxBudget = 1000

// Check validates the fields of a request; the error names the invalid one.
func (r TrainMorph) Check() error {
	for _, end := range []struct {
		field string
		n     int
	}{{"a", r.A}, {"b", r.B}} {
		if err := checkRange(end.field, end.n, 0, MaxSamples-1); err != nil {
			return err
		}
	}
	if r.Class < 0 {
		return Errorf(CodeBadValue, "class", "%d is negative", r.Class)
	}
	if err := (Morph{Frames: r.Frames, Path: r.Path}).Check(); err != nil {
		return err
	}
	return checkSeed(r.Seed)
}

// Check validates the fields of a request; the error names the invalid one.
func (r TrainEvaluate) Check() error {
	if r.Images < 0 {
		return Errorf(CodeBadValue, "images", "%d is negative", r.Images)
	}
	return nil
}

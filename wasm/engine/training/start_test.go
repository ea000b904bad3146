package training

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"inkdrift/vae/store"
	"inkdrift/wasm/proto"
)

// TestStartFrom: a run of every family begins with the weights of a model and with a new optimiser; what cannot be begun with
// is refused, and the field named.
func TestStartFrom(t *testing.T) {
	for _, f := range families {
		r := newFixture(t)
		open := openOf(f.recipe)
		open.Data.Kind, open.Validation.Kind = f.data, f.data
		r.OK(&proto.TrainOpenOK{}, open)
		r.Ask(proto.TrainRun{Steps: 3})
		file := r.OK(&proto.TrainFileOK{}, proto.TrainModel{}).Buf(0)
		want := slices.Clone(r.training.run.trainer.Model().Arena().W)
		open.Init = true
		var ok proto.TrainOpenOK
		r.OK(&ok, open, file)
		if got := r.training.run.trainer.Model().Arena().W; !slices.Equal(got, want) {
			t.Errorf("%s: other weights than those of the file", f.name)
		}
		if s := r.training.run.trainer.State(); ok.Step != 0 || s.OptSteps != 0 || slices.ContainsFunc(s.M, func(v float32) bool { return v != 0 }) || ok.NewDiscriminator {
			t.Errorf("%s: %+v", f.name, ok)
		}

		// Lean files have no discriminator.
		m, err := store.ReadModel(file)
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Config().Discriminator) > 0 {
			var lean bytes.Buffer
			if err := store.WriteModel(&lean, m.WithoutDiscriminator(), store.Options{DType: store.F32}); err != nil {
				t.Fatal(err)
			}
			r.OK(&ok, open, lean.Bytes())
			n := m.WithoutDiscriminator().NumParams()
			if got := r.training.run.trainer.Model().Arena().W; !ok.NewDiscriminator || !slices.Equal(got[:n], want[:n]) || slices.Equal(got[n:], want[n:]) {
				t.Errorf("%s, lean: %+v", f.name, ok)
			}
		}

		other := open
		other.Recipe = json.RawMessage(strings.Replace(f.recipe, `"latent": `, `"latent": 1`, 1))
		for _, c := range []struct {
			open  proto.TrainOpen
			file  []byte
			code  proto.Code
			field string
		}{
			{other, file, proto.CodeBadValue, "recipe.model.latent"},
			{open, file[:len(file)/2], proto.CodeBadModel, "init"},
			{open, nil, proto.CodeBadModel, "init"},
		} {
			if a := r.Ask(c.open, c.file); a.Head.Error == nil || a.Head.Error.Code != c.code || a.Head.Error.Field != c.field {
				t.Errorf("%s: %s, want %s of %s", f.name, a.Message.Head, c.code, c.field)
			}
		}
	}
}

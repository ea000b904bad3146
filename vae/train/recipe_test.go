package train_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/store"
	"inkdrift/vae/train"
)

const recipe = `{"model":{"family":"dense","input":[1,4,6],"encoder":[7],"decoder":[6],"latent":2,"activation":"tanh","likelihood":"bernoulli"}`

func TestReadRecipe(t *testing.T) {
	r, err := train.ReadRecipe([]byte(recipe + `,"train":{"epochs":3,"beta":0}}` + "\n"))
	want := train.Recipe{Model: tiny, Train: train.Defaults(), Head: train.HeadDefaults(), DType: store.F32}
	want.Train.Epochs, want.Train.Beta = 3, 0
	if err != nil || !reflect.DeepEqual(r, want) {
		t.Errorf("read %+v, %v", r, err)
	}
	r, err = train.ReadRecipe([]byte(strings.Replace(recipe, `"latent":2`, `"latent":2,"classes":10`, 1) + `,"head":{"copies":1},"dtype":"F16"}`))
	if err != nil || r.Head.Copies != 1 || r.Head.Epochs != train.HeadDefaults().Epochs || r.DType != store.F16 {
		t.Errorf("read %+v, %v", r, err)
	}
}

func TestRecipeErrors(t *testing.T) {
	var option *train.OptionError
	var config *vae.ConfigError
	head := strings.Replace(recipe, `"latent":2`, `"latent":2,"classes":10`, 1)
	for _, c := range []struct {
		text, field string
		want        any
	}{
		{"", "recipe", &option},
		{"[]", "recipe", &option},
		{recipe, "recipe", &option},
		{recipe + `,"epochs":3}`, "epochs", &option},
		{recipe + `} {}`, "after its end", &option},
		{recipe + `,"train":{"learning_rate":1e400}}`, "recipe", &option},
		{recipe + `,"train":{"epochs":0}}`, "epochs", &option},
		{recipe + `,"dtype":"F64"}`, "dtype", &option},
		{recipe + `,"dtype":""}`, "dtype", &option},
		{"{}", "family", &config},
		{strings.Replace(recipe, "tanh", "sin", 1) + "}", "activation", &config},
		{head + `,"head":{"epochs":0}}`, "head.epochs", &option},
		{head + `,"head":{"batch":0}}`, "head.batch", &option},
		{head + `,"head":{"learning_rate":0}}`, "head.learning_rate", &option},
		{head + `,"head":{"weight_decay":-1}}`, "head.weight_decay", &option},
		{head + `,"head":{"copies":-1}}`, "head.copies", &option},
		{head + `,"head":{"copies":1000}}`, "head.copies", &option},
	} {
		if _, err := train.ReadRecipe([]byte(c.text)); err == nil || !errors.As(err, c.want) || !strings.Contains(err.Error(), c.field) {
			t.Errorf("%s: got %v", c.text, err)
		}
	}
}

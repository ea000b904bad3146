package train

import (
	"fmt"
	"reflect"
	"strings"

	"inkdrift/vae"
)

// StartError says in what two models differ of which one was to begin with the weights of the other.
type StartError struct {
	Field     string // of vae.Config, as its JSON has it
	Got, Want any    // of the model with the weights, and of the one to train
}

func (e *StartError) Error() string {
	return fmt.Sprintf("a run that begins with a model's weights needs the same model: its %s is %v, that of the model to train %v", e.Field, e.Got, e.Want)
}

// StartFrom gives m the weights of another model of the same architecture; classifiers have no part in it. What the other one
// lacks of an adversarial model, its discriminator, stays as m has it, which fresh reports. The error is a *StartError.
func StartFrom(m, from *vae.Model) (fresh bool, err error) {
	got, want := plain(from.Config()), plain(m.Config())
	fresh = len(got.Discriminator) == 0 && len(want.Discriminator) > 0
	if fresh {
		got.Discriminator = want.Discriminator
	}
	if err := compare(got, want); err != nil {
		return false, err
	}
	copy(m.Arena().W, from.Arena().W) // the discriminator is the last
	return fresh, nil
}

// SameModel reports whether two configs, classifiers left out, are of the same model.
func SameModel(a, b vae.Config) bool { return compare(plain(a), plain(b)) == nil }

// compare returns a *StartError for the first field in which two configs differ.
func compare(got, want vae.Config) error {
	a, b := reflect.ValueOf(got), reflect.ValueOf(want)
	for i := range a.NumField() {
		x, y := a.Field(i), b.Field(i)
		if empty(x) && empty(y) || reflect.DeepEqual(x.Interface(), y.Interface()) {
			continue
		}
		name, _, _ := strings.Cut(a.Type().Field(i).Tag.Get("json"), ",")
		return &StartError{name, x.Interface(), y.Interface()}
	}
	return nil
}

// Trainable returns the config of a model that a file holds, as a run that goes on with its weights has it: without
// classifiers, and with the given discriminator where the file has none and the family needs one.
func Trainable(c vae.Config, discriminator []int) vae.Config {
	c = bare(c)
	if t, _ := vae.FamilyTraits(c.Family); len(c.Discriminator) == 0 && t.Adversarial {
		c.Discriminator = discriminator
	}
	return c
}

// plain is c without classifiers, and with the values that 0 stands for.
func plain(c vae.Config) vae.Config {
	c = bare(c)
	if c.Kernel == 0 {
		c.Kernel = vae.MinKernel
	}
	if c.Sigma == 0 {
		c.Sigma = 1
	}
	return c
}

func empty(v reflect.Value) bool { return v.Kind() == reflect.Slice && v.Len() == 0 }

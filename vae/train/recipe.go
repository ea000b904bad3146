package train

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"inkdrift/vae"
	"inkdrift/vae/store"
)

// Recipe is everything that makes a model out of a data set.
type Recipe struct {
	Model vae.Config `json:"model"`
	Train Options    `json:"train"`
	// Head trains the classifier that Model asks for, on the latent means of
	// the finished encoder.
	Head HeadOptions `json:"head,omitzero"`
	// DType of the stored weights.
	DType store.DType `json:"dtype"`
	// Mantissa is the number of bits after the point that are stored, 0 for all
	// that DType has.
	Mantissa int `json:"mantissa,omitempty"`
}

// ReadRecipe reads the JSON form. Fields that are absent have the values of
// Defaults and HeadDefaults. The error is an *OptionError or a *vae.ConfigError.
func ReadRecipe(b []byte) (Recipe, error) {
	r := Recipe{Train: Defaults(), Head: HeadDefaults(), DType: store.F32}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil {
		return r, &OptionError{"recipe", "is not valid: " + err.Error()}
	}
	if _, err := dec.Token(); err != io.EOF {
		return r, &OptionError{"recipe", "goes on after its end"}
	}
	return r, r.Validate()
}

// Validate checks every part.
func (r Recipe) Validate() error {
	if err := r.Model.Validate(); err != nil {
		return err
	}
	if err := r.Train.Validate(); err != nil {
		return err
	}
	if err := r.Train.objectiveConfig().Validate(r.Model); err != nil {
		return objectiveError(err)
	}
	if r.Train.InstanceNoise > 0 && len(r.Model.Discriminator) == 0 {
		return &OptionError{"instance_noise", fmt.Sprintf("must be 0: family %q has no discriminator", r.Model.Family)}
	}
	if r.DType.Size() == 0 {
		return &OptionError{"dtype", fmt.Sprintf("%q is unknown; known: F32, F16", r.DType)}
	}
	if r.Mantissa < 0 || r.Mantissa > 23 {
		return &OptionError{"mantissa", "must be between 0 and 23"}
	}
	if r.Model.Classes > 0 {
		return r.Head.Validate()
	}
	return nil
}

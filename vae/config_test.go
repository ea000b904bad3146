package vae_test

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"inkdrift/vae"
)

func TestValidate(t *testing.T) {
	many := make([]int, vae.MaxLayers+1)
	for i := range many {
		many[i] = 1
	}
	for _, c := range []struct {
		field  string
		change func(*vae.Config)
	}{
		{"family", func(c *vae.Config) { c.Family = "" }},
		{"family", func(c *vae.Config) { c.Family = "sparse" }},
		{"input[0]", func(c *vae.Config) { c.Input[0] = 0 }},
		{"input[1]", func(c *vae.Config) { c.Input[1] = -28 }},
		{"input[2]", func(c *vae.Config) { c.Input[2] = 4097 }},
		{"input", func(c *vae.Config) { c.Input = [3]int{3, 1024, 1024} }},
		{"input", func(c *vae.Config) { c.Input = [3]int{4096, 4096, 4096} }},
		{"latent", func(c *vae.Config) { c.Latent = 0 }},
		{"latent", func(c *vae.Config) { c.Latent = -1 }},
		{"latent", func(c *vae.Config) { c.Latent = 4097 }},
		{"encoder", func(c *vae.Config) { c.Encoder = many }},
		{"decoder", func(c *vae.Config) { c.Decoder = many }},
		{"classifier", func(c *vae.Config) { c.Classes, c.Classifier = 3, many }},
		{"encoder[1]", func(c *vae.Config) { c.Encoder = []int{3, 0} }},
		{"encoder[0]", func(c *vae.Config) { c.Encoder = []int{vae.MaxWidth + 1} }},
		{"decoder[0]", func(c *vae.Config) { c.Decoder = []int{-5} }},
		{"decoder[1]", func(c *vae.Config) { c.Decoder = []int{1, math.MaxInt} }},
		{"classifier[0]", func(c *vae.Config) { c.Classes, c.Classifier = 3, []int{0} }},
		{"classifier[0]", func(c *vae.Config) { c.Classifier = []int{0} }},
		{"activation", func(c *vae.Config) { c.Activation = "" }},
		{"activation", func(c *vae.Config) { c.Activation = "Tanh" }},
		{"likelihood", func(c *vae.Config) { c.Likelihood = "" }},
		{"likelihood", func(c *vae.Config) { c.Likelihood = "poisson" }},
		{"sigma", func(c *vae.Config) { c.Sigma = -1 }},
		{"sigma", func(c *vae.Config) { c.Sigma = math.NaN() }},
		{"sigma", func(c *vae.Config) { c.Sigma = math.Inf(1) }},
		{"classes", func(c *vae.Config) { c.Classes = -1 }},
		{"classes", func(c *vae.Config) { c.Classes = 1 }},
		{"classes", func(c *vae.Config) { c.Classes = 1001 }},
		{"encoder, decoder", func(c *vae.Config) { c.Encoder = []int{65536, 65536} }},
		{"encoder, decoder", func(c *vae.Config) { c.Decoder = []int{65536, 65536} }},
		{"encoder, decoder", func(c *vae.Config) { c.Classes, c.Classifier = 2, []int{65536, 65536} }},
		{"encoder, decoder", func(c *vae.Config) { c.Input = [3]int{1, 1024, 1024}; c.Encoder = []int{64} }},
		{"encoder, decoder", func(c *vae.Config) { c.Encoder = widest() }},
	} {
		bad := classified()
		c.change(&bad)
		var e *vae.ConfigError
		if err := bad.Validate(); !errors.As(err, &e) || e.Field != c.field || !strings.Contains(err.Error(), c.field) {
			t.Errorf("%+v: got %v, wanted an error about %s", bad, err, c.field)
		}
	}
}

// widest returns the most and widest layers that each field allows.
func widest() []int {
	w := make([]int, vae.MaxLayers)
	for i := range w {
		w[i] = vae.MaxWidth
	}
	return w
}

func TestValidConfigs(t *testing.T) {
	for _, change := range []func(*vae.Config){
		func(c *vae.Config) {},
		func(c *vae.Config) { c.Encoder, c.Decoder, c.Classifier = nil, nil, nil },
		func(c *vae.Config) { c.Encoder = []int{} },
		func(c *vae.Config) { c.Classes = 0 },
		func(c *vae.Config) { c.Likelihood, c.Sigma = vae.Gaussian, 0.1 },
		func(c *vae.Config) { c.Input = [3]int{3, 32, 32} },
		func(c *vae.Config) {
			c.Input = [3]int{1, 28, 28}
			c.Encoder = []int{1000, 1000}
			c.Activation = "leaky-relu"
		},
	} {
		c := classified()
		change(&c)
		if err := c.Validate(); err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		m, err := vae.NewZero(c)
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		total := 0
		for _, p := range m.Params() {
			total += p.Len()
		}
		if got := c.ParamBound(); got != total {
			t.Errorf("%+v: ParamBound is %d, the model has %d", c, got, total)
		}
	}
}

// TestConfigJSON: files and recipes hold this form.
func TestConfigJSON(t *testing.T) {
	c := classified()
	c.Likelihood, c.Sigma = vae.Gaussian, 0.5
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"family":"dense","input":[1,2,3],"encoder":[5,4],"decoder":[4,5],"latent":2,"activation":"tanh",` +
		`"likelihood":"gaussian","sigma":0.5,"classes":4,"classifier":[6]}`
	if string(b) != want {
		t.Errorf("the JSON is\n%s instead of\n%s", b, want)
	}
	var back vae.Config
	if err := json.Unmarshal(b, &back); err != nil || !reflect.DeepEqual(back, c) {
		t.Errorf("read back: %+v, %v", back, err)
	}
}

func TestFamilies(t *testing.T) {
	if f := vae.Families(); !slices.Equal(f, []string{"conv", "cvae", "dcgan", "dense", "vae-gan"}) {
		t.Errorf("the families are %v", f)
	}
}

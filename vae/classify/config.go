package classify

import (
	"fmt"

	"inkdrift/vae/nn"
)

// Config describes a network completely; its JSON form is what a file carries.
//
// Convolutions of kernel 3 and padding 1, each followed by a rectifier, lead to
// a map that a linear layer and a rectifier turn into Features numbers; a linear
// layer gives the logits of the classes.
type Config struct {
	// Input is the shape of a picture: channels, height, width.
	Input [3]int `json:"input"`
	// Channels and Strides of the convolutions, in order; strides are 1 or 2.
	Channels []int `json:"channels"`
	Strides  []int `json:"strides"`
	// Features is the width of the last hidden layer.
	Features int `json:"features"`
	// Classes is the number of classes.
	Classes int `json:"classes"`
}

// Digits is the network that is shipped: 148,138 parameters, 96 features.
func Digits() Config {
	return Config{Input: [3]int{1, 28, 28}, Channels: []int{24, 32, 48, 64}, Strides: []int{1, 2, 2, 2}, Features: 96, Classes: 10}
}

// Reader is a smaller network for reading drawings as they are made: 93,466
// parameters and 0.55 million multiplications a picture.
func Reader() Config {
	return Config{Input: [3]int{1, 28, 28}, Channels: []int{16, 32, 48}, Strides: []int{2, 2, 2}, Features: 96, Classes: 10}
}

// Limits of a Config. They keep a hostile file from asking for more memory than
// a browser has.
const (
	MaxLayers = 16
	MaxWidth  = 1 << 12
	MaxMap    = 1 << 20 // values of the map of one picture
	MaxParams = 1 << 24
)

// ConfigError says which field of a Config is wrong and why.
type ConfigError struct{ Field, Reason string }

func (e *ConfigError) Error() string {
	return fmt.Sprintf("classifier config: %s %s", e.Field, e.Reason)
}

// InputLen is the number of values of a picture.
func (c Config) InputLen() int { return c.Input[0] * c.Input[1] * c.Input[2] }

// Validate returns a *ConfigError for the first field that cannot be built.
func (c Config) Validate() error {
	for i, d := range c.Input {
		if d < 1 || d > 4096 {
			return &ConfigError{fmt.Sprintf("input[%d]", i), "must be between 1 and 4096"}
		}
	}
	if c.InputLen() > MaxMap {
		return &ConfigError{"input", fmt.Sprintf("has more than %d values", MaxMap)}
	}
	if len(c.Channels) > MaxLayers {
		return &ConfigError{"channels", fmt.Sprintf("has more than %d layers", MaxLayers)}
	}
	if len(c.Strides) != len(c.Channels) {
		return &ConfigError{"strides", fmt.Sprintf("has %d numbers for %d convolutions", len(c.Strides), len(c.Channels))}
	}
	shape := c.shape()
	for i, channels := range c.Channels {
		if channels < 1 || channels > MaxWidth {
			return &ConfigError{fmt.Sprintf("channels[%d]", i), fmt.Sprintf("must be between 1 and %d", MaxWidth)}
		}
		if s := c.Strides[i]; s != 1 && s != 2 {
			return &ConfigError{fmt.Sprintf("strides[%d]", i), "must be 1 or 2"}
		}
		if shape = after(shape, channels, c.Strides[i]); shape.Len() > MaxMap {
			return &ConfigError{fmt.Sprintf("channels[%d]", i), fmt.Sprintf("makes maps of more than %d values", MaxMap)}
		}
	}
	if c.Features < 1 || c.Features > MaxWidth {
		return &ConfigError{"features", fmt.Sprintf("must be between 1 and %d", MaxWidth)}
	}
	if c.Classes < 2 || c.Classes > 1000 {
		return &ConfigError{"classes", "must be between 2 and 1000"}
	}
	if n := c.NumParams(); n > MaxParams {
		return &ConfigError{"channels, features", fmt.Sprintf("need %d parameters; the limit is %d", n, MaxParams)}
	}
	return nil
}

// NumParams is the number of parameters of the configured network.
func (c Config) NumParams() (n int) {
	shape := c.shape()
	for i, channels := range c.Channels {
		n += (kernel*kernel*shape.Channels + 1) * channels
		shape = after(shape, channels, c.Strides[i])
	}
	return n + (shape.Len()+1)*c.Features + (c.Features+1)*c.Classes
}

const kernel, padding = 3, 1

func (c Config) shape() nn.Shape {
	return nn.Shape{Height: c.Input[1], Width: c.Input[2], Channels: c.Input[0]}
}

// after is the shape of the map that a convolution makes of one of shape s.
func after(s nn.Shape, channels, stride int) nn.Shape {
	places := func(n int) int { return (n+2*padding-kernel)/stride + 1 }
	return nn.Shape{Height: places(s.Height), Width: places(s.Width), Channels: channels}
}

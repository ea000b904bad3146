package vae

import (
	"strconv"

	"inkdrift/vae/compute"
	"inkdrift/vae/nn"
)

// builder puts layers one behind the other and numbers their tensors as an
// nn.Sequential of PyTorch does, in which activations, nn.Flatten and
// nn.Unflatten take places too.
type builder struct {
	name  string
	act   string // activation of hidden layers
	in    int    // numbers in a row at the beginning
	width int    // and now
	shape nn.Shape
	place int
	list  []nn.Module
}

// newBuilder begins the network called name with rows of width numbers.
func newBuilder(name, act string, width int) *builder {
	return &builder{name: name, act: act, in: width, width: width}
}

func (s *builder) add(m nn.Module) {
	s.list = append(s.list, m)
	s.width = m.Out()
}

// next names the next layer.
func (s *builder) next() string { return s.name + "." + strconv.Itoa(s.place) }

// layer adds a layer that make makes with an activation fused in, and that
// activation on its own where no layer has it.
func (s *builder) layer(act string, make func(act compute.Activation) nn.Module) {
	fused, ok := fusedActivations[act]
	s.add(make(fused))
	s.place++
	if !ok {
		s.add(nn.NewSigmoid(s.width))
	}
	if act != identity {
		s.place++
	}
}

// dense adds a linear layer.
func (s *builder) dense(out int, act string) {
	name, in := s.next(), s.width
	s.layer(act, func(a compute.Activation) nn.Module { return nn.NewDense(name, in, out, a) })
}

// hidden adds activated linear layers.
func (s *builder) hidden(widths []int) *builder {
	for _, w := range widths {
		s.dense(w, s.act)
	}
	return s
}

// picture sets the shape of the rows, pictures or maps, channels first.
func (s *builder) picture(shape nn.Shape) {
	s.add(nn.ChannelsLast(shape))
	s.shape = shape
}

// unfold makes maps of rows, as nn.Unflatten.
func (s *builder) unfold(shape nn.Shape) {
	s.picture(shape)
	s.place++
}

// flatten makes rows of maps, as nn.Flatten.
func (s *builder) flatten() {
	s.add(nn.ChannelsFirst(s.shape))
	s.place++
}

// conv adds a convolution of stride 2.
func (s *builder) conv(channels, kernel int, act string) {
	name, in := s.next(), s.shape
	s.layer(act, func(a compute.Activation) nn.Module {
		l := nn.NewConv2d(name, in, channels, kernel, 2, (kernel-1)/2, a)
		s.shape = l.OutShape()
		return l
	})
}

// transposed adds a transposed convolution that makes maps of so many pixels.
func (s *builder) transposed(channels, kernel, stride int, to [2]int, act string) {
	name, in, padding := s.next(), s.shape, (kernel-1)/2
	extra := func(n, to int) int { return to - ((n-1)*stride - 2*padding + kernel) }
	odd := [2]int{extra(in.Height, to[0]), extra(in.Width, to[1])}
	s.layer(act, func(a compute.Activation) nn.Module {
		l := nn.NewConvTranspose2d(name, in, channels, kernel, stride, padding, odd, a)
		s.shape = l.OutShape()
		return l
	})
}

// squash adds the function that maps the decoder's numbers to pixels.
func (s *builder) squash(output string) {
	switch output {
	case "sigmoid":
		s.add(nn.NewSigmoid(s.width))
	case "tanh":
		s.add(nn.NewHalfTanh(s.width))
	}
}

func (s *builder) module() nn.Module { return nn.NewSequential(s.in, s.list...) }

package nn

// Sequential runs modules one after the other. With no modules it is the
// identity on width numbers.
type Sequential struct {
	width   int
	modules []Module
}

// NewSequential chains modules whose widths fit, starting at width.
func NewSequential(width int, modules ...Module) *Sequential {
	for _, m := range modules {
		if m.In() != width {
			panic("nn: widths of chained modules do not fit")
		}
		width = m.Out()
	}
	if len(modules) > 0 {
		width = modules[0].In()
	}
	return &Sequential{width, modules}
}

// In is the width of the input.
func (s *Sequential) In() int { return s.width }

// Out is the width of the output.
func (s *Sequential) Out() int {
	if len(s.modules) == 0 {
		return s.width
	}
	return s.modules[len(s.modules)-1].Out()
}

// Params lists the parameters of all modules in order.
func (s *Sequential) Params() (ps []*Param) {
	for _, m := range s.modules {
		ps = append(ps, m.Params()...)
	}
	return ps
}

// Init starts every module from the seed.
func (s *Sequential) Init(seed uint64) {
	for _, m := range s.modules {
		m.Init(seed)
	}
}

// Reserve makes room for n rows in every module.
func (s *Sequential) Reserve(n int) {
	for _, m := range s.modules {
		m.Reserve(n)
	}
}

// Layers implements Module.
func (s *Sequential) Layers() (all []Layer) {
	for _, m := range s.modules {
		all = append(all, m.Layers()...)
	}
	return all
}

// Forward implements Module.
func (s *Sequential) Forward(x []float32, n int) []float32 {
	for _, m := range s.modules {
		x = m.Forward(x, n)
	}
	return x
}

// Backward implements Module.
func (s *Sequential) Backward(dy []float32, n int, needX bool) []float32 {
	for i := len(s.modules) - 1; i >= 0; i-- {
		dy = s.modules[i].Backward(dy, n, needX || i > 0)
	}
	return dy
}

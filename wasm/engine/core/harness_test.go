package core

import (
	"errors"
	"math"
	"testing"

	"inkdrift/wasm/proto"
)

// fake is a model that is easy to check: mu is (mean of the picture, first
// pixel, last pixel), a decoded picture is z[0] everywhere but for the first and
// last pixel, and the class is the rounded tenfold mean.
type fake struct {
	classes int
	params  int
	encodes int
	decodes int
	broken  float32 // added to everything that comes out
	panics  bool
}

func (f *fake) Info() proto.ModelInfo {
	return proto.ModelInfo{Family: "fake", Input: [3]int{1, 28, 28}, Latent: 3, Params: f.params, Classes: f.classes}
}
func (f *fake) InputLen() int { return 784 }
func (f *fake) Latent() int   { return 3 }
func (f *fake) Classes() int  { return f.classes }

func (f *fake) Encode(mu, logvar, x []float32) error {
	if f.panics {
		panic("the fake panics")
	}
	f.encodes++
	var sum float32
	for _, v := range x {
		sum += v
	}
	mu[0], mu[1], mu[2] = sum/784+f.broken, x[0], x[783]
	logvar[0], logvar[1], logvar[2] = -1, -2, -3
	return nil
}

func (f *fake) Decode(dst, z []float32) error {
	for i := range len(z) / 3 {
		f.decodes++
		row := dst[i*784:][:784]
		for k := range row {
			row[k] = z[3*i] * z[3*i] / 4
		}
		row[0], row[783] = z[3*i+1], z[3*i+2]
	}
	return nil
}

func (f *fake) Classify(probs, mu []float32) error {
	clear(probs)
	probs[min(int(mu[0]*10), 9)] = 1
	return nil
}

// client keeps what it is sent.
type client struct {
	t       *testing.T
	answers map[int64]got
	events  []got
	order   []string // types of events and "ok 3", "error 4", as they came
	dead    bool
}

type got struct {
	proto.Head
	proto.Message
}

func (c *client) Send(m proto.Message) error {
	if c.dead {
		return errors.New("dead")
	}
	h, err := m.Parse()
	if err != nil {
		c.t.Errorf("the engine sent %q: %v", m.Head, err)
	}
	if h.Re == 0 {
		c.events = append(c.events, got{h, m})
		c.order = append(c.order, h.Type)
		return nil
	}
	if _, twice := c.answers[h.Re]; twice {
		c.t.Errorf("request %d was answered twice", h.Re)
	}
	c.answers[h.Re] = got{h, m}
	c.order = append(c.order, h.Type+" "+string(rune('0'+h.Re%10)))
	return nil
}

// rig is an engine with one client.
type rig struct {
	*Engine
	*client
	next int64
	logs []string
	fake *fake // what model.load gives
}

func newRig(t *testing.T) *rig {
	r := &rig{client: newClient(t), fake: &fake{classes: 10, params: 1000}}
	r.Engine = New(Options{
		Backend: "test",
		Version: "v",
		Load: func(b []byte) (Model, error) {
			if string(b) == "torn" {
				return nil, errors.New("the file is torn")
			}
			return r.fake, nil
		},
		Log: func(s string) { r.logs = append(r.logs, s) },
	})
	r.Attach(r.client)
	return r
}

func newClient(t *testing.T) *client {
	return &client{t: t, answers: map[int64]got{}}
}

// post queues a request and gives its id.
func (r *rig) post(b proto.Body, bufs ...[]byte) int64 {
	r.t.Helper()
	r.next++
	m, err := proto.Request(r.next, b, bufs...)
	if err != nil {
		r.t.Fatal(err)
	}
	r.Post(r.client, m, nil)
	return r.next
}

// run does all that is queued.
func (r *rig) run() {
	r.t.Helper()
	for i := 0; r.Step(); i++ {
		if i > 100_000 {
			r.t.Fatal("the engine never comes to rest")
		}
	}
}

// ask posts a request, does all that is queued and gives the answer.
func (r *rig) ask(b proto.Body, bufs ...[]byte) got {
	r.t.Helper()
	id := r.post(b, bufs...)
	r.run()
	a, ok := r.answers[id]
	if !ok {
		r.t.Fatalf("%T was not answered", b)
	}
	return a
}

// good is ask for a request that must succeed; it reads the fields into dst.
func (r *rig) good(dst any, b proto.Body, bufs ...[]byte) got {
	r.t.Helper()
	a := r.ask(b, bufs...)
	if a.Type != proto.TypeOK {
		r.t.Fatalf("%+v: %v", b, a.Head.Error)
	}
	if err := a.Fields(dst); err != nil {
		r.t.Fatal(err)
	}
	return a
}

// load loads the fake model.
func (r *rig) load() {
	r.t.Helper()
	r.good(&proto.ModelLoadOK{}, proto.ModelLoad{Name: "fake"}, []byte("model"))
}

// floats reads buffer i of a message.
func floats(t *testing.T, m proto.Message, i int) []float32 {
	t.Helper()
	v, err := proto.BytesFloats("", m.Buf(i))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// line is a drawing: one stroke down the middle.
func line(width float32) []byte {
	return proto.EncodeStrokes([]proto.Stroke{{Width: width, Points: []proto.Point{{X: 0.5, Y: 0.2, P: 1}, {X: 0.5, Y: 0.8, P: 1}}}})
}

func filled(n int, v float32) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = v
	}
	return s
}

var nan = float32(math.NaN())

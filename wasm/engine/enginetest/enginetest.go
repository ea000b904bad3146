// Package enginetest drives an engine in tests, natively.
package enginetest

import (
	"bytes"
	"errors"
	"math"
	"testing"
	"time"

	"inkdrift/vae"
	"inkdrift/vae/data/picture/decoders"
	"inkdrift/vae/store"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/proto"
)

// Client keeps what it is sent.
type Client struct {
	T       *testing.T
	Answers map[int64]Message
	Events  []Message
	Order   []string // types of events and "ok 3", "error 4" (last digit of the id), as they came
	Dead    bool     // Send fails
}

// Message is one that was sent, with its head parsed.
type Message struct {
	proto.Head
	proto.Message
}

// NewClient returns a Client that was sent nothing.
func NewClient(t *testing.T) *Client {
	return &Client{T: t, Answers: map[int64]Message{}}
}

// Send implements [engine.Client]. It fails the test if a request is answered twice.
func (c *Client) Send(m proto.Message) error {
	if c.Dead {
		return errors.New("dead")
	}
	h, err := m.Parse()
	if err != nil {
		c.T.Errorf("the engine sent %q: %v", m.Head, err)
	}
	if h.Re == 0 {
		c.Events = append(c.Events, Message{h, m})
		c.Order = append(c.Order, h.Type)
		return nil
	}
	if _, twice := c.Answers[h.Re]; twice {
		c.T.Errorf("request %d was answered twice", h.Re)
	}
	c.Answers[h.Re] = Message{h, m}
	c.Order = append(c.Order, h.Type+" "+Digit(h.Re))
	return nil
}

// Digit is the last digit of an id, as Client.Order has it.
func Digit(id int64) string { return string(rune('0' + id%10)) }

// Fixture is an engine with one client.
type Fixture struct {
	*engine.Engine
	*Client
	Logs []string
	// Clock is what the engine's clock shows; nil: it is that of the machine.
	Clock func() time.Duration

	next int64
}

// New returns a Fixture whose engine has no requests yet but hello and port.
func New(t *testing.T) *Fixture {
	r := &Fixture{Client: NewClient(t)}
	start := time.Now()
	r.Engine = engine.New(engine.Options{
		Backend: "test",
		Version: "v",
		Log:     func(s string) { r.Logs = append(r.Logs, s) },
		Now: func() time.Duration {
			if r.Clock != nil {
				return r.Clock()
			}
			return time.Since(start)
		},
		Decode: decoders.Decode,
	})
	r.Attach(r.Client)
	return r
}

// Ticking makes the clock go on by so much whenever it is read.
func (r *Fixture) Ticking(by time.Duration) {
	var now time.Duration
	r.Clock = func() time.Duration { now += by; return now }
}

// Request posts a request, with a port if that is not nil, and returns its id.
func (r *Fixture) Request(port engine.Client, b proto.Body, bufs ...[]byte) int64 {
	r.T.Helper()
	r.next++
	m, err := proto.Request(r.next, b, bufs...)
	if err != nil {
		r.T.Fatal(err)
	}
	r.Engine.Post(r.Client, m, port)
	return r.next
}

// Queue posts a request and returns its id.
func (r *Fixture) Queue(b proto.Body, bufs ...[]byte) int64 {
	r.T.Helper()
	return r.Request(nil, b, bufs...)
}

// Run does all that is queued.
func (r *Fixture) Run() {
	r.T.Helper()
	for i := 0; r.Step(); i++ {
		if i > 100_000 {
			r.T.Fatal("the engine never comes to rest")
		}
	}
}

// Ask posts a request, does all that is queued and returns the answer.
func (r *Fixture) Ask(b proto.Body, bufs ...[]byte) Message {
	r.T.Helper()
	id := r.Queue(b, bufs...)
	r.Run()
	a, ok := r.Answers[id]
	if !ok {
		r.T.Fatalf("%T was not answered", b)
	}
	return a
}

// OK is Ask for a request that must succeed; it reads the fields into dst.
func (r *Fixture) OK(dst any, b proto.Body, bufs ...[]byte) Message {
	r.T.Helper()
	a := r.Ask(b, bufs...)
	if a.Type != proto.TypeOK {
		r.T.Fatalf("%+v: %v", b, a.Head.Error)
	}
	if err := a.Fields(dst); err != nil {
		r.T.Fatal(err)
	}
	return a
}

// Refused asks and fails the test unless the answer is an error of that code that
// names that field.
func (r *Fixture) Refused(want proto.Code, field string, b proto.Body, bufs ...[]byte) {
	r.T.Helper()
	if e := r.Ask(b, bufs...).Head.Error; e == nil || e.Code != want || e.Field != field {
		r.T.Errorf("%+v: %v, want %s of %q", b, e, want, field)
	}
}

// Floats reads buffer i of a message.
func Floats(t *testing.T, m proto.Message, i int) []float32 {
	t.Helper()
	v, err := proto.BytesFloats("", m.Buf(i))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Filled returns n numbers of the value v.
func Filled(n int, v float32) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = v
	}
	return s
}

// Near reports whether two lists differ by tolerance at most.
func Near(a, b []float32, tolerance float64) bool {
	for i := range a {
		if math.Abs(float64(a[i]-b[i])) > tolerance {
			return false
		}
	}
	return len(a) == len(b)
}

// NaN is not a number.
var NaN = float32(math.NaN())

// ModelFile returns the file of an untrained model.
func ModelFile(t *testing.T, c vae.Config) []byte {
	t.Helper()
	m, err := vae.New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	return WriteModel(t, m)
}

// WriteModel returns the file of a model.
func WriteModel(t *testing.T, m *vae.Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := store.WriteModel(&b, m, store.Options{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

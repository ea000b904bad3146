package engine

import (
	"errors"
	"fmt"
	"image"
	"slices"
	"time"

	"inkdrift/wasm/proto"
)

// MaxClients bounds the clients that get events. Where the platform does not
// tell that a port is dead, the oldest additional client is dropped.
const MaxClients = 8

// Client receives answers and events. One that has a method Close is closed when
// the message that it came with is refused.
type Client interface {
	Send(proto.Message) error
}

// Options of an Engine. All may be left out.
type Options struct {
	Backend string       // what does the numeric work, for hello
	Version string       // of this build, for hello
	Log     func(string) // gets errors that no client waits for
	// Now is the time since the program started, by default by the machine's clock.
	Now func() time.Duration
	// Alarm asks for a Step after that time at the latest.
	Alarm func(time.Duration)
	// Recycle takes back the memory of a message's buffer.
	Recycle func([]byte)
	// Decode decodes picture files, as a picture.Decoder does; nil: none can be.
	Decode Decoder
}

// Decoder decodes the pixels of a picture file. What it is given and gives is said of
// Decoder in package vae/data/picture.
type Decoder = func(file []byte, side int, yield func()) (img image.Image, err error)

// Engine serves requests. It is for one goroutine.
type Engine struct {
	opt      Options
	clients  []Client // the first is the worker's own scope
	requests map[string]Registration
	queue    queue

	attached []func(Client)
	detached []func(Client)
	idle     []func() bool
}

// New returns an Engine without clients that serves hello and port.
func New(opt Options) *Engine {
	if opt.Log == nil {
		opt.Log = func(string) {}
	}
	if opt.Now == nil {
		start := time.Now()
		opt.Now = func() time.Duration { return time.Since(start) }
	}
	if opt.Alarm == nil {
		opt.Alarm = func(time.Duration) {}
	}
	if opt.Recycle == nil {
		opt.Recycle = func([]byte) {}
	}
	if opt.Decode == nil {
		opt.Decode = func([]byte, int, func()) (image.Image, error) {
			return nil, errors.New("there is no decoder of pictures here")
		}
	}
	e := &Engine{opt: opt, requests: make(map[string]Registration)}
	e.Register(
		Handle(proto.TypeHello, Control, e.hello),
		Handle(proto.TypePort, Control, e.port),
	)
	return e
}

// Register adds requests. It panics if one of that type is there already.
func (e *Engine) Register(requests ...Registration) {
	for _, r := range requests {
		if _, twice := e.requests[r.typ]; twice {
			panic("engine: " + r.typ + " is registered twice")
		}
		e.requests[r.typ] = r
	}
}

// Decode gives the decoder of pictures.
func (e *Engine) Decode() Decoder { return e.opt.Decode }

// OnAttach has f called with every new client, after it was added: f sends it the
// events that describe the present state.
func (e *Engine) OnAttach(f func(Client)) { e.attached = append(e.attached, f) }

// OnDetach has f called with every port that was closed, client or not.
func (e *Engine) OnDetach(f func(Client)) { e.detached = append(e.detached, f) }

// OnIdle has f called by Step when no request waits. It does one piece of work and
// returns false if there is none.
func (e *Engine) OnIdle(f func() bool) { e.idle = append(e.idle, f) }

// Attach makes c a client: it gets every event from now on, and at once those
// that describe the present state.
func (e *Engine) Attach(c Client) {
	if slices.Contains(e.clients, c) {
		return
	}
	if len(e.clients) == MaxClients {
		e.clients = slices.Delete(e.clients, 1, 2)
	}
	e.clients = append(e.clients, c)
	for _, f := range e.attached {
		f(c)
	}
}

// Detach removes a client whose port was closed.
func (e *Engine) Detach(c Client) {
	for _, f := range e.detached {
		f(c)
	}
	e.clients = slices.DeleteFunc(e.clients, func(have Client) bool { return have == c })
}

// Announce sends the event that says that the engine is ready.
func (e *Engine) Announce() {
	e.Broadcast(proto.Event(proto.EngineReady{Backend: e.opt.Backend, Version: e.opt.Version}))
}

// Post takes a message from c. It answers those that need no work and queues
// the others. port is the client behind the port that came with m, or nil.
func (e *Engine) Post(c Client, m proto.Message, port Client) {
	h, err := m.Parse()
	t := &Task{Client: c, ID: h.ID, Msg: m, Port: port, typ: h.Type}
	if err != nil {
		e.Fail(t, err)
		return
	}
	if h.Re > 0 || h.Type == proto.TypeError {
		e.Log(fmt.Sprintf("a message of type %q that answers nothing was dropped", h.Type))
		return
	}
	r, ok := e.requests[h.Type]
	if !ok {
		e.Fail(t, proto.Errorf(proto.CodeUnknownType, "type", "there is no request %.40q", h.Type))
		return
	}
	if r.receive != nil {
		if err := r.receive(t); err != nil {
			e.Fail(t, err)
		}
		return
	}
	t.priority, t.run = r.priority, r.run
	if r.posted != nil {
		r.posted(t)
	}
	e.queue.push(t)
}

// Enqueue queues work on behalf of requests that came before; the task has no
// client until it calls [Task.AnswerFor].
func (e *Engine) Enqueue(typ string, p Priority, run func(*Task) (fields any, bufs [][]byte, err error)) {
	e.queue.push(&Task{typ: typ, priority: p, run: run})
}

// Queued returns the tasks of these types that wait or have begun.
func (e *Engine) Queued(types ...string) []*Task {
	var tasks []*Task
	for _, w := range e.queue.waiting {
		for _, t := range w {
			if slices.Contains(types, t.typ) {
				tasks = append(tasks, t)
			}
		}
	}
	return tasks
}

// Step does the next piece of work, that of OnIdle when no request waits. It
// returns false if there is none.
func (e *Engine) Step() bool {
	t := e.queue.pick()
	if t == nil {
		return slices.ContainsFunc(e.idle, func(work func() bool) bool { return work() })
	}
	if !e.advance(t) {
		return true
	}
	e.queue.remove(t)
	switch {
	case t.answer.err == ErrDeferred:
	case t.answer.err != nil:
		e.Fail(t, t.answer.err)
	default:
		e.Answer(t, t.answer.fields, t.answer.bufs...)
	}
	return true
}

// advance runs t until it yields or is done. A panic ends the task and nothing
// else.
func (e *Engine) advance(t *Task) (done bool) {
	defer func() {
		if r := recover(); r != nil {
			t.answer.err = proto.Errorf(proto.CodeInternal, "", "%s: %v", t.typ, r)
			done = true
		}
	}()
	return t.resume()
}

// Answer answers t, if somebody waits for it. fields is a struct, a pointer to one
// or nil.
func (e *Engine) Answer(t *Task, fields any, bufs ...[]byte) {
	if t.ID > 0 {
		e.Send(t.Client, proto.OK(t.ID, fields, bufs...))
	}
}

// Fail answers t with an error, or logs it if nobody waits for an answer. It closes
// the port that came with t.
func (e *Engine) Fail(t *Task, err error) {
	Close(t.Port)
	if t.ID > 0 {
		e.Send(t.Client, proto.Fail(t.ID, err))
		return
	}
	e.Log(fmt.Sprintf("a message was dropped: %v", err))
}

// Close closes a client that can be closed; nil is none.
func Close(c Client) {
	if c, ok := c.(interface{ Close() }); ok {
		c.Close()
	}
}

// Send sends a message to one client.
func (e *Engine) Send(c Client, m proto.Message) {
	if err := c.Send(m); err != nil {
		e.Log(fmt.Sprintf("a message could not be sent: %v", err))
	}
}

// Broadcast sends an event, as [proto.Event] returns it, to every client.
func (e *Engine) Broadcast(m proto.Message, err error) {
	if err != nil {
		e.Log(fmt.Sprintf("an event could not be encoded: %v", err))
		return
	}
	for _, c := range e.clients {
		e.Send(c, m)
	}
}

// Log takes what no client waits for.
func (e *Engine) Log(s string) { e.opt.Log(s) }

// Now is the time since the program started.
func (e *Engine) Now() time.Duration { return e.opt.Now() }

// Alarm asks for a Step after d at the latest.
func (e *Engine) Alarm(d time.Duration) { e.opt.Alarm(d) }

// Recycle takes back the memory of a message's buffer that is not used any more.
func (e *Engine) Recycle(b []byte) { e.opt.Recycle(b) }

func (e *Engine) hello(*Task, *proto.Hello) (*proto.HelloOK, [][]byte, error) {
	return &proto.HelloOK{Backend: e.opt.Backend, Version: e.opt.Version}, nil, nil
}

func (e *Engine) port(t *Task, _ *proto.Port) (*None, [][]byte, error) {
	if t.Port == nil {
		return nil, nil, proto.Errorf(proto.CodeBadMessage, "port", "no MessagePort came with the message")
	}
	e.Attach(t.Port)
	return nil, nil, nil
}

package core

import (
	"fmt"
	"slices"
	"time"

	"inkdrift/wasm/proto"
)

// maxClients bounds the clients that get events. Where the platform does not
// tell that a port is dead, the oldest further port is the one forgotten.
const maxClients = 8

// Client is where answers and events go.
type Client interface {
	Send(proto.Message) error
}

// Options of an Engine. Load is needed.
type Options struct {
	Backend string                      // what does the numeric work, for hello
	Version string                      // of this build, for hello
	Load    func([]byte) (Model, error) // reads a model file
	Log     func(string)                // gets what no client can be told; may be nil
	// Now tells how long the program has run; by default, the machine's clock does.
	Now func() time.Duration
	// Alarm asks for a Step after that time at the latest; may be nil.
	Alarm func(time.Duration)
	// Recycle takes back the memory of a message's buffer; may be nil.
	Recycle func([]byte)
}

// Engine serves requests. It is for one goroutine.
type Engine struct {
	opt     Options
	clients []Client // the first is the worker's own scope
	model   *loaded  // nil until one is loaded
	loads   int      // model.load requests that wait
	pads    [2]pad
	hands   hands
	gallery *brush // the gallery's model; nil until one is loaded
	queue   queue

	training *training // nil: none is open
	learning *learning // from few labels; nil: none is open
	opening  *task     // the last one that began to open a run; nil after a train.close

	judge *judge // nil: no classifier was needed yet
}

// New makes an Engine without clients or a model.
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
	return &Engine{opt: opt}
}

// Attach makes c a client: it gets every event from now on, and at once those
// that tell the model and the pads as they are.
func (e *Engine) Attach(c Client) {
	if slices.Contains(e.clients, c) {
		return
	}
	if len(e.clients) == maxClients {
		e.clients = slices.Delete(e.clients, 1, 2)
	}
	e.clients = append(e.clients, c)
	if e.model != nil {
		e.send(c, e.model.event)
	}
	for i := range e.pads {
		if e.pads[i].event.Head != "" {
			e.send(c, e.pads[i].event)
		}
	}
}

// Detach forgets a client that has gone.
func (e *Engine) Detach(c Client) {
	if e.training != nil {
		e.training.lost(c)
	}
	e.clients = slices.DeleteFunc(e.clients, func(have Client) bool { return have == c })
}

// Announce posts the event that says that the engine is ready.
func (e *Engine) Announce() {
	m, err := proto.Event(proto.EngineReady{Backend: e.opt.Backend, Version: e.opt.Version})
	e.broadcast(m, err)
}

// Post takes a message from c. It answers those that need no work and queues
// the others. further is the client behind the port that came with m, or nil.
func (e *Engine) Post(c Client, m proto.Message, further Client) {
	h, err := m.Parse()
	t := &task{client: c, id: h.ID, msg: m, further: further, typ: h.Type}
	if err != nil {
		e.fail(t, err)
		return
	}
	if h.Re > 0 || h.Type == proto.TypeError {
		e.opt.Log(fmt.Sprintf("a message of type %q that answers nothing was dropped", h.Type))
		return
	}
	switch h.Type {
	case proto.TypeTrainGroup:
		e.join(t)
		return
	case proto.TypeTrainPeer:
		e.meet(t)
		return
	}
	if e.fromPeer(c, h, m) {
		return
	}
	k, ok := kinds[h.Type]
	if !ok {
		e.fail(t, proto.Errorf(proto.CodeUnknownType, "type", "there is no request %.40q", h.Type))
		return
	}
	t.urgency, t.run = k.urgency, k.run
	switch {
	case h.Type == proto.TypePadSet:
		e.postPad(t)
		return
	case h.Type == proto.TypeHand:
		e.postHand(t)
		return
	case h.Type == proto.TypeModelLoad:
		e.loads++
	case e.loads == 0:
		t.model, t.bound = e.model, true
	}
	e.queue.push(t)
}

// Step does the next piece of work; training comes when there is no other. It
// gives false if there is none.
func (e *Engine) Step() bool {
	t := e.queue.pick()
	if t == nil {
		return e.training != nil && e.training.step()
	}
	if !t.bound {
		t.model, t.bound = e.model, true
	}
	if !e.advance(t) {
		return true
	}
	e.queue.remove(t)
	if t.typ == proto.TypeModelLoad {
		e.loads--
	}
	if t.answer.err == errLater {
		return true
	}
	if t.answer.err != nil {
		e.fail(t, t.answer.err)
	} else if t.id > 0 {
		e.send(t.client, proto.OK(t.id, t.answer.fields, t.answer.bufs...))
	}
	return true
}

// advance runs t until it pauses or is done. A panic ends the task and nothing
// else.
func (e *Engine) advance(t *task) (done bool) {
	defer func() {
		if r := recover(); r != nil {
			t.answer.err = proto.Errorf(proto.CodeInternal, "", "%s: %v", t.typ, r)
			done = true
		}
	}()
	return t.resume(e)
}

// fail answers t with an error, or logs it if nobody waits for an answer.
func (e *Engine) fail(t *task, err error) {
	if t.id > 0 {
		e.send(t.client, proto.Fail(t.id, err))
		return
	}
	e.opt.Log(fmt.Sprintf("a message was dropped: %v", err))
}

func (e *Engine) send(c Client, m proto.Message) {
	if err := c.Send(m); err != nil {
		e.opt.Log(fmt.Sprintf("a message could not be sent: %v", err))
	}
}

// broadcast sends an event to every client.
func (e *Engine) broadcast(m proto.Message, err error) {
	if err != nil {
		e.opt.Log(fmt.Sprintf("an event could not be written: %v", err))
		return
	}
	for _, c := range e.clients {
		e.send(c, m)
	}
}

func (e *Engine) hello(*task) (any, [][]byte, error) {
	return proto.HelloOK{Backend: e.opt.Backend, Version: e.opt.Version}, nil, nil
}

func (e *Engine) port(t *task) (any, [][]byte, error) {
	if t.further == nil {
		return nil, nil, proto.Errorf(proto.CodeBadMessage, "port", "no MessagePort came with the message")
	}
	e.Attach(t.further)
	return nil, nil, nil
}

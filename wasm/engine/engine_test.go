package engine_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"inkdrift/wasm/engine"
	"inkdrift/wasm/engine/enginetest"
	"inkdrift/wasm/proto"
)

func TestHello(t *testing.T) {
	r := enginetest.New(t)
	var ok proto.HelloOK
	r.OK(&ok, proto.Hello{})
	if ok != (proto.HelloOK{Backend: "test", Version: "v"}) {
		t.Errorf("%+v", ok)
	}
	r.Announce()
	if m := r.Events[0].Message.Head; m != `{"type":"engine-ready","backend":"test","version":"v"}` {
		t.Errorf("announced as %s", m)
	}
}

func TestClientsAreBounded(t *testing.T) {
	r := enginetest.New(t)
	var others []*enginetest.Client
	for range 2 * engine.MaxClients {
		c := enginetest.NewClient(t)
		others = append(others, c)
		r.Attach(c)
		r.Attach(c)
	}
	others[len(others)-1].Dead = true // must not keep the others from being told
	r.Announce()
	if len(r.Events) != 1 {
		t.Errorf("the first client was told %d times", len(r.Events))
	}
	told := 0
	for _, c := range others {
		told += len(c.Events)
	}
	if told != engine.MaxClients-2 {
		t.Errorf("%d others were told, want %d", told, engine.MaxClients-2)
	}
}

// work is a request of a test: a task of so many pieces.
type work struct {
	Type   string `json:"-"`
	Pieces int    `json:"pieces"`
}

func (w work) MessageType() string { return w.Type }

func (w work) Check() error {
	if w.Pieces < 1 {
		return proto.Errorf(proto.CodeBadValue, "pieces", "%d", w.Pieces)
	}
	return nil
}

// serve registers requests whose types say their priority, and returns the types in
// the order in which pieces of them were done.
func serve(r *enginetest.Fixture) *[]string {
	done := new([]string)
	for typ, p := range map[string]engine.Priority{
		"control": engine.Control, "drawing": engine.Drawing, "query": engine.Query, "batch": engine.Batch, "background": engine.Background,
	} {
		r.Register(engine.Handle(typ, p, func(t *engine.Task, w *work) (*engine.None, [][]byte, error) {
			for i := range w.Pieces {
				if i > 0 {
					t.Yield()
				}
				*done = append(*done, typ)
			}
			return nil, nil, nil
		}))
	}
	return done
}

// TestPriorities: of what waits the most urgent is served first, also between two
// pieces of a long task, and those of one priority in turn.
func TestPriorities(t *testing.T) {
	r := enginetest.New(t)
	done := serve(r)
	for _, typ := range []string{"background", "batch", "query"} {
		r.Queue(work{typ, 2})
	}
	r.Step()
	r.Queue(work{"control", 1})
	r.Queue(work{"drawing", 1})
	r.Queue(work{"query", 1})
	r.Run()
	if want := []string{"query", "control", "drawing", "query", "query", "batch", "batch", "background", "background"}; !slices.Equal(*done, want) {
		t.Errorf("%q, want %q", *done, want)
	}
}

// TestDrawingStarvesNobody: after MaxStreak pieces of drawing another task has one.
func TestDrawingStarvesNobody(t *testing.T) {
	r := enginetest.New(t)
	done := serve(r)
	r.Queue(work{"drawing", 5 * engine.MaxStreak})
	r.Queue(work{"batch", 3})
	r.Run()
	for i, typ := range *done {
		if want := i%(engine.MaxStreak+1) == engine.MaxStreak; i < 3*(engine.MaxStreak+1) && want != (typ == "batch") {
			t.Fatalf("%q", *done)
		}
	}
}

// TestRegistration: fields are decoded and checked before a request is served,
// answers have fields and buffers, a panic ends one task only, and a type is
// registered once.
func TestRegistration(t *testing.T) {
	r := enginetest.New(t)
	serve(r)
	r.Refused(proto.CodeBadValue, "pieces", work{"query", 0})
	r.Refused(proto.CodeUnknownType, "type", work{"nonsense", 1})
	var deferred *engine.Task
	posted := 0
	r.Register(
		engine.Handle("answer", engine.Query, func(t *engine.Task, w *work) (*work, [][]byte, error) {
			return &work{Pieces: w.Pieces + t.Bound.(int)}, [][]byte{{7}}, nil
		}).Posted(func(t *engine.Task) { posted++; t.Bound = 40 + len(r.Queued("answer")) }),
		engine.Handle("panic", engine.Query, func(*engine.Task, *work) (*engine.None, [][]byte, error) { panic("oh") }),
		engine.Handle("defer", engine.Query, func(t *engine.Task, _ *work) (*engine.None, [][]byte, error) {
			deferred = t
			return nil, nil, engine.ErrDeferred
		}),
		engine.Receive("receive", func(t *engine.Task, w *work) error {
			if w.Pieces > 1 {
				return errors.New("too many")
			}
			r.Answer(t, nil)
			return nil
		}),
	)
	first, second := r.Queue(work{"answer", 1}), r.Queue(work{"answer", 1})
	r.Run()
	for i, id := range []int64{first, second} {
		var w work
		if a := r.Answers[id]; a.Fields(&w) != nil || w.Pieces != 41+i || a.Buf(0)[0] != 7 {
			t.Errorf("%d: %s", i, a.Message.Head)
		}
	}
	r.Refused(proto.CodeInternal, "", work{"panic", 1})
	id := r.Queue(work{"defer", 1})
	r.Run()
	if _, answered := r.Answers[id]; answered || deferred == nil {
		t.Error("a deferred request was answered")
	}
	if r.Answer(deferred, work{Pieces: 3}); r.Answers[id].Type != proto.TypeOK {
		t.Error("a deferred request was not answered in the end")
	}
	// It is received before anything is done.
	if id := r.Queue(work{"receive", 1}); r.Answers[id].Type != proto.TypeOK {
		t.Error("it waits in the queue")
	}
	port := &closing{Client: enginetest.NewClient(t)}
	if id := r.Request(port, work{"receive", 2}); r.Answers[id].Type != proto.TypeError || !port.closed {
		t.Error("it was not refused, or its port not closed")
	}
	defer func() {
		if recover() == nil {
			t.Error("a request was registered twice")
		}
	}()
	serve(r)
}

// closing is a client that can be closed.
type closing struct {
	*enginetest.Client
	closed bool
}

func (c *closing) Close() { c.closed = true }

// TestHooks: a new client is described the state, a closed one is told of, and idle
// work is done when nothing waits.
func TestHooks(t *testing.T) {
	r := enginetest.New(t)
	done := serve(r)
	var attached, detached engine.Client
	idle := 2
	r.OnAttach(func(c engine.Client) { attached = c })
	r.OnDetach(func(c engine.Client) { detached = c })
	r.OnIdle(func() bool { idle--; return idle >= 0 })
	c := enginetest.NewClient(t)
	if r.Request(c, proto.Port{}); attached != nil {
		t.Error("a client is there before its request was served")
	}
	r.Queue(work{"background", 1})
	r.Step()
	r.Step()
	if attached != engine.Client(c) || len(*done) != 1 || idle != 2 {
		t.Errorf("attached %v, %q done, %d pieces of idle work left", attached, *done, idle)
	}
	if first, second, third := r.Step(), r.Step(), r.Step(); !first || !second || third {
		t.Error("idle work is not done, or has no end")
	}
	if r.Detach(c); detached != engine.Client(c) {
		t.Error("nobody was told that a port is closed")
	}
	r.Announce()
	if len(c.Events) != 0 {
		t.Error("a client that has gone is told more")
	}
}

// TestPace: long work yields by the clock, tells its client how far it is, and a
// Control task lets others go first once it has yielded.
func TestPace(t *testing.T) {
	r := enginetest.New(t)
	done := serve(r)
	r.Ticking(engine.PieceTime)
	total, told := 200, 0
	r.Register(engine.Handle("long", engine.Control, func(t *engine.Task, _ *work) (*engine.None, [][]byte, error) {
		i := 0
		p := r.Pace(t, func() proto.Body { told++; return proto.DataEvent{Done: i, Of: total} })
		for ; i < total; i++ {
			p.Yield()
		}
		*done = append(*done, "long")
		return nil, nil, nil
	}))
	id := r.Queue(work{"long", 1})
	r.Step()
	r.Queue(work{"background", 1})
	r.Queue(work{"batch", 1})
	r.Run()
	if want := []string{"batch", "long", "background"}; !slices.Equal(*done, want) || r.Answers[id].Type != proto.TypeOK {
		t.Errorf("%q, want %q", *done, want)
	}
	if most := int(time.Duration(2*total) * engine.PieceTime / (250 * time.Millisecond)); told < 2 || told > most {
		t.Errorf("told %d times, at most %d are wanted", told, most)
	}
	if e := r.Events[0]; e.Type != proto.TypeData {
		t.Errorf("told %s", e.Message.Head)
	}
}

package port

import (
	"syscall/js"

	"inkdrift/wasm/proto"
)

// Delivery is one message and where it came from.
type Delivery struct {
	From    *Port
	Message proto.Message
	Port    *Port // the port that came with it, nil without one
	Closed  bool  // no message: the other side of From has closed
}

// Inbox collects what arrives at any number of ports, in the order of arrival.
// Its methods are for one goroutine, but for the callbacks that fill it.
type Inbox struct {
	queue []arrival
	wake  chan struct{}
}

// arrival is a Delivery before it has been looked at.
type arrival struct {
	from   *Port
	data   js.Value
	closed bool
}

// NewInbox makes an empty Inbox.
func NewInbox() *Inbox {
	return &Inbox{wake: make(chan struct{}, 1)}
}

// Listen starts to collect what arrives at p. Where the platform reports that
// the other side has closed, that is delivered too.
func (in *Inbox) Listen(p *Port) {
	p.listen("message", func(event js.Value) {
		if p.trusts(event) {
			in.Accept(p, event.Get("data"))
		}
	})
	p.listen("messageerror", func(js.Value) {
		logf("a message could not be deserialised and was dropped")
	})
	if isPort(p.in) {
		p.listen("close", func(js.Value) { in.put(arrival{from: p, closed: true}) })
		p.in.Call("start")
	}
}

// Accept puts data in as if it had just arrived at p.
func (in *Inbox) Accept(p *Port, data js.Value) {
	in.put(arrival{from: p, data: data})
}

func (in *Inbox) put(a arrival) {
	in.queue = append(in.queue, a)
	in.Nudge()
}

// Next waits for a message. While it waits, JavaScript runs.
func (in *Inbox) Next() Delivery {
	for {
		if d, ok := in.NextOrNudge(); ok {
			return d
		}
	}
}

// NextOrNudge waits for a message, or for a Nudge, which gives false.
func (in *Inbox) NextOrNudge() (Delivery, bool) {
	if d, ok := in.TryNext(); ok {
		return d, true
	}
	<-in.wake
	return in.TryNext()
}

// Nudge ends a wait in NextOrNudge, the present or the next one.
func (in *Inbox) Nudge() {
	select {
	case in.wake <- struct{}{}:
	default:
	}
}

// TryNext gives a message if one has arrived.
func (in *Inbox) TryNext() (Delivery, bool) {
	for len(in.queue) > 0 {
		a := in.queue[0]
		in.queue[0] = arrival{}
		in.queue = in.queue[1:]
		if d, ok := open(a); ok {
			return d, true
		}
	}
	in.queue = nil
	return Delivery{}, false
}

// open reads an arrival. It answers or logs those that are no message.
func open(a arrival) (Delivery, bool) {
	if a.closed {
		return Delivery{From: a.from, Closed: true}, true
	}
	m, further, err := read(a.data)
	if err == nil {
		return Delivery{From: a.from, Message: m, Port: further}, true
	}
	if h, _ := m.Parse(); h.ID > 0 {
		if err := a.from.Send(proto.Fail(h.ID, err)); err != nil {
			logf("an answer could not be sent: %v", err)
		}
	} else {
		logf("a message was dropped: %v", err)
	}
	return Delivery{}, false
}

// read copies an envelope out of JavaScript. The head is given even with an
// error, if there is one.
func read(data js.Value) (m proto.Message, further *Port, err error) {
	defer func() {
		if err != nil {
			err = proto.Errorf(proto.CodeBadMessage, "", "%v", err)
		}
	}()
	defer catch(&err)
	if data.Type() != js.TypeObject {
		return m, nil, shapeError("not an object {head, bufs}")
	}
	head := data.Get("head")
	if head.Type() != js.TypeString {
		return m, nil, shapeError("head is not a string")
	}
	if n := object.Invoke(head).Length(); n > proto.MaxHead { // a js.Value that is a string has no Length
		return m, nil, shapeError("head is too long")
	}
	m.Head = head.String()

	bufs := data.Get("bufs")
	if !bufs.IsUndefined() && !bufs.InstanceOf(array) {
		return m, nil, shapeError("bufs is not an array")
	}
	if !bufs.IsUndefined() {
		if m.Bufs, err = readBufs(bufs); err != nil {
			return m, nil, err
		}
	}
	if v := data.Get("memory"); openMemory != nil && !v.IsUndefined() {
		m.Memory = openMemory(v)
	}
	if v := data.Get("port"); !v.IsUndefined() && !v.IsNull() {
		if !isPort(v) {
			return m, nil, shapeError("port is not a MessagePort")
		}
		further = Wrap(v)
	}
	return m, further, nil
}

func readBufs(bufs js.Value) ([][]byte, error) {
	n := bufs.Length()
	if n > proto.MaxBufs {
		return nil, shapeError("too many bufs")
	}
	total := 0
	for i := range n {
		b := bufs.Index(i)
		if b.Type() != js.TypeObject || !b.InstanceOf(arrayBuffer) {
			return nil, shapeError("bufs holds what is not an ArrayBuffer")
		}
		if total += b.Get("byteLength").Int(); total > proto.MaxBytes {
			return nil, shapeError("bufs are too large together")
		}
	}
	out := make([][]byte, n)
	for i := range n {
		u8 := uint8Array.New(bufs.Index(i)) // throws if the buffer is detached
		out[i] = takeBytes(u8.Length())
		js.CopyBytesToGo(out[i], u8)
		keepBuffer(u8, len(out[i]))
	}
	return out, nil
}

// shapeError says what is wrong with an envelope.
type shapeError string

func (e shapeError) Error() string { return string(e) }

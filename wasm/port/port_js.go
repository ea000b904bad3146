package port

import (
	"fmt"
	"syscall/js"

	"inkdrift/wasm/proto"
)

var (
	arrayBuffer = js.Global().Get("ArrayBuffer")
	uint8Array  = js.Global().Get("Uint8Array")
	array       = js.Global().Get("Array")
	object      = js.Global().Get("Object")
	messagePort = js.Global().Get("MessagePort")
)

// Port is one end of a channel.
type Port struct {
	in     js.Value // fires "message"
	out    js.Value // has postMessage
	origin string   // for a window: where messages may come from
	target string   // for a window: where messages may go to
	funcs  []listener
	closed bool
}

type listener struct {
	event string
	fn    js.Func
}

// Wrap makes a Port of a MessagePort or of a worker's scope.
func Wrap(target js.Value) *Port {
	return &Port{in: target, out: target}
}

// Parent makes the Port between a window in an iframe and the window above it.
// Only messages from that window and of this page's own origin are taken. In a
// sandboxed frame both have an opaque origin, "null" in messages, which none can
// be addressed to: there the window alone says who a message is from and for.
func Parent() *Port {
	window := js.Global()
	origin := window.Get("origin").String()
	target := origin
	if origin == "null" {
		target = "*"
	}
	return &Port{in: window, out: window.Get("parent"), origin: origin, target: target}
}

// Send posts m; its buffers are copied once and then transferred, in memory that
// came with other messages if there is some of that size. It fails if
// the port is closed or the other side cannot take messages.
func (p *Port) Send(m proto.Message) error {
	return p.SendPort(m, js.Undefined())
}

// SendPort is Send with a MessagePort that goes along.
func (p *Port) SendPort(m proto.Message, also js.Value) (err error) {
	if p.closed {
		return fmt.Errorf("port: closed")
	}
	defer catch(&err)
	bufs := array.New(len(m.Bufs))
	transfer := array.New(len(m.Bufs))
	for i, b := range m.Bufs {
		u8 := takeBuffer(len(b))
		js.CopyBytesToJS(u8, b)
		buf := u8.Get("buffer")
		bufs.SetIndex(i, buf)
		transfer.SetIndex(i, buf)
	}
	envelope := object.New()
	envelope.Set("head", m.Head)
	envelope.Set("bufs", bufs)
	if shared, ok := m.Memory.(interface{ JS() js.Value }); ok {
		envelope.Set("memory", shared.JS())
	}
	if also.Truthy() {
		envelope.Set("port", also)
		transfer.Call("push", also)
	}
	if p.target != "" {
		p.out.Call("postMessage", envelope, p.target, transfer)
	} else {
		p.out.Call("postMessage", envelope, transfer)
	}
	return nil
}

// Close stops listening and, for a MessagePort, disentangles it.
func (p *Port) Close() {
	if p.closed {
		return
	}
	p.closed = true
	for _, l := range p.funcs {
		p.in.Call("removeEventListener", l.event, l.fn)
		l.fn.Release()
	}
	p.funcs = nil
	if isPort(p.in) {
		p.in.Call("close")
	}
}

// listen calls fn with each event of the given name until the port is closed.
func (p *Port) listen(event string, fn func(js.Value)) {
	f := js.FuncOf(func(_ js.Value, args []js.Value) any {
		if len(args) > 0 {
			fn(args[0])
		}
		return nil
	})
	p.funcs = append(p.funcs, listener{event, f})
	p.in.Call("addEventListener", event, f)
}

// trusts reports whether an event may come in through p.
func (p *Port) trusts(event js.Value) bool {
	return p.origin == "" || event.Get("source").Equal(p.out) && event.Get("origin").String() == p.origin
}

func isPort(v js.Value) bool {
	return messagePort.Type() == js.TypeFunction && v.InstanceOf(messagePort)
}

// catch turns a JavaScript exception into an error.
func catch(err *error) {
	if r := recover(); r != nil {
		switch r := r.(type) {
		case js.Error:
			*err = fmt.Errorf("port: %w", r)
		case *js.ValueError:
			*err = fmt.Errorf("port: %w", r)
		default:
			panic(r)
		}
	}
}

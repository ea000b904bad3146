package port

import (
	"bytes"
	"syscall/js"
	"testing"
	"time"

	"inkdrift/wasm/proto"
)

// pair makes two ends of a channel: one wrapped, one raw.
func pair(t *testing.T) (*Inbox, *Port, js.Value) {
	t.Helper()
	channel := js.Global().Get("MessageChannel").New()
	p, raw := Wrap(channel.Get("port1")), channel.Get("port2")
	in := NewInbox()
	in.Listen(p)
	t.Cleanup(func() {
		p.Close()
		raw.Call("close")
	})
	return in, p, raw
}

// next waits for a message, but not for ever.
func next(t *testing.T, in *Inbox) Delivery {
	t.Helper()
	for range 1000 {
		if d, ok := in.TryNext(); ok {
			return d
		}
		Yield()
	}
	t.Fatal("no message came")
	return Delivery{}
}

// settle lets what was posted arrive.
func settle() {
	for range 20 {
		Yield()
	}
}

func TestRoundTrip(t *testing.T) {
	a, pa, raw := pair(t)
	pb, b := Wrap(raw), NewInbox()
	b.Listen(pb)
	sent := proto.Message{Head: `{"type":"x","word":"三"}`, Bufs: [][]byte{{1, 2, 3}, {}, bytes.Repeat([]byte{7}, 100_000)}}
	if err := pa.Send(sent); err != nil {
		t.Fatal(err)
	}
	got := next(t, b)
	if got.From != pb || got.Message.Head != sent.Head || len(got.Message.Bufs) != 3 || got.Port != nil {
		t.Fatalf("got %+v", got)
	}
	for i := range sent.Bufs {
		if !bytes.Equal(got.Message.Bufs[i], sent.Bufs[i]) {
			t.Errorf("buffer %d came as %d bytes, want %d", i, len(got.Message.Bufs[i]), len(sent.Bufs[i]))
		}
	}
	if err := pb.Send(proto.Message{Head: `{"type":"y"}`}); err != nil {
		t.Fatal(err)
	}
	if got := next(t, a); got.Message.Head != `{"type":"y"}` || len(got.Message.Bufs) != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestOrder(t *testing.T) {
	in, _, raw := pair(t)
	for i := range 100 {
		raw.Call("postMessage", map[string]any{"head": string(rune('0' + i%10))})
	}
	for i := range 100 {
		if got := next(t, in).Message.Head; got != string(rune('0'+i%10)) {
			t.Fatalf("message %d is %q", i, got)
		}
	}
	if _, ok := in.TryNext(); ok {
		t.Error("more than was sent")
	}
}

func TestFurtherPort(t *testing.T) {
	in, p, raw := pair(t)
	second := js.Global().Get("MessageChannel").New()
	envelope := js.ValueOf(map[string]any{"head": `{"type":"port"}`, "bufs": []any{}})
	envelope.Set("port", second.Get("port1"))
	raw.Call("postMessage", envelope, js.ValueOf([]any{second.Get("port1")}))
	d := next(t, in)
	if d.Port == nil {
		t.Fatal("no port came")
	}
	in.Listen(d.Port)
	second.Get("port2").Call("postMessage", map[string]any{"head": `{"type":"hi"}`})
	if got := next(t, in); got.From != d.Port || got.Message.Head != `{"type":"hi"}` {
		t.Errorf("got %+v", got)
	}

	third := js.Global().Get("MessageChannel").New()
	if err := p.SendPort(proto.Message{Head: `{"type":"port"}`}, third.Get("port1")); err != nil {
		t.Fatal(err)
	}
	other, onward := NewInbox(), Wrap(raw)
	other.Listen(onward)
	if got := next(t, other); got.Port == nil {
		t.Error("SendPort: no port came")
	}
	d.Port.Close()
	for _, c := range []js.Value{second.Get("port2"), third.Get("port2")} {
		c.Call("close")
	}
}

// TestMalformed sends malformed messages, first with an id and then without.
func TestMalformed(t *testing.T) {
	eval := js.Global().Get("eval")
	for _, tt := range []struct {
		name, data string
		answered   bool // there is an id to answer to
	}{
		{"null", `null`, false},
		{"number", `42`, false},
		{"string", `"hello"`, false},
		{"empty", `({})`, false},
		{"head is a number", `({head: 7, bufs: []})`, false},
		{"bufs is an object", `({head: '{"type":"x","id":5}', bufs: {}})`, true},
		{"bufs is a string", `({head: '{"type":"x","id":5}', bufs: "no"})`, true},
		{"bufs null", `({head: '{"type":"x","id":5}', bufs: null})`, true},
		{"bufs holds a number", `({head: '{"type":"x","id":5}', bufs: [1]})`, true},
		{"bufs holds null", `({head: '{"type":"x","id":5}', bufs: [null]})`, true},
		{"bufs holds a view", `({head: '{"type":"x","id":5}', bufs: [new Uint8Array(4)]})`, true},
		{"bufs without id", `({head: '{"type":"x"}', bufs: [1]})`, false},
		{"too many bufs", `({head: '{"type":"x","id":5}', bufs: new Array(4000000000)})`, true},
		{"too large", `(b => ({head: '{"type":"x","id":5}', bufs: [b, b, b, b]}))(new ArrayBuffer(65<<20))`, true},
		{"long head", `({head: '{"type":"x","id":5}' + ' '.repeat(70000), bufs: []})`, false},
		{"port is an object", `({head: '{"type":"x","id":5}', bufs: [], port: {}})`, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in, _, raw := pair(t)
			back := NewInbox()
			back.Listen(Wrap(raw))
			raw.Call("postMessage", eval.Invoke(tt.data))
			raw.Call("postMessage", map[string]any{"head": "next"})
			if got := next(t, in); got.Message.Head != "next" {
				t.Fatalf("delivered %.80q with %d buffers", got.Message.Head, len(got.Message.Bufs))
			}
			if tt.answered {
				m := next(t, back).Message
				h, err := m.Parse()
				if err != nil || h.Re != 5 || h.Error.Code != proto.CodeBadMessage {
					t.Errorf("answered %q (%v)", m.Head, err)
				}
			} else {
				settle()
				if d, ok := back.TryNext(); ok {
					t.Errorf("answered %q", d.Message.Head)
				}
			}
		})
	}
}

// TestDetached reads an envelope whose buffer has been given away.
func TestDetached(t *testing.T) {
	in, p, raw := pair(t)
	back := NewInbox()
	back.Listen(Wrap(raw))
	data := js.Global().Get("eval").Invoke(`(() => {
		const b = new ArrayBuffer(8);
		structuredClone(b, {transfer: [b]});
		return {head: '{"type":"x","id":5}', bufs: [b]};
	})()`)
	in.Accept(p, data)
	if d, ok := in.TryNext(); ok {
		t.Fatalf("delivered %+v", d)
	}
	m := next(t, back).Message
	if h, _ := m.Parse(); h.Re != 5 || h.Error == nil || h.Error.Code != proto.CodeBadMessage {
		t.Errorf("answered %q", m.Head)
	}
}

// TestNext waits in Next for a message that comes later.
func TestNext(t *testing.T) {
	in, _, raw := pair(t)
	time.AfterFunc(5*time.Millisecond, func() {
		raw.Call("postMessage", map[string]any{"head": "late"})
	})
	if d := in.Next(); d.Message.Head != "late" {
		t.Errorf("got %+v", d)
	}
}

func TestClosed(t *testing.T) {
	in, p, raw := pair(t)
	raw.Call("close")
	if d := next(t, in); !d.Closed || d.From != p {
		t.Errorf("got %+v", d)
	}
	p.Close()
	p.Close()
	if err := p.Send(proto.Message{Head: "x"}); err == nil {
		t.Error("sent through a closed port")
	}
}

// TestYield proves that events are handled meanwhile.
func TestYield(t *testing.T) {
	in, _, raw := pair(t)
	raw.Call("postMessage", map[string]any{"head": "x"})
	settle()
	if _, ok := in.TryNext(); !ok {
		t.Error("nothing arrived while yielding")
	}
}

package engine

import "inkdrift/wasm/proto"

// Registration says how requests of one type are served.
type Registration struct {
	typ      string
	priority Priority
	run      func(*Task) (fields any, bufs [][]byte, err error)
	receive  func(*Task) error // serves it at once, instead of run
	posted   func(*Task)       // sees the task before it is queued; may be nil
}

// None is the answer of a request that is answered with nothing but ok.
type None struct{}

// Handle registers a request that is queued. Its fields are decoded into a Request
// and, if that has a method Check, checked before serve is called. serve returns
// the fields of the answer, nil for none, and its buffers.
func Handle[Request, Answer any](typ string, p Priority, serve func(*Task, *Request) (*Answer, [][]byte, error)) Registration {
	return Registration{typ: typ, priority: p, run: func(t *Task) (any, [][]byte, error) {
		r := new(Request)
		if err := decode(t.Msg, r); err != nil {
			return nil, nil, err
		}
		answer, bufs, err := serve(t, r)
		if answer == nil {
			return nil, bufs, err
		}
		return answer, bufs, err
	}}
}

// Receive registers a message that is served as soon as it arrives, before those
// that are queued: receive decides on the answer and must not take long. It is
// decoded as for [Handle].
func Receive[Request any](typ string, receive func(*Task, *Request) error) Registration {
	return Registration{typ: typ, receive: func(t *Task) error {
		r := new(Request)
		if err := decode(t.Msg, r); err != nil {
			return err
		}
		return receive(t, r)
	}}
}

// Posted returns r with a function that sees each task before it is queued.
func (r Registration) Posted(f func(*Task)) Registration {
	r.posted = f
	return r
}

// decode reads the fields of a request and checks them.
func decode(m proto.Message, request any) error {
	if err := m.Fields(request); err != nil {
		return err
	}
	if r, ok := request.(interface{ Check() error }); ok {
		return r.Check()
	}
	return nil
}

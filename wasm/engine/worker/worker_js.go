// Package worker runs an engine in a Web Worker.
//
// It expects three things of the worker's scope (web/worker.js has them): the
// first argument of the program is the version of this build, a function takeEarly
// returns the messages which came before the program did, as an array, and the
// imports of the SIMD kernel are there, with a kernel behind them or without.
package worker

import (
	"os"
	"syscall/js"
	"time"

	"inkdrift/wasm/engine"
	"inkdrift/wasm/port"
	"inkdrift/wasm/simd"
)

// Run serves requests for as long as the worker lives. register adds those that
// this program has to the engine. Pictures are decoded by the browser, and where it
// does not do that in workers, as under Node, by otherwise.
func Run(otherwise engine.Decoder, register func(*engine.Engine)) {
	decode := otherwise
	if port.CanDecode() {
		decode = port.DecodePicture
	}
	version := "unknown"
	if len(os.Args) > 1 {
		version = os.Args[1]
	}
	console := js.Global().Get("console")
	inbox, scope := port.NewInbox(), port.Wrap(js.Global())
	alarm := alarm{ring: inbox.Nudge}
	e := engine.New(engine.Options{
		Backend: installKernel(),
		Version: version,
		Log:     func(s string) { console.Call("warn", "inkdrift: "+s) },
		Alarm:   alarm.set,
		Recycle: port.Recycle,
		Decode:  decode,
	})
	register(e)
	inbox.Listen(scope)
	e.Attach(scope)
	e.Announce()
	early := js.Global().Call("takeEarly")
	for i := range early.Length() {
		inbox.Accept(scope, early.Index(i))
	}
	serve(e, inbox)
}

// installKernel puts the kernel that was loaded to use and returns its name, "go"
// for none.
func installKernel() string {
	v := simd.Loaded()
	if err := simd.Install(v); err != nil {
		panic(err) // it was not there although it said so
	}
	if v == simd.Off {
		return "go"
	}
	return v.String()
}

// serve does one piece of work after the other and takes in between whatever has
// arrived.
func serve(e *engine.Engine, inbox *port.Inbox) {
	for {
		for d, ok := inbox.TryNext(); ok; d, ok = inbox.TryNext() {
			post(e, inbox, d)
		}
		if e.Step() {
			port.Yield()
		} else if d, ok := inbox.NextOrNudge(); ok {
			post(e, inbox, d)
		}
	}
}

func post(e *engine.Engine, inbox *port.Inbox, d port.Delivery) {
	switch {
	case d.Closed:
		e.Detach(d.From)
		d.From.Close()
	case d.Port != nil:
		inbox.Listen(d.Port)
		e.Post(d.From, d.Message, d.Port)
	default:
		e.Post(d.From, d.Message, nil)
	}
}

// alarm is one timer for many, mostly needless, requests to be woken.
type alarm struct {
	ring  func()
	timer *time.Timer
	at    time.Time // when it rings; zero: it does not
}

// set makes sure that the alarm rings after d or before.
func (a *alarm) set(d time.Duration) {
	at := time.Now().Add(d)
	if !a.at.IsZero() && !at.Before(a.at) {
		return
	}
	a.at = at
	if a.timer != nil {
		a.timer.Stop()
	}
	a.timer = time.AfterFunc(d, func() {
		a.at = time.Time{}
		a.ring()
	})
}

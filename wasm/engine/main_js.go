// Command engine is Inkdrift's engine: a worker that owns the model and serves
// requests. Everything it does is in the package core; this joins it to the
// worker's scope.
//
// It expects three things of the scope (web/worker.js has them): its first
// argument is the version of this build, a function takeEarly gives the messages
// which came before the program did, as an array, and the imports of the SIMD
// kernel are there, with a kernel behind them or without.
package main

import (
	"os"
	"syscall/js"
	"time"

	"inkdrift/wasm/engine/core"
	"inkdrift/wasm/port"
	"inkdrift/wasm/simd"
)

func main() {
	version := "unknown"
	if len(os.Args) > 1 {
		version = os.Args[1]
	}
	console := js.Global().Get("console")
	inbox, scope := port.NewInbox(), port.Wrap(js.Global())
	alarm := alarm{ring: inbox.Nudge}
	engine := core.New(core.Options{
		Backend: installKernel(),
		Version: version,
		Load:    core.ReadModel,
		Log:     func(s string) { console.Call("warn", "inkdrift: "+s) },
		Alarm:   alarm.set,
		Recycle: port.Recycle,
	})
	inbox.Listen(scope)
	engine.Attach(scope)
	engine.Announce()
	early := js.Global().Call("takeEarly")
	for i := range early.Length() {
		inbox.Accept(scope, early.Index(i))
	}
	serve(engine, inbox)
}

// installKernel puts the kernel that was loaded to use and gives its name, "go"
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

// serve does what has to be done, one piece after the other, and takes in
// between whatever has arrived.
func serve(engine *core.Engine, inbox *port.Inbox) {
	for {
		for d, ok := inbox.TryNext(); ok; d, ok = inbox.TryNext() {
			post(engine, inbox, d)
		}
		if engine.Step() {
			port.Yield()
		} else if d, ok := inbox.NextOrNudge(); ok {
			post(engine, inbox, d)
		}
	}
}

func post(engine *core.Engine, inbox *port.Inbox, d port.Delivery) {
	switch {
	case d.Closed:
		engine.Detach(d.From)
		d.From.Close()
	case d.Port != nil:
		inbox.Listen(d.Port)
		engine.Post(d.From, d.Message, d.Port)
	default:
		engine.Post(d.From, d.Message, nil)
	}
}

// alarm is one timer for many, mostly needless, wishes to be woken.
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

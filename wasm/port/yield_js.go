package port

import (
	"fmt"
	"syscall/js"
)

var yielder = newTurn()

// turn is a way for this program to call itself back.
type turn struct {
	ask  func()
	came chan struct{}
}

func newTurn() *turn {
	t := &turn{came: make(chan struct{}, 1)}
	back := js.FuncOf(func(js.Value, []js.Value) any {
		t.came <- struct{}{}
		return nil
	})
	// Node hands a port up to a thousand messages before it looks at another one,
	// so a message to itself would let nothing else in there; setImmediate does.
	if immediate := js.Global().Get("setImmediate"); immediate.Type() == js.TypeFunction {
		t.ask = func() { immediate.Invoke(back) }
		return t
	}
	channel := js.Global().Get("MessageChannel").New()
	channel.Get("port1").Set("onmessage", back)
	post := channel.Get("port2")
	t.ask = func() { post.Call("postMessage", js.Null()) }
	return t
}

// Yield lets JavaScript handle the events that are waiting and comes back, by
// a message to itself. That takes 64 us in a Chromium worker, time.Sleep takes
// 4.5 ms. It is for one goroutine at a time.
func Yield() {
	yielder.ask()
	<-yielder.came
}

// logf writes a warning to the console.
func logf(format string, args ...any) {
	js.Global().Get("console").Call("warn", "inkdrift: "+fmt.Sprintf(format, args...))
}

// Package port carries messages of [inkdrift/wasm/proto] over whatever the
// browser has: a MessagePort, a worker's own scope, the window above an iframe.
// It is the only package that uses syscall/js for messages.
//
// A callback from JavaScript only appends a message to an [Inbox]; the
// program's own goroutine takes it out, with Next where it may wait and with
// TryNext where it may not (the stage, once a tick). So no handler ever runs in
// the middle of another.
//
// Messages of the wrong shape never reach the program: where they have an id
// the sender is answered bad-message, else they are logged and dropped.
package port

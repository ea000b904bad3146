package engine

import (
	"errors"
	"iter"

	"inkdrift/wasm/proto"
)

// Priority is how soon a request is served; requests of the same priority are
// served in the order in which they came.
type Priority int

// The priorities, the most urgent first.
const (
	Control    Priority = iota // the model, the run and the channels themselves
	Drawing                    // somebody is drawing and looks at the result
	Query                      // somebody waits for a small thing
	Batch                      // many pictures
	Background                 // files and long measures
	priorities
)

// MaxStreak is how many pieces of Drawing work go before others that wait: enough
// to keep up with a pen, not enough to starve the morph between the drawings.
const MaxStreak = 3

// ErrDeferred is no error: a handler returns it when the task will be answered
// later, by [Engine.Answer] or [Engine.Fail].
var ErrDeferred = errors.New("the answer is deferred")

// Task is one request on its way.
type Task struct {
	Client Client // who asked
	ID     int64  // 0: nobody waits for an answer
	Msg    proto.Message
	Port   Client // came with the message; nil: none did

	// Stopped says that the result is not wanted any more; who serves it looks.
	Stopped bool
	// Bound is what the function of [Registration.Posted] keeps for the handler.
	Bound any

	typ      string
	priority Priority
	run      func(*Task) (fields any, bufs [][]byte, err error)

	next   func() (struct{}, bool) // goes on to the next yield; nil until the task has begun
	yield  func(struct{}) bool
	answer answer // valid when next has returned false
}

// answer is the result of a task.
type answer struct {
	fields any
	bufs   [][]byte
	err    error
}

// AnswerFor makes t answer for another request, which is not queued itself.
func (t *Task) AnswerFor(other *Task) { t.Client, t.ID = other.Client, other.ID }

// resume runs the task as a coroutine, up to its next yield or its end.
func (t *Task) resume() (done bool) {
	if t.next == nil {
		t.next, _ = iter.Pull(func(yield func(struct{}) bool) {
			t.yield = yield
			t.answer.fields, t.answer.bufs, t.answer.err = t.run(t)
		})
	}
	_, more := t.next()
	return !more
}

// Yield ends a piece of a long task: more urgent ones and new messages come in
// between. A handler calls it about every ten milliseconds.
func (t *Task) Yield() {
	t.yield(struct{}{})
}

// Begun reports whether a piece of the task was done.
func (t *Task) Begun() bool { return t.next != nil }

// queue holds the tasks that wait or have begun.
type queue struct {
	waiting [priorities][]*Task
	streak  int // pieces of Drawing work since anything less urgent had one
}

func (q *queue) push(t *Task) {
	q.waiting[t.priority] = append(q.waiting[t.priority], t)
}

// remove takes out the task that is being served, the first of its priority.
func (q *queue) remove(t *Task) {
	w := q.waiting[t.priority]
	w[0] = nil
	q.waiting[t.priority] = w[1:]
}

// demote makes a Control task that is being served a Background one: a long task
// lets everything else go first. It has begun in its turn, so no request that came
// before it sees its result.
func (q *queue) demote(t *Task) {
	if t.priority != Control {
		return
	}
	q.remove(t)
	t.priority = Background
	q.push(t)
}

// pick returns the task whose turn it is, or nil.
func (q *queue) pick() *Task {
	var first *Task
	for _, w := range q.waiting {
		switch {
		case len(w) == 0:
		case first == nil:
			first = w[0]
			if first.priority != Drawing {
				q.streak = 0
				return first
			}
		case q.streak >= MaxStreak:
			q.streak = 0
			return w[0]
		}
	}
	if first != nil {
		q.streak++
	}
	return first
}

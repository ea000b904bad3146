package engine

import (
	"time"

	"inkdrift/wasm/proto"
)

// PieceTime is how long a paced task works between two yields.
const PieceTime = 8 * time.Millisecond

// progressTime is how often the client of a paced task is told how far it is.
const progressTime = 250 * time.Millisecond

// Pace divides a task whose work has steps of unknown length into pieces of
// PieceTime and tells its client how far it is.
type Pace struct {
	engine   *Engine
	task     *Task
	progress func() proto.Body
	resumed  time.Duration
	told     time.Duration
}

// Pace begins to pace a task; progress returns the event for its client.
func (e *Engine) Pace(t *Task, progress func() proto.Body) *Pace {
	now := e.Now()
	return &Pace{engine: e, task: t, progress: progress, resumed: now, told: now}
}

// Yield is called between steps of the work; it yields when PieceTime is over. A
// Control task becomes a Background one when it yields for the first time.
func (p *Pace) Yield() {
	e := p.engine
	now := e.Now()
	if now-p.resumed < PieceTime {
		return
	}
	if now-p.told >= progressTime {
		p.told = now
		if m, err := proto.Event(p.progress()); err == nil {
			e.Send(p.task.Client, m)
		}
	}
	e.queue.demote(p.task)
	p.task.Yield()
	p.resumed = e.Now()
}

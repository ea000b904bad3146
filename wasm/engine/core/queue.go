package core

import (
	"errors"
	"iter"

	"inkdrift/wasm/proto"
)

// urgency is how soon a request is served; requests of the same urgency are
// served in the order in which they came.
type urgency int

const (
	control  urgency = iota // the model and the channels themselves
	drawing                 // somebody is drawing and looks at the result
	asking                  // somebody waits for a small thing
	drifting                // many pictures
	saving                  // files
	urgencies
)

// maxStreak is how many drawing steps go before others that wait: enough for a
// pen to stay ahead, not enough to starve the drift between the drawings.
const maxStreak = 3

// kind says how requests of a type are served.
type kind struct {
	urgency urgency
	run     func(*Engine, *task) (fields any, bufs [][]byte, err error)
}

// kinds lists every request.
var kinds = map[string]kind{
	proto.TypeHello:     {control, (*Engine).hello},
	proto.TypePort:      {control, (*Engine).port},
	proto.TypeModelLoad: {control, (*Engine).loadModel},
	proto.TypePadSet:    {drawing, (*Engine).setPad},
	proto.TypeHandLoad:  {control, (*Engine).loadHand},
	proto.TypeHand:      {drawing, (*Engine).hand},
	proto.TypeEncode:    {drawing, (*Engine).encode},
	proto.TypeDecode:    {asking, (*Engine).decode},
	proto.TypeExample:   {asking, (*Engine).example},
	proto.TypePicture:   {asking, (*Engine).picture},
	proto.TypeMorph:     {drifting, (*Engine).morph},
	proto.TypeSample:    {drifting, (*Engine).sample},
	proto.TypeGIF:       {saving, (*Engine).gif},
	proto.TypeStrip:     {saving, (*Engine).strip},

	proto.TypeGalleryLoad:   {control, (*Engine).galleryLoad},
	proto.TypeGalleryEncode: {asking, (*Engine).galleryEncode},
	proto.TypeGalleryPaint:  {drifting, (*Engine).galleryPaint},

	proto.TypeDataSets:    {asking, (*Engine).dataSets},
	proto.TypeDataPreview: {asking, (*Engine).dataPreview},
	proto.TypeDataSheet:   {drifting, (*Engine).dataSheet},
	proto.TypeDataRead:    {drifting, (*Engine).dataRead},

	proto.TypeTrainOpen:       {control, (*Engine).trainOpen},
	proto.TypeTrainRestore:    {control, (*Engine).trainRestore},
	proto.TypeTrainRun:        {control, (*Engine).trainRun},
	proto.TypeTrainPause:      {control, (*Engine).trainPause},
	proto.TypeTrainChange:     {control, (*Engine).trainChange},
	proto.TypeTrainStatus:     {control, (*Engine).trainStatus},
	proto.TypeTrainClose:      {control, (*Engine).trainClose},
	proto.TypeTrainLook:       {asking, (*Engine).trainLook},
	proto.TypeTrainMorph:      {drifting, (*Engine).trainMorph},
	proto.TypeTrainModel:      {asking, (*Engine).trainModel},
	proto.TypeTrainCheckpoint: {asking, (*Engine).trainCheckpoint},
	proto.TypeTrainEvaluate:   {saving, (*Engine).trainEvaluate},

	proto.TypeMeasure:     {saving, (*Engine).measure},
	proto.TypeMeasureStop: {control, (*Engine).measureStop},

	proto.TypeLabelsOpen:  {saving, (*Engine).labelsOpen},
	proto.TypeLabelsFit:   {saving, (*Engine).labelsFit},
	proto.TypeLabelsClose: {control, (*Engine).labelsClose},
}

// errLater is no error: the task will be answered by somebody else.
var errLater = errors.New("later")

// task is one request on its way.
type task struct {
	client  Client
	id      int64 // 0: nobody waits for an answer
	typ     string
	msg     proto.Message
	further Client
	urgency urgency
	run     func(*Engine, *task) (any, [][]byte, error)

	// model is the one that was loaded when the request came (bound), so that a
	// long task ends with the model it began with.
	model *loaded
	bound bool

	pad     int  // index of the pad of a pad.set or hand
	stopped bool // of a measure or what learns from labels: nobody wants it any more

	next   func() (struct{}, bool) // goes on to the next pause; nil until the task has begun
	yield  func(struct{}) bool
	answer answer // valid when next has given false
}

// answer is what a task comes to.
type answer struct {
	fields any
	bufs   [][]byte
	err    error
}

// resume runs the task as a coroutine, up to its next pause or its end.
func (t *task) resume(e *Engine) (done bool) {
	if t.next == nil {
		t.next, _ = iter.Pull(func(yield func(struct{}) bool) {
			t.yield = yield
			t.answer.fields, t.answer.bufs, t.answer.err = t.run(e, t)
		})
	}
	_, more := t.next()
	return !more
}

// pause ends a piece of a long task: more urgent ones and new messages come in
// between. A handler calls it about every ten milliseconds.
func (t *task) pause() {
	t.yield(struct{}{})
}

// queue holds the tasks that wait or have begun.
type queue struct {
	waiting [urgencies][]*task
	streak  int // drawing steps since anything less urgent had one
}

func (q *queue) push(t *task) {
	q.waiting[t.urgency] = append(q.waiting[t.urgency], t)
}

func (q *queue) remove(t *task) {
	w := q.waiting[t.urgency]
	w[0] = nil
	q.waiting[t.urgency] = w[1:]
}

// pick gives the task whose turn it is, or nil.
func (q *queue) pick() *task {
	var first *task
	for _, w := range q.waiting {
		switch {
		case len(w) == 0:
		case first == nil:
			first = w[0]
			if first.urgency != drawing {
				q.streak = 0
				return first
			}
		case q.streak >= maxStreak:
			q.streak = 0
			return w[0]
		}
	}
	if first != nil {
		q.streak++
	}
	return first
}

package proto

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// Limits of an envelope. A receiver checks them before it copies anything.
const (
	MaxHead  = 64 << 10  // bytes of JSON
	MaxBufs  = 8         // buffers in one message
	MaxBytes = 256 << 20 // bytes in all buffers of one message together

	MaxValues = MaxBytes / 4 // float32 in one message
)

// Types that every channel shares.
const (
	TypeOK    = "ok"
	TypeError = "error"
)

// Message is one envelope as Go sees it.
type Message struct {
	Head string   // one JSON object
	Bufs [][]byte // binary parts, in the order the type defines
	// Memory is memory that sender and receiver share from now on, or nil.
	Memory Memory
}

// Head is what the heads of all messages have in common.
type Head struct {
	Type  string `json:"type"`
	ID    int64  `json:"id,omitempty"`    // of a request; else 0
	Re    int64  `json:"re,omitempty"`    // of an answer: the id of its request; else 0
	Error *Error `json:"error,omitempty"` // of an answer or event that tells of a failure
}

// Body is the head's other fields, a struct for each type.
type Body interface {
	MessageType() string
}

// Parse reads the common part of the head. On an error it still gives what it
// understood: an ID above zero means that the sender can be answered.
func (m Message) Parse() (Head, error) {
	var h Head
	if len(m.Head) > MaxHead {
		return h, Errorf(CodeBadMessage, "head", "%d bytes of JSON, at most %d are read", len(m.Head), MaxHead)
	}
	err := json.Unmarshal([]byte(m.Head), &h)
	if h.ID < 0 || h.Re < 0 {
		h.ID, h.Re = max(h.ID, 0), max(h.Re, 0)
		err = errors.Join(err, errors.New("id and re are positive integers"))
	}
	if err != nil {
		return h, Errorf(CodeBadMessage, "head", "not a JSON object with the right fields: %v", err)
	}
	switch {
	case h.Type == "":
		return h, Errorf(CodeBadMessage, "type", "missing")
	case h.ID > 0 && h.Re > 0:
		return h, Errorf(CodeBadMessage, "re", "a message is a request (id) or an answer (re), not both")
	case h.Re > 0 && h.Type != TypeOK && h.Type != TypeError:
		return h, Errorf(CodeBadMessage, "type", "an answer is of type %q or %q, not %q", TypeOK, TypeError, h.Type)
	case h.Type == TypeError && h.Error == nil:
		return h, Errorf(CodeBadMessage, "error", "missing from a message of type %q", TypeError)
	}
	return h, nil
}

// Fields reads the head's fields into dst, a pointer to a struct of this
// package, and leaves those alone that the head lacks. A field of a wrong type
// is a bad-value error that names it.
func (m Message) Fields(dst any) error {
	if len(m.Head) > MaxHead {
		return Errorf(CodeBadMessage, "head", "%d bytes of JSON, at most %d are read", len(m.Head), MaxHead)
	}
	err := json.Unmarshal([]byte(m.Head), dst)
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong):
		return Errorf(CodeBadValue, wrong.Field, "a JSON %s, should be %s", wrong.Value, inWords(wrong.Type))
	default:
		return Errorf(CodeBadMessage, "head", "not JSON: %v", err)
	}
}

// inWords says what JSON has for values of a type.
func inWords(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Pointer:
		return inWords(t.Elem())
	}
	return "a whole number"
}

// Buf gives buffer i, or nil where the message has none.
func (m Message) Buf(i int) []byte {
	if i < 0 || i >= len(m.Bufs) {
		return nil
	}
	return m.Bufs[i]
}

// Request makes a message that wants an answer. It fails only if id is not
// positive or body holds a number that JSON cannot carry.
func Request(id int64, body Body, bufs ...[]byte) (Message, error) {
	if id <= 0 {
		return Message{}, Errorf(CodeBadValue, "id", "%d: a request's id is positive", id)
	}
	return build(Head{Type: body.MessageType(), ID: id}, body, bufs)
}

// Event makes a message that wants no answer. It fails only if body holds a
// number that JSON cannot carry.
func Event(body Body, bufs ...[]byte) (Message, error) {
	return build(Head{Type: body.MessageType()}, body, bufs)
}

// Failed makes an event of the given type that tells of a failure.
func Failed(typ string, err error) Message {
	m, _ := build(Head{Type: typ, Error: AsError(err)}, nil, nil)
	return m
}

// OK makes the good answer to request re. fields is a struct or nil. If it
// cannot be written as JSON the answer is an internal error instead, so that
// the sender is answered in any case.
func OK(re int64, fields any, bufs ...[]byte) Message {
	m, err := build(Head{Type: TypeOK, Re: re}, fields, bufs)
	if err != nil {
		return Fail(re, err)
	}
	return m
}

// Fail makes the bad answer to request re.
func Fail(re int64, err error) Message {
	m, _ := build(Head{Type: TypeError, Re: re, Error: AsError(err)}, nil, nil)
	return m
}

// build writes the common fields and those of fields as one JSON object.
func build(h Head, fields any, bufs [][]byte) (Message, error) {
	head, err := json.Marshal(h)
	if err != nil {
		return Message{}, fmt.Errorf("proto: head of %q: %w", h.Type, err)
	}
	if fields != nil {
		rest, err := json.Marshal(fields)
		if err != nil {
			return Message{}, fmt.Errorf("proto: fields of %q: %w", h.Type, err)
		}
		if len(rest) < 2 || rest[0] != '{' {
			return Message{}, fmt.Errorf("proto: fields of %q: %T is not written as a JSON object", h.Type, fields)
		}
		if len(rest) > 2 {
			head = append(append(head[:len(head)-1], ','), rest[1:]...)
		}
	}
	return Message{Head: string(head), Bufs: bufs}, nil
}

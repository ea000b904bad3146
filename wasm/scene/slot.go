package scene

import "inkdrift/wasm/proto"

// Slot is a region of the stage.
type Slot uint8

// The regions. Their names on the wire are in package proto.
const (
	PadA Slot = iota
	PadB
	InputA
	ReconstructionA
	InputB
	ReconstructionB
	Morph
	Strip
	Samples
	Map
	MapSample // the picture of Morph, smaller
	numSlots
)

var slotNames = [numSlots]string{
	PadA:            proto.SlotPadA,
	PadB:            proto.SlotPadB,
	InputA:          proto.SlotInputA,
	ReconstructionA: proto.SlotReconstructionA,
	InputB:          proto.SlotInputB,
	ReconstructionB: proto.SlotReconstructionB,
	Morph:           proto.SlotMorph,
	Strip:           proto.SlotStrip,
	Samples:         proto.SlotSamples,
	Map:             proto.SlotMap,
	MapSample:       proto.SlotMapSample,
}

// String gives the slot's name on the wire.
func (s Slot) String() string {
	if s < numSlots {
		return slotNames[s]
	}
	return "none"
}

// Pad is one of the two drawings.
type Pad uint8

// The pads, and how many there are.
const (
	A Pad = iota
	B
	numPads
)

// PadOf gives the pad that is called "a" or "b" on the wire.
func PadOf(name string) (Pad, error) {
	switch name {
	case "a":
		return A, nil
	case "b":
		return B, nil
	}
	return 0, proto.Errorf(proto.CodeBadValue, "pad", "%.20q: want \"a\" or \"b\"", name)
}

// draw, input and reconstruction are the slots that belong to the pad.
func (p Pad) draw() Slot           { return PadA + Slot(p) }
func (p Pad) input() Slot          { return InputA + 2*Slot(p) }
func (p Pad) reconstruction() Slot { return ReconstructionA + 2*Slot(p) }

package proto

// RequestType is a request that the engine serves, and the fields of its answer.
type RequestType struct {
	Request Body
	Answer  any // nil: the answer has no fields of its own
}

// Requests lists all requests that the engine serves. tools/webgen writes them to
// web/generated/protocol.d.ts, by which the page is checked.
func Requests() []RequestType {
	return []RequestType{
		{Hello{}, HelloOK{}},
		{Port{}, nil},
		{ModelLoad{}, ModelLoadOK{}},
		{ClassifierLoad{}, ClassifierLoadOK{}},
		{PadSet{}, PadSetOK{}},
		{Encode{}, EncodeOK{}},
		{Decode{}, DecodeOK{}},
		{Morph{}, MorphOK{}},
		{Sample{}, SampleOK{}},
		{Example{}, ExampleOK{}},
		{Picture{}, PictureOK{}},
		{GIF{}, GIFOK{}},
		{Strip{}, StripOK{}},

		{HandLoad{}, HandLoadOK{}},
		{Hand{}, HandOK{}},

		{GalleryLoad{}, GalleryLoadOK{}},
		{GalleryPaint{}, DecodeOK{}},
		{GalleryEncode{}, GalleryEncodeOK{}},

		{DataSets{}, DataSetsOK{}},
		{DataSheet{}, DataSheetOK{}},
		{DataRead{}, DataReadOK{}},

		{TrainOpen{}, TrainOpenOK{}},
		{TrainRestore{}, TrainOpenOK{}},
		{TrainGroup{}, TrainStatusOK{}},
		{TrainPeer{}, nil},
		{TrainRun{}, nil},
		{TrainPause{}, TrainStepOK{}},
		{TrainChange{}, nil},
		{TrainStatus{}, TrainStatusOK{}},
		{TrainLook{}, TrainLookOK{}},
		{TrainMorph{}, TrainMorphOK{}},
		{TrainEvaluate{}, TrainEvaluateOK{}},
		{TrainModel{}, TrainStepOK{}},
		{TrainCheckpoint{}, TrainStepOK{}},
		{TrainClose{}, nil},

		{Measure{}, MeasureOK{}},
		{MeasureStop{}, nil},

		{LabelsOpen{}, LabelsOpenOK{}},
		{LabelsFit{}, LabelsFitOK{}},
		{LabelsClose{}, nil},
	}
}

// Events lists what the engine tells its clients.
func Events() []Body {
	return []Body{
		EngineReady{}, Loading{}, ModelEvent{}, PadEvent{},
		DataEvent{}, TrainEvent{}, TrainStateEvent{}, TrainRollbackEvent{}, TrainLateEvent{}, MeasuringEvent{},
	}
}

// Failures lists the types of events of the engine that tell of a failure; they
// have an [Error] and no other fields.
func Failures() []string { return []string{TypeEngineError, TypeEngineWarning} }

// PeerMessages lists what the workers of a group tell each other.
func PeerMessages() []Body { return []Body{PeerState{}, PeerGo{}, PeerGradient{}} }

// StageMessages lists what the shell tells the stage.
func StageMessages() []Body {
	return []Body{Layout{}, Theme{}, PadContent{}, Play{}, Samples{}, EngineLink{}}
}

// StageEvents lists what the stage tells the shell; besides, an event of type
// "error" tells of a failure.
func StageEvents() []Body { return []Body{Ready{}, Tick{}, MorphInstalled{}} }

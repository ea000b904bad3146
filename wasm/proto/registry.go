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
		{Explain{}, ExplainOK{}},
		{Fill{}, FillOK{}},
		{Sketch{}, SketchOK{}},
		{Example{}, ExampleOK{}},
		{Picture{}, PictureOK{}},
		{GIF{}, GIFOK{}},
		{Film{}, FilmOK{}},
		{Strip{}, StripOK{}},

		{MapPoints{}, MapPointsOK{}},
		{MapPlane{}, MapPlaneOK{}},
		{MapLook{}, MapLookOK{}},
		{MapCells{}, MapCellsOK{}},

		{HandLoad{}, HandLoadOK{}},
		{Hand{}, HandOK{}},

		{GalleryLoad{}, GalleryLoadOK{}},
		{GalleryPaint{}, DecodeOK{}},
		{GalleryEncode{}, GalleryEncodeOK{}},
		{GalleryPoints{}, GalleryPointsOK{}},

		{DataSets{}, DataSetsOK{}},
		{DataSheet{}, DataSheetOK{}},
		{DataRead{}, DataReadOK{}},
		{DataInspect{}, DataInspectOK{}},
		{DataDraw{}, DataDrawOK{}},
		{DataExport{}, DataExportOK{}},

		{TrainOpen{}, TrainOpenOK{}},
		{TrainRestore{}, TrainOpenOK{}},
		{TrainGroup{}, TrainStatusOK{}},
		{TrainPeer{}, nil},
		{TrainRun{}, nil},
		{TrainPause{}, TrainStepOK{}},
		{TrainChange{}, nil},
		{TrainStatus{}, TrainStatusOK{}},
		{TrainPreview{}, TrainPreviewOK{}},
		{TrainMap{}, TrainMapOK{}},
		{TrainMorph{}, TrainMorphOK{}},
		{TrainEvaluate{}, TrainEvaluateOK{}},
		{TrainModel{}, TrainFileOK{}},
		{TrainCheckpoint{}, TrainFileOK{}},
		{TrainClose{}, nil},

		{Measure{}, MeasureOK{}},
		{MeasureStop{}, nil},

		{Export{}, ExportOK{}},

		{LabelsOpen{}, LabelsOpenOK{}},
		{LabelsFit{}, LabelsFitOK{}},
		{LabelsClose{}, nil},
	}
}

// Events lists the events that the engine sends its clients.
func Events() []Body {
	return []Body{
		EngineReady{}, Loading{}, ModelEvent{}, PadEvent{},
		DataEvent{}, TrainEvent{}, TrainStateEvent{}, TrainRollbackEvent{}, TrainWorkersLateEvent{}, MeasuringEvent{},
	}
}

// Failures lists the types of events of the engine that report a failure; they
// have an [Error] and no other fields.
func Failures() []string { return []string{TypeEngineError, TypeEngineWarning} }

// PeerMessages lists the messages between the workers of a group.
func PeerMessages() []Body {
	return []Body{PeerState{}, PeerGo{}, PeerOperands{}, PeerSlice{}, PeerMemory{}}
}

// StageMessages lists the messages from the page to the stage.
func StageMessages() []Body {
	return []Body{Layout{}, Theme{}, PadContent{}, Play{}, Samples{}, EngineLink{}, MapView{}, MapData{}, MapSample{}, MapPath{}, MapDraws{}}
}

// StageEvents lists the messages from the stage to the page; besides, an event of
// type "error" reports a failure.
func StageEvents() []Body { return []Body{Ready{}, Painted{}, Tick{}, MorphInstalled{}} }

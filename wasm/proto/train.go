package proto

import "encoding/json"

// Types of requests to an engine that trains.
const (
	TypeTrainOpen       = "train.open"
	TypeTrainRestore    = "train.restore"
	TypeTrainGroup      = "train.group"
	TypeTrainPeer       = "train.peer"
	TypeTrainRun        = "train.run"
	TypeTrainPause      = "train.pause"
	TypeTrainChange     = "train.change"
	TypeTrainStatus     = "train.status"
	TypeTrainPreview    = "train.preview"
	TypeTrainMap        = "train.map"
	TypeTrainMorph      = "train.morph"
	TypeTrainEvaluate   = "train.evaluate"
	TypeTrainModel      = "train.model"
	TypeTrainCheckpoint = "train.checkpoint"
	TypeTrainClose      = "train.close"
)

// Types of events about training.
const (
	TypeTrain            = "train"          // steps were taken
	TypeTrainState       = "train-state"    // training started, paused or ended
	TypeTrainRollback    = "train-rollback" // a step was undone
	TypeTrainWorkersLate = "train-late"     // gradients of some workers are late
)

// Types of events between the workers of a group.
const (
	TypePeerState    = "peer.state"
	TypePeerGo       = "peer.go"
	TypePeerOperands = "peer.operands"
	TypePeerSlice    = "peer.slice"
	TypePeerMemory   = "peer.memory"
)

// TrainOpen prepares a new run and replaces the open one. Bufs: the files, where
// one of the data sets comes in files; see the kinds of [Data]. While files are
// read, [DataEvent] reports progress, other requests are answered, and a
// [TrainClose] or another TrainOpen cancels it with the code no-training.
type TrainOpen struct {
	Recipe     json.RawMessage `json:"recipe"` // a train.Recipe
	Data       Data            `json:"data"`
	Validation Data            `json:"validation"`
	// Init: the run begins with the weights of a model of the recipe's architecture, whose file is the first of Bufs.
	Init bool `json:"init,omitempty"`
}

// TrainRestore resumes a run from a checkpoint, with the data it began with. Bufs:
// the checkpoint (the file of a [TrainFileOK]), then as [TrainOpen].
type TrainRestore struct {
	Data       Data `json:"data"`
	Validation Data `json:"validation"`
}

// DataInfo describes a part of a data set.
type DataInfo struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
	Shape [3]int `json:"shape"` // channels, height, width
}

// TrainOpenOK answers [TrainOpen] and [TrainRestore].
type TrainOpenOK struct {
	Step          int             `json:"step"` // steps taken
	Steps         int             `json:"steps"`
	StepsPerEpoch int             `json:"stepsPerEpoch"`
	Params        int             `json:"params"`
	Dataset       DataInfo        `json:"dataset"`
	Validation    DataInfo        `json:"validation"`
	Classes       []string        `json:"classes"` // names of the labels in order, at most MaxClassNames; empty if they have none
	Report        *DataReport     `json:"report"`  // of an album; else null
	Recipe        json.RawMessage `json:"recipe"`  // with all its fields
	Terms         []string        `json:"terms"`   // of the objective, besides recon and kl; at most MaxTerms
	// NewDiscriminator says that the model to begin with had no discriminator, so that its weights are new.
	NewDiscriminator bool `json:"newDiscriminator"`
}

// TrainGroup makes this worker the rank-th of size that train together; rank 0
// leads. Ports to the others follow, each with a [TrainPeer]. The worker leaves any
// former group. The answer comes when all have the state of the leader.
type TrainGroup struct {
	Rank       int   `json:"rank"`
	Size       int   `json:"size"`
	Generation int64 `json:"generation"` // tells this group from others, earlier and later
	// Shared says that all of them can share memory, and are to exchange operands and
	// slices that way, as [PeerMemory] says.
	Shared bool `json:"shared"`
}

// TrainPeer carries the port to another worker of the group.
type TrainPeer struct {
	Rank       int   `json:"rank"` // of the other
	Generation int64 `json:"generation"`
}

// TrainRun starts training; for the leader.
type TrainRun struct {
	Steps int `json:"steps"` // 0: to the end of the run
}

// TrainPause ends training after the step in progress, and is answered then.
type TrainPause struct{}

// TrainStepOK answers [TrainPause].
type TrainStepOK struct {
	Step int `json:"step"` // steps taken
}

// TrainFileOK answers [TrainCheckpoint] and [TrainModel]. Buffer 0 is the file.
type TrainFileOK struct {
	Step int `json:"step"` // steps taken in the state that the file holds
}

// TrainChange changes settings while training, for the leader; null leaves one
// as it is.
type TrainChange struct {
	LearningRate *float64 `json:"learningRate"`
	Beta         *float64 `json:"beta"`
}

// TrainStatus asks for the worker's progress.
type TrainStatus struct{}

// TrainStatusOK answers [TrainStatus].
type TrainStatusOK struct {
	Step       int   `json:"step"`
	Running    bool  `json:"running"`
	Generation int64 `json:"generation"` // of the group, 0 without one
}

// TrainPreview asks for pictures of the model as it is now. 0: not wanted.
type TrainPreview struct {
	Recon   int   `json:"recon"`   // validation pictures to reconstruct
	Samples int   `json:"samples"` // draws from the prior, the same for the same seed
	Scatter int   `json:"scatter"` // validation pictures to show as points of a plane
	Grid    int   `json:"grid"`    // side of a grid over the plane of the scatter
	Class   int   `json:"class"`   // that a conditional model's grid and path are of
	Path    int   `json:"path"`    // pictures on the way from one draw of the prior to another, the same for the same seed
	Seed    int64 `json:"seed"`
	// Prior of the samples: PriorNormal, or PriorFitted where a [Measure] has fitted one to
	// the model as it is now; empty: PriorNormal.
	Prior string `json:"prior"`
}

// TrainPreviewOK answers [TrainPreview]. Counts are what was given: a data set may have
// less, a model without encoder has neither reconstructions nor points, and where there
// is no plane there is no grid: in one latent dimension, and in more than two without
// points. A conditional model is told the classes of
// validation pictures, and its samples show all classes in turn. Bufs: validation pictures,
// their reconstructions, samples, points (x and y of each: mu itself for two
// latent dimensions, else its first principal components, from their mean), pictures of
// the grid in the plane of the points row by row from the top, pictures along the path, both ends included.
type TrainPreviewOK struct {
	Step      int       `json:"step"`
	Prior     string    `json:"prior"` // that the samples are of
	Latent    int       `json:"latent"`
	Shape     [3]int    `json:"shape"` // of a picture: channels, height, width
	Recon     int       `json:"recon"`
	Samples   int       `json:"samples"`
	Scatter   int       `json:"scatter"`
	Grid      int       `json:"grid"`
	Path      int       `json:"path"`
	Labels    []int     `json:"labels"`    // of the points, -1 for none
	Explained []float64 `json:"explained"` // part of the variance of mu along each axis; empty for two dimensions
}

// TrainMap asks for as much of a map of latent space, by the model as it is now, as is computed in a given time: means of
// validation pictures, in turn with decoded points, at least one of each that is wanted. Bufs: z, n x latent, the points to
// decode, the most wanted first; mu, n x latent, means to fit a plane to, or none.
type TrainMap struct {
	BudgetMS int `json:"budgetMs"` // of computing; 0: all that is wanted
	First    int `json:"first"`    // validation picture to encode first
	Points   int `json:"points"`   // validation pictures to encode
	Class    int `json:"class"`    // that a conditional model decodes
}

// TrainMapOK answers [TrainMap]. Bufs: mu (points x latent); pictures of the first cells of z, a byte a value, 0 to 255;
// origin, e1 and e2 of the plane along the two principal components of the means that came with the request, the axes turned
// as little as can be from those of the last one; empty without such means, and for fewer than three of them.
type TrainMapOK struct {
	Step      int       `json:"step"`
	Latent    int       `json:"latent"`
	Shape     [3]int    `json:"shape"` // of a picture: channels, height, width
	Points    int       `json:"points"`
	Cells     int       `json:"cells"`
	Labels    []int     `json:"labels"`    // of the validation pictures that were encoded, -1 for none
	Explained []float64 `json:"explained"` // part of the variance of the means along e1 and e2; empty without a plane
}

// TrainMorph asks the model, as it is now, for a morph from one picture to another:
// two of the validation pictures, at their means, or for a model without encoder
// two of the samples that [TrainPreview] gives for this seed.
type TrainMorph struct {
	A      int    `json:"a"`      // index of the first picture
	B      int    `json:"b"`      // index of the last picture
	Frames int    `json:"frames"` // both ends included
	Path   string `json:"path"`   // PathSlerp or PathLerp
	Class  int    `json:"class"`  // of a conditional model
	Seed   int64  `json:"seed"`   // of samples
}

// TrainMorphOK answers [TrainMorph]. Bufs: the frames, one after the other.
type TrainMorphOK struct {
	Step   int    `json:"step"`
	Frames int    `json:"frames"`
	Shape  [3]int `json:"shape"` // of a frame: channels, height, width
}

// TrainEvaluate measures the model on validation pictures; 0: all.
type TrainEvaluate struct {
	Images int `json:"images"`
}

// TrainEvaluateOK answers [TrainEvaluate] in nats, averaged over the pictures.
type TrainEvaluateOK struct {
	Step     int      `json:"step"`
	Images   int      `json:"images"`
	Recon    Number   `json:"recon"`
	KL       Number   `json:"kl"`
	ELBO     Number   `json:"elbo"`
	Other    []Number `json:"other"` // further terms, for a bound those of the ELBO
	Terms    []string `json:"terms"` // their names
	KLPerDim []Number `json:"klPerDim"`
	Active   []bool   `json:"active"` // dimensions that carry information about the picture
}

// TrainModel asks for the model as a file, see [TrainFileOK].
type TrainModel struct{}

// TrainCheckpoint asks for the run as a file, see [TrainFileOK]: as of its last
// snapshot while it trains, which is half as large, else of the present step.
// [TrainRestore] opens the file again.
type TrainCheckpoint struct {
	// Latest asks for the present step also while the run trains.
	Latest bool `json:"latest"`
}

// TrainClose ends the run and frees its memory.
type TrainClose struct{}

// TrainPoint is one step on the curves: step, recon, kl, gradient norm, learning
// rate, beta, 1 if the step was undone, then the terms that TrainOpenOK names, and
// zeros.
type TrainPoint [7 + MaxTerms]Number

// TrainEvent reports the steps since the last TrainEvent.
type TrainEvent struct {
	Step            int          `json:"step"` // steps taken
	Epoch           int          `json:"epoch"`
	Steps           int          `json:"steps"` // of the whole run
	StepsPerEpoch   int          `json:"stepsPerEpoch"`
	Seconds         float64      `json:"seconds"` // of training, pauses left out
	ImagesPerSecond float64      `json:"imagesPerSecond"`
	Points          []TrainPoint `json:"points"` // at most MaxTrainPoints; of many steps some are left out
}

// States of training.
const (
	StateRunning  = "running"
	StatePaused   = "paused"
	StateDone     = "done"
	StateDiverged = "diverged"
	StateFailed   = "failed"
)

// TrainStateEvent tells the state of training; Why is the error of the last two
// states.
type TrainStateEvent struct {
	State string `json:"state"`
	Step  int    `json:"step"`
	Why   *Error `json:"why,omitempty"`
}

// TrainRollbackEvent tells of a step that was undone because its loss or gradient was
// not finite. The learning rate was halved.
type TrainRollbackEvent struct {
	Step         int     `json:"step"`
	Layer        string  `json:"layer"` // where the value was found first: a tensor, or "loss"
	LearningRate float64 `json:"learningRate"`
}

// TrainWorkersLateEvent names the workers whose gradients are late or whose ports
// are closed.
type TrainWorkersLateEvent struct {
	Ranks      []int `json:"ranks"`
	Step       int   `json:"step"`
	Generation int64 `json:"generation"` // of the group that they are of
}

// LiveSettings are the settings that can change during a run.
type LiveSettings struct {
	LearningRate float64 `json:"learningRate"`
	Beta         float64 `json:"beta"`
}

// PeerState carries the leader's whole state to a worker. Bufs: weights and the
// optimiser's state, then the same of the snapshot if there is one.
type PeerState struct {
	LiveSettings
	StateHead
	Snapshot    *StateHead `json:"snapshot"`
	UndoneSteps int        `json:"undone"` // since the snapshot
}

// StateHead is the part of a state of a trainer that is not in buffers.
type StateHead struct {
	Step     int     `json:"step"`
	OptSteps int     `json:"optSteps"`
	Scale    float64 `json:"scale"`
}

// PeerGo tells that the leader takes a step. It is sent where the operands of the
// step before did not announce it in Next.
type PeerGo struct {
	LiveSettings     // for this step
	Step         int `json:"step"` // steps taken before it
}

// PeerOperands carries what the gradients of a worker's pictures are made of in a
// step. Bufs: the terms of each picture, then the operands, float32.
type PeerOperands struct {
	Step int           `json:"step"`           // steps taken before it
	Next *LiveSettings `json:"next,omitempty"` // from the leader: the settings of the next step, if there will be one
}

// PeerSlice carries a worker's slice of the gradient of a step. Bufs: the slice,
// float32.
type PeerSlice struct {
	Step int `json:"step"` // steps taken before it
}

// PeerMemory carries the memory in which a worker puts its operands and its slice, as
// [Message].Memory; see package training.
type PeerMemory struct{}

// MessageType gives the type's name on the wire.
func (TrainOpen) MessageType() string             { return TypeTrainOpen }
func (TrainRestore) MessageType() string          { return TypeTrainRestore }
func (TrainGroup) MessageType() string            { return TypeTrainGroup }
func (TrainPeer) MessageType() string             { return TypeTrainPeer }
func (TrainRun) MessageType() string              { return TypeTrainRun }
func (TrainPause) MessageType() string            { return TypeTrainPause }
func (TrainChange) MessageType() string           { return TypeTrainChange }
func (TrainStatus) MessageType() string           { return TypeTrainStatus }
func (TrainPreview) MessageType() string          { return TypeTrainPreview }
func (TrainMap) MessageType() string              { return TypeTrainMap }
func (TrainMorph) MessageType() string            { return TypeTrainMorph }
func (TrainEvaluate) MessageType() string         { return TypeTrainEvaluate }
func (TrainModel) MessageType() string            { return TypeTrainModel }
func (TrainCheckpoint) MessageType() string       { return TypeTrainCheckpoint }
func (TrainClose) MessageType() string            { return TypeTrainClose }
func (TrainEvent) MessageType() string            { return TypeTrain }
func (TrainStateEvent) MessageType() string       { return TypeTrainState }
func (TrainRollbackEvent) MessageType() string    { return TypeTrainRollback }
func (TrainWorkersLateEvent) MessageType() string { return TypeTrainWorkersLate }
func (PeerState) MessageType() string             { return TypePeerState }
func (PeerGo) MessageType() string                { return TypePeerGo }
func (PeerOperands) MessageType() string          { return TypePeerOperands }
func (PeerSlice) MessageType() string             { return TypePeerSlice }
func (PeerMemory) MessageType() string            { return TypePeerMemory }

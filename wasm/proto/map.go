package proto

// Types of requests about the latent map.
const (
	TypeMapPoints = "map.points"
	TypeMapPlane  = "map.plane"
	TypeMapLook   = "map.look"
	TypeMapCells  = "map.cells"
)

// Types of messages about the map from the page to the stage.
const (
	TypeMap       = "map"
	TypeMapData   = "map-data"
	TypeMapSample = "map-sample"
	TypeMapPath   = "map-path"
	TypeMapDraws  = "map-draws"
)

// Planes through latent space.
const (
	PlaneDrawings   = "drawings"   // through A, B and the origin
	PlanePrincipal  = "principal"  // through the origin, along the two principal components of the encoded data
	PlaneDimensions = "dimensions" // two dimensions, the others 0
)

// Planes lists them.
func Planes() []string { return []string{PlaneDrawings, PlanePrincipal, PlaneDimensions} }

// PathDrawn is the kind of a path that a person drew on the map; a [Morph] cannot ask for it.
const PathDrawn = "drawn"

// MaxCells bounds the points of one [MapCells].
const MaxCells = 256

// MapPoints gives the engine pictures of a data set as the model encodes them. Bufs: a file of points as
// tools/eval writes it; none takes them away. Another model takes them away as well.
type MapPoints struct{}

// MapPointsOK answers [MapPoints]. Bufs: mu (n x latent), labels (n bytes; empty where there are none).
type MapPointsOK struct {
	N int `json:"n"`
}

// MapPlane asks for a plane through the latent space of the model. Bufs: mu of A, mu of B; each may be empty.
type MapPlane struct {
	Plane  string `json:"plane"`
	Across int    `json:"across"` // of PlaneDimensions: the dimension from left to right, from 0
	Up     int    `json:"up"`     // and the one from bottom to top
}

// MapPlaneOK answers [MapPlane]. Bufs: origin, e1 and e2; e1 and e2 are orthonormal. OffA, OffB and Share are null where
// there is no drawing and there are no points.
type MapPlaneOK struct {
	OffA  *float64 `json:"offA"`  // distance of A from the plane
	OffB  *float64 `json:"offB"`  // and of B
	Share *float64 `json:"share"` // of the variance of the points on the plane, 0 to 1
}

// MapLook decodes one latent point and says what is there. Bufs: z.
type MapLook struct{}

// MapLookOK answers [MapLook]. Bufs: pixels. Label and Probs are null without a classifier.
type MapLookOK struct {
	Label *int      `json:"label"` // what the picture is taken for
	Probs []float32 `json:"probs"`
	Near  []int     `json:"near"` // labels of most of the nearest points, the most frequent first; null without points
}

// MapCells decodes latent points for the ground of the map, when nothing else is to be done. Bufs: z, n x latent.
type MapCells struct{}

// MapCellsOK answers [MapCells]. Bufs: pixels, n pictures of one byte a pixel, 0 for paper and 255 for ink.
type MapCellsOK struct {
	N int `json:"n"`
}

// MapPlace is a place on the plane of a map, in units of latent space.
type MapPlace struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// MapView gives the stage all that the map shows besides [MapData] and the pads. Bufs: origin, e1 and e2 of the plane,
// trail (x and y of each point of a line that is being drawn). Without the first three there is no map.
type MapView struct {
	Center MapPlace  `json:"center"`
	Span   float64   `json:"span"`   // of the shorter side of the map, in units of latent space
	Ground bool      `json:"ground"` // whether decoded pictures are shown
	At     *MapPlace `json:"at"`     // the place that is decoded; null: none
	Pin    *MapPlace `json:"pin"`    // the place that is pinned
	A      *MapPlace `json:"a"`      // where A is dragged; null: where the model encodes it
	B      *MapPlace `json:"b"`
}

// MapData gives the stage points to show on the map. Bufs: mu (n x latent), labels (n bytes or none). They are shown on
// planes of that many dimensions.
type MapData struct {
	Latent int `json:"latent"`
}

// MapSample gives the stage a picture to show in the place of the morph. Bufs: pixels; none shows the morph again.
type MapSample struct{}

// MapPath gives the stage a path to play in the place of the morph between the drawings, until one of these changes.
// Bufs: z, n x latent, 2 to [MaxFrames] points; none plays the morph between the drawings again.
type MapPath struct{}

// MapDraws gives the stage latent points that were drawn from the posterior of A, to show around it. Bufs: z, n x latent;
// none takes them away. Another model takes them away as well.
type MapDraws struct{}

// MessageType gives the type's name on the wire.
func (MapPoints) MessageType() string { return TypeMapPoints }
func (MapPlane) MessageType() string  { return TypeMapPlane }
func (MapLook) MessageType() string   { return TypeMapLook }
func (MapCells) MessageType() string  { return TypeMapCells }
func (MapView) MessageType() string   { return TypeMap }
func (MapData) MessageType() string   { return TypeMapData }
func (MapSample) MessageType() string { return TypeMapSample }
func (MapPath) MessageType() string   { return TypeMapPath }
func (MapDraws) MessageType() string  { return TypeMapDraws }

// Check validates the fields of a request; the error names the invalid one. That a dimension is one of the model's is
// for the engine to see.
func (r MapPlane) Check() error {
	switch r.Plane {
	case PlaneDrawings, PlanePrincipal:
		return nil
	case PlaneDimensions:
		if r.Across < 0 {
			return Errorf(CodeBadValue, "across", "%d is negative", r.Across)
		}
		if r.Up < 0 || r.Up == r.Across {
			return Errorf(CodeBadValue, "up", "%d: want another dimension than %d", r.Up, r.Across)
		}
		return nil
	}
	return Errorf(CodeBadValue, "plane", "%.20q: want %q, %q or %q", r.Plane, PlaneDrawings, PlanePrincipal, PlaneDimensions)
}

// maxPlace bounds the places of a map: farther from the origin nothing is to be seen.
const maxPlace = 1e4

// Check validates the fields; the error names the invalid one.
func (v MapView) Check() error {
	if !(v.Span > 1e-6 && v.Span <= maxPlace) {
		return Errorf(CodeBadValue, "span", "%v: want more than 1e-6 and at most %v", v.Span, maxPlace)
	}
	for _, p := range []struct {
		field string
		at    *MapPlace
	}{{"center", &v.Center}, {"at", v.At}, {"pin", v.Pin}, {"a", v.A}, {"b", v.B}} {
		if p.at != nil && !(p.at.X >= -maxPlace && p.at.X <= maxPlace && p.at.Y >= -maxPlace && p.at.Y <= maxPlace) {
			return Errorf(CodeBadValue, p.field, "%v, %v: want -%v to %v", p.at.X, p.at.Y, maxPlace, maxPlace)
		}
	}
	return nil
}

package data

// cacheBlock is about how many bytes of pictures are kept in one piece of memory.
const cacheBlock = 256 << 10

// pieces is memory for pictures of n bytes, in pieces, so that it can grow without being copied.
type pieces struct {
	n     int // bytes of a picture
	each  int // pictures of a piece
	parts [][]byte
}

func newPieces(n int) pieces { return pieces{n: n, each: max(1, cacheBlock/n)} }

// at returns the memory of picture i of count, zeros at first.
func (p *pieces) at(i, count int) []byte {
	k := i / p.each
	for len(p.parts) <= k {
		p.parts = append(p.parts, nil)
	}
	if p.parts[k] == nil {
		p.parts[k] = make([]byte, min(p.each, max(count-k*p.each, 1))*p.n)
	}
	return p.parts[k][i%p.each*p.n:][:p.n]
}

// Cached is a Dataset that makes each picture of another once, when it is first asked for, and keeps it as bytes. It is for
// one goroutine at a time.
type Cached struct {
	Dataset
	pieces pieces
	made   []bool
	fresh  []float32
	one    [1]int
}

// Cache returns the pictures of d, each made at most once. Values of pictures that are no multiples of 1/255 are rounded to one.
func Cache(d Dataset) *Cached {
	n := d.Shape().Len()
	k := &Cached{Dataset: d, pieces: newPieces(n), made: make([]bool, d.Len()), fresh: make([]float32, n)}
	k.pieces.parts = make([][]byte, (d.Len()+k.pieces.each-1)/k.pieces.each)
	return k
}

// Batch implements Dataset. It allocates only where a picture is the first of its piece of memory.
func (k *Cached) Batch(dst []float32, index []int) {
	n := k.pieces.n
	checkBatch(dst, index, n)
	for j, i := range index {
		toUnit(dst[j*n:(j+1)*n], k.pixels(i))
	}
}

// pixels returns picture i, making it if need be.
func (k *Cached) pixels(i int) []byte {
	made := k.made[i]
	kept := k.pieces.at(i, len(k.made))
	if !made {
		k.one[0] = i
		k.Dataset.Batch(k.fresh, k.one[:])
		for j, v := range k.fresh {
			kept[j] = byte(v*255 + 0.5)
		}
		k.made[i] = true
	}
	return kept
}

// Attributes implements [Attributed]; there are none if the set that is kept has none.
func (k *Cached) Attributes() []Attribute { return AttributesOf(k.Dataset) }

// Values implements [Attributed].
func (k *Cached) Values(dst []float32, i int) { valuesOf(k.Dataset, dst, i) }

// AttributesOf returns the attributes of a set, nil if it has none.
func AttributesOf(d Dataset) []Attribute {
	if a, ok := d.(Attributed); ok {
		return a.Attributes()
	}
	return nil
}

func valuesOf(d Dataset, dst []float32, i int) {
	if a, ok := d.(Attributed); ok {
		a.Values(dst, i)
	}
}

// Growing is a Dataset of bytes that pictures are added to, a byte a value.
type Growing struct {
	name   string
	shape  Shape
	pieces pieces
	labels []int32
}

// NewGrowing returns a set without pictures. It panics at a shape without pixels.
func NewGrowing(name string, shape Shape) *Growing {
	if shape.C < 1 || shape.H < 1 || shape.W < 1 {
		panic("data: pictures of " + shape.String() + " have no pixels")
	}
	return &Growing{name: name, shape: shape, pieces: newPieces(shape.Len())}
}

// Add adds a picture with a label, -1 for none, and returns the memory for its bytes, all of which must be written before the
// set is used.
func (g *Growing) Add(label int) []byte {
	g.labels = append(g.labels, int32(label))
	return g.pieces.at(len(g.labels)-1, 1<<31-1)
}

// Relabel gives each picture a new label, a function of its old one.
func (g *Growing) Relabel(of func(label int) int) {
	for i, l := range g.labels {
		g.labels[i] = int32(of(int(l)))
	}
}

// Name implements Dataset.
func (g *Growing) Name() string { return g.name }

// Shape implements Dataset.
func (g *Growing) Shape() Shape { return g.shape }

// Len implements Dataset.
func (g *Growing) Len() int { return len(g.labels) }

// Label implements Dataset.
func (g *Growing) Label(i int) int { return int(g.labels[i]) }

// Bytes returns the bytes of picture i, which must not be changed.
func (g *Growing) Bytes(i int) []byte {
	_ = g.labels[i]
	return g.pieces.at(i, len(g.labels))
}

// Batch implements Dataset: a byte b becomes b/255. It does not allocate.
func (g *Growing) Batch(dst []float32, index []int) {
	n := g.pieces.n
	checkBatch(dst, index, n)
	for k, i := range index {
		toUnit(dst[k*n:(k+1)*n], g.Bytes(i))
	}
}

// toUnit turns bytes into values in [0,1].
//
//go:noinline
func toUnit(dst []float32, src []byte) {
	for j, b := range src {
		dst[j] = byteToUnit[b]
	}
}

package onnx

import (
	"fmt"
	"maps"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"inkdrift/vae/nn"
)

// The fields of GraphProto.
const (
	graphNode        protowire.Number = 1
	graphName        protowire.Number = 2
	graphInitializer protowire.Number = 5
	graphDoc         protowire.Number = 10
	graphInput       protowire.Number = 11
	graphOutput      protowire.Number = 12
)

// graph is a GraphProto being made: nodes are appended in the order in which they
// compute.
type graph struct {
	message
	weights map[string][]float32 // tensors of the model by name
	have    map[string]bool      // names of initializers that are there
	count   int                  // names of intermediate values
}

// newGraph begins a graph that may use the weights of a model.
func newGraph(name, doc string, weights map[string][]float32) *graph {
	g := &graph{weights: weights, have: map[string]bool{}}
	g.text(graphName, name)
	g.optional(graphDoc, doc)
	return g
}

// input declares rows of a shape and returns their name.
func (g *graph) input(name, doc string, row ...int) string {
	g.bytes(graphInput, value(name, doc, row))
	return name
}

// attributes of a node.
type attributes map[string]any

// node adds a node with one output and returns the name of that.
func (g *graph) node(op string, a attributes, inputs ...string) string {
	g.count++
	out := fmt.Sprintf("%s_%d", op, g.count)
	g.nodeTo(out, op, a, inputs...)
	return out
}

// nodeTo is node with a name for the output.
func (g *graph) nodeTo(out, op string, a attributes, inputs ...string) {
	var n message
	for _, in := range inputs {
		n.text(1, in) // input
	}
	n.text(2, out) // output
	n.text(3, out) // name
	n.text(4, op)  // op_type
	for _, name := range slices.Sorted(maps.Keys(a)) {
		n.bytes(5, attribute(name, a[name]))
	}
	g.bytes(graphNode, n)
}

// output adds a node whose output is one of the graph's, rows of a shape.
func (g *graph) output(name, doc string, row []int, op string, a attributes, inputs ...string) {
	g.nodeTo(name, op, a, inputs...)
	g.bytes(graphOutput, value(name, doc, row))
}

// constant adds float32 numbers and returns their name.
func (g *graph) constant(name string, shape []int, values []float32) string {
	if !g.have[name] {
		g.have[name] = true
		g.bytes(graphInitializer, tensor(name, shape, typeFloat, floats(values)))
	}
	return name
}

// constantInts adds int64 numbers and returns their name.
func (g *graph) constantInts(name string, values ...int) string {
	if !g.have[name] {
		g.have[name] = true
		g.bytes(graphInitializer, tensor(name, []int{len(values)}, typeInt64, integers(values)))
	}
	return name
}

// weight adds a tensor of the model and returns its name.
func (g *graph) weight(name string, shape []int) string {
	return g.constant(name, shape, g.weights[name])
}

// UnknownLayerError says that a kind of layer cannot be written.
type UnknownLayerError struct{ Kind nn.Kind }

func (e *UnknownLayerError) Error() string {
	return fmt.Sprintf("onnx: layers of kind %q cannot be written: add it to the table of operators", e.Kind)
}

// operators adds the nodes of a layer to a graph, by kind.
var operators = map[nn.Kind]func(g *graph, l nn.Layer, x string) string{
	nn.KindLinear: func(g *graph, l nn.Layer, x string) string {
		return g.node("Gemm", attributes{"transB": 1}, x, g.weight(l.Name+".weight", l.Weight), g.weight(l.Name+".bias", l.Out))
	},
	nn.KindConv: func(g *graph, l nn.Layer, x string) string {
		return g.node("Conv", convolution(l), x, g.weight(l.Name+".weight", l.Weight), g.weight(l.Name+".bias", l.Out[:1]))
	},
	nn.KindConvTranspose: func(g *graph, l nn.Layer, x string) string {
		a := convolution(l)
		a["output_padding"] = l.OutputPadding
		return g.node("ConvTranspose", a, x, g.weight(l.Name+".weight", l.Weight), g.weight(l.Name+".bias", l.Out[:1]))
	},
	nn.KindUnfold: func(g *graph, l nn.Layer, x string) string { return g.reshape(x, l.Out) },
	nn.KindFlatten: func(g *graph, _ nn.Layer, x string) string {
		return g.node("Flatten", attributes{"axis": 1}, x)
	},
	nn.KindTanh: func(g *graph, _ nn.Layer, x string) string { return g.node("Tanh", nil, x) },
	nn.KindReLU: func(g *graph, _ nn.Layer, x string) string { return g.node("Relu", nil, x) },
	nn.KindLeakyReLU: func(g *graph, l nn.Layer, x string) string {
		return g.node("LeakyRelu", attributes{"alpha": float32(l.Slope)}, x)
	},
	nn.KindSigmoid: func(g *graph, _ nn.Layer, x string) string { return g.node("Sigmoid", nil, x) },
	nn.KindHalfTanh: func(g *graph, _ nn.Layer, x string) string { // (1 + tanh x) / 2 = sigmoid 2x
		return g.node("Sigmoid", nil, g.node("Mul", nil, x, g.constant("two", nil, []float32{2})))
	},
}

// Writes reports whether layers of a kind can be written.
func Writes(k nn.Kind) bool { return operators[k] != nil }

// convolution are the attributes of a convolution and of its transpose.
func convolution(l nn.Layer) attributes {
	return attributes{
		"kernel_shape": l.Weight[2:],
		"strides":      []int{l.Stride, l.Stride},
		"pads":         []int{l.Padding, l.Padding, l.Padding, l.Padding},
	}
}

// reshape gives each row of x a shape.
func (g *graph) reshape(x string, row []int) string {
	shape := append([]int{0}, row...) // 0 keeps the length of the batch
	return g.node("Reshape", nil, x, g.constantInts(fmt.Sprintf("shape_%v", row), shape...))
}

// layers adds layers that follow one another.
func (g *graph) layers(layers []nn.Layer, x string) (string, error) {
	for _, l := range layers {
		add, ok := operators[l.Kind]
		if !ok {
			return "", &UnknownLayerError{l.Kind}
		}
		x = add(g, l, x)
	}
	return x, nil
}

// model is the ModelProto around the graph.
func (g *graph) model(doc string, metadata map[string]string) []byte {
	var version, m message
	version.text(1, "")       // domain: the standard operators
	version.integer(2, opset) // version
	m.integer(1, irVersion)   // ir_version
	m.text(2, producer)       // producer_name
	m.optional(6, doc)        // doc_string
	m.bytes(7, g.message)     // graph
	m.bytes(8, version)       // opset_import
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		var entry message
		entry.text(1, key)           // key
		entry.text(2, metadata[key]) // value
		m.bytes(14, entry)           // metadata_props
	}
	return m
}

const producer = "inkdrift"

package compute

import "sync/atomic"

// Backend does the elementwise work of a model. Matrices are row-major and
// dense; rows are images of a batch. Implementations panic when lengths do not
// fit, as blas32 does: a wrong length is a bug of the caller, never of the data.
//
// NaN and infinities flow through as IEEE 754 has them.
type Backend interface {
	// Name is a short name for reports: "go", "simd-strict", "simd-relaxed".
	Name() string

	// BiasAct computes y = act(y + bias) for each row of y.
	// len(y) is a multiple of len(bias).
	BiasAct(y, bias []float32, act Activation)

	// BiasActGrad turns dy, the gradient after the activation, into the
	// gradient before it, dy *= act'(x), and adds its column sums to dbias.
	// y is the output of BiasAct.
	BiasActGrad(dy, dbias, y []float32, act Activation)

	// Sigmoid computes dst = 1 / (1 + exp(-x)). dst and x may be the same.
	Sigmoid(dst, x []float32)

	// BCEWithLogits computes the Bernoulli negative log-likelihood of each row
	//
	//	loss[i] = sum_j max(l,0) - l*t + log(1 + exp(-|l|))
	//
	// in nats, and grad = scale * (sigmoid(l) - t) unless grad is nil.
	// len(logits) = len(target) = len(loss) * width; grad may be logits.
	BCEWithLogits(loss, grad, logits, target []float32, scale float32)

	// SquaredError computes loss[i] = sum_j (mean-target)^2 of each row, and
	// grad = scale * (mean - target) unless grad is nil; grad may be mean.
	SquaredError(loss, grad, mean, target []float32, scale float32)

	// Reparameterize computes z = mu + exp(logvar/2) * eps
	// (Kingma and Welling 2014, section 2.4).
	Reparameterize(z, mu, logvar, eps []float32)

	// ReparameterizeGrad carries dz back: dmu = dz and
	// dlogvar = dz * eps * exp(logvar/2) / 2.
	ReparameterizeGrad(dmu, dlogvar, dz, logvar, eps []float32)

	// KL computes the divergence of N(mu, exp(logvar)) from N(0, I) of each row
	//
	//	kl[i] = -1/2 sum_j (1 + logvar - mu^2 - exp(logvar))
	//
	// (Kingma and Welling 2014, appendix B) and adds scale times its gradient
	// to dmu and dlogvar unless they are nil.
	KL(kl, dmu, dlogvar, mu, logvar []float32, scale float32)

	// Im2col lays out the pixels under a window. For each picture of src, in the
	// order height, width, channels, and each place of the window, row by row, dst
	// gets a row of w.RowLen() numbers: the pixels under the window, row by row,
	// zero where it reaches over an edge. len(src) = n*w.PictureLen(), len(dst) =
	// n*w.ColumnsLen().
	Im2col(dst, src []float32, w Window)

	// Col2im is the transpose of Im2col: it adds each row of src, in order, to
	// the pixels of dst that lie under the window there. The numbers beyond
	// w.Used() are not looked at. len(dst) = n*w.PictureLen(), len(src) =
	// n*w.ColumnsLen().
	Col2im(dst, src []float32, w Window)

	// Transpose turns the matrices of src, rows by cols, one behind the other,
	// into those of dst, cols by rows. dst and src do not overlap.
	Transpose(dst, src []float32, rows, cols int)

	// Adam takes one step of Kingma and Ba 2015, algorithm 1, with the
	// bias corrections in p.
	Adam(w, g, m, v []float32, p AdamStep)

	// Uniform fills dst with numbers in [0, 1): element i is number offset+i
	// of the stream key.
	Uniform(dst []float32, key Key, offset uint32)

	// Normal fills dst with standard normal numbers: element i is number
	// offset+i of the stream key.
	Normal(dst []float32, key Key, offset uint32)

	// Bernoulli draws dst[i] = 1 with probability p[i], else 0, from number
	// offset+i of the stream key. dst and p may be the same.
	Bernoulli(dst, p []float32, key Key, offset uint32)
}

// AdamStep is one step's constants of Adam and AdamW.
type AdamStep struct {
	// Rate is the step size with the first bias correction in it:
	// learning rate / (1 - Beta1^t).
	Rate float32
	// Beta1 and Beta2 are the decays of the two moments.
	Beta1, Beta2 float32
	// Correction2 is 1 / (1 - Beta2^t).
	Correction2 float32
	// Epsilon is added to the root of the corrected second moment.
	Epsilon float32
	// Decay is learning rate times weight decay, taken off the weights
	// themselves (Loshchilov and Hutter 2019); zero for plain Adam.
	Decay float32
}

// Activation names an elementwise nonlinearity.
type Activation uint8

// The activations. LeakyReLU has slope LeakySlope below zero.
const (
	Identity Activation = iota
	Tanh
	ReLU
	LeakyReLU
)

// LeakySlope is the slope of LeakyReLU for negative inputs (Maas et al. 2013).
const LeakySlope = 0.01

var active atomic.Pointer[Backend]

func init() { Use(Go{}) }

// Use makes b the backend of the whole program, as blas32.Use does for BLAS.
// Call it before models are used; it is safe for concurrent use.
func Use(b Backend) { active.Store(&b) }

// Implementation returns the backend in use.
func Implementation() Backend { return *active.Load() }

//go:build !js

package simd

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/binary"
	"fmt"
	"math"
	"testing"
	"unsafe"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"inkdrift/vae/compute"
	"inkdrift/vae/compute/computetest"
)

//go:embed kernel_strict.wasm
var strictModule []byte

// memoryModule exports a memory of 256 pages, 16 MiB, as "memory".
var memoryModule = []byte{
	0x00, 'a', 's', 'm', 0x01, 0x00, 0x00, 0x00,
	0x05, 0x04, 0x01, 0x00, 0x80, 0x02,
	0x07, 0x0a, 0x01, 0x06, 'm', 'e', 'm', 'o', 'r', 'y', 0x02, 0x00,
}

// host runs the strict module in wazero. Every call copies its operands to the
// module's memory, guards around them, and back, and checks that nothing else
// changed there.
type host struct {
	t       testing.TB
	module  api.Module
	memory  api.Memory
	scratch int
	calls   int
}

func newHost(t testing.TB) *host {
	ctx := context.Background()
	rt := wazero.NewRuntime(ctx)
	t.Cleanup(func() { rt.Close(ctx) })
	env, err := rt.InstantiateWithConfig(ctx, memoryModule, wazero.NewModuleConfig().WithName("env"))
	if err != nil {
		t.Fatal(err)
	}
	module, err := rt.InstantiateWithConfig(ctx, strictModule, wazero.NewModuleConfig().WithName("kernel"))
	if err != nil {
		t.Fatal(err)
	}
	h := &host{t: t, module: module, memory: env.ExportedMemory("memory")}
	h.scratch = int(int32(h.call("scratch_size")))
	return h
}

// space is an operand whose contents do not matter, of so many bytes.
type space int

// operand is an argument's place in the module's memory.
type operand struct {
	data     []float32
	at, size int
}

// guards fills the memory around operands.
var guards = bytes.Repeat([]byte{0xa5}, 1<<24)

// call runs a function. Arguments are numbers of Go types int, int32, uint32
// and float32, operands as []float32, nil for address 0, and scratch space. One
// operand, another in each call, lies at the very end of the memory, so that
// reading on traps.
func (h *host) call(name string, args ...any) uint64 {
	h.calls++
	var operands []operand
	stack := make([]uint64, len(args))
	top, end := 64, int(h.memory.Size())
	low, high := top, end
	place := func(data []float32, size int) uint64 {
		for _, o := range operands {
			if data != nil && unsafe.SliceData(o.data) == unsafe.SliceData(data) {
				return uint64(o.at)
			}
		}
		// Addresses are multiples of four and of nothing more.
		at := top + 4*(h.calls%4)
		if len(operands) == h.calls%3 {
			at = end - size
			high = at - 64
		} else {
			low = at + size + 64
			top = (low + 15) &^ 15
		}
		operands = append(operands, operand{data, at, size})
		return uint64(at)
	}
	for i, a := range args {
		switch a := a.(type) {
		case int:
			stack[i] = uint64(uint32(a))
		case int32:
			stack[i] = uint64(uint32(a))
		case uint32:
			stack[i] = uint64(a)
		case float32:
			stack[i] = uint64(math.Float32bits(a))
		case []float32:
			if a != nil {
				stack[i] = place(a, 4*len(a))
			}
		case space:
			stack[i] = place(nil, int(a))
		default:
			panic(fmt.Sprintf("%T", a))
		}
	}
	view, _ := h.memory.Read(0, uint32(end))
	if low > high {
		h.t.Fatalf("%s: the operands do not fit", name)
	}
	watched := [][2]int{{0, low}, {high, end}}
	for _, w := range watched {
		copy(view[w[0]:w[1]], guards)
	}
	for _, o := range operands {
		for i, x := range o.data {
			binary.LittleEndian.PutUint32(view[o.at+4*i:], math.Float32bits(x))
		}
	}
	results, err := h.module.ExportedFunction(name).Call(context.Background(), stack...)
	if err != nil {
		h.t.Fatalf("%s: %v", name, err)
	}
	for _, o := range operands {
		for i := range o.data {
			o.data[i] = math.Float32frombits(binary.LittleEndian.Uint32(view[o.at+4*i:]))
		}
		copy(view[o.at:o.at+o.size], guards)
	}
	for _, w := range watched {
		if n := w[1] - w[0]; !bytes.Equal(view[w[0]:w[1]], guards[:n]) {
			h.t.Fatalf("%s%v wrote outside its operands", name, args)
		}
	}
	if len(results) == 0 {
		return 0
	}
	return results[0]
}

func (h *host) name() string { return "wazero" }
func (h *host) exact() bool  { return true }

func (h *host) gemm(p plan, tA, tB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	if p == dot {
		h.call("sgemm_dot", m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
		return
	}
	h.call("sgemm", p.flags(tA, tB), m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, space(h.scratch))
}

func (h *host) gemvN(m, n int, alpha float32, a []float32, lda int, x []float32, beta float32, y []float32) {
	h.call("sgemv_n", m, n, alpha, a, lda, x, beta, y)
}

func (h *host) gemvT(m, n int, alpha float32, a []float32, lda int, x, y []float32) {
	h.call("sgemv_t", m, n, alpha, a, lda, x, y)
}

func (h *host) ger(m, n int, alpha float32, x, y, a []float32, lda int) {
	h.call("sger", m, n, alpha, x, y, a, lda)
}

func (h *host) scal(n int, alpha float32, x []float32) { h.call("sscal", n, alpha, x) }

func (h *host) axpy(n int, alpha float32, x, y []float32) { h.call("saxpy", n, alpha, x, y) }

func (h *host) dot(n int, x, y []float32) float32 {
	return math.Float32frombits(uint32(h.call("sdot", n, x, y)))
}

func (h *host) zeros(data []float32, rows, cols, stride int) int {
	return int(int32(h.call("zeros", data, rows, cols, stride)))
}

// hostBackend is the compute backend over a host.
type hostBackend struct{ *host }

func (b hostBackend) Name() string { return "simd-wazero" }

func (b hostBackend) BiasAct(y, bias []float32, act compute.Activation) {
	b.call("bias_act", y, bias, compute.Rows(len(y), len(bias)), len(bias), int(act))
}

func (b hostBackend) BiasActGrad(dy, dbias, y []float32, act compute.Activation) {
	compute.Same(len(dy), y)
	b.call("bias_act_grad", dy, dbias, y, compute.Rows(len(dy), len(dbias)), len(dbias), int(act))
}

func (b hostBackend) Sigmoid(dst, x []float32) {
	compute.Same(len(dst), x)
	b.call("sigmoid", dst, x, len(x))
}

func (b hostBackend) BCEWithLogits(loss, grad, logits, target []float32, scale float32) {
	b.losses("bce", loss, grad, logits, target, scale)
}

func (b hostBackend) SquaredError(loss, grad, mean, target []float32, scale float32) {
	b.losses("squared_error", loss, grad, mean, target, scale)
}

func (b hostBackend) losses(name string, loss, grad, x, target []float32, scale float32) {
	if len(loss) == 0 {
		return
	}
	w := compute.Rows(len(x), len(loss))
	compute.Same(len(x), target)
	if grad != nil {
		compute.Same(len(x), grad)
	}
	b.call(name, loss, grad, x, target, len(loss), w, scale)
}

func (b hostBackend) Reparameterize(z, mu, logvar, eps []float32) {
	compute.Same(len(z), mu, logvar, eps)
	b.call("reparameterize", z, mu, logvar, eps, len(z))
}

func (b hostBackend) ReparameterizeGrad(dmu, dlogvar, dz, logvar, eps []float32) {
	compute.Same(len(dz), dmu, dlogvar, logvar, eps)
	b.call("reparameterize_grad", dmu, dlogvar, dz, logvar, eps, len(dz))
}

func (b hostBackend) KL(kl, dmu, dlogvar, mu, logvar []float32, scale float32) {
	if len(kl) == 0 {
		return
	}
	w := compute.Rows(len(mu), len(kl))
	compute.Same(len(mu), logvar)
	if dmu != nil {
		compute.Same(len(mu), dmu, dlogvar)
	}
	b.call("kl", kl, dmu, dlogvar, mu, logvar, len(kl), w, scale)
}

func (b hostBackend) Im2col(dst, src []float32, w compute.Window) {
	n := w.Images(len(src), len(dst))
	b.call("im2col", src, dst, n, w.Height, w.Width, w.Channels, w.Kernel, w.Stride, w.Padding, w.RowLen())
}

func (b hostBackend) Col2im(dst, src []float32, w compute.Window) {
	n := w.Images(len(dst), len(src))
	b.call("col2im", dst, src, n, w.Height, w.Width, w.Channels, w.Kernel, w.Stride, w.Padding, w.RowLen())
}

func (b hostBackend) Transpose(dst, src []float32, r, c int) {
	compute.Same(len(dst), src)
	b.call("transpose", dst, src, compute.Matrices(len(src), r, c), r, c)
}

func (b hostBackend) Adam(w, g, m, v []float32, p compute.AdamStep) {
	compute.Same(len(w), g, m, v)
	b.call("adam", w, g, m, v, len(w), p.Rate, p.Beta1, p.Beta2, p.Correction2, p.Epsilon, p.Decay)
}

func (b hostBackend) Uniform(dst []float32, key compute.Key, offset uint32) {
	b.call("uniform", dst, []float32(nil), len(dst), key.A, key.B, offset)
}

func (b hostBackend) Normal(dst []float32, key compute.Key, offset uint32) {
	b.call("normal", dst, []float32(nil), len(dst), key.A, key.B, offset)
}

func (b hostBackend) Bernoulli(dst, p []float32, key compute.Key, offset uint32) {
	compute.Same(len(dst), p)
	b.call("bernoulli", dst, p, len(dst), key.A, key.B, offset)
}

func TestProducts(t *testing.T) { testProducts(t, newHost(t)) }

func TestVectors(t *testing.T) { testVectors(t, newHost(t)) }

func TestZeros(t *testing.T) { testZeros(t, newHost(t)) }

func TestBackend(t *testing.T) {
	computetest.Backend(t, hostBackend{newHost(t)}, computetest.Options{Exact: true})
}

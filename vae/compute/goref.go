package compute

// Go is the plain Go backend, the reference for every other one.
type Go struct{}

// Name returns "go".
func (Go) Name() string { return "go" }

// rowSum adds up a row in the order of four SIMD lanes: term j goes to lane j
// modulo 4.
type rowSum [4]float32

func (s *rowSum) add(j int, x float32) { s[j&3] += x }

func (s *rowSum) total() float32 { return (s[0] + s[1]) + (s[2] + s[3]) }

// BiasAct implements Backend.
func (Go) BiasAct(y, bias []float32, act Activation) {
	w := len(bias)
	for i := range Rows(len(y), w) {
		row := y[i*w:][:w]
		for j, b := range bias {
			row[j] += b
		}
		switch act {
		case Tanh:
			for j, v := range row {
				row[j] = TanhOf(v)
			}
		case ReLU:
			for j, v := range row {
				if v < 0 {
					row[j] = 0
				}
			}
		case LeakyReLU:
			for j, v := range row {
				if v < 0 {
					row[j] = v * LeakySlope
				}
			}
		}
	}
}

// BiasActGrad implements Backend.
func (Go) BiasActGrad(dy, dbias, y []float32, act Activation) {
	w := len(dbias)
	Same(len(dy), y)
	for i := range Rows(len(dy), w) {
		d, o := dy[i*w:][:w], y[i*w:][:w]
		switch act {
		case Tanh:
			for j, v := range o {
				d[j] *= 1 - float32(v*v)
			}
		case ReLU:
			for j, v := range o {
				if v <= 0 {
					d[j] = 0
				}
			}
		case LeakyReLU:
			for j, v := range o {
				if v < 0 {
					d[j] *= LeakySlope
				}
			}
		}
		for j, v := range d {
			dbias[j] += v
		}
	}
}

// Sigmoid implements Backend.
func (Go) Sigmoid(dst, x []float32) {
	Same(len(dst), x)
	for i, v := range x {
		dst[i] = Logistic(v)
	}
}

// BCEWithLogits implements Backend.
func (Go) BCEWithLogits(loss, grad, logits, target []float32, scale float32) {
	if len(loss) == 0 {
		return
	}
	w := Rows(len(logits), len(loss))
	Same(len(logits), target)
	fits(len(logits), grad)
	for i := range loss {
		l, t := logits[i*w:][:w], target[i*w:][:w]
		var g []float32
		if grad != nil {
			g = grad[i*w:][:w]
		}
		var sum rowSum
		for j, v := range l {
			e, s := sigmoidParts(v)
			x := t[j]
			nll := log1p(e) - float32(v*x)
			if v > 0 {
				nll += v
			} else {
				s = float32(e * s)
			}
			sum.add(j, nll)
			if g != nil {
				g[j] = float32(scale * (s - x))
			}
		}
		loss[i] = sum.total()
	}
}

// SquaredError implements Backend.
func (Go) SquaredError(loss, grad, mean, target []float32, scale float32) {
	if len(loss) == 0 {
		return
	}
	w := Rows(len(mean), len(loss))
	Same(len(mean), target)
	fits(len(mean), grad)
	for i := range loss {
		var sum rowSum
		for j := i * w; j < (i+1)*w; j++ {
			d := mean[j] - target[j]
			sum.add(j-i*w, float32(d*d))
			if grad != nil {
				grad[j] = float32(scale * d)
			}
		}
		loss[i] = sum.total()
	}
}

// Reparameterize implements Backend.
func (Go) Reparameterize(z, mu, logvar, eps []float32) {
	Same(len(z), mu, logvar, eps)
	for i, m := range mu {
		z[i] = m + float32(Exp(0.5*logvar[i])*eps[i])
	}
}

// ReparameterizeGrad implements Backend.
func (Go) ReparameterizeGrad(dmu, dlogvar, dz, logvar, eps []float32) {
	Same(len(dz), dmu, dlogvar, logvar, eps)
	for i, d := range dz {
		dmu[i] = d
		dlogvar[i] = float32(float32(0.5*float32(d*eps[i])) * Exp(0.5*logvar[i]))
	}
}

// KL implements Backend.
func (Go) KL(kl, dmu, dlogvar, mu, logvar []float32, scale float32) {
	if len(kl) == 0 {
		return
	}
	w := Rows(len(mu), len(kl))
	Same(len(mu), logvar)
	fits(len(mu), dmu, dlogvar)
	for i := range kl {
		var sum rowSum
		for j := i * w; j < (i+1)*w; j++ {
			m, lv := mu[j], logvar[j]
			e := Exp(lv)
			sum.add(j-i*w, float32(m*m)+e-lv-1)
			if dmu != nil {
				dmu[j] += float32(scale * m)
				dlogvar[j] += float32(float32(scale*0.5) * (e - 1))
			}
		}
		kl[i] = 0.5 * sum.total()
	}
}

// Adam implements Backend.
func (Go) Adam(w, g, m, v []float32, p AdamStep) {
	Same(len(w), g, m, v)
	c1, c2 := 1-p.Beta1, 1-p.Beta2
	w, m, v = w[:len(g)], m[:len(g)], v[:len(g)]
	for i, d := range g {
		a := float32(p.Beta1*m[i]) + float32(c1*d)
		b := float32(p.Beta2*v[i]) + float32(c2*float32(d*d))
		m[i], v[i] = a, b
		x := w[i]
		x -= float32(p.Decay * x)
		w[i] = x - float32(p.Rate*a)/(sqrt(float32(b*p.Correction2))+p.Epsilon)
	}
}

// Uniform implements Backend.
func (Go) Uniform(dst []float32, key Key, offset uint32) {
	for i := range dst {
		dst[i] = uniform(key.Word(offset + uint32(i)))
	}
}

// Normal implements Backend.
func (Go) Normal(dst []float32, key Key, offset uint32) {
	for i := range dst {
		dst[i] = normal(key.Word(offset + uint32(i)))
	}
}

// Bernoulli implements Backend.
func (Go) Bernoulli(dst, p []float32, key Key, offset uint32) {
	Same(len(dst), p)
	for i, q := range p {
		dst[i] = 0
		if uniform(key.Word(offset+uint32(i))) < q {
			dst[i] = 1
		}
	}
}

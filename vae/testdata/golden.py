#!/usr/bin/env python3
"""Writes golden.json: two small variational autoencoders followed by hand.

    python3 golden.py > golden.json

Everything here is derived apart from the Go code. Numbers are Python's (IEEE
754 double precision); gradients come from the reverse-mode automatic
differentiation below, over scalars and elementary operations only; losses are
written as their textbook formulas; Adam follows Kingma and Ba 2015, algorithm
1; the noise is computed from the definition of its counter-based streams. Only
the standard library is used.
"""

import json
import math
import struct
import sys

# Automatic differentiation -------------------------------------------------


class Var:
    """A number that remembers what it was computed from."""

    def __init__(self, value, parents=()):
        self.value = value
        self.parents = parents  # pairs of a Var and the partial derivative
        self.grad = 0.0

    def __add__(self, other):
        other = wrap(other)
        return Var(self.value + other.value, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        other = wrap(other)
        return Var(self.value * other.value, ((self, other.value), (other, self.value)))

    def __truediv__(self, other):
        other = wrap(other)
        return Var(
            self.value / other.value,
            ((self, 1 / other.value), (other, -self.value / other.value**2)),
        )

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -wrap(other)

    def __rsub__(self, other):
        return wrap(other) - self

    __radd__ = __add__
    __rmul__ = __mul__

    def __rtruediv__(self, other):
        return wrap(other) / self

    def backward(self):
        """Adds d self / d v to v.grad for every v that self depends on."""
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                stack.append((node, True))
                stack.extend((p, False) for p, _ in node.parents)
        self.grad = 1.0
        for node in reversed(order):
            for parent, partial in node.parents:
                parent.grad += partial * node.grad


def wrap(x):
    return x if isinstance(x, Var) else Var(x)


def exp(x):
    y = math.exp(x.value)
    return Var(y, ((x, y),))


def log(x):
    return Var(math.log(x.value), ((x, 1 / x.value),))


def tanh(x):
    y = math.tanh(x.value)
    return Var(y, ((x, 1 - y * y),))


def leaky_relu(x):
    slope = 1.0 if x.value > 0 else 0.01
    return Var(slope * x.value, ((x, slope),))


# Random streams --------------------------------------------------------------

MASK32, MASK64 = (1 << 32) - 1, (1 << 64) - 1


def mix64(z):
    """The finaliser of SplitMix64."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK64
    return z ^ (z >> 31)


def stream_key(*words):
    golden = 0x9E3779B97F4A7C15
    h = golden
    for w in words:
        h = mix64(h ^ mix64((w + golden) & MASK64))
    return h & MASK32, h >> 32


def stream_word(key, i):
    x = (i * 0x9E3779B9 + key[0]) & MASK32
    x ^= x >> 16
    x = (x * 0x21F0AAAD) & MASK32
    x ^= x >> 15
    x = (x * 0x735A2D97) & MASK32
    x ^= x >> 15
    x = (x + key[1]) & MASK32
    x ^= x >> 16
    x = (x * 0x85EBCA6B) & MASK32
    x ^= x >> 13
    x = (x * 0xC2B2AE35) & MASK32
    x ^= x >> 16
    return x


def normal(word):
    """Sign from bit 8, magnitude from the 23 bits above it: the quantile of the
    normal distribution by bisection of its distribution function."""
    two_sided = ((word >> 9) + 0.5) / (1 << 23)
    lo, hi = 0.0, 10.0
    for _ in range(100):
        mid = (lo + hi) / 2
        if math.erfc(mid / math.sqrt(2)) > two_sided:
            lo = mid
        else:
            hi = mid
    return -lo if word & (1 << 8) else lo


def noise(seed, step, n):
    """The noise of a training step; 2 is the purpose of this stream."""
    key = stream_key(seed, 2, step)
    return [normal(stream_word(key, i)) for i in range(n)]


# The model -------------------------------------------------------------------


def single(x):
    """x rounded to the nearest single-precision number."""
    return struct.unpack("<f", struct.pack("<f", x))[0]


def layer_names(config):
    """Names, widths and activation of the linear layers."""
    pixels = math.prod(config["input"])
    layers, width = [], pixels
    for i, w in enumerate(config["encoder"]):
        layers.append((f"encoder.{2 * i}", width, w))
        width = w
    layers.append(("mu", width, config["latent"]))
    layers.append(("logvar", width, config["latent"]))
    width = config["latent"]
    for i, w in enumerate(config["decoder"] + [pixels]):
        layers.append((f"decoder.{2 * i}", width, w))
        width = w
    return layers


def first_weights(config):
    """Numbers without a pattern, from the sine of their place."""
    weights, at = {}, 0
    for name, n_in, n_out in layer_names(config):
        values = []
        for _ in range(n_out * n_in + n_out):
            at += 1
            values.append(single(math.sin(12.9898 * at * at + 0.7) / math.sqrt(n_in)))
        weights[name + ".weight"] = values[: n_out * n_in]
        weights[name + ".bias"] = values[n_out * n_in :]
    return weights


def linear(w, name, x):
    matrix, bias = w[name + ".weight"], w[name + ".bias"]
    return [
        sum((matrix[o * len(x) + i] * v for i, v in enumerate(x)), bias[o])
        for o in range(len(bias))
    ]


def forward(config, w, x, eps):
    """One picture: its mu, logvar, z, the decoder's output, both terms."""
    act = {"tanh": tanh, "leaky-relu": leaky_relu}[config["activation"]]
    h = [Var(v) for v in x]
    for i in range(len(config["encoder"])):
        h = [act(v) for v in linear(w, f"encoder.{2 * i}", h)]
    mu, logvar = linear(w, "mu", h), linear(w, "logvar", h)
    z = [m + exp(0.5 * lv) * e for m, lv, e in zip(mu, logvar, eps)]
    h = z
    for i in range(len(config["decoder"])):
        h = [act(v) for v in linear(w, f"decoder.{2 * i}", h)]
    out = linear(w, f"decoder.{2 * len(config['decoder'])}", h)

    recon = Var(0.0)
    if config["likelihood"] == "bernoulli":
        for y, t in zip(out, x):
            p = 1 / (1 + exp(-y))
            recon = recon - (t * log(p) + (1 - t) * log(1 - p))
    else:
        sigma = config["sigma"]
        for y, t in zip(out, x):
            d = (y - t) / sigma
            recon = recon + 0.5 * d * d + math.log(sigma * math.sqrt(2 * math.pi))
    kl = Var(0.0)
    for m, lv in zip(mu, logvar):
        kl = kl + -0.5 * (1 + lv - m * m - exp(lv))
    return mu, logvar, z, out, recon, kl


def run(name, config, pictures, seed, beta, rate, steps):
    """Follows one model for some steps of Adam."""
    weights = first_weights(config)
    first = {k: list(v) for k, v in weights.items()}
    m = {k: [0.0] * len(v) for k, v in weights.items()}
    v = {k: [0.0] * len(x) for k, x in weights.items()}
    latent, batch = config["latent"], len(pictures)
    case = {"name": name, "config": config, "x": pictures, "seed": seed, "beta": beta, "rate": rate}
    losses = []
    for step in range(steps):
        w = {k: [Var(a) for a in x] for k, x in weights.items()}
        eps = noise(seed, step, batch * latent)
        rows = [forward(config, w, x, eps[i * latent : (i + 1) * latent]) for i, x in enumerate(pictures)]
        recon = sum((r[4] for r in rows), Var(0.0)) / batch
        kl = sum((r[5] for r in rows), Var(0.0)) / batch
        (recon + beta * kl).backward()
        losses.append({"eps": eps, "recon": recon.value, "kl": kl.value})
        if step == 0:
            case["weights"] = first
            for i, key in enumerate(["mu", "logvar", "z", "out"]):
                case[key] = [a.value for r in rows for a in r[i]]
            case["recon"] = [r[4].value for r in rows]
            case["kl"] = [r[5].value for r in rows]
            case["gradients"] = {k: [a.grad for a in x] for k, x in w.items()}
        for k in weights:
            for i, a in enumerate(w[k]):
                m[k][i] = 0.9 * m[k][i] + 0.1 * a.grad
                v[k][i] = 0.999 * v[k][i] + 0.001 * a.grad**2
                m_hat = m[k][i] / (1 - 0.9 ** (step + 1))
                v_hat = v[k][i] / (1 - 0.999 ** (step + 1))
                weights[k][i] -= rate * m_hat / (math.sqrt(v_hat) + 1e-8)
    case["steps"] = losses
    case["last_weights"] = weights
    return case


def main():
    pictures = [
        [0, 1, 1, 0, 1, 0],
        [1, 1, 0.25, 0, 0, 1],
        [0.5, 0, 0, 1, 0.75, 1],
    ]
    sizes = {"family": "dense", "input": [1, 2, 3], "encoder": [5, 4], "decoder": [4, 5], "latent": 2}
    cases = [
        run("bernoulli", dict(sizes, activation="tanh", likelihood="bernoulli"), pictures, 7, 1.0, 0.02, 10),
        run("gaussian", dict(sizes, activation="leaky-relu", likelihood="gaussian", sigma=0.5), pictures, 8, 2.0, 0.01, 10),
    ]
    json.dump(cases, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()

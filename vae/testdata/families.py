#!/usr/bin/env python3
"""Writes families.json: a small model of each objective besides the plain bound,
followed by hand for some steps of Adam.

    python3 families.py > families.json

As golden.py, whose numbers that differentiate themselves it uses, it is derived
apart from the Go code: convolutions as PyTorch documents them, the bound of
Burda et al. 2016, the conditional bound of Sohn et al. 2015 with the classifier
of Kingma et al. 2014, the game of Goodfellow et al. 2014 and that of Larsen et
al. 2016. Where parts of a model follow different losses, each loss is
differentiated alone, at the same weights.
"""

import json
import math
import sys

from golden import Var, exp, leaky_relu, linear, log, normal, single, stream_key, stream_word, tanh

FAKE, INSTANCE = 1 << 32, 2 << 32  # purposes of streams of a step


def sigmoid(x):
    return 1 / (1 + exp(-x))


ACTIVATIONS = {"tanh": tanh, "leaky-relu": leaky_relu, "sigmoid": sigmoid}


def draw(key, purpose, n):
    """n numbers of a stream of a step; purpose 0 is the step's own stream."""
    if purpose:
        key = stream_key(key[0] | key[1] << 32, purpose)
    return [normal(stream_word(key, i)) for i in range(n)]


# Maps are lists of channels of rows of numbers.


def as_map(x, channels, height, width):
    return [[x[(c * height + r) * width : (c * height + r + 1) * width] for r in range(height)] for c in range(channels)]


def flat(m):
    return [v for channel in m for row in channel for v in row]


def conv(w, name, x, channels, kernel):
    """nn.Conv2d(..., channels, kernel, stride=2, padding=(kernel-1)//2)."""
    pad, height, width = (kernel - 1) // 2, len(x[0]), len(x[0][0])
    weight, bias = w[name + ".weight"], w[name + ".bias"]
    rows, cols = (height + 2 * pad - kernel) // 2 + 1, (width + 2 * pad - kernel) // 2 + 1
    out = []
    for o in range(channels):
        out.append([[bias[o]] * cols for _ in range(rows)])
        for i in range(rows):
            for j in range(cols):
                for c in range(len(x)):
                    for a in range(kernel):
                        for b in range(kernel):
                            r, s = 2 * i - pad + a, 2 * j - pad + b
                            if 0 <= r < height and 0 <= s < width:
                                k = weight[((o * len(x) + c) * kernel + a) * kernel + b]
                                out[o][i][j] = out[o][i][j] + k * x[c][r][s]
    return out


def conv_transpose(w, name, x, channels, kernel, height, width):
    """nn.ConvTranspose2d with stride 2 to a map of that height and width."""
    pad = (kernel - 1) // 2
    weight, bias = w[name + ".weight"], w[name + ".bias"]
    out = [[[bias[o]] * width for _ in range(height)] for o in range(channels)]
    for c, channel in enumerate(x):
        for i, row in enumerate(channel):
            for j, v in enumerate(row):
                for o in range(channels):
                    for a in range(kernel):
                        for b in range(kernel):
                            r, s = 2 * i - pad + a, 2 * j - pad + b
                            if 0 <= r < height and 0 <= s < width:
                                k = weight[((c * channels + o) * kernel + a) * kernel + b]
                                out[o][r][s] = out[o][r][s] + k * v
    return out


class Model:
    """The networks of a config with the weights w."""

    def __init__(self, config, w):
        self.c, self.w, self.act = config, w, ACTIVATIONS[config["activation"]]
        self.kernel = config.get("kernel", 3)

    def chain(self, name, layers, x):
        for i in range(layers):
            x = [self.act(v) for v in linear(self.w, f"{name}.{2 * i}", x)]
        return x

    def convolutions(self, name, channels, x):
        m = as_map(x, *self.c["input"])
        for i, n in enumerate(channels):
            m = conv(self.w, f"{name}.{2 * i}", m, n, self.kernel)
            m = [[[self.act(v) for v in row] for row in channel] for channel in m]
        return flat(m)

    def encode(self, x, y):
        c = self.c
        if c["family"] == "vae-gan":
            h = self.convolutions("encoder", c["encoder"], x)
        else:
            h = self.chain("encoder", len(c["encoder"]), x + y)
        return linear(self.w, "mu", h), linear(self.w, "logvar", h)

    def decode(self, z, y):
        c = self.c
        if "discriminator" not in c:
            return linear(self.w, f"decoder.{2 * len(c['decoder'])}", self.chain("decoder", len(c["decoder"]), z + y))
        sizes = [tuple(c["input"][1:])]
        for _ in c["decoder"]:
            sizes.insert(0, tuple((n + self.kernel % 2) // 2 for n in sizes[0]))
        m = as_map([self.act(v) for v in linear(self.w, "decoder.0", z)], c["decoder"][0], *sizes[0])
        widths = c["decoder"][1:] + [c["input"][0]]
        for i, n in enumerate(widths):
            m = conv_transpose(self.w, f"decoder.{3 + 2 * i}", m, n, self.kernel, *sizes[i + 1])
            if i < len(widths) - 1:
                m = [[[self.act(v) for v in row] for row in channel] for channel in m]
        return [(tanh(v) + 1) / 2 for v in flat(m)]

    def judge(self, x):
        n = self.c["discriminator"]
        features = self.convolutions("discriminator", n, x)
        return features, linear(self.w, f"discriminator.{2 * len(n) + 1}", features)[0]

    def recognise(self, x):
        n = self.c["recogniser"]
        logits = linear(self.w, f"recogniser.{2 * len(n)}", self.chain("recogniser", len(n), x))
        total = sum((exp(v) for v in logits), Var(0.0))
        return [exp(v) / total for v in logits]


def reparameterize(mu, logvar, eps):
    return [m + exp(0.5 * lv) * e for m, lv, e in zip(mu, logvar, eps)]


def divergence(mu, logvar):
    return sum((-0.5 * (1 + lv - m * m - exp(lv)) for m, lv in zip(mu, logvar)), Var(0.0))


def cross_entropy(logit, target):
    p = sigmoid(logit)
    return -(target * log(p) + (1 - target) * log(1 - p))


def bernoulli(out, x):
    return sum((cross_entropy(y, t) for y, t in zip(out, x)), Var(0.0))


def bound(model, case, key):
    """The importance-weighted or the conditional bound; terms recon, kl, then the
    others in the order of their names, and the loss of all parts."""
    c, n, latent = model.c, len(case["x"]), model.c["latent"]
    k = case.get("samples", 1)
    eps = [draw(key, s, n * latent) for s in range(k)]
    recon, kl, other, loss = Var(0.0), Var(0.0), Var(0.0), Var(0.0)
    for i, x in enumerate(case["x"]):
        x = [Var(v) for v in x]
        y = [Var(float(case["labels"][i] == j)) for j in range(c.get("conditions", 0))]
        mu, logvar = model.encode(x, y)
        kl = kl + divergence(mu, logvar) / n
        weights = Var(0.0)
        for s in range(k):
            z = reparameterize(mu, logvar, eps[s][i * latent : (i + 1) * latent])
            nll = bernoulli(model.decode(z, y), x)
            recon = recon + nll / (k * n)
            ratio = Var(0.0)
            for v, m, lv in zip(z, mu, logvar):
                ratio = ratio + 0.5 * ((v - m) * (v - m) / exp(lv) + lv - v * v)
            weights = weights + exp(ratio - nll) / k
        if c.get("conditions"):
            other = other - log(model.recognise(x)[case["labels"][i]]) / n
        else:
            other = other - log(weights) / n
    loss = recon + kl + other if c.get("conditions") else other
    return [recon, kl, other], lambda name: loss


def adversarial(model, case, key):
    """dcgan: discriminator and generator; vae-gan: features as well."""
    c, n, latent = model.c, len(case["x"]), model.c["latent"]
    pixels, smooth, noise = math.prod(c["input"]), case["smoothing"], case["noise"]
    encodes = c["family"] == "vae-gan"
    eps, random = draw(key, 0, n * latent), draw(key, FAKE, n * latent)
    sets = 3 if encodes else 2
    instance = [[noise * v for v in draw(key, INSTANCE + s, n * pixels)] for s in range(sets)]
    zero = Var(0.0)
    recon, kl, features, judging, fooling, real, fake = zero, zero, zero, zero, zero, zero, zero
    for i, x in enumerate(case["x"]):
        x = [Var(v) for v in x]
        at = slice(i * latent, (i + 1) * latent)
        disturbed = lambda image, s: [v + e for v, e in zip(image, instance[s][i * pixels : (i + 1) * pixels])]
        seen, logit = model.judge(disturbed(x, sets - 1))
        judging = judging + cross_entropy(logit, 1 - smooth) / (2 * n)
        real = real + sigmoid(logit) / n
        fakes = [model.decode([Var(v) for v in random[at]], [])]
        if encodes:
            mu, logvar = model.encode(x, [])
            kl = kl + divergence(mu, logvar) / n
            fakes.insert(0, model.decode(reparameterize(mu, logvar, eps[at]), []))
            for v, t in zip(fakes[0], x):
                recon = recon + (0.5 * (v - t) * (v - t) / c["sigma"] ** 2 + math.log(c["sigma"] * math.sqrt(2 * math.pi))) / n
        for s, image in enumerate(fakes):
            noticed, logit = model.judge(disturbed(image, s))
            judging = judging + cross_entropy(logit, 0) / (2 * n * len(fakes))
            fooling = fooling + cross_entropy(logit, 1) / (n * len(fakes))
            fake = fake + sigmoid(logit) / (n * len(fakes))
            if s == 0 and encodes:
                features = features + sum((0.5 * (a - b) * (a - b) for a, b in zip(noticed, seen)), Var(0.0)) / n
    decoding = features + 10 * fooling if encodes else fooling
    encoding = features + kl

    def loss(name):
        if name.startswith("discriminator"):
            return judging
        return decoding if name.startswith("decoder") else encoding

    if encodes:
        return [recon, kl, features, judging, fooling], loss
    return [zero, zero, judging, fooling, real, fake], loss


def shapes(config):
    """Names and shapes of all weights, in their order."""
    pixels, kernel, out = math.prod(config["input"]), config.get("kernel", 3), []
    classes, latent = config.get("conditions", 0), config["latent"]

    def layer(name, n_in, n_out):
        out.append((name + ".weight", [n_out, n_in]))
        out.append((name + ".bias", [n_out]))

    def dense(name, width, widths, last=None):
        for i, n in enumerate(widths):
            layer(f"{name}.{2 * i}", width, n)
            width = n
        if last:
            layer(f"{name}.{2 * len(widths)}", width, last)
        return width

    def convs(name, widths):
        channels, height, width = config["input"]
        for i, n in enumerate(widths):
            out.append((f"{name}.{2 * i}.weight", [n, channels, kernel, kernel]))
            out.append((f"{name}.{2 * i}.bias", [n]))
            channels, height, width = n, (height + kernel % 2) // 2, (width + kernel % 2) // 2
        return channels * height * width

    family = config["family"]
    if family != "dcgan":
        width = convs("encoder", config["encoder"]) if family == "vae-gan" else dense("encoder", pixels + classes, config["encoder"])
        layer("mu", width, latent)
        layer("logvar", width, latent)
    if "discriminator" in config:
        _, height, width = config["input"]
        for _ in config["decoder"]:
            height, width = (height + kernel % 2) // 2, (width + kernel % 2) // 2
        layer("decoder.0", latent, config["decoder"][0] * height * width)
        widths = config["decoder"] + [config["input"][0]]
        for i in range(len(config["decoder"])):
            out.append((f"decoder.{3 + 2 * i}.weight", [widths[i], widths[i + 1], kernel, kernel]))
            out.append((f"decoder.{3 + 2 * i}.bias", [widths[i + 1]]))
        layer(f"discriminator.{2 * len(config['discriminator']) + 1}", convs("discriminator", config["discriminator"]), 1)
    else:
        dense("decoder", latent + classes, config["decoder"], pixels)
    if classes:
        dense("recogniser", pixels, config["recogniser"], classes)
    return out


def run(name, objective, case, steps):
    """Follows one model for some steps of Adam."""
    case, beta1, at = dict(case, name=name), case.get("beta1", 0.9), 0
    weights = {}
    for key, shape in shapes(case["config"]):
        values = []
        for _ in range(math.prod(shape)):
            at += 1
            fan = math.prod(shape[1:]) if len(shape) > 1 else 4
            values.append(single(math.sin(12.9898 * at * at + 0.7) / math.sqrt(fan)))
        weights[key] = values
    case["weights"] = {k: list(v) for k, v in weights.items()}
    m = {k: [0.0] * len(v) for k, v in weights.items()}
    v = {k: [0.0] * len(x) for k, x in weights.items()}
    case["steps"] = []
    for step in range(steps):
        key = stream_key(case["seed"], 2, step)
        w = {k: [Var(a) for a in x] for k, x in weights.items()}
        terms, loss = objective(Model(case["config"], w), case, key)
        case["steps"].append([t.value for t in terms])
        grads = {}
        for part in {id(loss(k)): loss(k) for k in weights}.values():
            for node in reachable(part):
                node.grad = 0.0
            part.backward()
            for k in weights:
                if loss(k) is part:
                    grads[k] = [a.grad for a in w[k]]
        if step == 0:
            case["gradients"] = grads
        for k in weights:
            for i, g in enumerate(grads[k]):
                m[k][i] = beta1 * m[k][i] + (1 - beta1) * g
                v[k][i] = 0.999 * v[k][i] + 0.001 * g * g
                m_hat = m[k][i] / (1 - beta1 ** (step + 1))
                v_hat = v[k][i] / (1 - 0.999 ** (step + 1))
                weights[k][i] -= case["rate"] * m_hat / (math.sqrt(v_hat) + 1e-8)
    case["last_weights"] = weights
    return case


def reachable(node):
    seen, stack = {id(node): node}, [node]
    while stack:
        for parent, _ in stack.pop().parents:
            if id(parent) not in seen:
                seen[id(parent)] = parent
                stack.append(parent)
    return seen.values()


def main():
    pictures = [[0, 1, 1, 0, 1, 0], [1, 1, 0.25, 0, 0, 1], [0.5, 0, 0, 1, 0.75, 1]]
    large = [[single(abs(math.sin(7.1 * (20 * p + i) + p))) for i in range(20)] for p in range(3)]
    dense = {"input": [1, 2, 3], "encoder": [5], "decoder": [4], "latent": 2, "activation": "tanh", "likelihood": "bernoulli"}
    adversary = {"input": [1, 4, 5], "latent": 2, "output": "tanh"}
    cases = [
        run("iwae", bound, {"config": dict(dense, family="dense"), "x": pictures, "samples": 3, "seed": 7, "rate": 0.02}, 5),
        run("cvae", bound, {"config": dict(dense, family="cvae", conditions=3, recogniser=[4]), "x": pictures, "labels": [2, 0, 2], "seed": 8, "rate": 0.02}, 5),
        run("dcgan", adversarial, {
            "config": dict(adversary, family="dcgan", encoder=[], decoder=[3, 2], discriminator=[2], kernel=4, activation="leaky-relu", likelihood="implicit"),
            "x": large, "smoothing": 0.1, "noise": 0.2, "seed": 9, "rate": 0.01, "beta1": 0.5}, 5),
        run("vae-gan", adversarial, {
            "config": dict(adversary, family="vae-gan", encoder=[2], decoder=[3], discriminator=[2, 2], activation="tanh", likelihood="gaussian", sigma=0.5),
            "x": large, "smoothing": 0.0, "noise": 0.3, "seed": 10, "rate": 0.01}, 5),
    ]
    json.dump(cases, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Writes estimators.json: gradients of the importance-weighted bound without the
score of q(z|x).

    python3 estimators.py > estimators.json

The encoder's gradient is written as Tucker et al. 2019 write it (equation 8; its
first line for "stl"): the derivative of log w_i with respect to the latent alone,
times a weight that is a number, times the derivative of the latent. Automatic
differentiation, noise and layers are those of golden.py.
"""

import json
import math
import sys

from golden import Var, exp, first_weights, linear, log, noise, normal, stream_key, stream_word, tanh


def sample_noise(seed, n, sample):
    """The noise of the first step for one of the samples of all pictures."""
    if sample == 0:
        return noise(seed, 0, n)
    a, b = stream_key(seed, 2, 0)
    key = stream_key(a | b << 32, sample)
    return [normal(stream_word(key, i)) for i in range(n)]


def network(w, name, layers, h):
    for i in range(layers):
        h = [tanh(v) for v in linear(w, f"{name}.{2 * i}", h)]
    return h


def log_likelihood(config, w, z, x):
    n = len(config["decoder"])
    out = linear(w, f"decoder.{2 * n}", network(w, "decoder", n, z))
    total = Var(0.0)
    for y, t in zip(out, x):
        p = 1 / (1 + exp(-y))
        total = total + t * log(p) + (1 - t) * log(1 - p)
    return total


def ratio(z, mu, logvar):
    """log p(z) - log q(z|x), whose constants cancel."""
    total = Var(0.0)
    for v, m, lv in zip(z, mu, logvar):
        d = v - m
        total = total + 0.5 * (d * d / exp(lv) + lv - v * v)
    return total


def case(name, config, pictures, seed, samples, beta, gradient):
    weights = first_weights(config)
    w = {k: [Var(a) for a in x] for k, x in weights.items()}
    latent, batch = config["latent"], len(pictures)
    eps = [sample_noise(seed, batch * latent, s) for s in range(samples)]
    decoder_loss, encoder_loss = Var(0.0), Var(0.0)
    for i, x in enumerate(pictures):
        h = network(w, "encoder", len(config["encoder"]), [Var(v) for v in x])
        mu, logvar = linear(w, "mu", h), linear(w, "logvar", h)
        latents, logs, tempered, slopes = [], [], [], []
        for e in eps:
            row = e[i * latent : (i + 1) * latent]
            z = [m + exp(0.5 * lv) * v for m, lv, v in zip(mu, logvar, row)]
            fixed = [Var(v.value) for v in z]
            # The decoder's part, for latents that are numbers.
            like = log_likelihood(config, w, fixed, x)
            # The slope of log w_i along the latent: all but the latent are numbers.
            numbers = {k: [Var(a.value) for a in v] for k, v in w.items()}
            free = [Var(v.value) for v in z]
            prior = ratio(free, [Var(v.value) for v in mu], [Var(v.value) for v in logvar])
            whole = log_likelihood(config, numbers, free, x) + beta * prior
            whole.backward()
            slopes.append([v.grad for v in free])
            latents.append(z)
            logs.append(like)
            tempered.append(whole.value)
        top = max(tempered)
        share = [math.exp(v - top) for v in tempered]
        share = [v / sum(share) for v in share]
        for z, like, slope, v in zip(latents, logs, slopes, share):
            decoder_loss = decoder_loss - v * like / batch
            c = v if gradient == "stl" else (1 - beta) * v + beta * v * v
            for a, s in zip(z, slope):
                encoder_loss = encoder_loss - c * s * a / batch
    decoder_loss.backward()
    encoder_loss.backward()
    return {
        "name": name, "config": config, "x": pictures, "seed": seed, "samples": samples, "beta": beta,
        "gradient": gradient, "weights": weights, "gradients": {k: [a.grad for a in v] for k, v in w.items()},
    }


def main():
    pictures = [[0, 1, 1, 0, 1, 0], [1, 1, 0.25, 0, 0, 1]]
    config = {"family": "dense", "input": [1, 2, 3], "encoder": [4], "decoder": [4], "latent": 2,
              "activation": "tanh", "likelihood": "bernoulli"}
    cases = [
        case("stl of one sample", config, pictures, 7, 1, 1.0, "stl"),
        case("stl of two samples", config, pictures, 8, 2, 1.0, "stl"),
        case("dreg of one sample", config, pictures, 9, 1, 0.5, "dreg"),
        case("dreg of three samples", config, pictures, 10, 3, 1.0, "dreg"),
        case("dreg of two samples, beta 0.5", config, pictures, 11, 2, 0.5, "dreg"),
    ]
    json.dump(cases, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()

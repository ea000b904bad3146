"""@title

Exported by Inkdrift. PyTorch (1.13 or newer) is all that it needs; the weights lie beside
it in @weights. Pictures are [n, @channels, @height, @width], from 0, paper, to 1, ink.

    python model.py                        encodes, decodes and samples: an example
#if trainable
    python model.py train --data DIR       goes on training, and writes trained.safetensors
    torchrun --nproc_per_node=N model.py train --data DIR      the same with N processes

DIR holds IDX files as MNIST's, train-images-idx3-ubyte and train-labels-idx1-ubyte, or
the data_batch_*.bin of CIFAR-10, plain or with .gz, or a folder of PNG files for each
class, as the page saves own drawings: @widthx@height pixels, grey or RGB, 8 bits a value.
All are trained on. The page opens what is written. train -h lists the settings.
#end

    from model import load
    model = load()
#if encoder
#if conditional
    mu, logvar = model.encode(x)           # with the classes that it recognises
    x = model.decode(mu, y)                # y: classes one-hot, [n, @conditions]
#else
    mu, logvar = model.encode(x)
    x = model.decode(mu)
#end
#else
#if conditional
    x = model.decode(z, y)                 # y: classes one-hot, [n, @conditions]
#else
    x = model.decode(z)                    # z: [n, @latent] of N(0, I)
#end
#end
    x = model.sample(16, seed=1)
"""

#if trainable
import argparse
import glob
import gzip
#end
import json
#if trainable
import math
#end
import os
import struct
#if trainable
import sys
import time
import zlib
#end

import torch
from torch import nn
#if functional
from torch.nn import functional as F
#end

HERE = os.path.dirname(os.path.abspath(__file__))
WEIGHTS = os.path.join(HERE, @weights_literal)
SHAPE = (@channels, @height, @width)
LATENT = @latent
#if conditional
CLASSES = @conditions
#end
#if trainable

# How the model was trained; train goes on in the same way. Absent settings are off.
RECIPE = @recipe
#end

#if halftanh

class HalfTanh(nn.Module):
    """(1 + tanh x) / 2: the hyperbolic tangent in the range of pixels."""

    def forward(self, x):
        return torch.sigmoid(2 * x)

#end

class Model(nn.Module):
    """The networks. Their tensors have the names of those in the file."""

    def __init__(self):
        super().__init__()
@networks

#if encoder
#if conditional
    def posterior(self, x, y):
        """Mean and logarithm of the variance of q(z|x, y), [n, LATENT] each."""
        h = self.encoder(torch.cat([x.flatten(1), y], 1))
        return self.mu(h), self.logvar(h)

    def encode(self, x, y=None):
        """posterior, with the classes that are recognised where none are given."""
        if y is None:
            y = one_hot(self.recognise(x).argmax(1), CLASSES)
        return self.posterior(x, y)
#else
    def encode(self, x):
        """Mean and logarithm of the variance of q(z|x), [n, LATENT] each."""
#if encoder_maps
        h = self.encoder(x)
#else
        h = self.encoder(x.flatten(1))
#end
        return self.mu(h), self.logvar(h)
#end

#end
#if conditional
    def output(self, z, y):
        """What the decoder makes of latents and one-hot classes: @output_words."""
        return self.decoder(torch.cat([z, y], 1)).flatten(1)

    def decode(self, z, y):
        """The means of p(x|z, y), pictures."""
#if bernoulli
        return torch.sigmoid(self.output(z, y)).view(-1, *SHAPE)
#else
        return self.output(z, y).clamp(0, 1).view(-1, *SHAPE)
#end
#else
    def output(self, z):
        """What the decoder makes of latents: @output_words."""
        return self.decoder(z).flatten(1)

    def decode(self, z):
        """The means of p(x|z), pictures."""
#if bernoulli
        return torch.sigmoid(self.output(z)).view(-1, *SHAPE)
#else
        return self.output(z).clamp(0, 1).view(-1, *SHAPE)
#end
#end

    def sample(self, n, seed=1):
        """n pictures of latents of N(0, I)."""
        z = torch.randn(n, LATENT, generator=torch.Generator().manual_seed(seed))
        return self.decode_in_turn(z.to(self.device()))

#if prior
    def sample_fitted(self, n, seed=1):
        """n pictures of latents of the prior that was fitted to where the encoder puts the data."""
        g = torch.Generator().manual_seed(seed)
        z = self.fitted(torch.rand(n, generator=g), torch.randn(n, LATENT, generator=g))
        return self.decode_in_turn(z.to(self.device()))

    def fitted(self, u, e):
        """Latents of the fitted prior: u in [0, 1) chooses a Gaussian, e is of N(0, I)."""
        prior, dims = self.prior, self.prior["dimensions"].long()
        k = (u[:, None] >= prior["weights"].cumsum(0)).sum(1).clamp(max=len(prior["weights"]) - 1)
        lower = torch.zeros(len(prior["weights"]), len(dims), len(dims))
        row, column = torch.tril_indices(len(dims), len(dims))
        lower[:, row, column] = prior["factor"]
        z = e.clone()
        z[:, dims] = prior["mean"][k] + (lower[k] @ e[:, dims, None])[:, :, 0]
        return z

#end
    def decode_in_turn(self, z):
#if conditional
        """Decodes latents; row i has class i modulo CLASSES."""
        y = one_hot(torch.arange(len(z)) % CLASSES, CLASSES).to(z.device)
        return self.decode(z, y)
#else
        """Decodes latents."""
        return self.decode(z)
#end

#if recogniser
    def recognise(self, x):
        """Probabilities of the classes, q(y|x)."""
        return self.recogniser(x.flatten(1)).softmax(1)

#end
#if classifier
    def classify(self, mu):
        """Probabilities of the classes, of latent means."""
        return self.classifier(mu).softmax(1)

    def recognise(self, x):
        """Probabilities of the classes, of pictures."""
#if reader
        return self.reader(x).softmax(1)
#else
        return self.classify(self.encode(x)[0])
#end

#end
    def device(self):
        return next(self.parameters()).device

#if conditional

def one_hot(classes, n):
    """Rows with a 1 at their class."""
    return nn.functional.one_hot(classes, n).float()

#end

def read_safetensors(path):
    """Tensors and metadata of a safetensors file: a length, a JSON header, bytes."""
    with open(path, "rb") as f:
        data = f.read()
    (n,) = struct.unpack_from("<Q", data)
    header, body = json.loads(data[8 : 8 + n]), memoryview(bytearray(data[8 + n :]))
    metadata = header.pop("__metadata__", {})
    types = {"F32": torch.float32, "F16": torch.float16}
    tensors = {}
    for name, entry in header.items():
        if name.startswith("inkdrift."):
            continue  # of the page, no part of the model
        start, end = entry["data_offsets"]
        flat = torch.frombuffer(body[start:end], dtype=types[entry["dtype"]]) if end > start else torch.zeros(0)
        tensors[name] = flat.float().reshape(entry["shape"])
    return tensors, metadata


def load(path=WEIGHTS):
    """The model with the weights of a file."""
    tensors, _ = read_safetensors(path)
    prior = {name[6:]: tensors.pop(name) for name in list(tensors) if name.startswith("prior.")}
    model = Model()
    model.load_state_dict(tensors)
    model.prior = prior
    return model.eval()

#if trainable

def write_safetensors(path, tensors, metadata):
    """Writes float32 tensors."""
    header, body, at = {"__metadata__": metadata}, [], 0
    for name, t in tensors.items():
        b = t.detach().float().cpu().contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(t.shape), "data_offsets": [at, at + len(b)]}
        at += len(b)
        body.append(b)
    head = json.dumps(header, ensure_ascii=False).encode()
    head += b" " * (-len(head) % 8)
    with open(path + ".tmp", "wb") as f:
        f.write(struct.pack("<Q", len(head)) + head + b"".join(body))
    os.replace(path + ".tmp", path)


# Random numbers. Number i of a stream is a function of its key and i alone, so that any
# number of processes draws what one would, and what the page draws.

MASK, MASK64 = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF
ORDER, BINARIZE, NOISE = 11, 12, 2  # purposes of streams
FAKE, INSTANCE = 1 << 32, 2 << 32


def mix(z):
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014)."""
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK64
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK64
    return z ^ z >> 31


def key_of(*words):
    """The key of the stream that words name."""
    h = 0x9E3779B97F4A7C15
    for w in words:
        h = mix(h ^ mix(w + 0x9E3779B97F4A7C15 & MASK64))
    return h


def words(key, first, n, device):
    """The numbers first, first + 1, ... of a stream: n words of 32 bits."""
    x = torch.arange(first, first + n, dtype=torch.int64, device=device) & MASK
    x = (x * 0x9E3779B9 + (key & MASK)) & MASK  # products wrap; their low 32 bits are right
    x = (x ^ x >> 16) * 0x21F0AAAD & MASK
    x = (x ^ x >> 15) * 0x735A2D97 & MASK
    x = ((x ^ x >> 15) + (key >> 32)) & MASK
    x = (x ^ x >> 16) * 0x85EBCA6B & MASK
    x = (x ^ x >> 13) * 0xC2B2AE35 & MASK
    return x ^ x >> 16


def uniform(key, first, n, device):
    """n numbers in [0, 1)."""
    return (words(key, first, n, device) >> 8).float() / (1 << 24)


def normal(key, first, n, device):
    """n numbers of N(0, 1), by the inverse error function of Giles 2011."""
    w = words(key, first, n, device)
    tail = ((w >> 9).float() + 0.5) / (1 << 24)
    x, far = 1 - 2 * tail, -torch.log(4 * (tail * (1 - tail)))

    def polynomial(v, *coefficients):
        p = torch.full_like(v, coefficients[0])
        for c in coefficients[1:]:
            p = p * v + c
        return p

    middle = polynomial(far - 2.5, 2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087,
                        -0.00125372503, -0.00417768164, 0.246640727, 1.50140941)
    ends = polynomial(far.sqrt() - 3, -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773,
                      -0.0076224613, 0.00943887047, 1.00167406, 2.83297682)
    y = torch.where(far < 5, middle, ends) * x * math.sqrt(2)
    return torch.where(w & 256 != 0, -y, y)


def read_png(path):
    """The values of a PNG file, bytes, as the model takes them: channel by channel."""
    with open(path, "rb") as f:
        data = f.read()
    channels, packed, at = 0, b"", 8
    while data[:8] == b"\x89PNG\r\n\x1a\n" and at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        chunk = data[at + 8 : at + 8 + size]
        at += 12 + size
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunk)
            if (height, width, depth, interlaced) == (*SHAPE[1:], 8, 0):
                channels = {0: 1, 2: 3}.get(colour, 0)
        elif kind == b"IDAT":
            packed += chunk
    if channels == 0:
        sys.exit(f"{path}: is no PNG of {SHAPE[2]}x{SHAPE[1]} pixels, grey or RGB, 8 bits a value, not interlaced")
    rows, stride, out = zlib.decompress(packed), width * channels, bytearray()
    above = [0] * (stride + channels)
    for first in range(0, height * (stride + 1), stride + 1):
        kind, row = rows[first], [0] * channels + list(rows[first + 1 : first + 1 + stride])
        for i in range(channels, len(row)):
            left, up, corner = row[i - channels], above[i], above[i - channels]
            if kind == 4:  # Paeth
                near = min((left, up, corner), key=lambda v: abs(left + up - corner - v))
            else:
                near = (0, left, up, (left + up) // 2)[kind]
            row[i] = (row[i] + near) % 256
        above = row
        out += bytes(row[channels:])
    planes = [bytes(out[c::channels]) for c in range(channels)]
    if channels > SHAPE[0]:
        return bytes((299 * r + 587 * g + 114 * b + 500) // 1000 for r, g, b in zip(*planes))
    return b"".join(planes) * (SHAPE[0] // channels)


def read_pictures(folder):
    """Bytes of pictures, [n, values], and their classes."""

    def content(path):
        with (gzip.open if path.endswith(".gz") else open)(path, "rb") as f:
            return f.read()

    def idx(pattern):
        paths = sorted(glob.glob(os.path.join(folder, pattern)))
        if not paths:
            return None
        data = content(paths[0])
        if data[:3] != b"\0\0\x08":
            sys.exit(f"{paths[0]}: is no IDX file of unsigned bytes")
        dims = struct.unpack_from(f">{data[3]}I", data, 4)
        flat = torch.frombuffer(bytearray(data[4 + 4 * len(dims) :]), dtype=torch.uint8)
        if flat.numel() != math.prod(dims):
            sys.exit(f"{paths[0]}: has {flat.numel()} bytes of elements instead of {math.prod(dims)}; get it again")
        return flat.view(dims[0], -1)

    pictures, labels = idx("train-images*"), idx("train-labels*")
    batches = sorted(glob.glob(os.path.join(folder, "data_batch_*.bin*")))
    if pictures is None and batches:
        records = torch.frombuffer(bytearray(b"".join(map(content, batches))), dtype=torch.uint8).view(-1, 3073)
        pictures, labels = records[:, 1:].contiguous(), records[:, :1].contiguous()
    if pictures is None:
        classes = sorted({os.path.dirname(path) for path in glob.glob(os.path.join(folder, "*", "*.png"))})
        paths = [(path, label) for label, of in enumerate(classes) for path in sorted(glob.glob(os.path.join(of, "*.png")))]
        if not paths:
            sys.exit(f"{folder}: has neither train-images-idx3-ubyte nor data_batch_1.bin, plain or with .gz, nor folders of PNG files")
        pictures = torch.frombuffer(bytearray(b"".join(read_png(path) for path, _ in paths)), dtype=torch.uint8).view(len(paths), -1)
        labels = torch.tensor([label for _, label in paths])
    if pictures.shape[1] != math.prod(SHAPE):
        sys.exit(f"{folder}: its pictures have {pictures.shape[1]} values; the model takes {math.prod(SHAPE)}, {SHAPE}")
    labels = torch.full((len(pictures),), -1) if labels is None else labels.view(-1).long()
    if len(labels) != len(pictures):
        sys.exit(f"{folder}: has {len(pictures)} pictures and {len(labels)} labels")
#if conditional
    if labels.min() < 0 or labels.max() >= CLASSES:
        sys.exit(f"{folder}: the model is conditional: every picture needs a label from 0 to {CLASSES - 1}")
#end
    return pictures, labels


def order_of(n, seed, epoch):
    """The order of the pictures of an epoch (Fisher-Yates)."""
    order = list(range(n))
    draws = words(key_of(seed, ORDER, epoch), 0, n, "cpu").tolist()
    for i in range(n - 1, 0, -1):
        j = draws[i] * (i + 1) >> 32
        order[i], order[j] = order[j], order[i]
    return order


def binarized(x, index, first, step, recipe):
    """Grey pixels as 0 and 1, where the recipe says so."""
    n, width = x.shape
    if recipe["binarize"] == "dynamic":  # anew every time (Burda et al. 2016)
        u = uniform(key_of(recipe["seed"], BINARIZE, step), first * width, n * width, x.device).view(n, width)
    elif recipe["binarize"] == "static":  # each picture once and for all
        key = key_of(recipe["seed"], BINARIZE)
        u = torch.stack([uniform(key, i * width, width, x.device) for i in index]) if n else x
    else:
        return x
    return (u < x).float()


#if likelihood
def nll(out, x):
    """-log p(x|z) in nats of each row, from the decoder's output."""
#if bernoulli
    return F.binary_cross_entropy_with_logits(out, x.expand_as(out), reduction="none").sum(-1)
#else
    sigma = @sigma
    constant = x.shape[-1] * (math.log(sigma) + 0.5 * math.log(2 * math.pi))
    return ((x - out) ** 2).sum(-1) / (2 * sigma**2) + constant
#end


def kl_terms(mu, logvar):
    """The divergence of q(z|x) from N(0, I) in nats, of each latent number."""
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar)


#end
def add_gradient(loss, parameters, keep=True):
    """Adds the gradient of a loss to that of some parameters alone."""
    parameters = list(parameters)
    for p, g in zip(parameters, torch.autograd.grad(loss, parameters, retain_graph=keep)):
        p.grad += g


# What is trained on. gradients adds the gradient of a share's part of the mean loss of
# a whole batch, and returns the sums over the share of its terms, in nats.

#if bound
def gradients(model, x, labels, key, first, batch, beta, noise, recipe):
    """The evidence lower bound, or the importance-weighted one of Burda et al. 2016."""
    n, k = len(x), recipe.get("samples", 0) or 1
    pictures = x.view(n, *SHAPE)
#if conditional
    y = one_hot(labels, CLASSES)
    mu, logvar = model.posterior(pictures, y)
#else
    mu, logvar = model.encode(pictures)
#end
    keys = [key] + [key_of(key, i) for i in range(1, k)]
    eps = torch.stack([normal(s, first * LATENT, n * LATENT, x.device).view(n, LATENT) for s in keys])
    z = mu + torch.exp(logvar / 2) * eps
#if conditional
    out = model.output(z.view(k * n, LATENT), y.repeat(k, 1)).view(k, n, -1)
#else
    out = model.output(z.view(k * n, LATENT)).view(k, n, -1)
#end
    loss = nll(out, x)
    kl = kl_terms(mu, logvar)
    terms = {"recon": loss.mean(0).sum(), "kl": kl.sum()}
    if recipe.get("objective") == "iwae":
        if recipe.get("gradient") in ("stl", "dreg"):  # without the score of q(z|x)
            m, v = mu.detach(), logvar.detach()
            ratio = 0.5 * ((z - m) ** 2 / v.exp() + v - z**2).sum(-1)
        else:
            ratio = 0.5 * (eps**2 + logvar - z**2).sum(-1)
        log_w = beta * ratio - loss
        weights = log_w.detach().softmax(0)
        if recipe.get("gradient") == "dreg":  # Tucker et al. 2019
            z.register_hook(lambda g: g * (1 - beta + beta * weights)[..., None])
        total = -(weights * log_w).sum()
        terms["iwae"] = (math.log(k) - torch.logsumexp((ratio - loss).detach(), 0)).sum()
    else:
        free = recipe.get("free_bits", 0)  # nats of KL that cost nothing (Kingma et al. 2016)
        total = loss.mean(0).sum() + beta * torch.where(kl < free, torch.zeros_like(kl), kl).sum()
#if conditional
    terms["label"] = F.cross_entropy(model.recogniser(x), labels, reduction="sum")
    total = total + terms["label"]
#end
    (total / batch).backward()
    return terms


#end
#if adversarial
def discriminate(model, fakes, x, key, first, noise, smoothing):
    """Loss of the discriminator on generated pictures, and the real ones behind them; with
    its features and logits."""
    n, width, each = len(x), x.shape[1], len(fakes) // max(len(x), 1)
    both = torch.cat([fakes, x])
    if noise > 0:
        keys = [key_of(key, INSTANCE + i) for i in range(each + 1)]
        both = both + noise * torch.cat([normal(k, first * width, n * width, x.device).view(n, width) for k in keys])
    features = model.discriminator[:@features](both.view(-1, *SHAPE))
    logits = model.discriminator[@features:](features)[:, 0]
    bce = F.binary_cross_entropy_with_logits
    m = len(fakes)
    of_real = bce(logits[m:], torch.full_like(logits[m:], 1 - smoothing))
    loss = 0.5 * (bce(logits[:m], torch.zeros_like(logits[:m])) + of_real)
    return loss, features, logits


#end
#if dcgan
def gradients(model, x, labels, key, first, batch, beta, noise, recipe):
    """The game of Goodfellow et al. 2014 with the non-saturating loss; both sides learn
    at the same weights."""
    n = len(x)
    fakes = model.output(normal(key_of(key, FAKE), first * LATENT, n * LATENT, x.device).view(n, LATENT))
    loss, _, logits = discriminate(model, fakes, x, key, first, noise, recipe.get("label_smoothing", 0))
    fooling = F.softplus(-logits[:n]).mean()
    real = logits.sigmoid()
    add_gradient(loss * n / batch, model.discriminator.parameters())
    add_gradient(fooling * n / batch, model.decoder.parameters())
    return {"discriminator": loss * n, "generator": fooling * n, "real": real[n:].sum(), "fake": real[:n].sum()}


#end
#if vaegan
FOOLING = 10  # weight of the generator's loss against the difference of features


def gradients(model, x, labels, key, first, batch, beta, noise, recipe):
    """Algorithm 1 of Larsen et al. 2016, all of it in one step at the same weights."""
    n = len(x)
    mu, logvar = model.encode(x.view(n, *SHAPE))
    z = mu + torch.exp(logvar / 2) * normal(key, first * LATENT, n * LATENT, x.device).view(n, LATENT)
    random = normal(key_of(key, FAKE), first * LATENT, n * LATENT, x.device).view(n, LATENT)
    fakes = model.output(torch.cat([z, random]))
    loss, features, logits = discriminate(model, fakes, x, key, first, noise, recipe.get("label_smoothing", 0))
    difference = 0.5 * ((features[:n] - features[2 * n :]) ** 2).sum() / n
    fooling = F.softplus(-logits[: 2 * n]).mean()
    kl = kl_terms(mu, logvar).sum()
    share = n / batch
    encoder = [*model.encoder.parameters(), *model.mu.parameters(), *model.logvar.parameters()]
    add_gradient(loss * share, model.discriminator.parameters())
    add_gradient((difference + FOOLING * fooling) * share, model.decoder.parameters())
    add_gradient(difference * share + beta * kl / batch, encoder)
    recon = nll(fakes[:n], x).sum()
    return {"recon": recon, "kl": kl, "features": difference * n, "discriminator": loss * n, "generator": fooling * n}


#end
def trained_tensors(model):
    """The tensors that train changes, by name: not those of classifiers."""
    return {name: p for name, p in model.named_parameters() if name.split(".")[0] not in ("classifier", "reader")}


class Trainer:
    """A run: the steps of the page's, one after the other."""

    def __init__(self, model, pictures, labels, recipe, rank=0, size=1):
        self.model, self.pictures, self.labels, self.recipe = model, pictures, labels, recipe
        self.rank, self.size, self.step, self.epoch = rank, size, 0, -1
        self.batch = min(recipe["batch"], len(pictures))
        self.per_epoch = -(-len(pictures) // self.batch)
        self.steps = recipe["epochs"] * self.per_epoch
        self.tensors = trained_tensors(model)
        self.average = {name: p.detach().clone() for name, p in self.tensors.items()} if recipe.get("ema") else None
        groups = [{"params": [p], "factor": 1} for p in self.tensors.values()]
        for name, group in zip(self.tensors, groups):
            if name.startswith("discriminator."):
                group["factor"] = recipe.get("discriminator_rate") or 1
        if recipe.get("optimizer") == "sgd":
            self.optimizer = torch.optim.SGD(groups, lr=0.0, momentum=recipe.get("momentum", 0))
        else:
            self.optimizer = torch.optim.Adam(groups, lr=0.0, betas=(recipe.get("beta1") or 0.9, 0.999), eps=1e-8)

    def rate(self):
        r, done = self.recipe["learning_rate"], self.step / self.steps
        if self.recipe["schedule"] == "cosine":
            r *= 0.5 * (1 + math.cos(math.pi * done))
        elif self.recipe["schedule"] == "linear":
            r *= 1 - done
        warm_up = self.recipe.get("warm_up", 0)
        return r * (self.step + 1) / warm_up if self.step < warm_up else r

    def beta(self):
        beta, warm_up = self.recipe["beta"], self.recipe.get("kl_warm_up", 0)
        start = self.recipe.get("beta_start", 0)
        return start + (beta - start) * self.step / warm_up if self.step < warm_up else beta

    def noise(self):
        noise, steps = self.recipe.get("instance_noise", 0), self.recipe.get("instance_noise_steps", 0)
        return noise * max(0, 1 - self.step / steps) if steps else noise

    def take_step(self):
        """Takes one step and returns its terms, means over the batch."""
        recipe, seed, device = self.recipe, self.recipe["seed"], self.model.device()
        if self.step // self.per_epoch != self.epoch:
            self.epoch = self.step // self.per_epoch
            self.order = order_of(len(self.pictures), seed, self.epoch)
        at = self.step % self.per_epoch * self.batch
        whole = self.order[at : at + self.batch]
        first, end = self.rank * len(whole) // self.size, (self.rank + 1) * len(whole) // self.size
        index = whole[first:end]
        for p in self.tensors.values():
            p.grad = torch.zeros_like(p)
        terms = {}
        if index:
            x = binarized(self.pictures[index].to(device).float() / 255, index, first, self.step, recipe)
            labels, key = self.labels[index].to(device), key_of(seed, NOISE, self.step)
            terms = gradients(self.model, x, labels, key, first, len(whole), self.beta(), self.noise(), recipe)
        terms = self.sum_up({name: float(v) for name, v in terms.items()})
        terms = {name: v / len(whole) for name, v in terms.items()}
        self.update()
        self.step += 1
        return {"step": self.step, "epoch": self.epoch, **terms}

    def sum_up(self, terms):
        """Adds gradients and terms of all processes."""
        if self.size == 1:
            return terms
        flat = torch.cat([p.grad.flatten() for p in self.tensors.values()])
        torch.distributed.all_reduce(flat)
        at = 0
        for p in self.tensors.values():
            p.grad = flat[at : at + p.numel()].view_as(p)
            at += p.numel()
        shares = [None] * self.size
        torch.distributed.all_gather_object(shares, terms)
        names = next(s for s in shares if s)
        return {name: sum(s.get(name, 0) for s in shares) for name in names}

    def update(self):
        recipe, lr = self.recipe, self.rate()
        with torch.no_grad():
            for p in self.tensors.values():
                if p.dim() > 1:  # penalties leave biases out
                    p.grad += recipe.get("l2", 0) * p + recipe.get("l1", 0) * p.sign()
            norm = torch.sqrt(sum((p.grad.double() ** 2).sum() for p in self.tensors.values()))
            if not torch.isfinite(norm):
                sys.exit(f"training diverged at step {self.step + 1}; lower the learning rate")
            if 0 < recipe.get("clip_norm", 0) < norm:
                for p in self.tensors.values():
                    p.grad *= (recipe["clip_norm"] / norm).float()
            for group in self.optimizer.param_groups:
                group["lr"] = lr * group["factor"]
                for p in group["params"]:
                    p *= 1 - group["lr"] * recipe.get("weight_decay", 0)
        self.optimizer.step()
        if self.average:
            n = self.step + 1
            decay = min(recipe["ema"], (1 + n) / (10 + n))
            for name, p in self.tensors.items():
                self.average[name].mul_(decay).add_(p.detach(), alpha=1 - decay)

    def write(self, path, data):
        """Writes the model as a file that the page opens. Classifiers and fitted prior belong
        to the weights as they were, and are left out."""
        _, metadata = read_safetensors(WEIGHTS)
        metadata = {name: text for name, text in metadata.items() if not name.startswith(("reader_", "prior", "error"))}
        about = json.loads(metadata["inkdrift"])
        for name in ("classes", "classifier", "reader", "reader_hidden"):
            about["config"].pop(name, None)
        for part in ("graph", "description"):
            for name in ("classifier", "reader"):
                about.get(part, {}).pop(name, None)
        recipe = {"model": about["config"], "train": self.recipe, "dtype": "F32"}
        metadata.update(inkdrift=json.dumps(about), recipe=json.dumps(recipe), data=data, step=str(self.step))
        write_safetensors(path, self.average or self.tensors, metadata)


def train(arguments):
    """Trains, in as many processes as torchrun has started."""
    parser = argparse.ArgumentParser(prog="model.py train", description=train.__doc__)
    parser.add_argument("--data", required=True, help="folder with the pictures")
    parser.add_argument("--out", default="trained.safetensors", help="file to write")
    parser.add_argument("--init", default=WEIGHTS, help="file with the weights to begin with")
    parser.add_argument("--steps", type=int, default=0, help="end after this many steps of the schedule; 0: after all")
    parser.add_argument("--json", action="store_true", help="print a line a step")
    parser.add_argument("--cpu", action="store_true", help="leave graphics processors alone")
    for name, kind in (("epochs", int), ("batch", int), ("seed", int), ("learning_rate", float), ("beta", float)):
        option = "--" + name.replace("_", "-")
        parser.add_argument(option, type=kind, default=RECIPE[name], help="%(default)s if not given")
    a = parser.parse_args(arguments)
    recipe = {**RECIPE, **{name: getattr(a, name) for name in ("epochs", "batch", "seed", "learning_rate", "beta")}}
    if recipe["epochs"] < 1 or recipe["batch"] < 1:
        parser.error("--epochs and --batch must be at least 1")
    size, rank = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0))
    cuda = torch.cuda.is_available() and not a.cpu
    device = f"cuda:{os.environ.get('LOCAL_RANK', 0)}" if cuda else "cpu"
    if size > 1:
        torch.distributed.init_process_group("nccl" if cuda else "gloo")
        if cuda:
            torch.cuda.set_device(device)
    pictures, labels = read_pictures(a.data)
    trainer = Trainer(load(a.init).to(device), pictures, labels, recipe, rank, size)
    last, began = min(a.steps or trainer.steps, trainer.steps), time.time()
    while trainer.step < last:
        terms = trainer.take_step()
        if rank == 0 and (a.json or trainer.step % trainer.per_epoch == 0 or trainer.step == last):
            if a.json:
                print(json.dumps(terms), flush=True)
            else:
                said = ", ".join(f"{name} {v:.4f}" for name, v in terms.items() if name not in ("step", "epoch"))
                print(f"step {trainer.step} of {trainer.steps}, {time.time() - began:.0f} s: {said}", flush=True)
    if rank == 0:
        trainer.write(a.out, os.path.basename(os.path.abspath(a.data)))
        print(f"wrote {a.out}", file=sys.stderr)
    if size > 1:
        torch.distributed.barrier()
        torch.distributed.destroy_process_group()

#end

def write_pictures(path, x):
    """Writes pictures side by side, ink dark, as a PNM file."""
    wide = torch.cat(list(x), 2).mul(255).round().byte()
    if SHAPE[0] != 3:
        wide = 255 - wide[:1].expand(3, -1, -1)
    with open(path, "wb") as f:
        f.write(f"P6 {wide.shape[2]} {wide.shape[1]} 255\n".encode() + bytes(wide.permute(1, 2, 0).flatten().tolist()))


def example():
    """Samples pictures, and encodes and decodes them again."""
    model = load()
    with torch.no_grad():
        x = model.sample(8)
        print("samples", tuple(x.shape))
#if encoder
        mu, logvar = model.encode(x)
        print("mu", tuple(mu.shape), "logvar", tuple(logvar.shape))
#if conditional
        again = model.decode(mu, model.recognise(x))
#else
        again = model.decode(mu)
#end
        print("mean square of what the reconstructions are off: %.5f" % (x - again).square().mean())
#end
#if recogniser
        print("classes", model.recognise(x).argmax(1).tolist())
#end
#if classifier
        print("classes", model.recognise(x).argmax(1).tolist())
#end
#if prior
        write_pictures("fitted.pnm", model.sample_fitted(8))
#end
    write_pictures("samples.pnm", x)
    print("wrote samples.pnm")


if __name__ == "__main__":
#if trainable
    if len(sys.argv) > 1 and sys.argv[1] == "train":
        train(sys.argv[2:])
    elif len(sys.argv) > 1:
        sys.exit("usage: python model.py, or python model.py train --data DIR; train -h lists the settings")
    else:
        example()
#else
    example()
#end

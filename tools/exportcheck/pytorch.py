"""Runs exported programs for PyTorch and compares what they give with what is expected:

    python3 pytorch.py PLAN

PLAN is as in onnx.mjs, with train: {data, out, steps, processes, terms} for models that
are to go on training. Each comparison becomes a line of JSON: {model, graph, batch,
output, difference}; of training: {model, graph: "train", difference, spread}: the largest
difference of a term from what is expected, and of several processes from one.
"""
import base64
import contextlib
import importlib.util
import io
import json
import os
import sys

import torch


def say(**line):
    print(json.dumps(line), flush=True)


def tensor(t):
    return torch.frombuffer(bytearray(base64.b64decode(t["data"])), dtype=torch.float32).view(t["shape"])


def program(name, folder):
    spec = importlib.util.spec_from_file_location("model_" + name.replace("-", "_"), os.path.join(folder, "model.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(model, graph, given):
    """The outputs of what ONNX has as a graph, by name."""
    classes = [given["y"]] if "y" in given else []
    if graph == "encoder":
        mu, logvar = model.encode(given["x"], *classes)
        return {"mu": mu, "logvar": logvar}
    if graph == "decoder":
        return {"x": model.decode(given["z"], *classes)}
    if graph == "classifier":
        return {"probabilities": model.recognise(given["x"])}
    if graph == "latent_classifier":
        return {"probabilities": model.classify(given["mu"])}
    if graph == "discriminator":
        return {"real": model.discriminator(given["x"]).sigmoid()}
    if graph == "prior":
        return {"z": model.fitted(given["u"], given["e"])}
    raise ValueError(graph)


def losses(module, train, out, rank=0, size=1):
    """The lines that the command train prints."""
    os.environ.update(RANK=str(rank), WORLD_SIZE=str(size))
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        module.train(["--data", train["data"], "--out", out, "--steps", str(train["steps"]), "--json", "--cpu"])
    return [json.loads(line) for line in said.getvalue().splitlines()]


def in_processes(case, index):
    """Trains in several processes, and returns what the first one printed."""
    train = case["train"]
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(train["port"] + index))
    path, children = train["out"] + ".lines", []
    for rank in range(train["processes"]):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                lines = losses(program(case["model"], case["folder"]), train, train["out"] + ".several", rank, train["processes"])
                if rank == 0:
                    with open(path, "w") as f:
                        json.dump(lines, f)
                status = 0
            finally:
                sys.stderr.flush()
                os._exit(status)
        children.append(child)
    failed = [os.waitpid(child, 0)[1] for child in children]
    if any(failed):
        raise RuntimeError(f"a process ended with {failed}")
    with open(path) as f:
        return json.load(f)


def apart(lines, others, names):
    return max(abs(a[n] - b[n]) for a, b in zip(lines, others) for n in names)


def main():
    torch.set_num_threads(1)
    with open(sys.argv[1]) as f:
        cases = json.load(f)
    several = {}
    for i, case in enumerate(cases):  # before anything computes: threads do not survive a fork
        if case.get("train", {}).get("processes", 1) > 1:
            several[case["model"]] = in_processes(case, i)
    for case in cases:
        name, folder = case["model"], case["folder"]
        try:
            module = program(name, folder)
            model = module.load()
            with torch.no_grad():
                model.sample(2)
                for r in case["runs"]:
                    got = run(model, r["graph"], {k: tensor(t) for k, t in r["inputs"].items()})
                    for output, t in r["outputs"].items():
                        want = tensor(t)
                        if got[output].shape != want.shape:
                            raise ValueError(f"{output} is {tuple(got[output].shape)} instead of {tuple(want.shape)}")
                        difference = (got[output] - want).abs().max().item()
                        say(model=name, graph=r["graph"], batch=r["batch"], output=output, difference=difference)
            if case.get("train"):
                train = case["train"]
                lines = losses(module, train, train["out"])
                if len(lines) != len(train["terms"]):
                    raise ValueError(f"{len(lines)} steps instead of {len(train['terms'])}")
                names = list(train["terms"][0])
                said = {"difference": apart(lines, train["terms"], names)}
                if name in several:
                    said["spread"] = apart(several[name], lines, names)
                say(model=name, graph="train", **said)
        except Exception as e:
            say(model=name, graph="", error=f"{type(e).__name__}: {e}")


main()

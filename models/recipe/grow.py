"""A deeper model that computes what the given one does: training goes on from there.

    python grow.py --from DIR --layers 9 --to DIR

Blocks are repeated, evenly spread from the top; in the copy what the block adds to the stream is multiplied by nothing
(its two output projections are zeros), so that it is the identity until it has learnt something.
"""
import argparse, os, re, shutil
import torch
import model as M


def places(layers, wanted):
    """Which block stands at each place of the deeper model, and whether it is a copy."""
    if not layers < wanted <= 2 * layers:
        raise ValueError(f"--layers: {wanted} is not between {layers + 1} and {2 * layers}")
    copies = {layers - 1 - (i * layers) // (wanted - layers) for i in range(wanted - layers)}
    return [(i, copy) for i in range(layers) for copy in ([False, True] if i in copies else [False])]


def grow(state, layers, wanted):
    grown = {name: t for name, t in state.items() if not name.startswith("h.")}
    for to, (of, copy) in enumerate(places(layers, wanted)):
        for name, t in state.items():
            part = re.match(rf"h\.{of}\.(.+)", name)
            if part:
                silent = copy and "_proj." in part[1]
                grown[f"h.{to}.{part[1]}"] = torch.zeros_like(t) if silent else t.clone()
    return grown


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--from", dest="origin", required=True), a.add_argument("--to", required=True)
    a.add_argument("--layers", type=int, required=True)
    o = a.parse_args()
    try:
        net, config = M.load_hf(o.origin)
    except FileNotFoundError as error:
        a.error(f"--from: there is no {error.filename}")
    if os.path.exists(o.to) and os.path.samefile(o.origin, o.to):
        a.error("--to is the folder of the given model: name another one")
    shape = {**net.shape, "layers": o.layers}
    try:
        state = grow(net.state_dict(), net.shape["layers"], o.layers)
    except ValueError as error:
        a.error(str(error))
    M.save_hf(state, shape, o.to, config["trained_context"])
    for name in ("tokenizer.model", "state.json"):
        if os.path.exists(f"{o.origin}/{name}"):
            shutil.copyfile(f"{o.origin}/{name}", f"{o.to}/{name}")
            os.chmod(f"{o.to}/{name}", 0o644)


if __name__ == "__main__":
    main()

"""The mean of the weights of several cooled branches of one run, which is better than each of them.

    python average.py --of DIR DIR [...] [--weights N N ...] --to DIR

Each DIR is what export.py writes, with --hold so that training can go on from the mean. They must have one history: networks that were trained apart do not average.
"""
import argparse, json, os, shutil
import model as M


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--of", nargs="+", required=True), a.add_argument("--to", required=True)
    a.add_argument("--weights", nargs="+", type=float, help="how much each counts (all the same)")
    o = a.parse_args()
    weights = o.weights or [1] * len(o.of)
    if len(weights) != len(o.of):
        a.error(f"{len(o.of)} folders and {len(weights)} weights")
    branches = [M.load_hf(folder) for folder in o.of]
    nets, trained = [net for net, _ in branches], min(config["trained_context"] for _, config in branches)
    states = [net.state_dict() for net in nets]
    mean = {name: sum(w * state[name].float() for w, state in zip(weights, states)) / sum(weights) for name in states[0]}
    M.save_hf(mean, nets[0].shape, o.to, trained)
    shutil.copyfile(f"{o.of[0]}/tokenizer.model", f"{o.to}/tokenizer.model")
    os.chmod(f"{o.to}/tokenizer.model", 0o644)
    counters = [json.load(open(f"{folder}/state.json")) for folder in o.of if os.path.exists(f"{folder}/state.json")]
    if len(counters) == len(o.of):  # of the latest branch: from there training goes on
        M.write_json(f"{o.to}/state.json", max(counters, key=lambda state: state["step"]))


if __name__ == "__main__":
    main()

"""The mean of the weights of several cooled branches of one run, which is better than each of them.

    python average.py --of DIR DIR [...] --to DIR

Each DIR is what export.py writes. They must have one history: networks that were trained apart do not average.
"""
import argparse, os, shutil
import model as M


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--of", nargs="+", required=True), a.add_argument("--to", required=True)
    o = a.parse_args()
    branches = [M.load_hf(folder) for folder in o.of]
    nets, config = [net for net, _ in branches], branches[0][1]
    states = [net.state_dict() for net in nets]
    mean = {name: sum(state[name].float() for state in states) / len(states) for name in states[0]}
    M.save_hf(mean, nets[0].shape, o.to, config["trained_context"])
    shutil.copyfile(f"{o.of[0]}/tokenizer.model", f"{o.to}/tokenizer.model")
    os.chmod(f"{o.to}/tokenizer.model", 0o644)


if __name__ == "__main__":
    main()

"""Answers of two programs side by side, area by area: ours.geojson theirs.geojson our=their…

Both files hold one feature a line, and are read line by line. Each pair names a column of each; several
of theirs are added up (`pop_best=band_1_sum+band_2_sum`). Prints one JSON object.

Two numbers agree within 0.001 people or 1e-6, whichever is larger: civex writes three decimals,
exactextract keeps coverage in 32 bits.
"""

import json
import sys


def main():
    ours, theirs, *pairs = sys.argv[1:]
    pairs = [pair.split("=") for pair in pairs]
    mine = read(ours, [[our] for our, _ in pairs])
    peer = read(theirs, [their.split("+") for _, their in pairs])
    if mine.keys() != peer.keys():
        fault(f"{len(mine)} and {len(peer)} areas, of other keys")
    totals, over, worst = [0.0, 0.0], 0, (0.0, "")
    for key, numbers in mine.items():
        for a, b in zip(numbers, peer[key]):
            totals[0], totals[1] = totals[0] + a, totals[1] + b
            apart = abs(a - b)
            over += apart > max(1e-3, 1e-6 * b)
            worst = max(worst, (apart, key))
    print(json.dumps({
        "areas": len(mine), "numbers": len(mine) * len(pairs), "ours": totals[0], "theirs": totals[1],
        "over": over, "worst": worst[0], "worst_key": worst[1],
    }))


def read(path, wanted):
    """The wanted sums of columns of each area. Where nobody lives, the peers know no sum."""
    found, missing = {}, {name for names in wanted for name in names}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if '"Feature"' in line[:40]:
                columns = json.loads(line.rstrip().rstrip(","))["properties"]
                missing -= columns.keys()
                found[columns["key"]] = [sum(columns.get(name) or 0 for name in names) for names in wanted]
    if missing:
        fault(f"{path} has no column {', '.join(sorted(missing))}")
    return found


def fault(text):
    print(json.dumps({"fault": text}))
    sys.exit()


if __name__ == "__main__":
    main()

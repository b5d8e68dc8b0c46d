#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Do the ```console blocks of a document tell the truth?

console.py [-x PATH]... FILE [OLD=NEW]...  runs each line that begins with "# " in a shell and compares what
it prints with the lines below it. Numbers, MAC addresses and program tags may be others, blanks
more or fewer; a line "..." stands for any lines, "..." within a line for any text. OLD is
replaced in commands, and NEW in what they print. A command that names a PATH of -x is not run.
Prints one line per command: "ok NAME", "skip NAME", or "not ok NAME" and comments.
"""
import re
import subprocess
import sys

SPECIAL = re.compile(r"(?P<mac>\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b)|(?P<tag>\b[0-9a-f]{16}\b)"
                     r"|(?P<any>\.\.\.)|(?P<number>\d+)|(?P<blank>\s+)")
PATTERNS = {"mac": r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", "tag": r"[0-9a-f]{16}", "any": r".*",
            "number": r"\d+", "blank": r"\s+"}


def pattern(line):
    out, at = r"\s*", 0
    line = line.strip()
    for m in SPECIAL.finditer(line):
        out += re.escape(line[at:m.start()]) + PATTERNS[m.lastgroup]
        at = m.end()
    return re.compile(out + re.escape(line[at:]) + r"\s*$")


def differs(want, got):
    """None, or what is wrong."""
    at, skipping = 0, False
    for line in want:
        if line.strip() == "...":
            skipping = True
            continue
        p = pattern(line)
        if skipping:
            while at < len(got) and not p.match(got[at]):
                at += 1
        if at >= len(got):
            return f"missing: {line}"
        if not p.match(got[at]):
            return f"wanted: {line}\n# got:    {got[at]}"
        at, skipping = at + 1, False
    if not skipping and at < len(got):
        return f"printed, too: {got[at]}"
    return None


def blocks(text):
    for block in re.findall(r"^```console\n(.*?)^```", text, re.S | re.M):
        command, want = None, []
        for line in block.splitlines():
            if line.startswith("# "):
                if command:
                    yield command, want
                command, want = line[2:], []
            else:
                want.append(line)
        yield command, want


def main():
    args, without = sys.argv[1:], []
    while args[0] == "-x":
        without.append(args[1])
        args = args[2:]
    swaps = [a.split("=", 1) for a in args[1:]]
    with open(args[0], encoding="utf-8") as f:
        for command, want in blocks(f.read()):
            if any(x in command for x in without):
                print(f"skip {command[:90]}")
                continue
            run = command
            for old, new in swaps:
                run = run.replace(old, new)
            p = subprocess.run(["bash", "-c", run], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, timeout=60, check=False)
            got = p.stdout.decode(errors="replace")
            for old, new in swaps:
                got = got.replace(new, old)
            while want and not want[-1].strip():
                want.pop()
            wrong = differs(want, got.rstrip().splitlines())
            print(f"{'not ok' if wrong else 'ok'} {command[:90]}")
            if wrong:
                print(f"# {wrong}")
                print("# stderr: " + p.stderr.decode(errors="replace")[-300:].replace("\n", "\n# "))


main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pages.py TREE FOLDER - what README.md and docs/*.md tell people to type.

Prints one line each, tab separated:
  line    PAGE:N  COMMAND     a line of a block, without what explains it
  word    PAGE:N  COMMAND     `tandem VERB ...` in running text
  config  PAGE:N  FILE        a block of configuration, written to a file in FOLDER
What explains a line begins behind two blanks or a #.
"""
import glob
import os
import re
import sys

COMMANDS = r"(sudo )?(tandemd?|make|cat|bpftool|nft|ip|ss|systemctl|tools/lab)\b"
FENCE = re.compile(r"^[ \t]*```")


def command(line):
    line = re.sub(r"^# (?=tandem )", "", line.strip())
    if not re.match(COMMANDS + r"(?!-)", line):
        return None
    return re.split(r"\s{2,}|\s+#", line)[0].strip()


def block(page, start, lines, folder):
    if any(re.match(r"\s*config \w+", l) for l in lines):
        path = os.path.join(folder, "%s-%d" % (os.path.basename(page), start))
        with open(path, "w") as f:
            f.write("\n".join(lines) + "\n")
        print("config\t%s:%d\t%s" % (page, start, path))
        return
    for i, line in enumerate(lines):
        text = command(line)
        if text:
            print("line\t%s:%d\t%s" % (page, start + i, text))


def main():
    tree, folder = sys.argv[1:3]
    pages = ["README.md"] + sorted(os.path.relpath(p, tree) for p in glob.glob(tree + "/docs/*.md"))
    for page in pages:
        if page.endswith("config-reference.md"):    # made from the schema
            continue
        lines, inside, begun = [], False, 0
        for n, line in enumerate(open(os.path.join(tree, page)), 1):
            if FENCE.match(line):
                if inside:
                    block(page, begun, lines, folder)
                inside, lines, begun = not inside, [], n + 1
            elif inside:
                lines.append(line.rstrip("\n"))
            else:
                for text in re.findall(r"`(tandem [a-z][^`]*)`", line):
                    print("word\t%s:%d\t%s" % (page, n, text))


main()

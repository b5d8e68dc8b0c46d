#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is in a list of certificates (.tlv) or in front of a signed file (.sgn): signed.py FILE FOLDER

Writes into FOLDER: signature and signed (for openssl dgst), content (what is behind the header), and
of a list NUMBER-ROLE.der for each record; prints the name that stands in it. Knows the layout only."""
import struct
import sys

data, folder = open(sys.argv[1], "rb").read(), sys.argv[2]


def put(name, content):
    with open(f"{folder}/{name}", "wb") as f:
        f.write(content)


def tags(at, end, nested=()):
    while at < end:
        tag = data[at]
        if tag == 13 and nested:
            at += 1
            continue
        n = struct.unpack_from(">H", data, at + 1)[0]
        yield tag, at, data[at + 3:at + 3 + n]
        at += 3 if tag in nested else 3 + n
    assert at == end, "a tag goes beyond the end"


length = struct.unpack_from(">H", data, 8)[0]
for tag, at, value in tags(0, length, (3, 7, 9)):
    if tag == 12:
        put("signature", value)
        put("signed", data[:at] + data[at + 3 + len(value):])
    elif tag == 14:
        print(value.rstrip(b"\0").decode())
put("content", data[length:])
if sys.argv[1].endswith(".tlv"):
    at, i = length, 0
    while at < len(data):
        size = struct.unpack_from(">H", data, at + 3)[0]
        of = {tag: value for tag, _, value in tags(at, at + size)}
        put(f"{i}-{struct.unpack('>H', of[4])[0]}.der", of[9])
        at, i = at + size, i + 1

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""replay: say again what one router said to the other, from a capture of TCP.
usage: replay.py connect|listen CAPTURE OWN OTHER [PORT]
connect: as who wants copies; listen: as who has calls. Ends well when the other side hangs up."""
import socket
import subprocess
import sys

how, capture, own, other = sys.argv[1:5]
port = int(sys.argv[5]) if len(sys.argv) > 5 else 5079


def said():
    side = "tcp.dstport" if how == "connect" else "tcp.srcport"
    out = subprocess.run(["tshark", "-n", "-r", capture, "-Y", "ip.src == %s and %s == %d and tcp.len > 0"
                          % (own, side, port), "-T", "fields", "-e", "tcp.stream", "-e", "tcp.payload"],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout.decode()
    rows = [line.split("\t") for line in out.splitlines()]
    # only a stream from its beginning: its first frame is number 0
    first = [n for n, data in rows if data[10:26] == "0" * 16][0]
    return b"".join(bytes.fromhex(data) for n, data in rows if n == first)


def meet():
    if how == "connect":
        return socket.create_connection((other, port), 10, (own, 0))
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((own, port))
    s.listen(1)
    s.settimeout(10)
    return s.accept()[0]


words = said()
c = meet()
c.settimeout(10)
try:
    c.sendall(words)
    while c.recv(65536):
        pass
except (ConnectionResetError, BrokenPipeError):
    pass

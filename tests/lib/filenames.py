#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""filenames.py PROTOCOL HOST [NAME...]: ask a server of phones' files for what it must not give.

  tftp, http   a thousand names that lead out of the folder, in every writing that has ever worked
               somewhere; NAMEs are files that exist, to be reached by detours. Prints how many were
               asked for, how many were served, and which. By HTTP, where who guesses is banned, from
               10.2.0.100 and those after it, 16 names each.
  noise        TFTP packets that are no requests, or broken ones; prints how many were answered
  stuck N      N transfers by TFTP that are begun and left; N connections by HTTP that send half a
               request, and as many that ask for NAME and do not read. Stays until it is ended.
"""
import itertools
import os
import signal
import socket
import sys

SOURCE = "10.2.0.1%02d"
UPS = ["../", "..\\", "%2e%2e/", "%2e%2e%2f", "..%2f", "..%5c", "%252e%252e%252f", "..%c0%af",
       "..%ef%bc%8f", "%c0%ae%c0%ae/", "..//", "....//", "..;/", ".././", "./../", "\\..\\"]
AIMS = ["etc/passwd", "etc/tandem/tandem", "proc/self/environ", "etc/shadow"]
STARTS = ["", "/", "//", "./", "file:///", "C:\\", "\\\\?\\", "~/", "German_Germany/"]
ENDS = ["", "\0.cnf.xml", "%00.cnf.xml", "/.", "?x", "#x", ".cnf.xml", " ", "::$DATA"]


def corpus(there):
    """A thousand names, the same each time."""
    names = []
    for start, up, end, aim in itertools.product(STARTS, UPS, ENDS, AIMS):
        names.append(start + up * (1 + len(names) % 12) + aim + end)
    names = names[:: max(1, len(names) // 900)][:900]
    for name in there:
        for up in UPS:
            names += ["x/" + up + name, up + name, name + "/" + up + name]
        names += ["/" + name, "./" + name, name + "/", name + "%00", name.lower(), name + "\0x",
                  "%2f" + name, name.replace("S", "%53", 1) + "%", "a" * 400 + name]
    while len(names) < 1000:
        names.append("../" * len(names) + "etc/passwd")
    return [n for n in names if n not in there][:1000]


def tftp(host, there):
    served = []
    names = corpus(there)
    for name in names:
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.settimeout(0.02)
        s.sendto(b"\0\1" + name.encode("latin-1", "replace") + b"\0octet\0", (host, 69))
        try:
            if s.recv(2000)[:2] in (b"\0\3", b"\0\6"):
                served.append(name)
        except socket.timeout:
            pass
        s.close()
    return len(names), served


def http(host, there):
    served = []
    names = corpus(there)
    for i, name in enumerate(names):
        with socket.create_connection((host, 6970), 5, (SOURCE % (i // 16), 0)) as s:
            path = name if name[:1] == "/" else "/" + name
            s.sendall(b"GET " + path.encode("latin-1", "replace") + b" HTTP/1.0\r\n\r\n")
            s.settimeout(5)
            answer = b""
            try:
                answer = s.recv(4000)
            except OSError:
                pass
            if answer[9:12] in (b"200", b"206"):
                served.append(name)
    return len(names), served


def noise(host):
    """No packet of these is a request that can be met."""
    packets = [b"", b"\0", b"\0\1", b"\0\1\0", b"\0\1a", b"\0\1a\0", b"\0\1a\0octet", b"\0\1\0octet\0",
               b"\0\2XMLDefault.cnf.xml\0octet\0", b"\0\3\0\1data", b"\0\4\0\1", b"\0\5\0\1x\0",
               b"\0\6blksize\0512\0", b"\0\7", b"\xff\xff", b"\0\1" + b"a" * 600 + b"\0octet\0",
               b"\0\1XMLDefault.cnf.xml\0mail\0", b"\0\1XMLDefault.cnf.xml\0octet"]
    packets += [os.urandom(n) for n in range(1, 500)]
    n = 0
    for p in packets:
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.settimeout(0.01)
        s.sendto(p, (host, 69))
        try:
            n += s.recv(2000)[:2] == b"\0\3"
        except socket.timeout:
            pass
        s.close()
    return n


def stuck(host, n, name):
    held = []
    for i in range(n):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.sendto(b"\0\1" + name.encode() + b"\0octet\0", (host, 69))
        held.append(s)
    for text in (b"GET /" + name.encode() + b" HTT", b"GET /" + name.encode() + b" HTTP/1.1\r\nHost: x\r\n\r\n"):
        for i in range(n):
            s = socket.socket()
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            s.settimeout(0.2)
            try:
                s.connect((host, 6970))
                s.sendall(text)
            except OSError:
                pass
            held.append(s)
    print("stuck", flush=True)
    signal.pause()


def main():
    what, host = sys.argv[1:3]
    if what == "noise":
        print(noise(host))
    elif what == "stuck":
        stuck(host, int(sys.argv[3]), sys.argv[4])
    else:
        asked, served = (tftp if what == "tftp" else http)(host, sys.argv[3:])
        print(asked, len(served), *[ascii(n) for n in served])


main()

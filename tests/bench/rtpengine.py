#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""rtpengine.py N: set up N calls in an rtpengine that listens for commands (ng) at 127.0.0.1:2223,
between 10.72.1.2 and 10.72.2.2, ports 2000, 2002, ... on both sides. Prints for each call the port
at 10.72.1.1 that the first party sends to. For tests/bench/xdp_forward.sh."""
import re
import socket
import sys
import time


def encode(x):
    if isinstance(x, str):
        return b"%d:%s" % (len(x), x.encode())
    if isinstance(x, list):
        return b"l" + b"".join(map(encode, x)) + b"e"
    return b"d" + b"".join(encode(k) + encode(v) for k, v in sorted(x.items())) + b"e"


def sdp(host, port):
    return ("v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n"
            "m=audio %d RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n" % (host, host, port))


def ask(s, n, command):
    cookie = b"c%d " % n
    for _ in range(20):
        s.send(cookie + encode(command))
        try:
            answer = s.recv(65535)
        except (socket.timeout, ConnectionRefusedError):
            time.sleep(0.2)  # it is still starting
            continue
        if answer.startswith(cookie):
            return answer
    sys.exit("rtpengine does not answer")


def main():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect(("127.0.0.1", 2223))
    s.settimeout(0.5)
    for i in range(int(sys.argv[1])):
        call = {"call-id": "bench%d" % i, "from-tag": "a%d" % i, "ICE": "remove",
                "rtcp-mux": ["demux"], "transport-protocol": "RTP/AVP"}
        ask(s, 2 * i, dict(call, command="offer", direction=["lan", "wan"],
                           sdp=sdp("10.72.1.2", 2000 + 2 * i)))
        answer = ask(s, 2 * i + 1, {**call, "command": "answer", "to-tag": "b%d" % i,
                                    "sdp": sdp("10.72.2.2", 2000 + 2 * i)})
        port = re.search(rb"m=audio (\d+) ", answer)
        if not port:
            sys.exit("rtpengine refuses: %s" % answer[:200])
        print(int(port[1]))


main()

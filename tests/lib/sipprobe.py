#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""sipprobe.py HOST [--tcp] [--port N] [--source IP] VERB ... - one SIP question, the answers on stdout.

  options                         is it alive? prints the status line
  register USER PASSWORD [--expires N] [--contact URI] [--bare-401]
                                  REGISTER, answer the challenge, print the last answer whole;
                                  --bare-401: print the first answer instead
  replay USER PASSWORD            register, then the same credentials in a second REGISTER
                                  with the same nonce count: prints its answer
  twice USER PASSWORD FIRST WAIT  over one TCP connection: register, wait, register again
  idle                            open TCP, send one OPTIONS, print how long until it is closed
  raw FILE...                     each file's bytes as one datagram; "NAME status" a line
  method NAME USER                one request of that method without credentials
  nonce USER                      a REGISTER without credentials, prints the nonce of the 401
  guess USER N [--nonce NONCE]    N REGISTERs with wrong passwords, each in answer to a fresh
                                  challenge or to NONCE: prints the status of each
  flood N                         N OPTIONS as fast as they go, prints how many were answered
With --masked, tags, branches, nonces and Call-IDs in what is printed are replaced, so that
two answers can be compared. Exit status 0 when the last answer is a 2xx (raw: always).
"""
import argparse
import hashlib
import os
import re
import socket
import time


class Wire:
    """One way to the registrar, UDP or TCP."""

    def __init__(self, host, port, tcp, timeout, source=None):
        info = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)[0]
        self.tcp, self.host, self.port = tcp, host, port
        self.sock = socket.socket(info[0], info[1])
        self.sock.settimeout(timeout)
        if source:
            self.sock.bind((source, 0))
        self.sock.connect(info[4])
        self.rest = b""

    def local(self):
        host, port = self.sock.getsockname()[:2]
        return "[%s]:%d" % (host, port) if ":" in host else "%s:%d" % (host, port)

    def target(self):
        return "[%s]" % self.host if ":" in self.host else self.host

    def send(self, text):
        self.sock.sendall(text if isinstance(text, bytes) else text.encode())

    def receive(self):
        """The next whole message, or '' on time-out or end."""
        try:
            if not self.tcp:
                return self.sock.recv(65535).decode(errors="replace")
            while b"\r\n\r\n" not in self.rest:
                part = self.sock.recv(65535)
                if not part:
                    return ""
                self.rest += part
            head, _, self.rest = self.rest.partition(b"\r\n\r\n")
            return head.decode(errors="replace") + "\r\n\r\n"
        except (socket.timeout, ConnectionError):
            return ""

    def final(self):
        while True:
            answer = self.receive()
            if not re.match(r"SIP/2.0 1", answer):
                return answer


def request(wire, method, user, cseq, call_id, extra="", uri_user=""):
    target = "sip:" + (uri_user + "@" if uri_user else "") + wire.target()
    return ("%s %s SIP/2.0\r\n"
            "Via: SIP/2.0/%s %s;rport;branch=z9hG4bK%s\r\n"
            "Max-Forwards: 70\r\nFrom: <sip:%s@%s>;tag=%s\r\nTo: <sip:%s@%s>\r\n"
            "Call-ID: %s\r\nCSeq: %d %s\r\n%sContent-Length: 0\r\n\r\n" %
            (method, target, "TCP" if wire.tcp else "UDP", wire.local(), os.urandom(6).hex(),
             user, wire.target(), call_id[:8], user, wire.target(), call_id, cseq, method, extra))


def challenge(answer):
    m = re.search(r"^(WWW|Proxy)-Authenticate:\s*Digest\s+(.*)$", answer, re.M | re.I)
    if not m:
        return None
    return dict((k.lower(), v.strip('"')) for k, v in
                re.findall(r'(\w+)=("[^"]*"|[^,\s]+)', m.group(2)))


def authorization(c, method, uri, user, password, nc=1):
    algorithm = c.get("algorithm", "MD5")
    h = hashlib.sha256 if "256" in algorithm else hashlib.md5
    digest = lambda *parts: h(":".join(parts).encode()).hexdigest()
    ha1 = digest(user, c["realm"], password)
    ha2 = digest(method, uri)
    text = ('Authorization: Digest username="%s", realm="%s", nonce="%s", uri="%s", algorithm=%s' %
            (user, c["realm"], c["nonce"], uri, algorithm))
    if "qop" in c:
        text += ', qop=auth, nc=%08x, cnonce="abcdef", response="%s"' % (
            nc, digest(ha1, c["nonce"], "%08x" % nc, "abcdef", "auth", ha2))
    else:
        text += ', response="%s"' % digest(ha1, c["nonce"], ha2)
    if "opaque" in c:
        text += ', opaque="%s"' % c["opaque"]
    return text + "\r\n"


def register(wire, a, call_id, cseq=1):
    """(first answer, last answer, credentials line)"""
    contact = a.contact or "sip:%s@%s%s" % (a.user, wire.local(), ";transport=tcp" if wire.tcp else "")
    extra = "Contact: <%s>\r\nExpires: %d\r\n" % (contact, a.expires)
    wire.send(request(wire, "REGISTER", a.user, cseq, call_id, extra))
    first = wire.final()
    c = challenge(first)
    if not c:
        return first, first, extra
    line = authorization(c, "REGISTER", "sip:" + wire.target(), a.user, a.password)
    wire.send(request(wire, "REGISTER", a.user, cseq + 1, call_id, extra + line))
    return first, wire.final(), extra + line


def masked(text):
    for pattern, word in ((r"branch=[^;\s]+", "branch=B"), (r"tag=[^;\s]+", "tag=T"),
                          (r'nonce="[^"]*"', 'nonce="N"'), (r'opaque="[^"]*"', 'opaque="O"'),
                          (r"(?im)^(call-id|i):.*$", "Call-ID: C"), (r"(?im)^date:.*\n", ""),
                          (r"rport=\d+", "rport=P"), (r"(\d+\.\d+\.\d+\.\d+):\d+", r"\1:P"),
                          (r"sip:[^@;>\s]+@", "sip:U@")):
        text = re.sub(pattern, word, text)
    return text


def raw(wire, files):
    for path in files:
        with open(path, "rb") as f:
            data = f.read()
        try:
            wire.send(data)
        except OSError as e:
            print(os.path.basename(path), "not sent:", e.strerror)
            continue
        answer = wire.receive()
        print(os.path.basename(path), answer.split("\r\n")[0] if answer else "silence")


def idle(wire):
    wire.send(request(wire, "OPTIONS", "probe", 1, os.urandom(8).hex()))
    wire.final()
    begin = time.monotonic()
    try:
        while wire.sock.recv(1000):
            pass
        print("closed after %d s" % (time.monotonic() - begin))
    except socket.timeout:
        print("still open after %d s" % (time.monotonic() - begin))


def nonce(wire, user):
    wire.send(request(wire, "REGISTER", user, 1, os.urandom(8).hex()))
    return challenge(wire.final())


def guess(wire, user, n, given):
    """status of each answer; what is not answered is "silence" and ends it"""
    for i in range(n):
        c = nonce(wire, user) if not given else {"realm": given[1], "nonce": given[0], "qop": "auth"}
        answer = ""
        if c:
            line = authorization(c, "REGISTER", "sip:" + wire.target(), user, "wrong-%d" % i)
            wire.send(request(wire, "REGISTER", user, 2, os.urandom(8).hex(), line))
            answer = wire.final()
        yield answer.split(" ")[1] if answer else "silence"
        if not answer:
            return


def flood(wire, n):
    for i in range(n):
        wire.send(request(wire, "OPTIONS", "flood", 1, os.urandom(8).hex()))
    answers = 0
    while wire.receive():
        answers += 1
    return answers


def main():
    p = argparse.ArgumentParser()
    p.add_argument("host")
    p.add_argument("--tcp", action="store_true")
    p.add_argument("--port", type=int, default=5060)
    p.add_argument("--timeout", type=float, default=3)
    p.add_argument("--source")
    p.add_argument("--masked", action="store_true")
    sub = p.add_subparsers(dest="verb", required=True)
    sub.add_parser("options")
    sub.add_parser("idle")
    for name in ("register", "replay", "twice"):
        r = sub.add_parser(name)
        r.add_argument("user")
        r.add_argument("password")
        r.add_argument("--expires", type=int, default=3600)
        r.add_argument("--contact")
        r.add_argument("--bare-401", action="store_true")
        if name == "twice":
            r.add_argument("wait", type=float)
    m = sub.add_parser("method")
    m.add_argument("name")
    m.add_argument("user")
    sub.add_parser("nonce").add_argument("user")
    g = sub.add_parser("guess")
    g.add_argument("user")
    g.add_argument("n", type=int)
    g.add_argument("--nonce")
    g.add_argument("--realm", default="lab")
    sub.add_parser("flood").add_argument("n", type=int)
    f = sub.add_parser("raw")
    f.add_argument("files", nargs="+")
    a = p.parse_args()
    wire, call_id = Wire(a.host, a.port, a.tcp, a.timeout, a.source), os.urandom(8).hex()
    answer = ""
    if a.verb == "options":
        wire.send(request(wire, "OPTIONS", "probe", 1, call_id))
        answer = wire.final()
        print(answer.split("\r\n")[0])
    elif a.verb == "idle":
        return idle(wire)
    elif a.verb == "raw":
        return raw(wire, a.files)
    elif a.verb == "nonce":
        return print(nonce(wire, a.user)["nonce"])
    elif a.verb == "guess":
        return print(*guess(wire, a.user, a.n, a.nonce and (a.nonce, a.realm)))
    elif a.verb == "flood":
        return print(flood(wire, a.n))
    elif a.verb == "method":
        extra = "Contact: <sip:%s@%s>\r\n" % (a.user, wire.local())
        wire.send(request(wire, a.name, a.user, 1, call_id, extra, a.user))
        answer = wire.final()
        print(answer.split("\r\n")[0])
    else:
        first, answer, extra = register(wire, a, call_id)
        if a.verb == "replay" and answer:
            wire.send(request(wire, "REGISTER", a.user, 3, call_id, extra))
            answer = wire.final()
        elif a.verb == "twice":
            time.sleep(a.wait)
            answer = register(wire, a, call_id, 3)[1]
        text = first if a.bare_401 else answer
        print(masked(text) if a.masked else text)
    raise SystemExit(0 if re.match(r"SIP/2.0 2", answer) else 1)


main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""fraud.py GATEWAY - the toll-fraud matrix: who calls, from where, by which feature, to where.

Every host of the lab's far side is played here: 10.2.0.2:7001 the carrier, 10.2.0.3 a trunk that
comes in, 10.2.0.11 phone 1001, 10.2.0.12 phone 1002 (restricted), 10.2.0.99 a stranger, 10.2.0.50 a
host of sip.trusted. Each row dials a number of its own, so what reaches the carrier tells which row
got through. One line for each row on stdout: "NAME STATUS REACHED", REACHED 0 or 1.
"""
import re
import selectors
import socket
import sys
import time

GW = sys.argv[1]
SDP = ("v=0\r\no=x 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio 30000 RTP/AVP 0\r\n"
       "a=rtpmap:0 PCMU/8000\r\n")
CARRIER, TRUNK, PHONE, LOW, STRANGER, TRUSTED = (
    ("10.2.0.2", 7001), ("10.2.0.3", 5060), ("10.2.0.11", 5060), ("10.2.0.12", 5060),
    ("10.2.0.99", 5060), ("10.2.0.50", 5060))

# name, who, user of From, number or URI, more headers, feature
DIRECT, REFER, REDIRECT, REPLACES, JOINS = "direct", "refer", "redirect", "replaces", "joins"
SPOOF = ("P-Asserted-Identity: <sip:4711@10.2.0.3>\r\nRemote-Party-ID: <sip:1001@10.2.0.11>;party=calling\r\n"
         "Diversion: <sip:1001@%s>;reason=unconditional\r\n" % GW)
ROWS = [
    # what must go through, or the rest would prove nothing
    ("control_phone", PHONE, "1001", "90101", "", DIRECT),
    ("control_low_local", LOW, "1002", "90102", "", DIRECT),
    ("control_low_emergency", LOW, "1002", "112", "", DIRECT),
    ("control_trunk_in", TRUNK, "4711", "1001", "", DIRECT),
    ("control_trunk_to_forward", TRUNK, "4711", "1005", "", DIRECT),
    ("control_trunk_emergency", TRUNK, "4711", "112", "", DIRECT),
    ("control_phone_transfers", PHONE, "1001", "90107", "", REFER),
    # a stranger, whatever he says
    ("stranger_out", STRANGER, "x", "90201", "", DIRECT),
    ("stranger_in", STRANGER, "x", "1001", "", DIRECT),
    ("stranger_emergency", STRANGER, "x", "112", "", DIRECT),
    ("stranger_as_phone", STRANGER, "1001", "90204", "", DIRECT),
    ("stranger_as_trunk", STRANGER, "4711", "90205", SPOOF, DIRECT),
    ("stranger_via_trunk", STRANGER, "4711", "90206", "Contact: <sip:4711@10.2.0.3>\r\n", DIRECT),
    ("stranger_relay_uri", STRANGER, "x", "sip:90207@10.2.0.2:7001", "", DIRECT),
    ("stranger_relay_route", STRANGER, "x", "90208", "Route: <sip:10.2.0.2:7001;lr>\r\n", DIRECT),
    ("stranger_maddr", STRANGER, "x", "sip:90209@%s;maddr=10.2.0.2" % GW, "", DIRECT),
    ("stranger_tel", STRANGER, "x", "tel:90210", "", DIRECT),
    ("stranger_to_forward", STRANGER, "x", "1005", "", DIRECT),
    ("stranger_plus", STRANGER, "x", "+490212", "", DIRECT),
    # trusted by the packet filter is not a trunk
    ("trusted_out", TRUSTED, "x", "90301", "", DIRECT),
    ("trusted_as_phone", TRUSTED, "1001", "90302", SPOOF, DIRECT),
    ("trusted_in", TRUSTED, "x", "1001", "", DIRECT),
    # a trunk reaches the house alone
    ("trunk_out", TRUNK, "4711", "90401", "", DIRECT),
    ("trunk_as_phone", TRUNK, "1001", "90402", SPOOF, DIRECT),
    ("trunk_relay_uri", TRUNK, "4711", "sip:90404@10.2.0.2:7001", "", DIRECT),
    ("trunk_relay_route", TRUNK, "4711", "90405", "Route: <sip:10.2.0.2:7001;lr>\r\n", DIRECT),
    ("trunk_plus", TRUNK, "4711", "+490406", "", DIRECT),
    ("trunk_transfers", TRUNK, "4711", "90407", "", REFER),
    ("trunk_to_forward_premium", TRUNK, "4711", "1006", "", DIRECT),
    ("trunk_redirected_premium", TRUNK, "4711", "1002", "", REDIRECT),
    # a restricted phone does not get further by any feature
    ("low_premium", LOW, "1002", "99001", "", DIRECT),
    ("low_as_other", LOW, "1001", "99002", SPOOF, DIRECT),
    ("low_transfers_premium", LOW, "1002", "99003", "", REFER),
    ("low_to_own_forward", LOW, "1002", "1006", "", DIRECT),
    ("low_hidden_premium", LOW, "1002", "*6799005", "", DIRECT),
    ("low_override_premium", LOW, "1002", "*8899006", "", DIRECT),
    # what phones dial to use a feature is no number for anybody outside
    ("trunk_feature_slot", TRUNK, "4711", "701", "", DIRECT),
    ("trunk_feature_pickup", TRUNK, "4711", "**51001", "", DIRECT),
    ("trunk_feature_group_pickup", TRUNK, "4711", "**4100", "", DIRECT),
    ("trunk_feature_forward", TRUNK, "4711", "**190409", "", DIRECT),
    ("trunk_feature_conference", TRUNK, "4711", "6000", "", DIRECT),
    ("trunk_feature_paging", TRUNK, "4711", "7000", "", DIRECT),
    ("trunk_feature_night", TRUNK, "4711", "*99", "", DIRECT),
    ("trunk_feature_override", TRUNK, "4711", "*8890410", "", DIRECT),
    ("trunk_feature_hides", TRUNK, "4711", "*6790411", "", DIRECT),
    # nobody takes the place of a phone that talks to the carrier, or hands its call on
    ("trunk_replaces", TRUNK, "4711", "1001", "", REPLACES),
    ("low_replaces", LOW, "1002", "1001", "", REPLACES),
    ("stranger_replaces", STRANGER, "1001", "1001", "", REPLACES),
    ("trunk_joins", TRUNK, "4711", "1001", "", JOINS),
    ("low_joins", LOW, "1002", "1001", "", JOINS),
    # after hours, by any feature
    ("phone_after_hours", PHONE, "1001", "90771", "", DIRECT),
    ("phone_hidden_after_hours", PHONE, "1001", "*6790772", "", DIRECT),
    ("phone_transfers_after_hours", PHONE, "1001", "90773", "", REFER),
    ("control_phone_overrides", PHONE, "1001", "*8890774", "", DIRECT),
    ("trunk_to_forward_after_hours", TRUNK, "4711", "1007", "", DIRECT),
    # a forward that a phone sets has its rights
    ("control_low_sets_forward", LOW, "1002", "**199666", "", DIRECT),
    ("trunk_to_set_forward", TRUNK, "4711", "1002", "", DIRECT),
]

sel = selectors.DefaultSelector()
socks, reached, inbox = {}, {}, {}
serial = 0


def headers(text):
    found = {}
    for line in text.split("\r\n\r\n")[0].split("\r\n")[1:]:
        name, _, value = line.partition(":")
        found.setdefault(name.strip().lower(), []).append(value.strip())
    return found


def reply(who, to, text, status, more="", body=""):
    h = headers(text)
    out = "SIP/2.0 %s\r\n" % status
    for name in ("via", "record-route"):
        out += "".join("%s: %s\r\n" % (name, v) for v in h.get(name, []))
    tag = "" if ";tag=" in h["to"][0] else ";tag=far"
    out += "From: %s\r\nTo: %s%s\r\nCall-ID: %s\r\nCSeq: %s\r\n%sContent-Length: %d\r\n\r\n%s" % (
        h["from"][0], h["to"][0], tag, h["call-id"][0], h["cseq"][0], more, len(body), body)
    socks[who].sendto(out.encode(), to)


def serve(who, text, to):
    """Requests of the router."""
    method, uri = text.split(" ")[:2]
    contact = "Contact: <sip:%s:%d>\r\n" % who
    if method == "ACK":
        return
    if method != "INVITE":
        reply(who, to, text, "200 OK")
        return
    if who == CARRIER:
        reached[re.search(r"sip:([^@;]*)", uri).group(1)] = text
    if who == LOW and ";tag=" not in headers(text)["to"][0]:
        reply(who, to, text, "302 Elsewhere", "Contact: <sip:99099@%s>\r\n" % GW)
    elif who == CARRIER and (":0107@" in uri or ":112@" in uri):
        reply(who, to, text, "486 Busy")
    else:
        reply(who, to, text, "200 OK", contact + "Content-Type: application/sdp\r\n",
              SDP % (who[0], who[0]))


def turn(seconds):
    for key, _ in sel.select(seconds):
        data, to = key.fileobj.recvfrom(65535)
        text = data.decode(errors="replace")
        if text.startswith("SIP/2.0 "):
            h = headers(text)
            inbox.setdefault((h["call-id"][0], h["cseq"][0]), []).append(text)
        elif text.strip():
            serve(key.data, text, to)


def say(who, method, uri, call_id, cseq, sender, to, more="", body=""):
    global serial
    serial += 1
    text = ("%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s:%d;branch=z9hG4bKf%d\r\nMax-Forwards: 70\r\n"
            "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d %s\r\n%sContent-Length: %d\r\n\r\n%s") % (
        method, uri, who[0], who[1], serial, sender, to, call_id, cseq, method, more, len(body), body)
    socks[who].sendto(text.encode(), (GW, 5060))


def final(call_id, cseq, method, limit=4.0):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        for text in inbox.get((call_id, "%d %s" % (cseq, method)), []):
            if int(text[8:11]) >= 200:
                return int(text[8:11]), text
        turn(0.05)
    return 0, ""


def call(who, user, number, more, name):
    """An INVITE to its end: status, Call-ID, From, To, the other's Contact."""
    call_id = name + "@fraud"
    sender = "<sip:%s@%s>;tag=%s" % (user, GW, name)
    uri = number if ":" in number else "sip:%s@%s" % (number, GW)
    if "Contact:" not in more:
        more += "Contact: <sip:%s@%s:%d>\r\n" % (user, who[0], who[1])
    say(who, "INVITE", uri, call_id, 1, sender, "<%s>" % uri,
        more + "Content-Type: application/sdp\r\n", SDP % (who[0], who[0]))
    status, text = final(call_id, 1, "INVITE")
    h = headers(text) if text else {"to": ["<%s>" % uri]}
    target = re.search(r"<([^>]*)>", h["contact"][0]).group(1) if status == 200 else uri
    say(who, "ACK", target, call_id, 1, sender, h["to"][0])
    return status, call_id, sender, h["to"][0], target


def names_dialog(call_id, sender, to):
    """A dialog of a phone as Replaces names it."""
    tag = lambda a: re.search(r"tag=([^;>]*)", a).group(1)  # noqa: E731
    return "%s;to-tag=%s;from-tag=%s" % (call_id, tag(to), tag(sender))


def run_on_dialog(name, who, user, number, feature):
    """Somebody wants the call that phone 1001 has with the carrier."""
    _, call_id, sender, to, target = call(PHONE, "1001", "90000", "", name + "-phone")
    dialog = names_dialog(call_id, sender, to)
    reached.clear()
    if feature == REPLACES:
        status, other, s, t, there = call(who, user, number, "Replaces: %s\r\n" % dialog, name)
        if status == 200:
            say(who, "BYE", there, other, 2, s, t)
    else:
        _, other, s, t, there = call(who, user, number, "", name)
        say(who, "REFER", there, other, 2, s, t, "Contact: <sip:%s@%s:%d>\r\n"
            "Refer-To: <sip:1001@%s?Replaces=%s>\r\n" % (
                user, who[0], who[1], GW,
                dialog.replace("@", "%40").replace(";", "%3B").replace("=", "%3D")))
        status, _ = final(other, 2, "REFER")
        say(who, "BYE", there, other, 3, s, t)
    say(PHONE, "BYE", target, call_id, 2, sender, to)
    if final(call_id, 2, "BYE")[0] != 200:
        status = -1                     # the phone's call was taken
    print(name, status, int(bool(reached)), flush=True)


def run(name, who, user, number, more, feature):
    if feature in (REPLACES, JOINS):
        run_on_dialog(name, who, user, number, feature)
        return
    reached.clear()
    # who transfers is in a call with phone 1001 (1001 itself with the carrier)
    partner = "1001" if feature != REFER else "90000" if who == PHONE else "1001"
    status, call_id, sender, to, target = call(who, user, partner if feature == REFER else number,
                                               more, name)
    cseq = 1
    if feature == REFER:
        reached.clear()                 # what was called before the transfer
    if feature == REFER and status == 200:
        cseq = 2
        say(who, "REFER", target, call_id, cseq, sender, to,
            "Contact: <sip:%s@%s:%d>\r\nRefer-To: <sip:%s@%s>\r\n" % (user, who[0], who[1], number, GW))
        status, _ = final(call_id, cseq, "REFER")
        end = time.monotonic() + 0.7
        while time.monotonic() < end and not reached:
            turn(0.05)
        say(who, "BYE", target, call_id, 3, sender, to)
    elif status == 200:
        say(who, "BYE", target, call_id, 2, sender, to)
    end = time.monotonic() + 0.15
    while time.monotonic() < end:
        turn(0.05)
    print(name, status, int(bool(reached)), flush=True)


def main():
    for who in (CARRIER, TRUNK, PHONE, LOW, STRANGER, TRUSTED):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(who)
        sel.register(s, selectors.EVENT_READ, who)
        socks[who] = s
    for row in ROWS:
        run(*row)


main()

#!/usr/bin/env python3
"""Verifies hoopctl session logs without hoopctl: by docs/session-log.md alone, with Python's standard library and the
openssl command (version 3). For auditors who do not trust our code: this file is all that there is to read.

usage: verify-session.py [--device ed25519:KEY]... [--json] PATH...

PATH is a log, a directory with all sessions of a device (also checked as one series), or any that sessions were uploaded to,
or below it. A log is `complete` (signed to
its end), `open` (no footer: running, killed or cut) or `broken`. Exit code 0: all hold; 7: one does not; 2: usage.
"""
import argparse
import base64
import binascii
import datetime
import hashlib
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse
from json.encoder import encode_basestring
from pathlib import Path

ZEROS = "0" * 64
LONGEST_LINE = 256 * 1024 * 1024
HEX = re.compile(r"[0-9a-f]{64}")
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
AT = re.compile(r"[0-9]{4}-(0[0-9]|1[0-2])-([0-2][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z")
KINDS = "header context request response notification refused approval decision checkpoint footer".split()
HEADER = "seq at kind prev format session hoopctl host osUser device number previous server".split()
SIGNED = {
    "checkpoint": "seq at kind prev uploaded signature".split(),
    "footer": "seq at kind prev end exitCode exchanges allowed asked denied signature".split(),
}
UPLOADED = "session to key bytes sha256 etag version at".split()
PRUNED = "pruned.jsonl"
NOTE = "seq at kind prev format device number session previous header last bytes sha256 copies signature".split()
NOT_CHECKED = """\
not checked here:
  that a device key is that of a device: compare it with a list that you trust (`--device`)
  whose the SSH keys of receipts are, and that the keys beside ID tokens are their issuers': ask the issuers
  that a call digest (`call`) is that of the call: it covers things that a log does not hold
  that a decision is what the policy says; and what was never written to the log
"""


class Broken(Exception):
    """Says what is wrong, as the end of a sentence that begins with the record."""


def check(truth, why):
    if not truth:
        raise Broken(why)


# --- JSON, as the format has it: what ECMAScript reads and writes ---


def number(text):
    return float(text)  # all numbers, because ECMAScript has no others


def no_constants(_):
    raise ValueError("NaN and Infinity are no JSON")


def no_duplicates(pairs):
    names = [name for name, _ in pairs]
    for name in names:
        check(names.count(name) == 1, f"has the key `{visible(name)}` twice")
    return dict(pairs)


def parse(text, why, pairs=None):
    hooks = {"parse_int": number, "parse_float": number, "parse_constant": no_constants}
    try:
        return json.loads(text, object_pairs_hook=pairs, **hooks)
    except ValueError:
        raise Broken(why) from None


def parse_object(text, why, pairs=None):
    value = parse(text, why, pairs)
    check(isinstance(value, dict), why)
    return value


def written_number(value):
    """Number::toString of ECMAScript; Python has the same digits, and an exponent at other sizes."""
    if not math.isfinite(value):
        return "null"
    if value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    digits, exponent = re.fullmatch(r"-?([0-9.]+?)(?:\.0)?(?:e(.+))?", repr(value)).groups()
    whole, _, fraction = digits.partition(".")
    point = len(whole) + int(exponent or 0)
    digits = whole + fraction
    point -= len(digits) - len(digits.lstrip("0"))
    digits = digits.strip("0")
    sign = "-" if value < 0 else ""
    if len(digits) <= point <= 21:
        return sign + digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    return f"{sign}{digits[0]}{'.' if digits[1:] else ''}{digits[1:]}e{point - 1:+d}"


def is_index(name):
    return re.fullmatch(r"0|[1-9][0-9]{0,9}", name) is not None and int(name) < 2**32 - 1


def written(value):
    """JSON.stringify of ECMAScript."""
    if isinstance(value, dict):
        indexes = sorted((name for name in value if is_index(name)), key=int)
        names = indexes + [name for name in value if not is_index(name)]
        return "{" + ",".join(f"{quoted(name)}:{written(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(written(each) for each in value) + "]"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, float):
        return written_number(value)
    return {None: "null", True: "true", False: "false"}[value]


def quoted(text):
    return re.sub("[\ud800-\udfff]", lambda lone: f"\\u{ord(lone[0]):04x}", encode_basestring(text))


def visible(text):
    return json.dumps(text)[1:-1].replace("\x7f", "\\u007f")


def text_of(record, name):
    value = record.get(name)
    return value if isinstance(value, str) else None


def number_of(record, name):
    value = record.get(name)
    return value if isinstance(value, float) else None


def is_whole(value, least=0, most=2**53 - 1):
    return isinstance(value, float) and value.is_integer() and least <= value <= most


def is_digest(value):
    return isinstance(value, str) and HEX.fullmatch(value) is not None


# --- Signatures: openssl does the mathematics ---

# DER (X.690), as far as public keys and signatures need it.


def der(tag, *parts):
    body = b"".join(parts)
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (length if len(body) < 128 else bytes([128 + len(length)]) + length) + body


def der_integer(value):
    return der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def der_key(algorithm, bits):
    return der(0x30, der(0x30, *algorithm), der(0x03, b"\0", bits))


ED25519 = [bytes.fromhex("06032b6570")]
RSA = [bytes.fromhex("06092a864886f70d010101"), b"\x05\0"]
EC = bytes.fromhex("06072a8648ce3d0201")
CURVES = {  # the object identifier, and the length of a coordinate
    "P-256": (bytes.fromhex("06082a8648ce3d030107"), 32),
    "P-384": (bytes.fromhex("06052b81040022"), 48),
    "P-521": (bytes.fromhex("06052b81040023"), 66),
}


def rsa_key(n, e):
    return der_key(RSA, der(0x30, der_integer(n), der_integer(e)))


def ec_key(curve, x, y):
    oid, size = CURVES[curve]
    check(x.bit_length() <= 8 * size and y.bit_length() <= 8 * size, "has a key that is no point of its curve")
    return der_key([EC, oid], b"\x04" + x.to_bytes(size, "big") + y.to_bytes(size, "big"))


def is_signed(key, content, signature, *options):
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("key", "in", "sig")]
        for path, value in zip(paths, (key, content, signature)):
            path.write_bytes(value)
        command = "openssl pkeyutl -verify -rawin -pubin -keyform DER".split() + list(options)
        command += ["-inkey", paths[0], "-in", paths[1], "-sigfile", paths[2]]
        return subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL).returncode == 0


def is_ed25519(key, content, signature):
    return len(signature) == 64 and is_signed(der_key(ED25519, key), content, signature)


def is_ecdsa(key, content, digest, r, s):
    return is_signed(key, content, der(0x30, der_integer(r), der_integer(s)), "-digest", digest)


def integer(raw):
    return int.from_bytes(raw, "big")


def unpadded(text, length=None):
    """Base64url without padding, in its one form; None where it is not."""
    if not isinstance(text, str) or not re.fullmatch(r"[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        return None
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    one_form = base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == text
    return raw if one_form and length in (None, len(raw)) else None


def device_key(text):
    return unpadded(text[len("ed25519:") :], 32) if isinstance(text, str) and text.startswith("ed25519:") else None


# --- One line ---


def split(line):
    """Gives a line's envelope (its text without the message) and the message's bytes, or None."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        raise Broken("is not UTF-8") from None
    whole = parse_object(text, "is not one JSON object")
    if "message" not in whole:
        return text, None
    check(list(whole)[-1] == "message", "does not have `message` as its last member")
    length = whole.get("bytes")
    check(is_whole(length), "has a message that is not as long as `bytes` says")
    start, name = len(line) - 1 - int(length), b',"message":'
    there = start >= len(name) and line[start - len(name) : start] == name
    check(there, "has a message that is not as long as `bytes` says")
    message = line[start:-1]
    # Else a second value of a member could stand behind the first.
    parse(message.decode("utf-8"), "has a message that is not what its last bytes are")
    return line[: start - len(name)].decode("utf-8") + "}", message


def read_line(line):
    text, message = split(line)
    record = parse_object(text, "has a message that is not what its last bytes are", no_duplicates)
    check(written(record) == text, "is not written in the form of the log (spaces, escapes, forms of numbers)")
    if message is not None or {"bytes", "sha256", "head"} & set(record):
        described = is_whole(record.get("bytes")) and is_digest(record.get("sha256"))
        check(described, "has no valid `bytes` and `sha256`")
    if message is not None:
        matches = hashlib.sha256(message).hexdigest() == record["sha256"]
        check(matches, "has a message that does not match its `sha256`")
    names = "does not begin with `seq`, `at`, `kind` and `prev`"
    check(list(record)[:4] == ["seq", "at", "kind", "prev"] and is_whole(record["seq"]), names)
    check(isinstance(record["at"], str) and AT.fullmatch(record["at"]), names)
    check(record["kind"] in KINDS, "is of a kind that the format does not have")
    check(is_digest(record["prev"]), "has no valid `prev`")
    return text, record


def check_header(record):
    check(record["kind"] == "header" and record["seq"] == 0, "is not the header")
    check(text_of(record, "format") == "hoopctl-session/1", "is not of the format `hoopctl-session/1`")
    check(record["prev"] == ZEROS, "holds the digest of a line before it, and there is none")
    check(list(record) == HEADER, "does not have the members of a header")
    session = text_of(record, "session") or ""
    check(re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", session), "has no valid `session`")
    check(device_key(record["device"]) is not None, "has no valid `device`")
    check(is_whole(record["number"], 1), "has no valid `number`")
    previous = record["previous"]
    check(is_digest(previous) and (record["number"] == 1) == (previous == ZEROS), "has no valid `previous`")
    texts = all(isinstance(record[name], str) for name in ("hoopctl", "host", "osUser"))
    check(texts and is_server(record["server"]), "has no valid `hoopctl`, `host`, `osUser` or `server`")


def is_server(value):
    if not isinstance(value, dict) or list(value) != ["name", "command", "sha256"]:
        return False
    name, command, digest = value.values()
    is_command = isinstance(command, list) and all(isinstance(arg, str) for arg in command)
    return (name is None or isinstance(name, str)) and is_command and (digest is None or is_digest(digest))


# --- Receipts ---


class Approvals:
    """No call was sent by an approval that the records before it do not prove."""

    def __init__(self, header):
        self.header, self.told = header, {}

    def take(self, record):
        if record["kind"] == "decision":
            return self.take_decision(record)
        approval, state = text_of(record, "approval"), text_of(record, "state")
        check(approval is not None, "does not say of which approval it is")
        if state == "waiting":
            self.take_question(approval, record)
        elif state == "approved":
            self.take_receipt(approval, record)
        elif state == "remembered":
            told = self.told.get(approval)
            given = told is not None and is_digest(told["approved"]) and told["approved"] == record.get("call")
            name = visible(approval)
            check(given, f"uses an answer again that nobody gave before it: approval {name} of this call")
            told["next"] = number_of(record, "exchange")

    def take_question(self, approval, record):
        call, challenge = record.get("call"), record.get("challenge")
        valid = is_digest(call) and is_digest(challenge)
        check(valid, "is a question without a valid `call` and `challenge`")
        # A repetition of what another session asked has no `heldUntil`, and was asked before.
        asked = None if text_of(record, "heldUntil") is None else record["at"]
        new = dict(call=call, challenge=challenge, asked=asked, approved=None, covers=0, sent=0, next=None)
        told = self.told.setdefault(approval, new)
        same = (told["call"], told["challenge"]) == (call, challenge)
        check(same, f"asks something else than before under the name of approval {visible(approval)}")

    def take_receipt(self, approval, record):
        told, name = self.told.get(approval), visible(approval)
        check(told is not None, f"holds a receipt of approval {name}, which nothing before it asks for")
        receipt = record.get("receipt")
        valid = is_receipt(receipt) and receipt["approval"] == approval
        check(valid, f"holds no valid receipt of approval {name}")
        check_receipt(receipt, record, told, self.header)
        check(told["approved"] in (None, receipt["call"]), "holds a receipt for another call")
        covers = (receipt["remember"] or {"count": 1})["count"]
        told["covers"] = covers if told["approved"] is None else min(told["covers"], covers)
        told["approved"] = receipt["call"]
        told["next"] = number_of(record, "exchange") if told["sent"] == 0 else None

    def take_decision(self, record):
        approval = text_of(record, "approval")
        if text_of(record, "effect") != "allow" or approval is None:
            return
        told, passes = self.told.get(approval), f"lets a call pass by approval {visible(approval)}"
        proven = told is not None and told["next"] is not None and told["next"] == number_of(record, "exchange")
        check(proven, f"{passes}, and no receipt before it says so")
        check(told["sent"] < told["covers"], f"{passes}, which covers no more calls")
        told["sent"] += 1
        told["next"] = None


def units(text):
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def is_text(most):
    return lambda value: isinstance(value, str) and units(value) <= most


def is_like(pattern):
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def is_one(*values):
    return lambda value: isinstance(value, str) and value in values


def is_exactly(**members):
    def holds(value):
        if not isinstance(value, dict) or set(value) != set(members):
            return False
        return all(is_valid(value[name]) for name, is_valid in members.items())

    return holds


def is_any(*alternatives):
    return lambda value: any(is_valid(value) for is_valid in alternatives)


def is_null(value):
    return value is None


def instant(text):
    """Milliseconds since 1970 of an RFC 3339 time in UTC; None where there is no such instant."""
    found = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]+))?Z", text)
    try:
        second = datetime.datetime.strptime(found[1] + "+0000", "%Y-%m-%dT%H:%M:%S%z") if found else None
    except ValueError:
        return None
    return int(second.timestamp()) * 1000 + int((found[2] or "")[:3].ljust(3, "0")) if second else None


def is_instant(value):
    return isinstance(value, str) and len(value) <= 40 and instant(value) is not None


def is_strict(value, depth, fold):
    """What parsers of the field could read in two ways is refused wherever a text may hold anything."""
    if isinstance(value, str):
        return not re.search("[\ud800-\udfff]", value)
    if not isinstance(value, (dict, list)):
        return True
    if depth > 128:
        return False
    if isinstance(value, list):
        return all(is_strict(each, depth + 1, fold) for each in value)
    if fold and any(name.endswith("\\") or "\0" in name for name in value):
        return False
    names = {name.lower().upper().lower() if fold else name for name in value}
    inside = [*value, *value.values()]
    return len(names) == len(value) and all(is_strict(each, depth + 1, fold) for each in inside)


def is_jwk(value):
    return isinstance(value, dict) and units(written(value)) <= 16_384


NAME, PROSE = is_text(4096), is_text(16_384)
has_members_of_receipt = is_exactly(
    format=is_one("hoopctl-approval/1"),
    answer=is_one("approve"),
    call=is_digest,
    approval=is_like("A-[0-9A-HJKMNP-TV-Z]{8}"),
    device=is_like("ed25519:[A-Za-z0-9_-]{1,64}"),
    random=is_like("[A-Za-z0-9_-]{43}"),
    expires=is_instant,
    binds=is_any(is_exactly(session=NAME), is_exactly(requester=is_exactly(issuer=NAME, sub=NAME))),
    edited=is_any(is_null, is_exactly(arguments=is_text(1_310_720))),
    remember=is_any(is_null, is_exactly(count=lambda value: is_whole(value, 1, 1_000_000), until=is_instant)),
    at=is_instant,
    proof=is_any(
        is_exactly(kind=is_one("terminal"), user=NAME, signature=NAME),
        is_exactly(kind=is_one("key"), key=PROSE, signature=PROSE),
        is_exactly(kind=is_one("oidc"), idToken=is_text(32_768), jwk=is_jwk),
    ),
)


def is_receipt(value):
    if not has_members_of_receipt(value) or not is_strict(value, 2, fold=True):
        return False
    return units(written({"kind": "approve", "receipt": value})) <= 1_310_720


def challenge_of(receipt, **other):
    names = "format answer call approval device random expires".split()
    covered = {name: receipt[name] for name in names}
    if receipt["remember"] is not None:
        covered["remember"] = receipt["remember"]
    if receipt["edited"] is not None:
        covered["edited"] = hashlib.sha256(utf8(receipt["edited"]["arguments"])).hexdigest()
    return hashlib.sha256(utf8(canonical({**covered, **other}))).hexdigest()


def canonical(value):
    """The canonical text: members sorted, numbers as exact decimals. Of numbers it holds `count` alone."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{quoted(name)}:{canonical(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, str):
        return quoted(value)
    digits = str(int(value))
    significant = digits.rstrip("0")
    return digits if significant == digits else f"{significant}e{len(digits) - len(significant)}"


def utf8(text):
    return text.encode("utf-8")


def check_receipt(receipt, record, told, header):
    check(receipt["device"] == header["device"], "holds a receipt that is for another device")
    plain = {**receipt, "call": told["call"], "remember": None, "edited": None}
    check(challenge_of(plain) == told["challenge"], "holds a receipt that answers another question")
    own_call = receipt["edited"] is not None or receipt["call"] == told["call"]
    check(own_call, "holds a receipt that is for another call")
    here = receipt["binds"].get("session", header["session"]) == header["session"]
    check(here, "holds a receipt that counts in another session only")
    used, expires = instant(record["at"]), instant(receipt["expires"])
    in_time = used is not None and used < expires + 60_000
    check(in_time, "holds a receipt that was used after it had expired")
    proof, challenge = receipt["proof"], challenge_of(receipt)
    if proof["kind"] == "terminal":
        signature, user = unpadded(proof["signature"], 64), proof["user"]
        signed = utf8(f"hoopctl-approval-terminal/1\n{challenge}\n{user}")
        key = device_key(header["device"])
        holds = signature is not None and is_ed25519(key, signed, signature)
        check(holds, "holds a receipt that was not signed by the device key")
        check_giver(record, "local", user)
    elif proof["kind"] == "key":
        signer = ssh_signer(proof["signature"], challenge)
        check(signer == proof["key"], "holds a receipt that was signed by another SSH key than it says")
    else:
        claims = token_claims(proof["idToken"], proof["jwk"])
        answers = claims.get("nonce") == challenge
        check(answers, "holds a receipt that has a token that answers something else (`nonce`)")
        signed_in, asked = claims.get("auth_time"), told["asked"] and instant(told["asked"])
        fresh = isinstance(signed_in, float) and (asked is None or signed_in * 1000 >= asked - 60_000)
        check(fresh, "holds a receipt that has a token of no fresh sign-in (`auth_time`)")
        check_giver(record, claims.get("iss"), claims.get("sub"))


def check_giver(record, issuer, sub):
    by = record.get("by")
    same = isinstance(by, dict) and isinstance(sub, str) and isinstance(issuer, str)
    same = same and (text_of(by, "issuer"), text_of(by, "sub")) == (issuer, sub)
    check(same, "holds a receipt that was given by somebody else than the log says")


# --- SSH signatures (PROTOCOL.sshsig, PROTOCOL.u2f, RFC 4253, RFC 5656, RFC 8332) ---

SSH_CURVES = {"nistp256": "P-256", "nistp384": "P-384", "nistp521": "P-521"}
BEGIN, END = "-----BEGIN SSH SIGNATURE-----\n", "\n-----END SSH SIGNATURE-----"
REFUSED_SSH = "holds a receipt that has an SSH signature that is refused: "


def ssh_strings(raw, count):
    found, at = [], 0
    while len(found) < count:
        check(len(raw) - at >= 4, f"{REFUSED_SSH}it has not the parts of a signature")
        end = at + 4 + integer(raw[at : at + 4])
        check(end <= len(raw), f"{REFUSED_SSH}it has not the parts of a signature")
        found.append(raw[at + 4 : end])
        at = end
    check(at == len(raw), f"{REFUSED_SSH}it has not the parts of a signature")
    return found


def ssh_string(raw):
    return len(raw).to_bytes(4, "big") + raw


def ssh_integer(raw):
    one_form = raw and raw[0] < 0x80 and (raw[0] != 0 or len(raw) > 1 and raw[1] >= 0x80)
    check(one_form, f"{REFUSED_SSH}a number in it is not in its one form")
    return integer(raw)


def ssh_signer(armored, message):
    text = armored[:-1] if armored.endswith("\n") else armored
    check(text.startswith(BEGIN) and text.endswith(END), f"{REFUSED_SSH}it is not an armored SSH signature")
    base64_text = text[len(BEGIN) : -len(END)].replace("\n", "")
    try:
        blob = base64.b64decode(base64_text, validate=True)
    except (ValueError, binascii.Error):
        blob = b""
    check(base64.b64encode(blob).decode() == base64_text, f"{REFUSED_SSH}it is not an armored SSH signature")
    check(blob[:10] == b"SSHSIG\0\0\0\1", f"{REFUSED_SSH}it does not begin as an SSH signature does")
    key, namespace, reserved, name, signature = ssh_strings(blob[10:], 5)
    check(namespace == b"hoopctl-approval", f"{REFUSED_SSH}it was made for something else (its namespace)")
    check(reserved == b"", f"{REFUSED_SSH}it holds something that is reserved for later versions")
    check(name in (b"sha256", b"sha512"), f"{REFUSED_SSH}it names a hash that is not accepted")
    digest = hashlib.new(name.decode(), utf8(message)).digest()
    signed = b"SSHSIG" + b"".join(map(ssh_string, (namespace, reserved, name, digest)))
    check(is_ssh_signed(key, signed, signature), f"{REFUSED_SSH}it does not hold")
    kind = key[4 : 4 + integer(key[:4])].decode("latin-1")
    return f"{kind} {base64.b64encode(key).decode()}"


def is_ssh_signed(blob, signed, signature):
    kind = blob[4 : 4 + integer(blob[:4])].decode("latin-1")
    counts = {"ssh-ed25519": 2, "ssh-rsa": 3, "sk-ssh-ed25519@openssh.com": 3, "sk-ecdsa-sha2-nistp256@openssh.com": 4}
    counts.update({f"ecdsa-sha2-{curve}": 3 for curve in SSH_CURVES})
    check(kind in counts, f"{REFUSED_SSH}its key is of a type that is not accepted")
    _, *fields = ssh_strings(blob, counts[kind])
    extra = b""
    if kind.startswith("sk-"):
        check(fields[-1].startswith(b"ssh:"), f"{REFUSED_SSH}its key was not made for SSH")
        check(len(signature) >= 5, f"{REFUSED_SSH}it has not the parts of a signature")
        signature, extra = signature[:-5], signature[-5:]
        check(extra[0] & 1, f"{REFUSED_SSH}nobody touched the security key")
        signed = hashlib.sha256(fields[-1]).digest() + extra + hashlib.sha256(signed).digest()
    algorithm, value = (part for part in ssh_strings(signature, 2))
    if kind == "ssh-rsa":
        e, n = map(ssh_integer, fields)
        check(2048 <= n.bit_length() <= 16_384, f"{REFUSED_SSH}its RSA key is too short or too long")
        digest = {b"rsa-sha2-256": "sha256", b"rsa-sha2-512": "sha512"}.get(algorithm)
        check(digest is not None, f"{REFUSED_SSH}it is by an algorithm that its key is not for")
        return is_signed(rsa_key(n, e), signed, value, "-digest", digest)
    check(algorithm.decode("latin-1") == kind, f"{REFUSED_SSH}it is by an algorithm that its key is not for")
    if kind.endswith("ed25519") or kind == "sk-ssh-ed25519@openssh.com":
        return len(fields[0]) == 32 and is_ed25519(fields[0], signed, value)
    name = fields[0].decode("latin-1")
    check(name in SSH_CURVES and f"-sha2-{name}" in kind, f"{REFUSED_SSH}its key names another curve")
    size, point = CURVES[SSH_CURVES[name]][1], fields[1]
    check(len(point) == 1 + 2 * size and point[0] == 4, f"{REFUSED_SSH}its key is no point of its curve")
    key = ec_key(SSH_CURVES[name], integer(point[1 : 1 + size]), integer(point[1 + size :]))
    digest = {32: "sha256", 48: "sha384", 66: "sha512"}[size]
    return is_ecdsa(key, signed, digest, *map(ssh_integer, ssh_strings(value, 2)))


# --- ID tokens (RFC 7515, RFC 7517, RFC 7518, RFC 8037), by the key that is stored beside them ---

TOKEN_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
ALGORITHMS = "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519".split()
REFUSED_TOKEN = "holds a receipt that has a token that is refused: "


def token_claims(token, jwk):
    parts = token.split(".")
    raw = [unpadded(part) for part in parts]
    check(len(parts) == 3 and None not in raw, f"{REFUSED_TOKEN}it is not a signed JWT")
    header, claims = (token_part(part) for part in raw[:2])
    typ, kid, alg = header.get("typ", "JWT"), header.get("kid"), header.get("alg")
    check(alg in ALGORITHMS, f"{REFUSED_TOKEN}its algorithm is not accepted")
    is_type = isinstance(typ, str) and re.sub("^application/", "", typ.lower()) == "jwt"
    check(is_type, f"{REFUSED_TOKEN}it is of another type")
    strange = {"crit", "b64", "jwk", "jku", "x5u"} & set(header)
    check(not strange and isinstance(header.get("kid", ""), str), f"{REFUSED_TOKEN}its header")
    named = (kid is None or jwk.get("kid") == kid) and fits(jwk, alg)
    check(named, f"{REFUSED_TOKEN}the key beside it is not the one that it names")
    signed = utf8(f"{parts[0]}.{parts[1]}")
    check(is_token_signed(jwk, alg, signed, raw[2]), f"{REFUSED_TOKEN}its signature does not hold")
    return claims


def token_part(raw):
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    value = parse_object(text, f"{REFUSED_TOKEN}it is not JSON", no_duplicates)
    strict = "\r" not in text and is_strict(value, 1, fold=False)
    check(strict, f"{REFUSED_TOKEN}it is JSON that can be read in two ways")
    return value


def fits(jwk, alg):
    ed = ("EdDSA", "Ed25519")
    own = jwk.get("alg", alg)
    if own != alg and not (own in ed and alg in ed) or jwk.get("use", "sig") != "sig":
        return False
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        return False
    if alg in ed:
        return (jwk.get("kty"), jwk.get("crv")) == ("OKP", "Ed25519")
    curve = TOKEN_CURVES.get(alg)
    return jwk.get("kty") == "RSA" if curve is None else (jwk.get("kty"), jwk.get("crv")) == ("EC", curve)


def is_token_signed(jwk, alg, signed, signature):
    values = {name: unpadded(jwk.get(name)) for name in ("n", "e", "x", "y")}
    needed = {"R": "ne", "P": "ne", "E": "xy" if alg in TOKEN_CURVES else "x"}[alg[0]]
    if any(values[name] is None for name in needed):
        return False
    if needed == "x":
        return len(values["x"]) == 32 and is_ed25519(values["x"], signed, signature)
    digest = f"sha{alg[2:]}"
    n, e, x, y = (integer(values[name] or b"") for name in ("n", "e", "x", "y"))
    if needed == "xy":
        size = CURVES[TOKEN_CURVES[alg]][1]
        r, s = integer(signature[:size]), integer(signature[size:])
        return len(signature) == 2 * size and is_ecdsa(ec_key(TOKEN_CURVES[alg], x, y), signed, digest, r, s)
    pss = ["-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt", "rsa_pss_saltlen:digest"] if alg[0] == "P" else []
    return n.bit_length() >= 2048 and is_signed(rsa_key(n, e), signed, signature, "-digest", digest, *pss)


# --- One file, and a series ---


def is_object(value):
    """Is it what a checkpoint tells of an object at a destination?"""
    if not isinstance(value, dict) or list(value) != UPLOADED:
        return False
    texts = all(isinstance(value[name], str) for name in ("session", "to", "key", "at"))
    perhaps = all(value[name] is None or isinstance(value[name], str) for name in ("etag", "version"))
    return texts and perhaps and is_whole(value["bytes"]) and is_digest(value["sha256"])


class Log:
    """How far the lines of a file hold together."""

    def __init__(self):
        self.header, self.header_digest, self.approvals = None, None, None
        self.records, self.signed_to, self.complete, self.cut = 0, None, False, 0
        self.prev, self.at, self.receipts = ZEROS, "", 0
        self.start, self.told = {}, []  # the second record; what checkpoints say that destinations hold

    def take(self, line):
        check(not self.complete, "stands after the footer")
        check(not self.cut, "stands behind half a line")
        check(len(line) <= LONGEST_LINE, "is longer than any that hoopctl writes")
        if not line.endswith(b"\n"):
            self.cut = len(line)  # half a line: what a killed process leaves
            return
        line = line[:-1]
        text, record = read_line(line)
        if self.header is None:
            check_header(record)
            self.header, self.header_digest = record, hashlib.sha256(line).hexdigest()
            self.approvals = Approvals(record)
        else:
            self.take_record(text, record)
        self.prev, self.at = hashlib.sha256(line).hexdigest(), record["at"]
        self.records += 1

    def take_record(self, text, record):
        found = f"calls itself {int(record['seq'])}: lines are missing, altered or in another order"
        check(record["seq"] == self.records, found)
        check(record["kind"] != "header", "is a second header")
        check(record["prev"] == self.prev, "does not hold the digest of the line before: one of the two was altered")
        check(record["at"] >= self.at, "is older than the one before it")
        self.start = record if self.records == 1 else self.start
        if record["kind"] in SIGNED:
            self.take_signed(text, record)
        elif record["kind"] in ("approval", "decision"):
            self.approvals.take(record)
            self.receipts += "receipt" in record

    def take_signed(self, text, record):
        kind = record["kind"]
        check(list(record) == SIGNED[kind], f"does not have the members of a {kind}")
        uploaded = record.get("uploaded")
        told = uploaded is None or isinstance(uploaded, list) and uploaded and all(map(is_object, uploaded))
        check(told, "does not say in the form of the log what was uploaded")
        signature = unpadded(record["signature"], 64)
        check(signature is not None, "has a signature of no valid form")
        signed = utf8(text[: text.rindex(',"signature":')])
        check(is_ed25519(device_key(self.header["device"]), signed, signature), "has a signature that does not hold")
        self.signed_to, self.complete = int(record["seq"]), kind == "footer"
        self.told += uploaded or []


def segments_of(path):
    """Gives the objects of a session as it was uploaded, in order; none: it is not that."""
    if not path.is_dir():
        return []
    names = (part for part in path.iterdir() if re.fullmatch(r"[0-9]{10,15}\.jsonl", part.name))
    return sorted(names, key=lambda part: part.name)


def sessions_below(path):
    """Gives the directories below one in which the objects of a session lie."""
    below = (folder for folder in path.rglob("*") if not folder.is_symlink())
    return sorted(folder for folder in [path, *below] if segments_of(folder))


def read_log(path):
    """Gives how far a log holds, and what is wrong with it or None."""
    log = Log()
    try:
        for part in segments_of(path) or [path]:
            first = log.records + (log.cut > 0)
            named = part == path or int(part.stem) == first
            check(named, f"is missing: an object is gone, or was renamed, before {part.name}")
            own = part == path or part.is_file() and not part.is_symlink() and part.stat().st_size > 0
            check(own, f"is missing: {part.name} is empty, or no file")
            check(not is_pipe(part), "cannot be read: this is a pipe")
            with open(part, "rb") as file:
                for line in iter(lambda: file.readline(LONGEST_LINE + 2), b""):
                    log.take(line)
        return log, None if log.header is not None else "there is no header"
    except Broken as why:
        return log, f"record {log.records} (line {log.records + 1}) {why}"
    except RecursionError:
        return log, f"record {log.records} (line {log.records + 1}) is nested deeper than any that hoopctl writes"
    except OSError as failure:
        return log, f"the file cannot be read: {failure.strerror}"


def is_pipe(path):
    """Would to open it wait for somebody who writes? Not where a shell put it."""
    return path.is_fifo() and not str(path).startswith("/dev/")


def own_name(log):
    """Gives what the objects of a log are below: DATE, SERVER, SUBJECT (`*`: it was cut before that), SESSION. Or nothing."""
    policy, subject = log.start.get("policy"), log.start.get("subject")
    subject = subject if isinstance(subject, dict) else {}
    who = [name for name in (text_of(subject, "email"), text_of(subject, "sub"), "_nobody") if name is not None]
    server = text_of(log.header["server"], "name")
    parts = [log.header["at"][:10], "_command" if server is None else server, who[0], log.header["session"]]
    names = [encoded(part) for part in parts]
    if log.records == 1:
        names[2] = "*"
    elif not isinstance(policy, dict) or text_of(policy, "name") is None:
        return []
    return names


def encoded(text):
    raw = re.sub("[\ud800-\udfff]", "\ufffd", text).encode("utf-8")
    whole = "".join(chr(byte) if re.match(rb"[A-Za-z0-9._-]", bytes([byte])) else f"%{byte:02X}" for byte in raw)
    safe = re.sub(r"^\.", "%2E", whole) or "_"
    return safe if len(safe) <= 200 else re.sub("%.?$", "", safe[:100]) + "-" + hashlib.sha256(raw).hexdigest()


def verify_uploaded(folder, devices):
    """Verifies a session as it was uploaded, and that it lies under its own name."""
    log, result = verify(folder, devices)
    names = own_name(log) if result["state"] != "broken" else []
    found = os.path.abspath(folder).split("/")[-4:]
    if len(names) <= len(found) and all(own in ("*", other) for own, other in zip(names, found)):
        return log, result
    problem = f"it lies under another name than its own, `{'/'.join(names)}`"
    return log, {**result, "ok": False, "state": "broken", "problem": problem}


def between(root, found):
    """Gives what is wrong between sessions that were uploaded: what holds vouches for the others. Then who is not there."""
    problems, absent, devices, claims = [], [], {}, []
    for path, log, result in found:
        if result["ok"]:
            numbered = (log.header["number"], log.header["previous"], log.header_digest, str(path))
            devices.setdefault(result["device"], []).append(numbered)
            claims += log.told
    for device, sessions in devices.items():
        sessions.sort(key=lambda each: each[0])
        for (before, _, digest, one), (after, previous, _, other) in zip(sessions, sessions[1:]):
            both = visible(f"{one} and {other}")
            if before == after:
                problems.append(f"{both} are both session {int(after)} of their device: one of them was made up")
            elif before == after - 1 and digest != previous:
                problems.append(f"{both}: the second does not follow on the first: one was altered or replaced")
            absent += [f"of {device} {each}" for each in missing(int(before), int(after))]
    elsewhere, top = 0, os.path.join(os.path.abspath(root), "")
    for claim in claims:
        place = urllib.parse.urlsplit(claim["to"])
        path = os.path.normpath(urllib.parse.unquote(place.path) + claim["key"])
        if place.scheme != "file" or place.netloc not in ("", "localhost") or not path.startswith(top):
            elsewhere += 1
        elif not holds(path, claim["sha256"]):
            problems.append(visible(f"{path} is not what was confirmed on {claim['at']}: it is gone, or was replaced"))
    looked = f"{len(claims) - elsewhere} objects that checkpoints tell of were looked for, {elsewhere} lie elsewhere"
    return problems, absent + [looked]


def holds(path, digest):
    try:
        return os.path.isfile(path) and hashlib.sha256(Path(path).read_bytes()).hexdigest() == digest
    except (OSError, ValueError):
        return False


def verify(path, devices):
    log, problem = read_log(path)
    header = log.header or {}
    device = header.get("device")
    known = device in devices if devices else None
    state = "broken" if problem else "complete" if log.complete else "open"
    if problem is None and known is False:
        problem = f"the device key `{device}` is none of those that were named"
    result = {"ok": problem is None, "session": header.get("session"), "state": state, "device": device}
    return log, {**result, "deviceKnown": known, "records": log.records, "signedTo": log.signed_to, "problem": problem}


def verify_series(folder, devices):
    """Gives what is found in each log of a directory, and what is wrong between them."""
    noted = read_note(folder)  # before the names: a session that begins meanwhile has not vanished
    names = [(int(path.stem), path) for path in folder.iterdir() if re.fullmatch(r"[0-9]{8,15}\.jsonl", path.name)]
    named = sorted(entry for entry in names if entry[1].stem == f"{entry[0]:08d}")
    read = [(number_, path, *verify(path, devices)) for number_, path in named]
    notes, problem = read_pruned(folder)  # after the logs: one that is pruned meanwhile has its note by now
    read = [each for each in read if each[0] not in notes or each[1].exists()]
    places = [(number_, log.header, log.header_digest) for number_, _, log, _ in read]
    pruned, problems = believed(notes, places, devices)
    problems = ([] if problem is None else [problem]) + problems
    places += [(int(note["number"]), note, note["header"]) for note in pruned]
    before, digest = 0, ZEROS
    for number_, header, header_digest in sorted(places, key=lambda place: place[0]):
        problems += missing(before, number_)
        if header is not None and header["number"] != number_:
            problems.append(f"{number_:08d}.jsonl holds the log of session {int(header['number'])}")
        elif header is not None and before == number_ - 1 and digest not in (None, header["previous"]):
            follows = f"session {number_} does not follow on the session {before} that is here"
            problems.append(f"{follows}: that one was altered or replaced")
        before, digest = number_, header_digest
    if noted is not None:
        problems += missing(before, noted[0] + 1)
        if noted[0] == before and digest not in (None, noted[1]):
            problems.append(f"session {before} is not the one that was noted when it began")
    return [(path, log, result) for _, path, log, result in read], problems, pruned


# --- Notes on logs that were pruned ---


def read_pruned(folder):
    """Gives the notes that hold, by number, and what is wrong with the first that does not."""
    notes, count, prev = {}, 0, ZEROS
    try:
        check(not is_pipe(Path(folder, PRUNED)), "cannot be read: this is a pipe")
        with open(Path(folder, PRUNED), "rb") as file:
            for line in iter(lambda: file.readline(LONGEST_LINE + 2), b""):
                check(len(line) <= LONGEST_LINE, "is longer than any that hoopctl writes")
                if not line.endswith(b"\n"):
                    break  # half a line: what a killed process leaves
                note = check_note(line[:-1], count, prev)
                of = int(note["number"])
                check(notes.get(of, note)["header"] == note["header"], f"notes session {of} a second time, as another")
                notes[of] = note
                count, prev = count + 1, hashlib.sha256(line[:-1]).hexdigest()
    except Broken as why:
        return notes, f"{PRUNED}: line {count + 1} {why}"
    except FileNotFoundError:
        pass  # nothing was pruned yet
    except OSError as failure:
        return {}, f"{PRUNED} cannot be read: {failure.strerror}"
    return notes, None


def check_note(line, seq, prev):
    why = "is no note of a session that was pruned"
    try:
        text = line.decode("utf-8")
        note = parse_object(text, why)
        check(list(note) == NOTE and is_note(note) and written(note) == text, why)
    except (UnicodeDecodeError, RecursionError):
        raise Broken(why) from None
    follows = note["seq"] == seq and note["prev"] == prev
    check(follows, "does not follow on the line before: lines are missing, altered or in another order")
    key, signature = device_key(note["device"]), unpadded(note["signature"], 64)
    signed = utf8(text[: text.rindex(',"signature":')])
    holds = key is not None and signature is not None and is_ed25519(key, signed, signature)
    check(holds, "has a signature that does not hold")
    return note


def is_note(note):
    texts = all(isinstance(note[name], str) for name in "at kind format device session last signature".split())
    digests = all(is_digest(note[name]) for name in "prev previous header sha256".split())
    if not texts or not digests or (note["kind"], note["format"]) != ("pruned", "hoopctl-pruned/1"):
        return False
    instants = all(re.fullmatch(INSTANT, note[name]) for name in ("at", "last"))
    sizes = is_whole(note["seq"]) and is_whole(note["number"], 1) and is_whole(note["bytes"])
    ulid = re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", note["session"])
    lengths = len(note["device"]) <= 4096 and re.fullmatch(r"[A-Za-z0-9_-]{86}", note["signature"])
    copies = note["copies"]
    of_copies = isinstance(copies, list) and len(copies) <= 1000 and all(is_copy(each) for each in copies)
    return bool(instants and sizes and ulid and lengths and of_copies)


def is_copy(copy):
    if not isinstance(copy, dict) or set(copy) != {"destination", "prefix", "segments"}:
        return False
    texts = (copy["destination"], copy["prefix"])
    return all(isinstance(text, str) and len(text) <= 4096 for text in texts) and is_whole(copy["segments"])


def believed(notes, logs, devices):
    """Gives the notes that stand for a log: by the device that numbers the sessions here. The next log says which."""
    pruned, problems, after = [], [], len(logs) - 1
    for of in sorted(notes, reverse=True):
        while after > 0 and logs[after - 1][0] >= of:
            after -= 1
        why = doubt(notes[of], logs[after] if logs else None, devices)
        if why is not None:
            problems.append(f"session {of} was noted as pruned {why}")
        elif logs[after][0] != of:
            pruned.insert(0, notes[of])
    return pruned, problems


def doubt(note, after, devices):
    device = note["device"]
    if devices and device not in devices:
        return f"by the device key `{device}`, which is not known here"
    if after is None or after[0] < note["number"]:
        return "though no newer session is there"
    if after[1] is not None and after[1]["device"] != device:
        return "by another device than that of the sessions here"
    if after[0] == note["number"] and after[1] is not None and after[2] != note["header"]:
        return "and the log that is here is another"
    return None


def is_series(folder):
    """Are sessions of a device in a directory, each under its number?"""
    numbered = (path.stem for path in folder.iterdir() if re.fullmatch(r"[0-9]{8,15}\.jsonl", path.name))
    return read_note(folder) is not None or any(stem == f"{int(stem):08d}" for stem in numbered)


def missing(before, after):
    first, last = before + 1, after - 1
    if first > last:
        return []
    return [f"session {first} is missing" if first == last else f"sessions {first} to {last} are missing"]


def read_note(folder):
    try:
        if is_pipe(Path(folder, "last.json")):
            return None
        note = json.loads(Path(folder, "last.json").read_text("utf-8"))
        number_, digest = note["number"], note["digest"]
        return (number_, digest) if type(number_) is int and 0 < number_ < 2**53 and is_digest(digest) else None
    except (OSError, ValueError, TypeError, KeyError):
        return None  # a hint that is not there says nothing


# --- What is printed ---


def in_words(path, log, result):
    state, device = result["state"], result["device"]
    verdict = f"ok, {state}" if result["ok"] else "broken" if state == "broken" else "not trusted"
    yield f"{visible(str(path))}: {verdict}, {result['records']} record{'' if result['records'] == 1 else 's'}"
    if result["problem"] is not None:
        yield f"  {result['problem']}"
    if log.header is not None:
        header = log.header
        yield f"  session {header['session']}, number {int(header['number'])}, after the header {header['previous']}"
        to_do = ": compare it with the key that you know to be that device's"
        by = "names the key" if log.signed_to is None else "signed by"
        yield f"  {by} {device}{to_do if result['deviceKnown'] is None else ''}"
    if state == "open":
        since = 0 if log.signed_to is None else log.signed_to + 1
        signed = f"nothing is signed from record {since} on" if since < log.records else "all records are signed"
        signed = signed if since else "nothing in it is signed, so anybody can have written it"
        half = f"; half a line ({log.cut} bytes) stands at the end and does not count" if log.cut else ""
        yield f"  there is no footer: it is running, was killed, or its end was cut off; {signed}{half}"
    if log.receipts:
        yield f"  {log.receipts} receipt{'' if log.receipts == 1 else 's'} verified by the keys that stand beside them"


def pruned_in_words(note):
    places = [f"{copy['destination']} {copy['prefix']} ({int(copy['segments'])} segments)" for copy in note["copies"]]
    where = visible(", ".join(places)) or "nowhere else"
    said = f"session {int(note['number'])} ({note['session']}) was pruned at {note['at']}"
    return f"{said}\n  its log of {int(note['bytes'])} bytes, SHA-256 {note['sha256']}, then lay at: {where}"


def is_device(text):
    if device_key(text) is None:
        raise argparse.ArgumentTypeError(f"`{visible(text)}` is no device key: `ed25519:` and 43 characters")
    return text


def arguments():
    form = {"formatter_class": argparse.RawDescriptionHelpFormatter, "usage": argparse.SUPPRESS}
    parser = argparse.ArgumentParser(description=__doc__, **form)
    device = {"metavar": "KEY", "action": "append", "default": [], "type": is_device}
    parser.add_argument("--device", help="a device key to accept; repeatable", **device)
    parser.add_argument("--json", action="store_true", help="print one JSON object for each log")
    parser.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="a log, a directory of logs, or of uploaded ones")
    options = parser.parse_args()
    for path in options.paths:
        if not path.exists():
            parser.error(f"there is no file `{visible(str(path))}`")
        if path.is_dir() and not is_series(path) and not sessions_below(path):
            parser.error(f"there is no session in or below `{visible(str(path))}`")
    if not can_verify():
        parser.error("the `openssl` command is missing or cannot verify Ed25519 signatures: install OpenSSL 3")
    return options


def can_verify():
    """An openssl that cannot do this must not look like a log that was altered (RFC 8032, section 7.1, TEST 2)."""
    key = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    try:
        return is_ed25519(key, b"\x72", signature) and not is_ed25519(key, b"\x73", signature)
    except FileNotFoundError:
        return False


def main():
    options, holds = arguments(), True
    for path in options.paths:
        uploaded = sessions_below(path) if path.is_dir() else []
        pruned, told, problems = [], [], []
        found = [(each, *verify_uploaded(each, options.device)) for each in uploaded]
        if uploaded:
            problems, told = between(path, found)
        if path.is_dir() and is_series(path):
            logs, others, pruned = verify_series(path, options.device)
            found, problems = found + logs, problems + others
        elif not path.is_dir():
            found = [(path, *verify(path, options.device))]
        for each, log, result in found:
            holds = holds and result["ok"]
            print(json.dumps(result) if options.json else "\n".join(in_words(each, log, result)))
        for note in [] if options.json else pruned:
            print(pruned_in_words(note))
        for line in [] if options.json else told:
            print(line)
        for problem in problems:
            holds = False
            row = {"ok": False, "session": None, "state": "broken", "device": None, "deviceKnown": False}
            row.update({"records": 0, "signedTo": None, "problem": problem})
            print(json.dumps(row) if options.json else f"{visible(str(path))}: broken, 0 records\n  {problem}")
    if not options.json:
        print(NOT_CHECKED, end="")
    return 0 if holds else 7


if __name__ == "__main__":
    sys.exit(main())

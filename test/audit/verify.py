#!/usr/bin/env python3
"""Verifies hoopctl session logs by docs/session-log.md alone: Python's standard library and the openssl command.

usage: verify.py DEVICE_PUBLIC_KEY.pem LOG...     one JSON object per log on stdout; exit 7 if one does not hold
"""
import base64
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ZEROS = "0" * 64
HEX = re.compile(r"[0-9a-f]{64}")
AT = re.compile(r"\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}Z", re.ASCII)
KINDS = "header context request response notification refused approval decision checkpoint footer".split()
HEADER = "seq at kind prev format session hoopctl host osUser device number previous server".split()
SIGNED = {
    "checkpoint": "seq at kind prev uploaded signature".split(),
    "footer": "seq at kind prev end exitCode exchanges allowed asked denied signature".split(),
}
# What DER puts before the 32 bytes of an Ed25519 public key (RFC 8410, section 4).
ED25519_DER = bytes.fromhex("302a300506032b6570032100")


class Broken(Exception):
    pass


def check(truth, why):
    if not truth:
        raise Broken(why)


def no_duplicates(pairs):
    keys = [key for key, _ in pairs]
    check(len(keys) == len(set(keys)), "a key stands twice")
    return dict(pairs)


def no_floats(text):
    raise Broken("a number is not an integer")


def parse(text, **hooks):
    try:
        value = json.loads(text, **hooks)
    except (ValueError, RecursionError):
        raise Broken("not one JSON object") from None
    check(isinstance(value, dict), "not one JSON object")
    return value


def canonical(value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return re.sub("[\ud800-\udfff]", lambda lone: f"\\u{ord(lone[0]):04x}", text)


def unpadded(text, length):
    check(isinstance(text, str) and re.fullmatch(r"[A-Za-z0-9_-]+", text), "not base64url")
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    check(base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == text and len(raw) == length, "not base64url")
    return raw


def is_count(value):
    return type(value) is int and 0 <= value < 2**53


def split(line):
    """Gives a line's envelope (its text without the message) and the message's bytes, or None."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        raise Broken("not UTF-8") from None
    whole = parse(text)
    if "message" not in whole:
        return text, None
    check(list(whole)[-1] == "message" and is_count(whole.get("bytes")), "message is not last")
    start = len(line) - 1 - whole["bytes"]
    name = b',"message":'
    check(start >= len(name) and line[start - len(name) : start] == name, "message is not `bytes` long")
    return line[: start - len(name)].decode("utf-8") + "}", line[start:-1]


def envelope_of(line):
    text, message = split(line)
    record = parse(text, object_pairs_hook=no_duplicates, parse_float=no_floats, parse_constant=no_floats)
    check(canonical(record) == text, "not in the form of the log")
    check(list(record)[:4] == ["seq", "at", "kind", "prev"], "does not begin with seq, at, kind, prev")
    check(is_count(record["seq"]) and isinstance(record["at"], str) and AT.fullmatch(record["at"]), "seq or at")
    check(record["kind"] in KINDS, "unknown kind")
    check(isinstance(record["prev"], str) and HEX.fullmatch(record["prev"]), "prev")
    if message is not None or {"bytes", "sha256", "head"} & set(record):
        check(is_count(record.get("bytes")), "bytes")
        check(isinstance(record.get("sha256"), str) and HEX.fullmatch(record["sha256"]), "sha256")
    if message is not None:
        check(hashlib.sha256(message).hexdigest() == record["sha256"], "message does not match sha256")
    return text, record


def check_header(record):
    check(record["kind"] == "header" and record["prev"] == ZEROS and list(record) == HEADER, "not a header")
    check(record["format"] == "hoopctl-session/1", "another format")
    check(re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", str(record["session"])), "session")
    check(all(isinstance(record[name], str) for name in ("hoopctl", "host", "osUser", "device")), "header")
    check(is_count(record["number"]) and record["number"] > 0, "number")
    previous = record["previous"]
    check(isinstance(previous, str) and HEX.fullmatch(previous), "previous")
    check((record["number"] == 1) == (previous == ZEROS), "previous")
    server = record["server"]
    check(isinstance(server, dict) and list(server) == ["name", "command", "sha256"], "server")
    check(server["name"] is None or isinstance(server["name"], str), "server")
    check(isinstance(server["command"], list), "server")
    check(all(isinstance(arg, str) for arg in server["command"]), "server")
    digest = server["sha256"]
    check(digest is None or isinstance(digest, str) and HEX.fullmatch(digest), "server")
    check(record["device"].startswith("ed25519:"), "device")
    return unpadded(record["device"][len("ed25519:") :], 32)


def check_signature(text, record, public_key):
    check(list(record) == SIGNED[record["kind"]], f"not a {record['kind']}")
    signature = unpadded(record["signature"], 64)
    with tempfile.TemporaryDirectory() as folder:
        key, signed, value = (Path(folder, name) for name in ("key.der", "signed", "signature"))
        key.write_bytes(ED25519_DER + public_key)
        signed.write_bytes(text[: text.rindex(',"signature":')].encode())
        value.write_bytes(signature)
        command = "openssl pkeyutl -verify -rawin -pubin -keyform DER".split()
        command += ["-inkey", key, "-in", signed, "-sigfile", value]
        check(subprocess.run(command, capture_output=True).returncode == 0, "the signature does not hold")


def verify(path, known_key):
    result = {"ok": False, "state": "broken", "records": 0, "signedTo": None, "problem": None}
    prev, at, public_key, complete = ZEROS, "", None, False
    try:
        with open(path, "rb") as file:
            for line in file:
                check(not complete, "something stands after the footer")
                if not line.endswith(b"\n"):
                    break  # half a line: what a killed process leaves
                line = line[:-1]
                text, record = envelope_of(line)
                check(record["seq"] == result["records"], "lines are missing or in another order")
                check(record["prev"] == prev, "does not match the line before")
                check(record["at"] >= at, "older than the line before")
                if public_key is None:
                    public_key = check_header(record)
                else:
                    check(record["kind"] != "header", "a second header")
                if record["kind"] in SIGNED:
                    check_signature(text, record, public_key)
                    result["signedTo"] = record["seq"]
                    complete = record["kind"] == "footer"
                prev, at = hashlib.sha256(line).hexdigest(), record["at"]
                result["records"] += 1
        check(public_key is not None, "there is no header")
        result["state"] = "complete" if complete else "open"
        check(public_key == known_key, "the device key is not known")
        result["ok"] = True
    except Broken as problem:
        result["problem"] = f"line {result['records'] + 1}: {problem}"
    return result


def main(pem, *logs):
    lines = Path(pem).read_text().strip().splitlines()
    known_key = base64.b64decode("".join(lines[1:-1]))[len(ED25519_DER) :]
    results = [verify(path, known_key) for path in logs]
    for result in results:
        print(json.dumps(result))
    return 0 if all(result["ok"] for result in results) else 7


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

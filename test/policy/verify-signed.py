"""Verifies trust documents and a policy by docs/signed-policies.md, with nothing of hoopctl.

    python3 verify-signed.py PIN NAME.jws 1.jws [2.jws ...]

Prints the policy's YAML, or exits with 7 and says why. Python's standard library and the `openssl` command, no more. What
the YAML says is found by regular expressions, which do for documents as `hoopctl policy trust` writes them.
"""
import base64, hashlib, json, os, re, subprocess, sys, tempfile

POLICY, TRUST = "hoopctl-policy+yaml", "hoopctl-trust+yaml"


def refuse(why):
    sys.stderr.write(why + "\n")
    sys.exit(7)


def unique(pairs):
    if len({key for key, _ in pairs}) < len(pairs):
        refuse("an object has a key twice")
    return dict(pairs)


def decode(text):
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        refuse("base64url that is not canonical")
    return raw


def read(path, kind):
    with open(path, "rb") as file:
        outer = json.loads(file.read().decode("utf-8"), object_pairs_hook=unique)
    if set(outer) != {"payload", "signatures"} or not 1 <= len(outer["signatures"]) <= 100:
        refuse(path + ": not a JWS in general JSON serialization")
    for entry in outer["signatures"]:
        header = json.loads(decode(entry["protected"]), object_pairs_hook=unique)
        if set(entry) - {"protected", "signature", "header"} or set(entry.get("header", {})) - {"kid"}:
            refuse(path + ": a member that is not known")
        if set(header) - {"alg", "typ", "kid"} or header.get("typ") != kind:
            refuse(path + ": a header that is not known, or made for something else")
        if header.get("alg") not in ("EdDSA", "Ed25519"):
            refuse(path + ": another algorithm")
    return outer, decode(outer["payload"])


def verifies(key, message, signature):
    with tempfile.TemporaryDirectory() as folder:
        def put(name, content):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content)
        put("key", bytes.fromhex("302a300506032b6570032100") + decode(key[len("ed25519:"):]))
        put("message", message)
        put("signature", signature)
        command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in message -sigfile signature"
        return subprocess.run(command.split(), cwd=folder, capture_output=True).returncode == 0


def count(outer, keys):
    def signed(key):
        return any(
            verifies(key, (entry["protected"] + "." + outer["payload"]).encode("ascii"), decode(entry["signature"]))
            for entry in outer["signatures"]
        )
    return sum(signed(key) for key in set(keys))


def number(name, text):
    found = re.search(r"\b" + name + r": (\d+)\b", text)
    return int(found.group(1)) if found else None


pin, policy, documents = sys.argv[1], sys.argv[2], sys.argv[3:]
before = None
for path in documents:
    outer, payload = read(path, TRUST)
    text = payload.decode("utf-8")
    keys = re.findall(r"ed25519:[A-Za-z0-9_-]{43}", text)
    threshold = number("threshold", text)
    if before is None and hashlib.sha256(payload).hexdigest() != pin:
        refuse(path + ": not the document that is pinned")
    if before is not None and (number("number", text) != before[0] + 1 or count(outer, before[1]) < before[2]):
        refuse(path + ": the keys of the one before have not signed it")
    if count(outer, keys) < threshold:
        refuse(path + ": its own keys have not signed it")
    before = (number("number", text), keys, threshold)

outer, payload = read(policy, POLICY)
if count(outer, before[1]) < before[2]:
    refuse(policy + ": not signed by enough of the keys")
sys.stdout.buffer.write(payload)

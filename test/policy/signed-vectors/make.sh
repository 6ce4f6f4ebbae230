#!/bin/bash
# Made the files beside it, with nothing of ours: openssl signs, basenc encodes. Each run makes new keys, so the digests
# in test/policy/signed-vectors.test.ts change with it.
set -euo pipefail
cd "$(dirname "$0")"
keys=$(mktemp -d)
trap 'rm -r "$keys"' EXIT
b64() { basenc --base64url --wrap=0 | tr -d '='; }
public() { openssl pkey -in "$keys/$1" -pubout -outform DER | tail -c 32 | b64; }
signature() { # KEY ALG TYP FILE
  local header
  header=$(printf '{"typ":"%s","alg":"%s"}' "$3" "$2" | b64)
  printf '%s.%s' "$header" "$(b64 < "$4")" > "$keys/input"
  openssl pkeyutl -sign -rawin -inkey "$keys/$1" -in "$keys/input" -out "$keys/signature"
  printf '{"protected":"%s","signature":"%s","header":{"kid":"%s"}}' "$header" "$(b64 < "$keys/signature")" "$1"
}
jws() { # FILE SIGNATURE…
  local payload
  payload=$(b64 < "$1")
  shift
  printf '{"signatures":[%s],"payload":"%s"}' "$(IFS=,; echo "$*")" "$payload"
}
for name in ann ben cleo; do openssl genpkey -algorithm ed25519 -out "$keys/$name"; done

cat > "$keys/1.yaml" <<YAML
# The first: Ann alone.
{ apiVersion: hoopctl/v1, kind: Trust, number: 1, threshold: 1, signers: ["ed25519:$(public ann)"] }
YAML
cat > "$keys/2.yaml" <<YAML
apiVersion: hoopctl/v1
kind: Trust
number: 2
minVersion: 7
threshold: 2
signers: ["ed25519:$(public ann)", "ed25519:$(public ben)", "ed25519:$(public cleo)"]
YAML
cat > "$keys/acme.yaml" <<'YAML'
apiVersion: hoopctl/v1
kind: Policy
metadata: { name: acme, version: 7, expires: 2026-12-20T00:00:00Z }
identity: { issuer: https://login.acme.example, clientId: hoopctl }
rules:
  - allow: { tool: read_file } # ünïcode
YAML
trust=hoopctl-trust+yaml
policy=hoopctl-policy+yaml
jws "$keys/1.yaml" "$(signature ann EdDSA $trust "$keys/1.yaml")" > 1.jws
jws "$keys/2.yaml" "$(signature ann Ed25519 $trust "$keys/2.yaml")" "$(signature cleo EdDSA $trust "$keys/2.yaml")" > 2.jws
jws "$keys/acme.yaml" "$(signature ben EdDSA $policy "$keys/acme.yaml")" "$(signature cleo Ed25519 $policy "$keys/acme.yaml")" > acme.jws
sha256sum "$keys"/*.yaml | sed "s#$keys/##"

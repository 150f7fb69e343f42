#!/usr/bin/env bash
# Copyright The evidence Authors
# SPDX-License-Identifier: Apache-2.0
#
# release.sh PACK.zip [TRUSTED_ROOT IDENTITY ISSUER]
#
# Checks one Trust Pack by the tools that are used today, each for its part, and by
# trustpack-verify of this tree, and prints CPU time, wall time and peak memory of each.
# A tool that is not on PATH is named and left out: unzip, sha256sum, python3,
# sbom-utility, cosign. Times are the least of three runs; needs GNU time.
set -euo pipefail

[ $# -eq 1 ] || [ $# -eq 4 ] || { sed -n '5,10s/^# \{0,1\}//p' "$0"; exit 2; }
pack=$(realpath "$1")
root=${2:+$(realpath "$2")} identity=${3:-} issuer=${4:-}
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/pack"
(cd "$work/pack" && unzip -q "$pack")
(cd "$here" && go build -o "$work/" ./examples/trustpack-verify)

printf '%-44s %8s %8s %9s\n' 'check' 'CPU s' 'wall s' 'peak MB'

# measure NAME COMMAND...: the least CPU time of three runs. The verdict is not judged here.
measure() {
	local name=$1 i
	shift
	for i in 1 2 3; do
		/usr/bin/time -o "$work/time" -f '%U %S %e %M' "$@" >"$work/out" 2>&1 || true
		tail -1 "$work/time" >>"$work/times"
	done
	awk -v name="$name" '
		{ cpu = $1 + $2; if (NR == 1 || cpu < least) { least = cpu; wall = $3 }; if ($4 > peak) peak = $4 }
		END { printf "%-44s %8.2f %8.2f %9.0f\n", name, least, wall, peak / 1024 }' "$work/times"
	awk '{ print $1 + $2 }' "$work/times" | sort -n | head -1 >>"$work/$sum"
	rm "$work/times"
}

# on_path TOOL: whether it is there.
on_path() { command -v "$1" >/dev/null || { printf '%-44s %8s\n' "$1" 'not on PATH'; return 1; }; }

sum=today
on_path unzip && measure 'unzip -t' unzip -qt "$pack"
on_path sha256sum && measure 'sha256sum of every file' sh -c "cd '$work/pack' && find . -type f -exec sha256sum {} +"
if on_path sbom-utility; then
	while IFS= read -r file; do
		measure "sbom-utility validate ${file#"$work/pack/"}" sbom-utility validate -q -i "$file"
	done < <(find "$work/pack/sbom" -name '*.json' | sort)
fi
if [ -n "$root" ] && on_path cosign; then
	while IFS= read -r file; do
		image=$(basename "$file"); image=${image%%.*}
		measure "cosign ${file#"$work/pack/signatures/"}" cosign verify-blob-attestation --new-bundle-format \
			--trusted-root "$root" --certificate-identity "$identity" --certificate-oidc-issuer "$issuer" \
			--use-signed-timestamps --bundle "$file" "$work/pack/signatures/$image.manifest.json"
	done < <(find "$work/pack/signatures" -name '*.sigstore.json' | sort)
fi
printf '%-44s %8.2f\n' 'today, together' "$(awk '{ s += $1 } END { print s }' "$work/today")"

sum=floor
on_path python3 && measure 'python3: zipfile and hashlib' python3 -c '
import hashlib, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    for name in z.namelist():
        hashlib.sha256(z.read(name)).hexdigest()' "$pack"

sum=ours
signers=()
[ -z "$root" ] || signers=(-trusted-root "$root" -certificate-identity "$identity" -certificate-oidc-issuer "$issuer")
measure 'trustpack-verify, one CPU' env GOMAXPROCS=1 "$work/trustpack-verify" "${signers[@]}" "$pack"
measure 'trustpack-verify, all CPUs' "$work/trustpack-verify" "${signers[@]}" "$pack"
echo "verdict: $(tail -1 "$work/out")"

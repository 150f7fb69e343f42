#!/bin/sh
# Holds what is to be started against a verified release, and writes the compose override
# that pins it. Whoever calls it must not start anything unless it exits with 0: 1 says that
# something is refused, 2 that it could not be checked. It needs no network and no docker.
#
# All files are below one folder that the image of the machine brings:
#
#   trust-pack.zip, trust-pack.zip.sigstore.json   the pack of the release, and what was signed about it
#   policy.yaml, trusted_root.json                 who must have signed, and what is acceptable
#   docker-compose.yml                             what is to be started
set -eu
dir=${1:-/opt/hailbytes}
PATH=$dir/bin:$PATH
exec trustpack-gate -policy "$dir/policy.yaml" -bundle "$dir/trust-pack.zip.sigstore.json" \
  -compose "$dir/docker-compose.yml" -lock "$dir/trust-pack.lock.yml" "$dir/trust-pack.zip"

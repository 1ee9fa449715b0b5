#!/bin/sh
# Puts Synapse, the other implementation that our verdicts are compared with, into a virtualenv of its own.
# $1: the folder. Nothing is started or configured; the driver calls Synapse's functions.
set -eu
folder=$1
version=1.163.2
if [ "$(cat "$folder/installed" 2>/dev/null || true)" = "$version" ]; then exit 0; fi
rm -rf "$folder"
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check "matrix-synapse==$version"
echo "$version" > "$folder/installed"

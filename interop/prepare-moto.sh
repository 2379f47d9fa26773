#!/bin/sh
# Installs moto, whose Step Functions run the workflows of examples/, into interop/moto/target. Needs Python 3.10 or newer.
set -eu

cd "$(dirname "$0")/moto"
if [ -f target/prepared ] && cmp -s requirements.txt target/prepared; then
  exit
fi
rm -rf target
python3 -m venv target
target/bin/pip install --quiet --disable-pip-version-check --requirement requirements.txt
cp requirements.txt target/prepared

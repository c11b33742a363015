#!/usr/bin/env bash
# Puts the folder together that the packager of MONAI Deploy takes: bash container/map.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p "$1/docs"
cp -r bundle scripts configs models LICENSE "$1/"
cp docs/data_license.txt "$1/docs/"
cp container/app.yaml "$1/"
(echo torch==2.13.0; cat tests/hosts/deploy-requirements.txt) > "$1/requirements.txt"
echo 'import runpy; runpy.run_module("bundle.deploy", run_name="__main__", alter_sys=True)' > "$1/__main__.py"

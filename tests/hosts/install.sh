#!/usr/bin/env bash
# Makes an environment for a host beside that of the bundle: bash tests/hosts/install.sh label|deploy FOLDER
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
python3 -m venv "$2"
"$2/bin/pip" install --quiet torch==2.13.0
"$2/bin/pip" install --quiet --no-deps -r "$here/$1-requirements.txt"
echo "Run the tests with: MONAI_${1^^}_PYTHON=$2/bin/python pytest -m slow tests/hosts/test_$1.py"

#!/usr/bin/env bash
# Makes an environment for a host beside that of the bundle: bash tests/hosts/install.sh label|deploy|ohif FOLDER
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
if [ "$1" = ohif ]; then  # the viewer's files, and what steers a browser, in the environment at hand
    mkdir -p "$2"
    curl -fsSL https://registry.npmjs.org/@ohif/app/-/app-3.13.2.tgz | tar -xz -C "$2"
    pip install --quiet playwright
    echo "Run the tests with: OHIF_FOLDER=$2/package/dist pytest -m slow tests/hosts/test_ohif.py"
    exit
fi
python3 -m venv "$2"
"$2/bin/pip" install --quiet torch==2.13.0
"$2/bin/pip" install --quiet --no-deps -r "$here/$1-requirements.txt"
echo "Run the tests with: MONAI_${1^^}_PYTHON=$2/bin/python pytest -m slow tests/hosts/test_$1.py"

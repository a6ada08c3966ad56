#!/bin/sh
# Draws docs/pictures/digest.png from the golden digest of the tests, about as wide as a phone shows it. Needs Chromium.
set -eu
cd "$(dirname "$0")/.."
chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --blink-settings=preferredColorScheme=1 \
  --window-size=500,760 --screenshot="$PWD/docs/pictures/digest.png" "file://$PWD/tests/digest/many/en.html" 2> /dev/null

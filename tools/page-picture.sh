#!/bin/sh
# Draws docs/pictures/page.png: the public page of tests/page/studio.toml, seen from Singapore. Needs Chromium. In both widths, light and dark: without FUSEAU_SHOT.
set -eu
cd "$(dirname "$0")/.."
shots=$(mktemp -d)
FUSEAU_SHOTS="$shots" FUSEAU_SHOT="page-en-900-light.png" cargo test --locked --test it -- page::browser::screenshots_for_people
mv "$shots/page-en-900-light.png" docs/pictures/page.png
rmdir "$shots"

#!/bin/sh
# Draws docs/pictures/desk-*.png: the demo's desk, the day after. Needs Chromium and libfaketime. All pages at all widths: without FUSEAU_SHOT.
set -eu
cd "$(dirname "$0")/.."
shots=$(mktemp -d)
FUSEAU_SHOTS="$shots" FUSEAU_SHOT="en-today-1200-light.png en-client-1200-dark.png ar-today-390-light.png" \
  cargo test --locked --test it -- web::browser::screenshots_for_people
mv "$shots/en-today-1200-light.png" docs/pictures/desk-today.png
mv "$shots/en-client-1200-dark.png" docs/pictures/desk-client.png
mv "$shots/ar-today-390-light.png" docs/pictures/desk-phone.png
rmdir "$shots"

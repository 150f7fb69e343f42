#!/bin/sh
# Makes sample acceptance evidence with the tools that the product uses:
# Playwright's JUnit and JSON reports, screenshots, and axe-core results.
#
#   apt-get install chromium nodejs npm
#   internal/uatsample/run.sh [DIR]     DIR is where it goes; default: a new folder, which is printed
#
# package-lock.json pins the tools; "npx playwright install" is not needed, as
# Debian's Chromium does ($CHROMIUM names another one). The test "passes when it
# is run again" is flaky on purpose, and the login page fails color-contrast.
# Then the package's tests read the result:
#
#   EVIDENCE_UAT_RUN=DIR go test -run TestRun ./internal/uatsample
set -eu
here=$(cd "$(dirname "$0")" && pwd)
OUT=${1:-$(mktemp -d)}
mkdir -p "$OUT"
OUT=$(cd "$OUT" && pwd)
export OUT
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$here/package.json" "$here/package-lock.json" "$here/server.mjs" "$here/playwright.config.mjs" "$here/tests" "$work"
cd "$work"
npm ci --no-audit --no-fund --ignore-scripts
npx --no-install playwright test
echo "$OUT"

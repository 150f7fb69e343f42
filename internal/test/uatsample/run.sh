#!/bin/sh
# Makes sample acceptance evidence with the tools that the product uses:
# Playwright's JUnit and JSON reports, screenshots, and axe-core results.
#
#   apt-get install chromium nodejs npm
#   internal/test/uatsample/run.sh [DIR]     DIR is where it goes; default: a new folder
#
# It takes half a minute, needs the npm registry, and ends with a list of what it
# made. It can be run again into the same DIR, whose files it replaces.
#
# package-lock.json pins the tools; "npx playwright install" is not needed, as
# Debian's Chromium does ($CHROMIUM names another one). The sample's server listens
# on port 8099 of the loopback address ($PORT names another one). The test "passes
# when it is run again" is flaky on purpose, and the login page fails color-contrast.
#
#   results/junit-playwright.xml, results/playwright.json   9 tests: 7 passed, 1 skipped, 1 flaky
#   results/axe/{dashboard,assets,login}.axe.json           1 violation of WCAG 2.1 AA, on login
#   results/axe-rules.json                                  axe-core's own list of its rules
#   results/versions.txt                                    of the tools and the browser
#   test-results/**/*.png                                   a screenshot of every attempt
#
# Then the package's test reads the result, and holds it against these numbers:
#
#   EVIDENCE_UAT_RUN=DIR go test -count=1 -run TestRun ./internal/test/uatsample
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
node -e 'console.log(JSON.stringify(require("axe-core").getRules().map(({ruleId, tags}) => ({ruleId, tags})), null, 1))' >"$OUT/results/axe-rules.json"
{
	echo "node $(node --version)"
	npm ls --all --parseable --long | sed -n 's/^.*node_modules[^:]*:\([^:]*\).*/\1/p'
	"${CHROMIUM:-/usr/bin/chromium}" --version
} >"$OUT/results/versions.txt"
cat "$OUT/results/versions.txt"
find "$OUT" -type f | LC_ALL=C sort

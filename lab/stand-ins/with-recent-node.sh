#!/bin/sh
# Runs a TypeScript file with the Node on PATH, or says why it cannot.
# usage: with-recent-node.sh <file.ts> [argument…]
set -eu

# The project's own is recent: asking it takes as long as starting one of the official programs, which are no Node.
if [ "$(command -v node)" = "${0%/lab/*}/node_modules/.bin/node" ]; then exec node "$@"; fi

version=$(node --version 2>/dev/null) || {
  echo "starting \"$1\": no \"node\" on PATH. Put node_modules/.bin of this project first on PATH." >&2
  exit 1
}
numbers=${version#v}
major=${numbers%%.*}
rest=${numbers#*.}
minor=${rest%%.*}
if [ "$major" -lt 22 ] || { [ "$major" -eq 22 ] && [ "$minor" -lt 19 ]; }; then
  echo "starting \"$1\": node on PATH is $version, 22.19 or newer is needed. Put node_modules/.bin of this project first on PATH." >&2
  exit 1
fi
exec node "$@"

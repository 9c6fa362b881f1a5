#!/bin/sh
# Makes a clean clone runnable: installs the npm packages if they are absent or older than the lock file,
# then runs its arguments with the project's own Node first on PATH, once that is the one of lab/node.sha256.
set -eu

project=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$project"
wanted=package-lock.json
# npm writes this file last, so a half-finished installation does not have it.
installed=node_modules/.package-lock.json

if [ ! -e "$installed" ] || [ -n "$(find "$wanted" -newer "$installed")" ]; then
  if ! command -v npm >/dev/null; then
    echo "installing the npm packages: there is no npm on PATH. Install it: apt-get install npm" >&2
    exit 1
  fi
  echo "· installing the npm packages (npm ci) …" >&2
  # Warnings would say that this Node is too old, which the project's own Node puts right.
  npm ci --loglevel=error >&2
  # npm leaves the time of an unchanged lock file alone, but a fresh checkout may be younger than the packages.
  touch "$installed"
fi

if [ ! -x node_modules/.bin/node ]; then
  echo "looking for the project's own Node: the npm package \"node\" did not install it. Run: npm rebuild node --ignore-scripts=false" >&2
  exit 1
fi
pinned=$(sed -n "s/  $(uname -m)\$//p" lab/node.sha256)
found=$(sha256sum < node_modules/.bin/node)
if [ -z "$pinned" ]; then
  echo "· the project's own Node is not pinned for $(uname -m): lab/node.sha256 has no line for it" >&2
elif [ "$pinned" != "${found%% *}" ]; then
  echo "checking the project's own Node: its sha256 is ${found%% *}, lab/node.sha256 has $pinned, so it was not run. Delete node_modules and run again; if package.json has another version of \"node\" now, check that one and write its sum there" >&2
  exit 1
fi
PATH=$project/node_modules/.bin:$PATH
export PATH
exec "$@"

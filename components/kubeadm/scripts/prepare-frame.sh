# What every step of a preparation asks, changes and tells with. First part of the program; its argument is a work folder.
set -eu
umask 022
# What other programs say is read here.
export LC_ALL=C
work=$1
changes=0 problems='' refusals=''

# A line of 64 KiB would hang Pulumi's command plugin.
tell() { printf '%.8000s\n' "$*"; }
changed() { changes=$((changes + 1)); tell "changed: $*"; }
warn() { tell "warning: $*"; }
# Both are collected, so that one run tells everything that is wrong.
problem() { problems="$problems
- $*"; }
refuse() { refusals="$refusals
- $*"; }
stop_at_problems() {
  [ -z "$problems" ] || { echo "this host could not be prepared:$problems" >&2; exit 1; }
}

last_words() { tail -n 3 "$work/log" | tail -c 4000 | tr '\n' ' '; }

# ensure WHAT QUESTION CHANGE: changes only when the answer is no, and believes the change only when the answer is yes then.
ensure() {
  if "$2"; then return 0; fi
  : > "$work/log"
  "$3" > "$work/log" 2>&1 9>&- || true
  if "$2"; then changed "$1"; else problem "$1: it is not so after trying. $(last_words)"; fi
}

# ensure_file WHAT PATH TEXT: the file appears whole or not at all.
ensure_file() {
  if [ -e "$2" ] && [ "$(cat "$2")" = "$3" ]; then return 0; fi
  mkdir -p "${2%/*}"
  printf '%s\n' "$3" > "$2.nodepools-new"
  mv "$2.nodepools-new" "$2"
  changed "$1"
}

has() { command -v "$1" > /dev/null; }
in_container() { systemd-detect-virt --quiet --container; }
unit_exists() { systemctl cat "$1" > /dev/null 2>&1; }
unit_is_on() { systemctl --quiet is-active "$1" || systemctl --quiet is-enabled "$1" 2> /dev/null; }

# with_lines COMMAND...: runs it with the lines on stdin as further arguments, each whole.
with_lines() {
  while IFS= read -r line; do [ -z "$line" ] || set -- "$@" "$line"; done
  "$@"
}

# run SECONDS COMMAND...: a long command of another program; its output goes to a file, so that a lost session cannot end it.
run() {
  seconds=$1
  shift
  timeout -k 10 "$seconds" "$@" > "$work/log" 2>&1 9>&-
}

# run_or_fail WHAT SECONDS COMMAND...
run_or_fail() {
  what=$1
  shift
  if run "$@"; then return 0; fi
  problem "$what: $(last_words)"
  stop_at_problems
}

# download ADDRESS FILE: with what the host has; `#sha256=` and digits at the end of the address say what it has to be.
download() {
  address=${1%%#sha256=*}
  if has curl; then
    # What begins with https stays there, whatever a server redirects to.
    case $address in https://*) protocols='=https' ;; *) protocols='=http,https' ;; esac
    run_or_fail "downloading $address" 900 curl -fsSL --proto "$protocols" --proto-redir "$protocols" --retry 3 -o "$2" "$address"
  else
    # Not wget, which follows a redirect from https to http; apt does not.
    run_or_fail "downloading $address" 900 /usr/lib/apt/apt-helper download-file "$address" "$2"
  fi
  case $1 in *'#sha256='*) require_content "$1" "$2" ;; esac
}

# require_content ADDRESS FILE: stops where it is not what the digest behind the address says; nobody reads the file then.
require_content() {
  sum=$(sha256sum < "$2")
  [ "${sum%% *}" != "${1##*#sha256=}" ] || return 0
  rm -f "$2"
  problem "downloading ${1%%#sha256=*}: it is not what is declared: its sha256 is ${sum%% *}, declared is ${1##*#sha256=}. If it was renewed, declare the new sum"
  stop_at_problems
}

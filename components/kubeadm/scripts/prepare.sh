# Runs the preparation on stdin, a program of its own (renderPrepareInput), one at a time on a host. Safe to repeat.
set -eu
PATH=$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin
work=$(mktemp -d /run/nodepools-prepare.XXXXXX)
trap 'rm -rf "$work"' EXIT
trap 'exit 143' HUP INT TERM
cat > "$work/program"
if [ "$(tail -n 1 "$work/program")" != "# end of preparation" ]; then
  echo "no complete preparation arrived on stdin: run again" >&2
  exit 65
fi
take_lock 1800 || { echo "a preparation, join or reset has been at work on this host for half an hour" >&2; exit 75; }
sh "$work/program" "$work" < /dev/null

# Runs a stack's own command on this host, with a limit of time and one at a time: a run that was killed may have left one
# at work. On stdin: owner= and node=, by which the host must be claimed, pool=, point=, occasion= and seconds=, a line --,
# and the command's text, which stands in no argument. Says the end of what the command says. Exit status: the command's;
# 75: another one is at work; 77: not this stack's host.
set -u
owner='' node='' pool='' point='' occasion='' seconds=''
while IFS='=' read -r key value; do
  case $key in
    owner) owner=$value ;; node) node=$value ;; pool) pool=$value ;; point) point=$value ;;
    occasion) occasion=$value ;; seconds) seconds=$value ;; --) break ;;
  esac
done
NODEPOOLS_COMMAND=$(cat)
if [ -z "$owner" ] || [ -z "$node" ] || [ -z "$seconds" ] || [ -z "$NODEPOOLS_COMMAND" ]; then
  echo "the input of the hook is incomplete" >&2
  exit 65
fi
read_marker
if [ "$holder" != "$owner" ] || [ "$serves" != "$node" ]; then
  echo "this host is claimed by stack \"$holder\" as node \"$serves\", not by \"$owner\" as \"$node\": the command was not run" >&2
  exit 77
fi
NODEPOOLS_NODE=$node NODEPOOLS_POOL=$pool NODEPOOLS_POINT=$point NODEPOOLS_OCCASION=$occasion
export NODEPOOLS_COMMAND NODEPOOLS_NODE NODEPOOLS_POOL NODEPOOLS_POINT NODEPOOLS_OCCASION
[ -d /run/nodepools ] || mkdir -m 700 /run/nodepools || [ -d /run/nodepools ]
exec 8> /run/nodepools/hook-lock
if ! flock -w "$seconds" 8; then
  echo "another hook was still at work on this host after $seconds s" >&2
  exit 75
fi
exec 3>&1
work=$(mktemp -d /run/nodepools/hook.XXXXXX)
trap 'rm -rf "$work"' EXIT
mkfifo "$work/said"
( flock 9; exec tail -c 16384 < "$work/said" ) 9> "$work/reading" >&3 8>&- &
reader=$!
# shellcheck disable=SC2016 # the inner shell expands it: in its argument the command would be seen by all
timeout -k 10 "$seconds" sh -c 'command=$NODEPOOLS_COMMAND; unset NODEPOOLS_COMMAND; eval "$command"' \
  < /dev/null > "$work/said" 2>&1 3>&- 8>&-
status=$?
# What the command has left running may hold its output open for ever.
if ! flock -w 5 "$work/reading" true; then
  kill "$reader"
  echo "its output is not shown: what it left running holds it open" >&3
fi
wait "$reader" 2> /dev/null # a shell tells of what was killed
if [ "$status" = 124 ] || [ "$status" = 137 ]; then
  echo "not finished after $seconds s: it was ended" >&3
fi
exit "$status"

# Reboots this host a second after the session that asks for it has ended. On stdin: owner= and node=, by which the host
# must be claimed, and boot=, the boot id that the reboot is to end.
set -eu
owner='' node='' boot=''
while IFS='=' read -r key value; do
  case $key in owner) owner=$value ;; node) node=$value ;; boot) boot=$value ;; esac
done
if [ -z "$owner" ] || [ -z "$node" ] || [ -z "$boot" ]; then
  echo "the input of reboot is incomplete" >&2
  exit 65
fi
read_marker
if [ "$holder" != "$owner" ] || [ "$serves" != "$node" ]; then
  echo "this host is claimed by stack \"$holder\" as node \"$serves\", not by \"$owner\" as \"$node\": it was not rebooted" >&2
  exit 77
fi
if [ "$(cat /proc/sys/kernel/random/boot_id)" != "$boot" ]; then
  echo "rebooted already"
  exit 0
fi
# By systemd: a logind with KillUserProcesses ends whatever a login leaves behind.
systemd-run --quiet --collect --description='nodepools: reboot' sh -c 'sleep 1; exec systemctl reboot' > /dev/null

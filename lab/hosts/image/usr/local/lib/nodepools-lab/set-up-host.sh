#!/bin/sh
# Makes a container look like a machine to the kubelet, and connects it.
set -eu
: "${ADDRESS:?}" "${GATEWAY:?}"

# On cgroup v1, systemd-nspawn mounts the hierarchies read-only; the kubelet makes groups in all of them.
for mount in $(awk '$3 == "cgroup" || $3 == "cgroup2" { print $2 }' /proc/mounts) /sys/fs/cgroup; do
  mount -o remount,bind,rw "$mount" || true
done
mount --make-rshared /

# Where the machine has a product id, every host would show the same one.
if [ -e /sys/class/dmi/id/product_uuid ]; then
  mount --bind /etc/nodepools-lab/product_uuid /sys/class/dmi/id/product_uuid
fi

# systemd-networkd would wait for udev, which containers do not have.
ip link set host0 up
ip address replace "$ADDRESS/24" dev host0
ip route replace default via "$GATEWAY"

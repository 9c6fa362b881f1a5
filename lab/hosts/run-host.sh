#!/bin/sh
# Runs one host: boots it from its disk, and again each time it reboots, until it is powered off.
# It lives in a mount namespace of its own, so its disk's mount ends with it.
set -eu
: "${IMAGE:?}" "${DISK:?}" "${MACHINE:?}" "${HOST_NAME:?}" "${LINK:?}" "${BRIDGE:?}"

mount -t overlay lab-host -o "lowerdir=$IMAGE,upperdir=$DISK/upper,workdir=$DISK/work" "$DISK/root"

# Without its own cgroup namespace, kubelets of several hosts would clean up each other's pods.
export SYSTEMD_NSPAWN_USE_CGNS=1 SYSTEMD_NSPAWN_API_VFS_WRITABLE=1 SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1

# On cgroup v2, controllers reach the host only through groups without a process: it gets one beside this shell's.
group=
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  own=$(sed -n 's/^0:://p' /proc/self/cgroup)
  group=/sys/fs/cgroup${own%/*}/machine
  mkdir -p "$group"
fi

# A host may have a disk more.
data=
[ ! -d "$DISK/data" ] || data=--bind=$DISK/data:/data

boot() (
  [ -z "$group" ] || echo 0 >"$group/cgroup.procs"
  # containerd and the kubelet need a real file system, not the overlay.
  exec systemd-nspawn --quiet --register=no --keep-unit --settings=no --link-journal=no --resolv-conf=off \
    --directory="$DISK/root" --machine="$MACHINE" --hostname="$HOST_NAME" --network-bridge="$BRIDGE" \
    --capability=all --system-call-filter="add_key keyctl bpf" \
    --bind="$DISK/containerd:/var/lib/containerd" --bind="$DISK/kubelet:/var/lib/kubelet" \
    ${data:+"$data"} --bind=/dev/kmsg --boot SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1
)

status=133
while [ "$status" -eq 133 ]; do # systemd-nspawn's word for "the container asked for a reboot"
  ip link delete "$LINK" 2>/dev/null || true # the kernel may not have cleaned up after the last boot yet
  status=0
  boot || status=$?
done
exit "$status"

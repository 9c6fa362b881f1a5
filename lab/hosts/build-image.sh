#!/bin/sh
# Builds the root file system of a lab host in ROOTFS from Debian packages and the files beside this script.
set -eu
: "${ROOTFS:?}" "${PACKAGES:?}" "${KUBELET:?}" "${KUBEADM:?}" "${IMAGES:?}"

mmdebstrap --variant=minbase --include="$PACKAGES" trixie "$ROOTFS"
cp -R "$(dirname "$0")/image/." "$ROOTFS/"
install -m 755 "$KUBELET" "$ROOTFS/usr/bin/kubelet"
install -m 755 "$KUBEADM" "$ROOTFS/usr/bin/kubeadm"
install -d "$ROOTFS/opt/cni" "$ROOTFS/usr/share/nodepools-lab"
cp -R "$IMAGES" "$ROOTFS/usr/share/nodepools-lab/images"
ln -s /usr/lib/cni "$ROOTFS/opt/cni/bin"

# Sessions cost time, and few tests look at them: their host turns this on again.
sed -i /pam_systemd/d "$ROOTFS/etc/pam.d/common-session"

units=$ROOTFS/etc/systemd/system
ln -s ../kubelet.service ../lab-images.service "$units/multi-user.target.wants/"
ln -s ../lab-host.service "$units/sysinit.target.wants/"
# Each host gets its keys from the lab, which thereby knows them; nothing can be downloaded from inside.
# The others would do at each boot what a container has no use for.
for unit in sshd-keygen ipvsadm ldconfig systemd-journal-catalog-update systemd-binfmt modprobe@ console-getty; do
  ln -s /dev/null "$units/$unit.service"
done
rm "$ROOTFS"/etc/ssh/ssh_host_* "$units"/timers.target.wants/apt-*

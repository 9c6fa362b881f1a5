#!/bin/sh
# Builds the root file system of a bare lab host in ROOTFS: Debian as installed, nothing of Kubernetes.
# The Debian packages that a preparation installs on it go into POOL.
set -eu
: "${ROOTFS:?}" "${PACKAGES:?}" "${POOL:?}" "${POOL_PACKAGES:?}"

mkdir -p "$POOL"
export POOL POOL_PACKAGES
# shellcheck disable=SC2016 # the hook's own variables
mmdebstrap --variant=minbase --include="$PACKAGES" --customize-hook='
  rm -f "$1"/var/cache/apt/archives/*.deb
  APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get --yes --no-install-recommends --download-only install $POOL_PACKAGES
  mv "$1"/var/cache/apt/archives/*.deb "$POOL"/' trixie "$ROOTFS"
here=$(dirname "$0")
cp -R "$here/bare-image/." "$ROOTFS/"
install -D -m 755 -t "$ROOTFS/usr/local/lib/nodepools-lab" \
  "$here/image/usr/local/lib/nodepools-lab/set-up-host.sh" "$here/image/usr/local/lib/nodepools-lab/write-network-plugin.sh"
units=$ROOTFS/etc/systemd/system
cp "$here/image/etc/systemd/system/lab-host.service" "$units/"
ln -s ../lab-host.service "$units/sysinit.target.wants/"
# Each host gets its keys from the lab, which thereby knows them.
ln -s /dev/null "$units/sshd-keygen.service"
rm "$ROOTFS"/etc/ssh/ssh_host_* "$units"/timers.target.wants/apt-*

#!/bin/sh
# Builds the base of the images of kube-proxy and flannel as the archive BASE, and the frame of what the hosts get in ROOTFS.
set -eu
: "${ROOTFS:?}" "${BASE:?}" "${PACKAGES:?}"

mmdebstrap --variant=extract --skip=output/dev --include="$PACKAGES" trixie "$BASE"
mkdir -p "$ROOTFS/usr/share/nodepools-lab/images"
cp -R "$(dirname "$0")/layer/." "$ROOTFS/"

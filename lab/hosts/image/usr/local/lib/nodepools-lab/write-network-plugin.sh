#!/bin/sh
# Puts the network plugin's configuration where containerd looks for it.
set -eu
folder=/etc/cni/net.d
[ -e "$folder/10-lab.conflist" ] && exit 0
mkdir -p "$folder"
cp /etc/nodepools-lab/network-plugin.json "$folder/10-lab.conflist"

#!/bin/sh
# Puts the network plugin's configuration where containerd looks for it.
set -eu
folder=/etc/cni/net.d
[ -e "$folder/10-lab.conflist" ] && exit 0
# containerd watches the folder that it found when it started and never notices a new one.
[ -d "$folder" ] || containerd_is_blind=yes
mkdir -p "$folder"
cp /etc/nodepools-lab/network-plugin.json "$folder/10-lab.conflist"
[ -z "${containerd_is_blind:-}" ] || systemctl try-restart containerd

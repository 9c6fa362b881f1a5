#!/bin/sh
# A host whose kubelet keeps its pods on a disk of their own, at /data, in a folder behind a link.
set -eu
mkdir -p /data/volumes/kubelet
ln -s volumes/kubelet /data/kubelet
echo 'KUBELET_EXTRA_ARGS="--root-dir=/data/kubelet"' >/etc/default/kubelet
echo precious >/data/volumes/kubelet/somebody-elses-file

#!/bin/sh
# Loads the images that came with the host into containerd.
set -eu
for archive in /usr/share/nodepools-lab/images/*.tar; do
  ctr --namespace k8s.io images import "$archive"
done

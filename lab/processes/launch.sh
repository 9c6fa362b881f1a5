#!/bin/sh
# Enters the control groups in CGROUPS (one folder a line), then becomes the command in its arguments.
# Descriptor 3 closes when that is done; the caller waits for it.
# A group that is gone means that the lab was taken down meanwhile: then nothing may start.
set -eu
for group in ${CGROUPS:?}; do
  echo $$ >"$group/cgroup.procs"
done
unset CGROUPS
exec "$@" 3>&-

# Writes the marker that says which stack this host belongs to: lines owner=, cluster= and node= on stdin.
# A marker of another stack is replaced only when a line former= names that stack.
set -eu
owner='' cluster='' node='' former=''
while IFS='=' read -r key value; do
  case $key in owner) owner=$value ;; cluster) cluster=$value ;; node) node=$value ;; former) former=$value ;; esac
done
if [ -z "$owner" ] || [ -z "$cluster" ] || [ -z "$node" ]; then
  echo "the input of claim is incomplete" >&2
  exit 65
fi
take_lock 30 || { echo "a join or reset is at work on this host: wait until it has ended" >&2; exit 75; }
if [ -e "$marker" ]; then
  read_marker
  if [ "$holder" != "$owner" ] && [ "$holder" != "$former" ]; then
    echo "this host is claimed by stack \"$holder\": remove it from that stack first, or delete $marker when that stack is gone" >&2
    exit 77
  fi
  if [ "$serves" != "$node" ] && [ -e /etc/kubernetes/kubelet.conf ]; then
    echo "this host serves as node \"$serves\" of this stack: remove that entry first, then add \"$node\"" >&2
    exit 77
  fi
fi
mkdir -p "${marker%/*}"
printf 'owner=%s\ncluster=%s\nnode=%s\n' "$owner" "$cluster" "$node" > "$marker.new"
# Without the syncs a power cut within seconds leaves an empty marker, or none beside what the join wrote: refusals.
sync "$marker.new"
mv "$marker.new" "$marker"
sync "${marker%/*}"

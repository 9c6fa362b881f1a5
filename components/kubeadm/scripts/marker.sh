# The marker says which stack this host belongs to, and as which node: lines owner=, cluster= and node=.
marker=/var/lib/nodepools/owner
# Sets holder and serves, empty where the marker does not say so. A second line of a kind says nothing.
read_marker() {
  holder='' serves=''
  [ -e "$marker" ] || return 0
  while IFS='=' read -r key value || [ -n "$key" ]; do
    case $key in owner) : "${holder:=$value}" ;; node) : "${serves:=$value}" ;; esac
  done < "$marker"
}

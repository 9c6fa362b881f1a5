# Which container runtimes this host has: asked of those and of systemd, not guessed.

# serves_cri SOCKET: asked of the runtime; believed where nothing is there to ask with.
serves_cri() {
  if command -v crictl > /dev/null; then
    timeout -k 5 15 crictl --runtime-endpoint "unix://$1" --timeout 10s version > /dev/null 2>&1
  elif command -v ctr > /dev/null && [ "${1##*/}" = containerd.sock ]; then
    timeout -k 5 15 ctr --address "$1" plugins ls 2> /dev/null |
      awk '$1 == "io.containerd.grpc.v1" && $2 == "cri" && $NF == "ok" { found = 1 } END { exit !found }'
  fi
}

# is_runtime_off_at_boot SOCKET: asked of the unit behind a usual one, whose name is in unit then; nothing is known of others.
is_runtime_off_at_boot() {
  case $1 in
    /run/containerd/containerd.sock) unit=containerd.service ;;
    /run/crio/crio.sock) unit=crio.service ;;
    /run/cri-dockerd.sock) unit=cri-docker.service ;;
    *) return 1 ;;
  esac
  read_unit "$unit"
  is_off_at_boot
}

# The socket of a joined host's kubelet.
own_socket() {
  for file in /var/lib/kubelet/instance-config.yaml /var/lib/kubelet/kubeadm-flags.env; do
    [ ! -f "$file" ] || sed -n 's#.*containerRuntimeEndpoint: *"\{0,1\}unix://\([^" ]*\).*#\1#p; s#.*--container-runtime-endpoint=unix://\([^" ]*\).*#\1#p' "$file"
  done | head -n 1
}

# cri_runtimes [SOCKET]: the declared socket or the known ones, those that serve CRI and those that do not. On a joined
# host the kubelet's own one only: Docker brings a containerd along that runs no pods.
cri_runtimes() {
  own=$(own_socket)
  [ -n "$own" ] || own=$(kubelet_option container-runtime-endpoint)
  own=${own#unix://}
  if [ -n "$own" ] && [ -S "$own" ]; then
    echo "cri_socket=unix://$own"
    return
  fi
  if [ -n "$1" ]; then set -- "$1"; else set -- /run/containerd/containerd.sock /run/crio/crio.sock /run/cri-dockerd.sock; fi
  for path in "$@"; do
    [ -S "$path" ] || continue
    if serves_cri "$path"; then echo "cri_socket=unix://$path"; else echo "cri_silent=unix://$path"; continue; fi
    if is_runtime_off_at_boot "$path"; then echo "runtime_disabled=$unit"; fi
  done
}

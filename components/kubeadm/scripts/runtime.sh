# Which container runtimes this host has: asked of those and of systemd, not guessed.

# off_at_boot UNIT: nothing starts it: neither is it enabled for good, nor may another unit bring it up.
off_at_boot() {
  case $(systemctl is-enabled "$1" 2> /dev/null) in masked*) return ;; disabled | linked* | *-runtime) ;; *) return 1 ;; esac
  [ -z "$(systemctl show --property WantedBy,RequiredBy,UpheldBy,TriggeredBy --value "$1" 2> /dev/null)" ]
}

# serves_cri SOCKET: asked of the runtime; believed where nothing is there to ask with.
serves_cri() {
  if command -v crictl > /dev/null; then
    timeout -k 5 15 crictl --runtime-endpoint "unix://$1" --timeout 10s version > /dev/null 2>&1
  elif command -v ctr > /dev/null && [ "${1##*/}" = containerd.sock ]; then
    timeout -k 5 15 ctr --address "$1" plugins ls 2> /dev/null |
      awk '$1 == "io.containerd.grpc.v1" && $2 == "cri" && $NF == "ok" { found = 1 } END { exit !found }'
  fi
}

# runtime_unit SOCKET: the unit behind a usual socket; nothing is known of others.
runtime_unit() {
  case $1 in
    /run/containerd/containerd.sock) echo containerd.service ;;
    /run/crio/crio.sock) echo crio.service ;;
    /run/cri-dockerd.sock) echo cri-docker.service ;;
  esac
}

# cri_runtimes [SOCKET]: the declared socket or the known ones, those that serve CRI and those that do not. On a joined
# host the kubelet's own one only: Docker brings a containerd along that runs no pods.
cri_runtimes() {
  own=$(sed -n 's#.*containerRuntimeEndpoint: *"\{0,1\}unix://\([^" ]*\).*#\1#p; s#.*--container-runtime-endpoint=unix://\([^" ]*\).*#\1#p' \
    /var/lib/kubelet/instance-config.yaml /var/lib/kubelet/kubeadm-flags.env 2> /dev/null | head -n 1)
  [ -n "$own" ] || own=$(kubelet_option container-runtime-endpoint)
  own=${own#unix://}
  if [ -n "$own" ] && [ -S "$own" ]; then
    echo "cri_socket=unix://$own"
    return
  fi
  for path in "${1:-/run/containerd/containerd.sock}" "${1:-/run/crio/crio.sock}" "${1:-/run/cri-dockerd.sock}"; do
    [ -S "$path" ] || continue
    if serves_cri "$path"; then echo "cri_socket=unix://$path"; else echo "cri_silent=unix://$path"; continue; fi
    unit=$(runtime_unit "$path")
    if [ -n "$unit" ] && off_at_boot "$unit"; then echo "runtime_disabled=$unit"; fi
  done | awk '!said[$0]++'
}

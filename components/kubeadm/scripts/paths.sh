# Where this host has its kubelet, its tools and its runtime: asked of those, not guessed.
PATH=$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin:/opt/bin

# What the kubelet is started with: the command line of the one that runs, else its unit and the files that this names.
kubelet_start() {
  pid=$(systemctl show --property MainPID --value kubelet.service 2> /dev/null) || pid=''
  case $pid in
    '' | 0 | *[!0-9]*) ;;
    *) if tr '\0' ' ' < "/proc/$pid/cmdline" 2> /dev/null; then return; fi ;;
  esac
  unit=$(systemctl cat kubelet.service 2> /dev/null) || return 0
  printf '%s\n' "$unit"
  printf '%s\n' "$unit" | sed -n 's/^EnvironmentFile=-\{0,1\}//p' | while IFS= read -r file; do
    [ ! -f "$file" ] || cat "$file"
  done
}
# kubelet_option NAME: its value there; the last one counts.
kubelet_option() { kubelet_start | grep -v '^ *#' | sed -n "s|.*--$1[= ]\"\{0,1\}\([^ \"']*\).*|\1|p" | tail -n 1; }

# The kubelet's folders with links resolved, as mounts show them: kubeadm's, and the root where that is another one.
kubelet_folders() {
  root=$(kubelet_option root-dir)
  { readlink -m /var/lib/kubelet; readlink -m "${root:-/var/lib/kubelet}"; } | uniq
}

# extra_flags: the last KUBELET_EXTRA_ARGS on stdin, without quotes around it.
extra_flags() { sed -n 's/^KUBELET_EXTRA_ARGS=//p' | tail -n 1 | sed "s/^\([\"']\)\(.*\)\1\$/\2/"; }

# What the kubelet says of the flags that this host adds to its own; nothing when it takes them. Files win over the unit.
kubelet_complaint() {
  for file in /etc/default/kubelet /etc/sysconfig/kubelet ''; do
    if [ -n "$file" ]; then
      flags=$([ ! -f "$file" ] || extra_flags < "$file")
    else
      file="the kubelet's unit (systemctl cat kubelet)"
      flags=$(systemctl show --property Environment --value kubelet.service 2> /dev/null | xargs -n 1 2> /dev/null | extra_flags)
    fi
    [ -n "$flags" ] || continue
    printf '%s\n' "$flags" | timeout -k 5 20 xargs kubelet --version 2>&1 | sed -n "s|.*\(unknown [a-z]* \{0,1\}flag: [^\" ]*\).*|\1 in $file|p" | head -n 1
    return
  done
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

# off_at_boot UNIT: nothing starts it: neither is it enabled for good, nor may another unit bring it up.
off_at_boot() {
  case $(systemctl is-enabled "$1" 2> /dev/null) in masked*) return ;; disabled | linked* | *-runtime) ;; *) return 1 ;; esac
  [ -z "$(systemctl show --property WantedBy,RequiredBy,UpheldBy,TriggeredBy --value "$1" 2> /dev/null)" ]
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
  done | uniq
}

# Lists the traces of a membership on this host. Exact names only: the rest is somebody else's.

kubeadm_files() {
  for path in /etc/kubernetes/kubelet.conf /etc/kubernetes/bootstrap-kubelet.conf /etc/kubernetes/admin.conf \
    /etc/kubernetes/super-admin.conf /etc/kubernetes/controller-manager.conf /etc/kubernetes/scheduler.conf \
    /etc/kubernetes/pki/ca.crt /etc/kubernetes/manifests/*; do
    [ ! -f "$path" ] || echo "$path"
  done
}

# None found is no failure, also where the shell runs with set -e.
link_names() { ip -o link show "$@" | sed -n 's/^[0-9]*: \([^:@]*\)[:@].*/\1/p'; }
only() { grep -xE "$1" || true; }

cni_links() {
  links=$(link_names)
  printf '%s\n' "$links" | only 'cni0|flannel\.[0-9]+|flannel-v6\.[0-9]+|flannel-wg|flannel-wg-v6|vxlan\.calico|vxlan-v6\.calico|wireguard\.cali|wg-v6\.cali|bpfin\.cali|bpfout\.cali|cilium_(net|vxlan|geneve|wg0)|kube-ipvs0|nodelocaldns|kube-bridge'
  case $links in *cali* | *lxc*) link_names type veth | only 'cali[0-9a-f]+|lxc[0-9a-f]+|lxc_health' ;; esac
}

# Actions get paths whole, whatever is in the names: pods may write to these folders.
is_there() { [ -e "$1" ] || [ -L "$1" ]; }
print_path() { printf '%s\n' "$1"; }

# each_cni_file ACTION: runs it with the path of each file or folder of the pods' network plugins.
each_cni_file() {
  for name in 00-multus.conf 00-multus.conflist multus.d 01-kube-ovn.conflist 05-cilium.conf 05-cilium.conflist \
    10-antrea.conflist 10-calico.conflist calico-kubeconfig 10-canal.conflist 10-flannel.conf 10-flannel.conflist \
    10-kindnet.conflist 10-kuberouter.conf 10-kuberouter.conflist 10-weave.conf 10-weave.conflist; do
    [ ! -e "/etc/cni/net.d/$name" ] || "$1" "/etc/cni/net.d/$name"
  done
  for path in /var/lib/cni/* /var/lib/cni/.[!.]* /var/lib/cni/..?*; do
    case $path in */networks | */results) continue ;; esac
    if is_there "$path"; then "$1" "$path"; fi
  done
  each_network_file ours "$1"
}
cni_files() { each_cni_file print_path; }

# The networks of pods: as plugins name them, and as in the file that a container runtime takes, the first; where that
# is podman's, nerdctl's or Nomad's, there is none of pods.
pod_networks() {
  printf '%s\n' cbr0 cni0 cni-loopback k8s-pod-network kindnet weave
  first=$(find /etc/cni/net.d -maxdepth 1 \( -name '*.conf' -o -name '*.conflist' -o -name '*.json' \) 2> /dev/null | LC_ALL=C sort | head -n 1)
  case ${first##*/} in '' | *podman* | nerdctl* | nomad*) return ;; esac
  sed 's/[,{]/\n/g' "$first" | sed -n 's/^ *"name" *: *"\([^"]*\)".*/\1/p' | head -n 1
}

# each_network_file WHOSE ACTION: what plugins keep of each network, of pods ("ours") or of podman, nerdctl or Nomad
# ("foreign"), in the same folders.
each_network_file() {
  networks=''
  for path in /var/lib/cni/networks/* /var/lib/cni/results/*; do
    is_there "$path" || continue
    : "${networks:=$(pod_networks)}"
    whose=foreign
    while IFS= read -r network; do
      case $path in "/var/lib/cni/networks/$network" | "/var/lib/cni/results/$network-"*) whose=ours ;; esac
    done << END
$networks
END
    if [ "$whose" = "$1" ]; then "$2" "$path"; fi
  done
}
has_foreign_networks() { [ -n "$(each_network_file foreign print_path)" ]; }

# host_process PATTERN...: tells whether one runs on this host itself, and not in a container of kind or the like.
host_process() { pgrep --ns $$ --nslist pid "$@" > /dev/null; }

kubelet_state() {
  for name in config.yaml kubeadm-flags.env instance-config.yaml pki/kubelet-client-current.pem cpu_manager_state memory_manager_state; do
    [ ! -e "/var/lib/kubelet/$name" ] || echo "/var/lib/kubelet/$name"
  done
}

# mounts_below FOLDER: deepest first; /proc writes a space in a path as \040.
mounts_below() {
  awk -v top="$1/" 'index($2, top) == 1 { print $2 }' /proc/self/mounts | sort -r | while IFS= read -r path; do printf '%b\n' "$path" ; done
}

kubelet_port_in_use() {
  cat /proc/net/tcp /proc/net/tcp6 2> /dev/null | awk '$4 == "0A" && $2 ~ /:280A$/ { found = 1 } END { exit !found }'
}

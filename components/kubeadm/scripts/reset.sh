# Takes this host out of its cluster. On stdin: owner= and node=, the stack and the name by which the host must be
# claimed, and cri_socket=.
# Safe to repeat from any point: the marker goes last.
set -eu
refuse() { echo "$1" >&2; exit 77; }
fail() { echo "$1" >&2; exit 1; }

guard() {
  if [ -e /etc/kubernetes/manifests/kube-apiserver.yaml ] || [ -e /etc/kubernetes/manifests/etcd.yaml ]; then
    refuse "this host is a control-plane node: nothing was reset"
  fi
  if [ -e "$marker" ]; then
    read_marker
    [ "$holder" = "$owner" ] || refuse "this host is claimed by stack \"$holder\", not \"$owner\": nothing was reset"
    [ "$serves" = "$node" ] || refuse "this host is claimed as node \"$serves\", not \"$node\": nothing was reset"
    return
  fi
  [ -z "$(kubeadm_files)" ] || refuse "this host has $(kubeadm_files | head -n 1), but no stack has claimed it: nothing was reset. If it is yours, run kubeadm reset on it, then run again"
  echo "nothing to reset: no stack has claimed this host"
  exit 0
}

stop_kubelet() {
  systemctl cat kubelet.service > /dev/null 2>&1 || return 0
  timeout 120 systemctl stop kubelet || fail "the kubelet did not stop: look at systemctl status kubelet on this host, then run again"
}

# A mount that stays would lose its data to the removal below it (kubernetes#120376).
unmount_below() {
  mounts_below "$1" | while IFS= read -r path; do
    # A line break in a name makes two lines of it, of which one may be a path elsewhere.
    case $path in "$1"/*) timeout -k 5 30 umount "$path" || true ;; esac
  done
  [ -z "$(mounts_below "$1")" ] || fail "still mounted: $(mounts_below "$1" | head -n 3): nothing below $1 was removed. End what uses it (fuser -vm) and run again"
}

reset_kubeadm() {
  command -v kubeadm > /dev/null || fail "kubeadm is not installed any more: install it to reset this host"
  # That phase empties /var/lib/etcd, whoever keeps data there: a worker has no member of the cluster's.
  if ! timeout -k 10 240 kubeadm reset -f --skip-phases=remove-etcd-member --cri-socket "$cri_socket" > "$work/log" 2>&1 < /dev/null; then
    tail -n 15 "$work/log" >&2
    fail "kubeadm reset failed"
  fi
  echo "kubeadm reset done"
}

# Nothing outside the folders of network plugins is deleted, whatever a name in them says.
delete_tree() {
  case $1 in
    /etc/cni/net.d/?* | /var/lib/cni/?* | /run/flannel | /run/calico | /run/cilium) ;;
    *) fail "will not delete $1: it is not in a folder of network plugins" ;;
  esac
  case $1/ in *//* | */./* | */../*) fail "will not delete $1: not a plain path" ;; esac
  if is_there "$1"; then find "$1" -xdev -delete; fi
}

unmount_kubelet() { while IFS= read -r folder; do unmount_below "$folder"; done < "$work/kubelet-folders"; }

# kubeadm's folder goes whole. Another root, or what a link leads to, may hold more than the kubelet's: its own names only.
remove_kubelet_files() {
  while IFS= read -r folder; do
    if [ "$folder" = /var/lib/kubelet ]; then
      [ ! -d "$folder" ] || find "$folder" -xdev -mindepth 1 -delete
      continue
    fi
    for name in checkpoints config.yaml cpu_manager_state device-plugins dra_manager_state instance-config.yaml kubeadm-flags.env \
      memory_manager_state pki plugins plugins_registry pod-resources pods usernamespaces allocated_pods_state actuated_pods_state; do
      case $folder in /?*) if is_there "$folder/$name"; then find "$folder/$name" -xdev -delete; fi ;; esac
    done
  done < "$work/kubelet-folders"
}

# Calico and Cilium leave a cgroup file system mounted in their folder, on purpose: it outlives their pods.
remove_files() {
  unmount_kubelet
  for folder in /run/flannel /run/calico /run/cilium; do unmount_below "$folder"; done
  remove_kubelet_files
  rm -f /etc/kubernetes/kubelet.conf /etc/kubernetes/bootstrap-kubelet.conf /etc/kubernetes/pki/ca.crt
  each_cni_file delete_tree
  for folder in /run/flannel /run/calico /run/cilium; do delete_tree "$folder"; done
  rm -rf /run/nodepools-join.*
  forget_join
}

verify() {
  left=$(kubeadm_files; cni_links; cni_files; kubelet_state)
  # The brackets keep the pattern from matching this script's own command line.
  if host_process -x kubelet; then left="$left kubelet"; fi
  if host_process -f '[c]ontainerd-shim.* -namespace k8s\.io'; then left="$left containers"; fi
  if kubelet_port_in_use; then left="$left port-10250"; fi
  [ -z "$left" ] || fail "not clean, still there: $(echo "$left" | tr '\n' ' '). Run again; if it stays, reboot the host"
}

owner='' node='' cri_socket=''
while IFS='=' read -r key value; do
  case $key in owner) owner=$value ;; node) node=$value ;; cri_socket) cri_socket=$value ;; esac
done
if [ -z "$owner" ] || [ -z "$node" ] || [ -z "$cri_socket" ]; then fail "the input of reset is incomplete"; fi
take_lock 60 || { echo "a join or reset is at work on this host: wait until it has ended and run again; if it never does, reboot the host" >&2; exit 75; }
work=$(mktemp -d /run/nodepools-reset.XXXXXX)
trap 'rm -rf "$work"' EXIT
trap 'exit 143' HUP INT TERM PIPE
guard
# Before it stops: its command line says most.
read_kubelet
kubelet_folders > "$work/kubelet-folders"
stop_kubelet
unmount_kubelet
reset_kubeadm
# Before the files: Calico's folder tells whose routes these are.
clean_network
remove_files
verify
rm -f "$marker"
echo "clean"

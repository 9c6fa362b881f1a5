# Prints what there is to know of this host before it becomes a node, as key=value lines. Changes nothing.
set -u
# The programs in Go that are asked here answer and end: collecting garbage is a quarter of what they do.
export GOGC=off
declared=''
# On stdin, if at all: cri_socket=, the declared runtime.
while IFS='=' read -r key value; do
  case $key in cri_socket) declared=${value#unix://} ;; esac
done
# Prints key=yes when the rest of its arguments, run as a command, succeeds.
yes_if() { key=$1; shift; if "$@" > /dev/null 2>&1; then echo "$key=yes"; fi; }
# A file may end without a line break: what is printed next begins a line of its own all the same.
each() { while IFS= read -r line || [ -n "$line" ]; do printf '%s=%s\n' "$1" "$line"; done; }
certificates() { [ ! -e "$1" ] || sed -n '/-----BEGIN CERTIFICATE-----/,/-----END CERTIFICATE-----/p' "$1" 2> /dev/null; }
first_line() { { IFS= read -r line || true; } < "$1" && echo "$line"; }
has_swap() {
  while read -r name _; do case $name in /*) return 0 ;; esac; done < /proc/swaps
  return 1
}
# kubeconfig_field NAME FILE...
kubeconfig_field() {
  name=$1
  shift
  for file in "$@"; do [ ! -e "$file" ] || sed -n "s/^ *$name: *//p" "$file" 2> /dev/null; done
}

echo "machine_id=$(first_line /etc/machine-id 2> /dev/null)"
echo "hostname=$(first_line /proc/sys/kernel/hostname)"
# shellcheck source=/dev/null
(. /etc/os-release && echo "os=$ID ${VERSION_ID:-}") 2> /dev/null
echo "clock=$(date +%s)"
yes_if systemd test -d /run/systemd/system
yes_if ip_forward test "$(first_line /proc/sys/net/ipv4/ip_forward)" = 1
yes_if swap has_swap
if is_locked; then echo busy=yes; fi

echo "kubeadm=$(kubeadm version -o short 2> /dev/null)"
echo "kubelet=$(kubelet --version 2> /dev/null)"
read_kubelet
yes_if kubelet_active is_unit_active
yes_if kubelet_disabled is_off_at_boot
kubelet_complaint | each kubelet_complaint
echo "path=$PATH"
# What a kubelet wants of the kernel, and with protectKernelDefaults does not set itself.
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
  kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
  if read -r is < "/proc/sys/${setting%=*}" && [ "$is" != "${setting#*=}" ]; then
    echo "kernel_setting=$setting"
  fi
done 2> /dev/null | tr / .
yes_if cgroup_v2 test -e /sys/fs/cgroup/cgroup.controllers
yes_if kubelet_port_in_use kubelet_port_in_use
cri_runtimes "$declared"

kubeadm_files | each file
certificates /etc/kubernetes/pki/ca.crt | each ca_pem
kubeconfig_field certificate-authority-data /etc/kubernetes/kubelet.conf /etc/kubernetes/bootstrap-kubelet.conf | each ca_data
kubeconfig_field server /etc/kubernetes/kubelet.conf | each kubelet_server
# The file holds the key as well: only its certificates are printed.
certificates /var/lib/kubelet/pki/kubelet-client-current.pem | each node_certificate

for trace in k3s:/etc/rancher/k3s k3s:/var/lib/rancher/k3s rke2:/etc/rancher/rke2 rke2:/var/lib/rancher/rke2 \
  k0s:/var/lib/k0s k0s:/etc/k0s microk8s:/var/snap/microk8s; do
  [ ! -e "${trace#*:}" ] || echo "other=${trace%%:*} (${trace#*:})"
done
{
  cni_links | while IFS= read -r link; do echo "link $link"; done
  cni_files
  kubelet_state
  kubelet_folders | while IFS= read -r folder; do mounts_below "$folder"; done
} | each leftover
[ ! -e "$marker" ] || each marker < "$marker"
echo complete=yes

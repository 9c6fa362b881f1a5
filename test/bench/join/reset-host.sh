# Makes a host what it was before any join, so that both sides begin alike.
set -eu
kubeadm reset --force
find /var/lib/kubelet -xdev -mindepth 1 -delete
rm -rf /var/lib/nodepools /var/lib/cni
if ip link show cni0 >/dev/null 2>&1; then ip link delete cni0; fi
# A prepared host has this folder; containerd does not notice one that comes later.
if [ -d /etc/cni/net.d ]; then
  find /etc/cni/net.d -mindepth 1 -delete
else
  mkdir -p /etc/cni/net.d
  systemctl restart containerd
fi

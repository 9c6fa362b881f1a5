#!/bin/sh
# A host with Docker's kind of containerd, which serves no CRI, and the runtime of its pods beside it: containerd 2 from
# /opt/second, at a socket where nobody looks.
set -eu
printf 'disabled_plugins = ["cri"]\n' >/etc/containerd/config.toml

cat >/etc/containerd/second.toml <<END
version = 3
root = "/var/lib/containerd/second"
state = "/run/second"
[grpc]
  address = "/run/second/containerd.sock"
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "registry.k8s.io/pause:3.10"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
[plugins."io.containerd.cri.v1.runtime".cni]
  bin_dirs = ["/opt/cni/bin"]
  conf_dir = "/etc/cni/net.d"
END
cat >/etc/systemd/system/second-containerd.service <<END
[Unit]
Description=The runtime of the pods
[Service]
Type=notify
Environment=PATH=/opt/second/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ExecStart=/opt/second/bin/containerd --config /etc/containerd/second.toml
Delegate=yes
KillMode=process
Restart=always
[Install]
WantedBy=multi-user.target
END
mkdir -p /etc/systemd/system/lab-images.service.d /etc/cni/net.d
cat >/etc/systemd/system/lab-images.service.d/second.conf <<END
[Unit]
Wants=second-containerd.service
After=second-containerd.service
[Service]
Environment=CONTAINERD_ADDRESS=/run/second/containerd.sock
END
systemctl daemon-reload
systemctl enable --now second-containerd
systemctl restart containerd lab-images

# Joins this host. The JoinConfiguration and the kubeconfig that it names were left in memory, and are gone with the first
# join that takes them. Safe to repeat; goes on when the session is lost.
set -eu
dir=$(mktemp -d /run/nodepools-join.XXXXXX)
trap 'rm -rf "$dir"' EXIT
trap 'exit 143' HUP INT TERM PIPE
cd "$dir"
# Only our own files are kept from others: what kubeadm writes is its own matter.
(umask 077 && { mv "$join_input" input 2> /dev/null || : > input; })
take_lock 660 || { echo "a join or reset is still at work on this host" >&2; exit 75; }
if [ -e /etc/kubernetes/kubelet.conf ]; then echo "this host is joined already"; exit 0; fi
if [ "$(tail -n 1 input)" != "# end of join configuration" ]; then
  echo "this host is not joined and has no complete join configuration: run again" >&2
  exit 65
fi
(umask 077 && sed '/^---$/,$d' input > join.yaml && sed '1,/^---$/d' input > cluster.conf)
if ! timeout -k 10 600 kubeadm join --config "$dir/join.yaml" > log 2>&1; then
  # A line of 64 KiB would hang Pulumi's command plugin.
  {
    tail -n 20 log
    [ ! -e /var/lib/kubelet/config.yaml ] || journalctl -u kubelet -n 5 -o cat --no-pager || true
  } | cut -b 1-4000 >&2
  # kubeadm blames the kubelet, which waits for the cluster.
  [ -e /etc/kubernetes/kubelet.conf ] || ! systemctl is-active -q kubelet || echo "the kubelet runs, but has no certificate. Is the request (kubectl get csr) of system:bootstrap:$(sed -n 's/^ *token: "\{0,1\}\([^.]*\).*/\1/p' cluster.conf) Pending? Then approve it, and restore ClusterRoleBinding kubeadm:node-autoapprove-bootstrap" >&2
  exit 1
fi
sed -n 's/^[[:space:]]*\[WARNING /warning: [WARNING /p' log | head -n 20 | cut -b 1-4000
echo "joined"

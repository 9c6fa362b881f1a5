# Joins this host with the JoinConfiguration on stdin. Safe to repeat; goes on when the session is lost.
set -eu
umask 077
PATH=$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin
dir=$(mktemp -d /run/nodepools-join.XXXXXX)
trap 'rm -rf "$dir"' EXIT
trap 'exit 143' HUP INT TERM
cat > "$dir/join.yaml"
exec 9> /run/nodepools.lock
flock -w 660 9 || { echo "a join or reset is still at work on this host" >&2; exit 75; }
if [ -e /etc/kubernetes/kubelet.conf ]; then echo "this host is joined already"; exit 0; fi
if [ "$(tail -n 1 "$dir/join.yaml")" != "# end of join configuration" ]; then
  echo "this host is not joined and no complete join configuration arrived on stdin: run again" >&2
  exit 65
fi
if ! timeout -k 10 600 kubeadm join --config "$dir/join.yaml" > "$dir/log" 2>&1; then
  tail -n 20 "$dir/log" >&2
  [ ! -e /etc/kubernetes/bootstrap-kubelet.conf ] || journalctl -u kubelet -n 5 -o cat --no-pager >&2 || true
  exit 1
fi
echo "joined"

# Joins hosts as an administrator does by hand: one token, `kubeadm join` on several hosts at once, a wait until they
# are Ready and take pods.
# Arguments: the hosts' names. Prints the time at the end of each stage.
set -eu
: "${SSH_CONFIG:?}" "${PARALLEL:?}"

stage() { echo "$1=$(date +%s.%N)"; }

# One word for ssh, so that it is one command on the host.
join=$(kubeadm token create --print-join-command)
stage started
printf '%s\n' "$@" | xargs -P "$PARALLEL" -I '{}' ssh -n -F "$SSH_CONFIG" '{}' "$join" >&2
stage joined
# A kubelet may register its Node after kubeadm has ended.
kubectl wait --for=create --timeout=300s node "$@" >&2
kubectl wait --for=condition=Ready --timeout=300s node "$@" >&2
# A Ready node takes no pod before its not-ready taint is gone. The one with the effect NoExecute, which a node gets
# when the node lifecycle controller looks at it before it is Ready, is there until the controller looks again, 5 s
# later: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/ (node-monitor-period)
not_ready='{.items[*].spec.taints[?(@.key=="node.kubernetes.io/not-ready")].effect}'
looks=0
until taints=$(kubectl get nodes -o jsonpath="$not_ready") && [ -z "$taints" ]; do
  looks=$((looks + 1))
  [ "$looks" -lt 400 ] || { echo "nodes are Ready and keep their not-ready taints: $taints" >&2; exit 1; }
  sleep 0.25
done
stage ready

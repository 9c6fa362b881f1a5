# Joins hosts as an administrator does by hand: one token, `kubeadm join` on several hosts at once, a wait for Ready.
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
stage ready

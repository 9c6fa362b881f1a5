// A sandboxed host with the scripts of this program on it; stand-ins only for kubeadm and systemd.
import { endOfConfiguration } from "../../../components/kubeadm/join-configuration.ts";
import { leaveJoinInput } from "../../../components/kubeadm/left-join.ts";
import { claimInput, resetInput } from "../../../components/kubeadm/marker.ts";
import { loadHostScripts } from "../../../components/kubeadm/scripts.ts";
import { quoteForShell } from "../../../components/ssh/quote.ts";
import { runInSandbox } from "../../support/host-sandbox.ts";

/** Stack that owns the host. */
export const owner = "org/project/stack";
/** What its claim writes down. */
export const marker = { owner, cluster: "sha256:aa", node: "w1" };

/** kubeadm writes what it was called with to /run/kubeadm.calls, and does what the worker's phases do to files. */
const kubeadm = `echo "$@" >> /run/kubeadm.calls
case $1 in
  version) echo v1.34.4 ;;
  join) cat "$3" cluster.conf > /run/kubeadm.config; ls -l "$3" cluster.conf | cut -c1-10 >> /run/kubeadm.calls
    if [ -e /run/join-fails ]; then echo "[ERROR CRI]: no runtime" >&2; exit 1; fi
    sleep "\${JOIN_SECONDS:-0}"
    mkdir -p /etc/kubernetes; touch /etc/kubernetes/kubelet.conf ;;
  reset) if [ -e /run/reset-fails ]; then echo "cannot stop containers" >&2; exit 1; fi
    rm -f /etc/kubernetes/kubelet.conf ;;
esac
`;

/** What stands on the host. */
export const files = {
  ...loadHostScripts(),
  kubeadm,
  crictl: "exit 0\n",
  systemctl: "exit 3\n",
  journalctl: "exit 0\n",
};

/** Runs a command with a text on stdin, and prints its status. */
export const feed = (text: string, command: string): string =>
  `printf '%s' '${text}' | ${command}; echo "status=$?"\n`;
/** Leaves a join with this configuration on the host. */
export const leave = (text: string): string =>
  `printf '%s' ${quoteForShell(leaveJoinInput(text))} | leaveJoin || echo "not left"\n`;
/** Leaves it and joins; prints the status of the join. */
export const join = (text: string): string => `${leave(text)}join; echo "status=$?"\n`;
/** The least that join.sh takes. */
export const configuration = `kind: JoinConfiguration\n---\nkind: Config\n${endOfConfiguration}\n`;
/** What a join configuration is rendered from. */
export const joinArgs = {
  kubeadmVersion: "v1.34.4",
  nodeName: "w1",
  server: "https://10.0.0.1:6443",
  caBundle: "PEM",
  criSocket: "unix:///run/containerd/containerd.sock",
  taints: [],
  labels: {},
};
/** Claims the host. */
export const claim = feed(claimInput(marker), "claim");
/** Resets it. */
export const reset = feed(resetInput(marker, "unix:///run/containerd/containerd.sock"), "reset");
/** Leaves what a join leaves. */
export const joined = `mkdir -p /etc/kubernetes/pki; touch /etc/kubernetes/kubelet.conf /etc/kubernetes/pki/ca.crt\n`;

/** Runs a program on the host; returns what it printed. */
export const run = (program: string) => runInSandbox(program, files);

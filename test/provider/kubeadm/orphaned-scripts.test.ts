// join and reset on a sandboxed host when the session that started them is gone: the kernel ends what they say next.
import { describe, expect, it } from "vitest";
import { endOfConfiguration } from "../../../components/kubeadm/join-configuration.ts";
import { claimInput, resetInput } from "../../../components/kubeadm/marker.ts";
import { loadHostScripts } from "../../../components/kubeadm/scripts.ts";
import { runInSandbox } from "../../support/host-sandbox.ts";

const marker = { owner: "org/project/stack", cluster: "sha256:aa", node: "w1" };
const configuration = `kind: JoinConfiguration\n${endOfConfiguration}\n`;

/** Ends after its reader has gone; a join leaves what a joined host is known by, a reset takes it away. */
const kubeadm = `until [ -e /run/reader-gone ]; do sleep 0.05; done
mkdir -p /etc/kubernetes
case $1 in join) touch /etc/kubernetes/kubelet.conf ;; reset) rm -f /etc/kubernetes/kubelet.conf ;; esac
`;

const files = { ...loadHostScripts(), kubeadm, systemctl: "exit 3\n", journalctl: "exit 0\n" };

/** Runs a script whose standard output nobody reads any more once kubeadm is at work. */
const unread = (input: string, script: string): string =>
  `printf '%s' '${input}' > /run/input
  { ${script} < /run/input; echo "status=$?" > /run/status; } | { exec < /dev/null; touch /run/reader-gone; }
  until [ -e /run/status ]; do sleep 0.05; done; cat /run/status; ls -d /run/nodepools*
`;

describe("a host script that has lost its session", () => {
  it("join: finishes the join and leaves no file with the token", () => {
    const left = `mkdir -p /run/nodepools; printf '%s' '${configuration}' > /run/nodepools/join-input\n`;
    const { stdout } = runInSandbox(`${left}${unread("", "join")}ls /etc/kubernetes /run/nodepools`, files);
    expect(stdout).toBe(
      "status=143\n/run/nodepools\n/etc/kubernetes:\nkubelet.conf\n\n/run/nodepools:\nlock\n",
    );
  });

  it("reset: leaves no file, and is finished by the next one", () => {
    const input = resetInput(marker, "unix:///run/containerd/containerd.sock");
    const claim = `printf '%s' '${claimInput(marker)}' | claim; mkdir -p /etc/kubernetes; touch /etc/kubernetes/kubelet.conf\n`;
    const again = `printf '%s' '${input}' | reset; ls /var/lib/nodepools`;
    const { stdout } = runInSandbox(`${claim}${unread(input, "reset")}${again}`, files);
    expect(stdout).toBe("status=143\n/run/nodepools\nkubeadm reset done\nclean\n");
  });
});

// Moments of a run that have a name: each waits until the cluster or a host shows that it has come.
import { spawn } from "node:child_process";
import { hostAt } from "../../lab/hosts/host.ts";
import { sshCommand } from "../../lab/hosts/ssh.ts";
import { labEnvironment } from "../../lab/lab.ts";
import { insideNetwork } from "../../lab/network/namespace.ts";
import { lab } from "./test-lab.ts";

/** Waits for a moment; gives up when the run that it is a moment of is over. */
export type Moment = (isOver: AbortSignal) => Promise<void>;

/** A host is claimed for the stack. */
export const markerWritten: Moment = onAnyHost("test -s /var/lib/nodepools/owner");

/** A bootstrap token exists that did not before. */
export const tokenMinted: Moment = watched(
  ["secrets", "--namespace=kube-system", "--watch-only", "-o=jsonpath={.type}{'\\n'}"],
  /^bootstrap\.kubernetes\.io\/token$/m,
);

/** A kubelet has registered its Node. */
export const nodeRegistered: Moment = watched(["nodes", "--watch-only", "-o=name"], /^node\/w[23]$/m);

/** A Node is a member of its pool. */
export const nodeLabelled: Moment = watched(
  ["nodes", "-o=jsonpath={.metadata.name} {.metadata.annotations.nodepools\\.local/pool}{'\\n'}"],
  /^w[23] \S/m,
);

/** A Node that leaves is cordoned. */
export const cordonWritten: Moment = watched(
  ["nodes", "-o=jsonpath={.metadata.name} {.spec.unschedulable}{'\\n'}"],
  /^w[23] true$/m,
);

/** A pod of the app has been asked to go. */
export const firstEviction: Moment = watched(
  ["pods", "--selector=app=web", "-o=jsonpath={.metadata.deletionTimestamp}{'\\n'}"],
  /^\S/m,
);

/** The kubelet of a host that is reset is down. */
export const kubeletStopped: Moment = onAnyHost("! systemctl --quiet is-active kubelet");

/** A Node is gone. */
export const nodeDeleted: Moment = watched(
  ["nodes", "--output-watch-events", "-o=jsonpath={.type} {.object.metadata.name}{'\\n'}"],
  /^DELETED w[23]$/m,
);

function watched(query: readonly string[], pattern: RegExp): Moment {
  const argv = () => insideNetwork(lab, ["kubectl", "get", "--watch", ...query]);
  return (isOver) => said(argv(), pattern, isOver);
}

/** w2 and w3 are those that come and go; each looks by itself, which is quicker than asking it again and again. */
function onAnyHost(condition: string): Moment {
  const look = `until ${condition}; do sleep 0.02; done; echo now`;
  return async (isOver) => {
    const found = new AbortController();
    const signal = AbortSignal.any([isOver, found.signal]);
    const looks = [2, 3].map((index) => said(sshCommand(lab, hostAt(lab, index), [look]), /^now$/m, signal));
    await Promise.any(looks).finally(() => found.abort());
  };
}

/** Runs a command until it says what is waited for; it is ended then, or when the wait is over. */
function said(argv: readonly string[], pattern: RegExp, signal: AbortSignal): Promise<void> {
  const [command = "", ...args] = argv;
  const child = spawn(command, args, { env: labEnvironment(lab), stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  return new Promise<void>((resolve, reject) => {
    const hear = (output: string) => {
      text += output;
      if (pattern.test(text)) resolve();
    };
    child.stdout.setEncoding("utf8").on("data", hear);
    child.stderr.setEncoding("utf8").on("data", hear);
    child.once("error", reject);
    child.once("close", () => reject(new Error(`${argv.join(" ")} ended before ${pattern}: ${text}`)));
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  }).finally(() => child.kill("SIGKILL"));
}

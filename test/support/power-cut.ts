// Power cuts at a chosen moment, and what is said of hosts that are off.
import { power } from "../../lab/lab.ts";
import { kubeadmReplacedBy } from "./held-kubeadm.ts";
import { lab, untilOnHost } from "./test-lab.ts";

/** Replaces kubeadm by one that stands still in `verb` once `condition` holds; the wish for it ends with the power. */
export function holdKubeadm(verb: string, condition: string): string {
  const script = `
test "$1" = ${verb} && test -e /run/hold-kubeadm || exec /usr/bin/kubeadm.real "$@"
/usr/bin/kubeadm.real "$@" &
until ${condition}; do :; done
kill -STOP $!
touch /run/kubeadm-held
sleep 600`;
  return `${kubeadmReplacedBy(script)}; touch /run/hold-kubeadm`;
}

/** Waits until kubeadm stands still on these hosts. */
export async function untilHeld(...names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => untilOnHost(name, "test -e /run/kubeadm-held")));
}

/** Takes the power from the hosts, one right after the other. */
export async function cutPowerOf(...names: readonly string[]): Promise<void> {
  for (const name of names) await power(lab, name, "off");
}

/** What is said of a host that does not answer, with the way out. */
export function unreachable(index: number): RegExp {
  return new RegExp(
    `connecting to host "root@10\\.89\\.0\\.1${index}:22": .*Check that the host is on.*declare host "w${index}" with state: lost`,
  );
}

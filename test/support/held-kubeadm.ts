// kubeadm of a host, held at a step for as long as a test wants.
import { ssh } from "../../lab/lab.ts";
import type { PulumiRun } from "../../lab/stack.ts";
import { eventually, lab, onHost } from "./test-lab.ts";

/** Where kubeadm can be held: before it joins or resets, and after it has joined. */
type Step = "join" | "join-done" | "reset";

const callsFile = "/run/kubeadm-calls";

/** What a join waits for the API server: longer than one that restarts takes to believe its tokens again. */
const discoverySeconds = 30;

// Each call is written down, so that a test can tell whether a host was joined or reset once more.
const holdable = kubeadmReplacedBy(`
case "$1" in join | reset) echo "$1" >> ${callsFile} ;; esac
[ "$1" != join ] || sed -i 's/discovery: 1m0s/discovery: ${discoverySeconds}s/' "$3"
hold() { while [ -e "/run/hold-$1" ]; do touch "/run/held-$1"; sleep 0.2; done; rm -f "/run/held-$1"; }
hold "$1"
/usr/bin/kubeadm.real "$@"
status=$?
hold "$1-done"
exit $status`);

/** Lists the joins and resets of a host since its kubeadm was replaced. */
export async function kubeadmCalls(name: string): Promise<string[]> {
  return (await onHost(name, `cat ${callsFile} 2>/dev/null || true`))
    .split("\n")
    .filter((verb) => verb !== "");
}

/** Puts a script in the place of kubeadm, which it finds as kubeadm.real; as a shell command. */
export function kubeadmReplacedBy(script: string): string {
  return `
    test -e /usr/bin/kubeadm.real || mv /usr/bin/kubeadm /usr/bin/kubeadm.real
    cat > /usr/bin/kubeadm <<'EOF'
#!/bin/sh
${script.trim()}
EOF
    chmod +x /usr/bin/kubeadm`;
}

/** Replaces kubeadm on these hosts by one that can be held. */
export async function makeHoldable(...names: readonly string[]): Promise<void> {
  for (const name of names) await onHost(name, holdable);
}

/** Puts the real kubeadm back, as far as it was replaced, and lets go what is held. */
export async function restoreKubeadm(...names: readonly string[]): Promise<void> {
  const restore = `rm -f /run/hold-* ${callsFile}; test ! -e /usr/bin/kubeadm.real || mv /usr/bin/kubeadm.real /usr/bin/kubeadm`;
  await Promise.all(names.map((name) => onHost(name, restore)));
}

/** Has kubeadm stand still when it comes to the step. */
export async function hold(step: Step, name: string): Promise<void> {
  // A kubeadm that was killed while it was held has left its sign behind.
  await onHost(name, `rm -f /run/held-${step}; touch /run/hold-${step}`);
}

/** Waits until kubeadm stands still at the step; a run that ends before fails the test with all that it said. */
export async function heldAt(step: Step, name: string, up?: Promise<PulumiRun>): Promise<void> {
  const held = eventually(`kubeadm of ${name} held at ${step}`, 300, async () => {
    return (await ssh(lab, name, `test -e /run/held-${step}`)).status === 0;
  });
  const ended = up?.then(({ text }) => Promise.reject(new Error(`it ended before kubeadm ${step}: ${text}`)));
  await Promise.race(ended === undefined ? [held] : [held, ended]);
}

/** Lets kubeadm go on. */
export async function release(step: Step, name: string): Promise<void> {
  await onHost(name, `rm /run/hold-${step}`);
}

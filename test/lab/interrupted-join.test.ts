// A join that is cut short, at every stage: the next run finishes it and leaves no token behind.
import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labEnvironment, ssh } from "../../lab/lab.ts";
import { insideNetwork } from "../../lab/network/namespace.ts";
import type { LabStack } from "../../lab/stack.ts";
import {
  createStack,
  eventually,
  host,
  kubectl,
  lab,
  mintedTokens,
  onHost,
  readyNodes,
  remainsOf,
} from "../support/test-lab.ts";

/** Stops kubeadm for a while where it would talk to the API server, so that a test can step in. */
const slowKubeadm = `
  test -e /usr/bin/kubeadm.real || mv /usr/bin/kubeadm /usr/bin/kubeadm.real
  cat > /usr/bin/kubeadm <<'EOF'
#!/bin/sh
if [ "$1" = join ] && [ -e /run/hold-join ]; then
  mkdir -p /etc/kubernetes/pki; echo held > /etc/kubernetes/bootstrap-kubelet.conf
  sleep 60
fi
exec /usr/bin/kubeadm.real "$@"
EOF
  chmod +x /usr/bin/kubeadm; touch /run/hold-join`;

const plainKubeadm =
  "test ! -e /usr/bin/kubeadm.real || mv /usr/bin/kubeadm.real /usr/bin/kubeadm; rm -f /run/hold-join";

async function isJoining(): Promise<boolean> {
  return (await ssh(lab, "w4", "pgrep -f 'kubeadm join'")).status === 0;
}

describe("a join that is interrupted", () => {
  let stack: LabStack;

  beforeAll(async () => {
    stack = await createStack("interrupted");
    stack.declare([{ name: "workers", hosts: [host(4)] }]);
    await onHost("w4", slowKubeadm);
  });

  afterAll(async () => {
    await onHost("w4", plainKubeadm);
    const run = await stack.destroy();
    expect(run.ok, run.text).toBe(true);
    expect(await remainsOf("w4")).toEqual([]);
  });

  it("8b is reset and finished by the next run when kubeadm is killed half-way", async () => {
    const up = stack.up();
    await eventually("kubeadm join at work", 60, isJoining);
    await onHost("w4", "pkill -KILL -f '[k]ubeadm join'");
    const run = await up;
    expect(run.ok, run.text).toBe(false);
    await onHost("w4", "rm -f /run/hold-join; pkill -KILL sleep || true");
    const next = await stack.up();
    expect(next.ok, next.text).toBe(true);
    expect(await readyNodes()).toEqual(["w4"]);
    expect(await mintedTokens()).toEqual([]);
    const settled = await stack.isSettled();
    expect(settled.ok, settled.text).toBe(true);
    expect((await stack.destroy()).ok).toBe(true);
  });

  it("8b is finished by the next run when pulumi itself is killed half-way", async () => {
    await onHost("w4", "touch /run/hold-join");
    const [command = "", ...argv] = insideNetwork(lab, [
      ...["pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--stack", stack.name],
      ...["--config-file", stack.configFile],
    ]);
    const pulumi = spawn(command, argv, { env: labEnvironment(lab), stdio: "ignore", detached: true });
    const ended = new Promise<void>((resolve) => pulumi.once("close", () => resolve()));
    await eventually("kubeadm join at work", 60, isJoining);
    if (pulumi.pid === undefined) throw new Error("pulumi was not started");
    process.kill(-pulumi.pid, "SIGKILL");
    await ended;
    await onHost("w4", "rm -f /run/hold-join");
    expect((await stack.run(["cancel", "--yes"])).ok).toBe(true);
    await eventually("the end of the orphaned join", 120, async () => {
      await ssh(lab, "w4", "pkill -KILL sleep");
      return !(await isJoining());
    });
    const next = await stack.up();
    expect(next.ok, next.text).toBe(true);
    expect(await readyNodes()).toEqual(["w4"]);
    expect(await mintedTokens()).toEqual([]);
    const settled = await stack.isSettled();
    expect(settled.ok, settled.text).toBe(true);
  });

  it("38 is joined anew when its Node was deleted behind the program's back", async () => {
    await kubectl("delete", "node", "w4");
    const preview = await stack.preview();
    expect(preview.text).toMatch(/node "w4" is not in the cluster: its host will be reset and joined again/);
    const run = await stack.up();
    expect(run.ok, run.text).toBe(true);
    expect(await readyNodes()).toEqual(["w4"]);
  });

  it("drains, resets and joins again when rejoinTrigger changes", async () => {
    const uid = await kubectl("get", "node", "w4", "-o", "jsonpath={.metadata.uid}");
    stack.declare([{ name: "workers", hosts: [host(4, { rejoinTrigger: "2026-11" })] }]);
    const run = await stack.up();
    expect(run.ok, run.text).toBe(true);
    expect(run.text).toMatch(/drained: 0 pods moved/);
    expect(await readyNodes()).toEqual(["w4"]);
    expect(await kubectl("get", "node", "w4", "-o", "jsonpath={.metadata.uid}")).not.toBe(uid);
  });
});

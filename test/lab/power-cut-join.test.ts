// Hosts that lose power while they join: the run ends by itself, and the next one goes on.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { power } from "../../lab/lab.ts";
import type { LabStack } from "../../lab/stack.ts";
import {
  cutPowerOf,
  endWith,
  expectDone,
  holdKubeadm,
  lost,
  mended,
  timed,
  unreachable,
  untilHeld,
} from "../support/power-cut.ts";
import { fails, succeeds } from "../support/pulumi-run.ts";
import { createStack, eventually, host, lab, nodes, onHost, readyNodes, uidOf } from "../support/test-lab.ts";

describe("a power cut during joins", () => {
  let stack: LabStack;
  let joinedUid: string | undefined;
  const declare = (...hosts: object[]) => stack.declare([{ name: "workers", hosts }]);

  beforeAll(async () => {
    stack = await createStack("power-join");
    declare(host(2), host(3), host(4));
    await onHost("w2", holdKubeadm("join", "test -e /etc/kubernetes/bootstrap-kubelet.conf"));
    await onHost("w3", holdKubeadm("join", "test -e /etc/kubernetes/kubelet.conf"));
    await onHost("w4", holdKubeadm("join", "test -e /etc/kubernetes/bootstrap-kubelet.conf"));
  });

  afterAll(() => endWith(stack, "w4", () => declare(host(2), host(3), host(4, mended))));

  it("ends the run when the connection is given up for dead, with the remedy on each host's row", async () => {
    const up = stack.up();
    await untilHeld("w2", "w3", "w4");
    await eventually("w3 to be registered", 30, async () => (await nodes()).has("w3"));
    const start = Date.now();
    await cutPowerOf("w2", "w3", "w4");
    const run = await fails(up);
    expect(Date.now() - start).toBeLessThan(200_000);
    for (const name of ["w2", "w3", "w4"]) {
      expect(run.text).toMatch(
        new RegExp(`command:remote:Command \\(${name}\\):\\n +error: .*Cut short: run pulumi up again`),
      );
    }
    joinedUid = await uidOf("w3");
    expect([...(await nodes()).keys()]).toEqual(["w3"]);
  }, 360_000);

  it("J-29 is told host by host, with state lost as the way out, as long as the machines are off", async () => {
    const run = await fails(timed(stack.up("--continue-on-error")));
    expect(run.seconds).toBeLessThan(120);
    for (const index of [2, 4]) expect(run.text).toMatch(unreachable(index));
    expect(run.text).toMatch(/command:remote:Command \(w3\):\n +error: .*10\.89\.0\.13/);
  });

  it("J-08b J-08c ends with one host reset and joined, one finished as it is; a dead one cannot just be deleted", async () => {
    await power(lab, "w2", "on");
    await power(lab, "w3", "on");
    declare(host(2), host(3));
    const run = await fails(timed(stack.up()));
    expect(run.seconds).toBeLessThan(90);
    expect(run.text).toMatch(/released: host reset and clean, Node "w2" deleted/);
    expect(run.text).not.toMatch(/Node "w3" deleted/);
    expect(run.text).toMatch(unreachable(4));
    expect(await readyNodes()).toEqual(["w2", "w3"]);
    expect(await uidOf("w3")).toBe(joinedUid);
  });

  it("J-29 is over in seconds when the dead machine is declared lost", async () => {
    declare(host(2), host(3), host(4, lost));
    const run = await succeeds(timed(stack.up()));
    expect(run.seconds).toBeLessThan(40);
    await expectDone(stack, ["w2", "w3"]);
  });
});

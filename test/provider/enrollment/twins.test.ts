// Two hosts with one machine-id, as clones of one disk have, and a Node that only says so.
import { expect, it, onTestFinished } from "vitest";
import { urnOf } from "../../support/provider-inputs.ts";
import { listIsStale, remarks } from "../dynamic/site.ts";
import { shareKey, startCluster, startEnrolling, startHost } from "./site.ts";

it("J-11b H3 the second of two hosts with one machine-id is refused, in a later run too; one that a Node only says to be is told and goes on", async () => {
  const stack = new AsyncDisposableStack();
  onTestFinished(() => stack.disposeAsync());
  const { api, core, gitVersion } = await startCluster(stack);
  const [one, clone, other] = [
    stack.use(await startHost("a", gitVersion)),
    stack.use(await startHost("a", gitVersion)),
    stack.use(await startHost("b", gitVersion)),
  ];
  shareKey(one, clone, other);
  const first = await startEnrolling(stack, api, one.credentials);
  const { enroll, provider } = first;
  const say = async (name: string, machineID: string) =>
    void (await core.createNode({
      body: { metadata: { name }, status: { nodeInfo: { machineID } } } as never,
    }));

  const machineId = "a".repeat(32);
  const { outs } = await enroll("w1", one);
  expect(outs).toMatchObject({ machineId });
  await expect(enroll("w2", clone)).rejects.toThrow(
    `enrolling host "w2" at 127.0.0.1: host "w1" has the same machine-id ${machineId}. Remove one of the two entries if they are one machine; if one is a clone, empty /etc/machine-id on it, delete /var/lib/dbus/machine-id if that is no link, and reboot it`,
  );
  await say("liar", "b".repeat(32));
  await listIsStale();
  expect((await enroll("w3", other)).outs).toMatchObject({ machineId: "b".repeat(32) });
  expect(remarks(provider, urnOf("HostEnrollment", "w3"))).toEqual([
    `warning: Node "liar" reports this host's machine-id ${"b".repeat(32)} as its own. When the host is a clone of that machine, empty /etc/machine-id on it, delete /var/lib/dbus/machine-id if that is no link, and reboot it; when it is none, that Node does not tell the truth: look into the machine that it runs on`,
  ]);

  await say("w1", machineId);
  const next = await startEnrolling(stack, api, one.credentials);
  const olds = { ...outs, roster: { members: 2, pool: "workers", maxUnavailable: 1 } };
  await next.provider.of("HostEnrollment").check(olds as never, olds as never);
  await next.provider.of("HostEnrollment").diff(olds as never, olds as never);
  await expect(next.enroll("w2", clone)).rejects.toThrow(
    `host "w1" of this stack has the same machine-id ${machineId}`,
  );
  const { items } = await core.listNamespacedSecret({ namespace: "kube-system" });
  const described = items.map(({ data }) => Buffer.from(data?.description ?? "", "base64").toString());
  expect(described.sort()).toEqual([
    expect.stringContaining("joins w1 "),
    expect.stringContaining("joins w3 "),
  ]);
});

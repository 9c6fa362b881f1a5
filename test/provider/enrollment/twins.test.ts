// Two hosts with one machine-id, as clones of one disk have: neither has a Node yet that would give it away.
import { expect, it, onTestFinished } from "vitest";
import { shareKey, startCluster, startEnrolling, startHost } from "./site.ts";

it("J-11b the second of two hosts with one machine-id is refused with both names and the id; a third host goes on", async () => {
  const stack = new AsyncDisposableStack();
  onTestFinished(() => stack.disposeAsync());
  const { api, core, gitVersion } = await startCluster(stack);
  const [one, clone, other] = [
    stack.use(await startHost("a", gitVersion)),
    stack.use(await startHost("a", gitVersion)),
    stack.use(await startHost("b", gitVersion)),
  ];
  shareKey(one, clone, other);
  const { enroll } = await startEnrolling(stack, api, one.credentials);

  const machineId = "a".repeat(32);
  expect((await enroll("w1", one)).outs).toMatchObject({ machineId });
  await expect(enroll("w2", clone)).rejects.toThrow(
    `enrolling host "w2" at 127.0.0.1: host "w1" has the same machine-id ${machineId}. Remove one of the two entries if they are one machine; if one is a clone, empty its /etc/machine-id and reboot it`,
  );
  expect((await enroll("w3", other)).outs).toMatchObject({ machineId: "b".repeat(32) });
  const { items } = await core.listNamespacedSecret({ namespace: "kube-system" });
  const described = items.map(({ data }) => Buffer.from(data?.description ?? "", "base64").toString());
  expect(described.sort()).toEqual([
    expect.stringContaining("joins w1 "),
    expect.stringContaining("joins w3 "),
  ]);
});

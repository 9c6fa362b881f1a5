// Enrollments behind a bastion in the real provider process.
import { expect, it, onTestFinished } from "vitest";
import { startSshd } from "../../support/sshd.ts";
import { shareKey, startCluster, startEnrolling, startHost } from "./site.ts";

it("J-04 one login on the bastion serves two hosts", async () => {
  const stack = new AsyncDisposableStack();
  onTestFinished(() => stack.disposeAsync());
  const { api, gitVersion } = await startCluster(stack);
  const one = stack.use(await startHost("a", gitVersion));
  const other = stack.use(await startHost("b", gitVersion));
  shareKey(one, other);
  const gate = stack.use(await startSshd());
  const { user: _, ...way } = gate.host;
  const ssh = { ...one.credentials, bastion: { ...way, ...gate.credentials } };
  const { enroll } = await startEnrolling(stack, api, ssh);
  const enrolled = await Promise.all([enroll("w1", one), enroll("w2", other)]);
  for (const { outs } of enrolled) expect(outs.tokenId).toMatch(/^[a-z0-9]{6}$/);
  expect(gate.logins()).toBe(1);
});

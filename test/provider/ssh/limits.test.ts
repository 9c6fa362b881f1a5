// Many logins at once against a real sshd that lets few through.
import { expect, it } from "vitest";
import { openSession } from "../../../components/ssh/session.ts";
import { startSshd } from "../../support/sshd.ts";
import { failure } from "./failure.ts";
import { startRelay } from "./relay.ts";

it("J-04 twelve sessions get through an sshd whose MaxStartups is 3", async () => {
  await using sshd = await startSshd({ settings: ["MaxStartups 3:100:3"] });
  const outputs = await Promise.all(
    Array.from({ length: 12 }, async (_, at) => {
      await using session = await openSession(sshd.host, sshd.credentials);
      return (await session.run(`echo ${at}`, { task: "probe", timeoutSeconds: 20 })).stdout;
    }),
  );
  expect(outputs).toEqual(Array.from({ length: 12 }, (_, at) => `${at}\n`));
});

it("J-04 fifty sessions at once get through a bastion with sshd's usual MaxStartups", async () => {
  await using bastion = await startSshd({ settings: ["MaxStartups 10:30:100"] });
  // It bears them all: each of them is another one in a real stack.
  await using host = await startSshd({ settings: ["MaxStartups 100"] });
  const credentials = {
    ...host.credentials,
    bastion: { server: bastion.host, secrets: bastion.credentials },
  };
  const outputs = await Promise.all(
    Array.from({ length: 50 }, async (_, at) => {
      // Two cores do the work of 50 hosts and of the program at once.
      await using session = await openSession(host.host, credentials, { dialTimeoutSeconds: 50 });
      return (await session.run(`echo ${at}`, { task: "probe", timeoutSeconds: 30 })).stdout;
    }),
  );
  expect(outputs).toEqual(Array.from({ length: 50 }, (_, at) => `${at}\n`));
  expect(bastion.logins()).toBe(1);
}, 120_000);

it("J-04 a server that drops every dial is given up in the end, and not taken for a machine that is gone", async () => {
  await using sshd = await startSshd();
  await using busy = await startRelay(sshd.host, () => "drop");
  const error = await failure(openSession(busy.host, sshd.credentials));
  expect(error.kind).toBe("dropped");
  expect(error.message).toContain(`connecting to host "root@127.0.0.1:${busy.host.port}"`);
  expect(error.message).toContain("MaxStartups");
  expect(busy.connections()).toBe(10);
});

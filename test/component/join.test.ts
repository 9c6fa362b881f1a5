// The command that joins a host: what runs it again, what never does, and that it gives nothing away.
import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import { Cluster, NodePool } from "../../components/index.ts";
import type { SshCredentials } from "../../components/ssh/credentials.ts";
import { find, type Registration, runProgram } from "../support/component-mocks.ts";
import { declare, hostKey, hosts, privateKey } from "./declared.ts";

const join = (registrations: readonly Registration[], name = "w1") =>
  find(registrations, "remote:Command", name);

it("J-30 runs once per enrollment: any other change runs nothing, and removing it runs nothing", async () => {
  const { inputs, ignoreChanges } = join(await declare({ workers: { hosts: hosts("w1") } }));
  // A newer program waits for the next enrollment; states of earlier releases have it whole, on stdin.
  expect(ignoreChanges).toEqual(["create", "stdin"]);
  expect(inputs).toEqual({
    connection: {
      host: "10.0.0.1",
      port: 22,
      user: "root",
      hostKey,
      privateKey,
      dialErrorLimit: 8,
      perDialTimeout: 15,
    },
    create: expect.stringMatching(
      /^sh -c 'cd \/var\/lib\/nodepools && .*' 'nodepools: kubeadm join\. Cut short: run pulumi up.*' [0-9a-f]{64}$/,
    ),
    update: "true",
    triggers: ["w1-enrolled-"],
    logging: "none",
    addPreviousOutputInEnv: false,
  });
});

it("runs again for the enrollment that a changed rejoinTrigger makes", async () => {
  const rejoining = hosts("w1").map((host) => ({ ...host, rejoinTrigger: "2" }));
  const { inputs } = join(await declare({ workers: { hosts: rejoining } }));
  expect(inputs.triggers).toEqual(["w1-enrolled-2"]);
});

it("runs after the enrollment, and the membership after both", async () => {
  const registrations = await declare({ workers: { hosts: hosts("w1") } });
  const enrollment = find(registrations, ":HostEnrollment", "w1");
  const membership = find(registrations, ":NodeMembership", "w1");
  expect(enrollment.dependencies).toEqual([]);
  expect(join(registrations).dependencies).toEqual([enrollment.urn]);
  expect(membership.dependencies).toEqual([join(registrations).urn, enrollment.urn].sort());
});

it("J-A5 leaves its id open in a preview, where the plugin makes one up, so that a saved plan holds at `up`", async () => {
  const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
  const program = () => {
    const cluster = new Cluster("dev", { credentials: { privateKey } });
    new NodePool("workers", { cluster, hosts: hosts("w1") });
  };
  const planned = find(await runProgram(program, undefined, true), ":NodeMembership", "w1");
  expect(planned.inputs.joinId).toBe(unknown);
  expect(find(await runProgram(program), ":NodeMembership", "w1").inputs.joinId).toBe("w1-joined");
});

it("becomes root with sudo when it logs in as another user", async () => {
  const deploy = hosts("w1").map((host) => ({ ...host, user: "deploy" }));
  const { inputs } = join(await declare({ workers: { hosts: deploy } }));
  expect(inputs.create).toMatch(/^sudo -n sh -c 'cd /);
});

it("is the same text for every host", async () => {
  const varied = [
    { name: "w1", address: "10.0.0.1", hostKey, labels: { zone: "a" } },
    { name: "w2", address: "host.example.com", port: 2222, hostKey, rejoinTrigger: "2" },
  ];
  const registrations = await declare({ workers: { hosts: varied } });
  expect(join(registrations, "w2").inputs.create).toBe(join(registrations, "w1").inputs.create);
});

it("holds credentials in secrets alone", async () => {
  const registrations = await runProgram(async () => {
    const credentials = { privateKey, passphrase: "the passphrase", password: "the password" };
    const cluster = new Cluster("dev", { credentials });
    new NodePool("workers", { cluster, hosts: hosts("w1") });
    expect(await pulumi.isSecret(cluster.credentials)).toBe(true);
  });
  expect(join(registrations).secretInputs).toEqual(["connection"]);
  const connection = join(registrations).inputs.connection as Record<string, unknown>;
  expect([connection.privateKey, connection.privateKeyPassword, connection.password]).toEqual([
    privateKey,
    "the passphrase",
    "the password",
  ]);

  const open = registrations.flatMap(({ inputs, secretInputs }) =>
    Object.entries(inputs).filter(([name]) => !secretInputs.includes(name)),
  );
  for (const secret of [privateKey, "the passphrase", "the password"]) {
    expect(open.filter(([, value]) => JSON.stringify(value).includes(secret))).toEqual([]);
  }
});

it("has a bastion in its connection, which is no other resource's business", async () => {
  const withBastion = (secret: string) => ({
    privateKey,
    bastion: {
      server: { address: "192.0.2.1", port: 22, user: "jump", hostKey },
      secrets: { privateKey: secret },
    },
  });
  const declareWith = (credentials: SshCredentials) =>
    runProgram(async () => {
      new NodePool("workers", { cluster: new Cluster("dev", { credentials }), hosts: hosts("w1") });
    });
  const withoutConnection = (registrations: readonly Registration[]) =>
    registrations.map(({ inputs: { connection: _, ...inputs }, ...rest }) => ({ ...rest, inputs }));
  const [direct, through, rotated] = [
    await declareWith({ privateKey }),
    await declareWith(withBastion("the bastion's key")),
    await declareWith(withBastion("its next key")),
  ];
  expect(join(through).inputs.connection).toMatchObject({
    proxy: { host: "192.0.2.1", user: "jump", hostKey, privateKey: "the bastion's key" },
  });
  expect(join(through).secretInputs).toEqual(["connection"]);
  expect(withoutConnection(through)).toEqual(withoutConnection(direct));
  expect(withoutConnection(rotated)).toEqual(withoutConnection(direct));
});

it("compares its connection with the state whenever there are credentials", async () => {
  expect(join(await declare({ workers: { hosts: hosts("w1") } })).ignoreChanges).not.toContain("connection");
});

// A stack of the real program, made by an earlier release, is renamed: what it owns stays, with the same rights.
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CoreV1Api } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { adminConfig } from "../../support/admin-config.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { type PulumiCli, preparePulumi, projectRoot } from "../../support/pulumi-cli.ts";

// index.ts as it was until November 2026: the cluster had the stack's name.
const earlierProgram = `import * as pulumi from "@pulumi/pulumi";
import { Cluster, NodePool, readSettings } from "./checkout/entry/index.cjs";
const settings = readSettings(new pulumi.Config("nodepools"));
const { access } = settings.cluster;
const { credentials, parallelJoins } = settings.ssh;
const cluster = new Cluster(pulumi.getStack(), { credentials, parallelJoins, ...(access && { access }) });
for (const { name, ...pool } of settings.pools) new NodePool(name, { cluster, ...pool });
export const { nodes } = cluster;
`;

interface Resource {
  readonly type: string;
  readonly id?: string;
}

// Makes the flag --event-log known.
const environment = { PULUMI_DEBUG_COMMANDS: "true" };

let api: ApiServer;
let cli: PulumiCli;
let core: CoreV1Api;

beforeAll(async () => {
  const manifest = {
    name: "nodepools",
    type: "module",
    main: "index.ts",
    exports: { "./provider": "./checkout/entry/provider.cjs" },
  };
  [api, cli] = await Promise.all([
    startApiServer({}),
    preparePulumi("nodepools", { "package.json": JSON.stringify(manifest) }, environment, { attached: true }),
  ]);
  symlinkSync(projectRoot, join(cli.program, "checkout"));
  const admin = adminConfig(api.kubeconfigText);
  core = admin.makeApiClient(CoreV1Api);
}, 900_000);

afterAll(async () => {
  cli.remove();
  await api.stop();
});

async function runEarlierRelease(): Promise<void> {
  await cli.run("stack", "init", "prod");
  const cluster = JSON.stringify({ kubeconfig: api.kubeconfigText, access: {} });
  await cli.run("config", "set", "--secret", "cluster", cluster);
  await cli.run("config", "set", "--secret", "--path", "ssh.password", "unused");
  await cli.run("config", "set", "pools", '[{ "name": "workers", "count": 0, "hosts": [] }]');
  writeFileSync(join(cli.program, "index.ts"), earlierProgram);
  await cli.run("up", "--yes", "--skip-preview");
}

async function typesAndIds(): Promise<string[]> {
  const { deployment } = JSON.parse(await cli.run("stack", "export"));
  return (deployment.resources as Resource[]).map(({ type, id = "none" }) => `${type} ${id}`).sort();
}

function operationsIn(eventLog: string): Set<string> {
  const events = eventLog
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  return new Set(events.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata.op ?? []));
}

async function ownerInCluster(): Promise<string | undefined> {
  const account = await core.readNamespacedServiceAccount({ namespace: "kube-system", name: "nodepools" });
  return account.metadata?.annotations?.["nodepools.local/owner"];
}

it("J-A2 J-A3 keeps roster, rights and provider of an earlier release, and changes the owner in place", async () => {
  await runEarlierRelease();
  const made = await typesAndIds();
  writeFileSync(join(cli.program, "index.ts"), `export { nodes } from "${projectRoot}/index.ts";\n`);
  await cli.run("up", "--yes", "--skip-preview", "--expect-no-changes");

  await cli.run("stack", "rename", "prod2");
  const log = join(cli.program, "events");
  await cli.run("up", "--yes", "--skip-preview", "--event-log", log);
  expect(operationsIn(readFileSync(log, "utf8"))).toEqual(new Set(["same", "update"]));
  expect(await typesAndIds()).toEqual(made);
  expect(await ownerInCluster()).toBe("organization/nodepools/prod2");
}, 240_000);

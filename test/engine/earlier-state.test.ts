// A stack whose state the program of November 2026 (commit f531147) has made: today's program takes it over as it is.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { nodeNamed, nodes, readyNodes } from "./site/nodes.ts";
import { stepsOf, succeeds } from "./site/run.ts";
import { remainsOf, setScene } from "./site/scene.ts";

const scene = setScene("earlier", 2);
let made: Export;

function declare(...hosts: number[]): void {
  scene.stack.declare([
    {
      name: "workers",
      labels: { "example.com/tier": "general" },
      drain: { timeoutSeconds: 60 },
      limits: { maxRemovals: 1 },
      hosts: hosts.map((at) => scene.host(at).declare()),
    },
  ]);
}

interface Export {
  readonly deployment: { readonly secrets_providers: object };
}

/** Returns the state with what these hosts and this cluster are in the places of those that it was made with. */
async function stateOf({ deployment }: Export, template: string): Promise<string> {
  const key = readFileSync(scene.site.sshKey.privateKeyFile, "utf8");
  const quoted = (text: string) => JSON.stringify(text).slice(1, -1);
  const ca = String(scene.stack.state().get("HostEnrollment w1")?.outputs.clusterCa);
  const values: Record<string, string> = { key1: quoted(key), key2: quoted(quoted(key)), clusterCa: ca };
  for (const host of scene.hosts) {
    const { port, hostKey } = host.declare() as { port: number; hostKey: string };
    const { metadata } = await nodeNamed(host.name);
    const known = { port: String(port), hostKey, machineId: host.machineId, uid: metadata?.uid ?? "" };
    for (const [field, value] of Object.entries(known)) values[`${host.name}.${field}`] = value;
  }
  const text = readFileSync(join(import.meta.dirname, "earlier-state", template), "utf8");
  const filled = text
    .replace(/"\{\{(\w+\.port)\}\}"/g, (_, name: string) => values[name] ?? "")
    .replace(/\{\{([\w.]+)\}\}/g, (_, name: string) => values[name] ?? "");
  const state = JSON.parse(filled) as Export;
  const { secrets_providers } = deployment;
  return JSON.stringify({ ...state, deployment: { ...state.deployment, secrets_providers } });
}

/** Puts an earlier state in the place of the stack's own. */
async function fallBackTo(template: string): Promise<void> {
  await scene.stack.ask(["stack", "import"], await stateOf(made, template));
}

beforeAll(async () => {
  declare(1, 2);
  await succeeds(scene.stack.up());
  made = JSON.parse(await scene.stack.ask(["stack", "export"])) as Export;
});

it("J-43 has no change, and joins nothing again", async () => {
  await fallBackTo("state.template");
  expect(scene.stack.namesOf("Roster")).toEqual(["earlier"]);
  const before = (await nodeNamed("w2")).metadata?.uid;
  expect(stepsOf(await succeeds(scene.stack.up("--expect-no-changes")))).toEqual([]);
  expect(scene.stack.namesOf("Roster")).toEqual(["cluster"]);
  expect((await nodeNamed("w2")).metadata?.uid).toBe(before);
  expect(await readyNodes()).toEqual(["w1", "w2"]);
});

it("J-43 shrinks the state of commit 777fb70 without a step and without a login", async () => {
  await fallBackTo("777fb70.template");
  const size = () => scene.stack.stateText().length;
  const logins = () => scene.hosts.map((host) => host.logins());
  const [large, before] = [size(), logins()];
  expect(stepsOf(await succeeds(scene.stack.up("--expect-no-changes")))).toEqual([]);
  expect(logins()).toEqual(before);
  // The inputs' half of the providers' code of two nodes; the outputs follow when a node is changed.
  expect(large - size()).toBeGreaterThan(2 * 2 * 3000);
});

it("J-43 scales down cleanly", async () => {
  await scene.pods.create("w2", "web");
  await fallBackTo("state.template");
  declare(1);
  await succeeds(scene.stack.up());
  expect([...(await nodes()).keys()]).toEqual(["w1"]);
  expect(await remainsOf(scene.host(2))).toEqual([]);
  expect(stepsOf(await succeeds(scene.stack.preview()))).toEqual([]);
});

// Everything that the program does day by day, done with the identity that `access` declares and nothing more.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { runInLab } from "../../lab/lab.ts";
import { LabStack } from "../../lab/stack.ts";
import { writeKubeconfig } from "../support/lab-identity.ts";
import { succeeds } from "../support/pulumi-run.ts";
import {
  apply,
  eventually,
  host,
  hosts,
  kubectl,
  lab,
  nodes,
  readyNodes,
  remainsOf,
  uidOf,
} from "../support/test-lab.ts";
import { deploymentOn, stayingPods } from "../support/workloads.ts";

const namespace = "nodepools";
const identity = `system:serviceaccount:${namespace}:nodepools`;
const kubeconfig = join(lab.directory, "access.conf");

/** Writes a kubeconfig with a token of the declared ServiceAccount, as an administrator would. */
async function login(): Promise<void> {
  const view = JSON.parse(await kubectl("config", "view", "--raw", "--minify", "-o", "json"));
  const token = await kubectl("create", "token", "nodepools", "--namespace", namespace);
  writeKubeconfig({ kubeconfig, context: "pools" }, view.clusters[0].cluster, token);
}

async function inventory(): Promise<unknown> {
  const data = await kubectl(
    ...[
      "get",
      "configmap",
      "nodepools-inventory",
      "--namespace",
      namespace,
      "-o",
      "jsonpath={.data.inventory\\.yaml}",
    ],
  );
  return parse(data);
}

const inventoryOf = (...members: string[]) => ({
  owner: "organization/nodepools/access",
  pools: [{ name: "workers", members }],
});

describe("the identity that access declares", () => {
  let stack: LabStack;

  const declare = (count: number, cluster: object): void =>
    stack.declare([{ name: "workers", hosts: hosts(2), count, limits: { maxRemovals: 1 } }], {
      cluster: { access: { namespace }, ...cluster },
    });
  const declareAsIdentity = (count: number) => declare(count, { kubeconfig, context: "pools" });

  beforeAll(async () => {
    stack = await LabStack.create(lab, "access");
    await kubectl("create", "namespace", namespace);
  });

  afterAll(async () => {
    await kubectl("delete", "deployment", "one", "--ignore-not-found");
    // Its own rights are the one thing that it cannot take away.
    declare(1, {});
    await succeeds(stack.up());
    await succeeds(stack.destroy());
    expect(await kubectl("get", "clusterrole,clusterrolebinding", "-o", "name")).not.toMatch(/\/nodepools$/m);
    await kubectl("delete", "namespace", namespace);
  });

  it("comes into being with an administrator's kubeconfig, with the inventory", async () => {
    declare(1, {});
    await succeeds(stack.up());
    expect(await inventory()).toEqual(inventoryOf("w1"));
    await succeeds(stack.isSettled());
  });

  it("is itself, and may not do what the program does not", async () => {
    await login();
    const ask = async (...argv: string[]) =>
      (
        await runInLab(lab, ["kubectl", "--kubeconfig", kubeconfig, "--context", "pools", ...argv])
      ).stdout.trim();
    expect(await ask("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}")).toBe(identity);
    expect(await ask("auth", "can-i", "create", "pods")).toBe("no");
    expect(await ask("auth", "can-i", "get", "secrets", "--namespace", namespace)).toBe("no");
    expect(await ask("auth", "can-i", "create", "pods", "--subresource=eviction")).toBe("yes");
  });

  it("takes over with its own kubeconfig, without touching a node", async () => {
    const before = await uidOf("w1");
    declareAsIdentity(1);
    const run = await succeeds(stack.up());
    expect(run.text).not.toMatch(/(Command|HostEnrollment|NodeMembership) +w1 /);
    expect(await uidOf("w1")).toBe(before);
    await succeeds(stack.isSettled());
  });

  it("joins a node and keeps the inventory current", async () => {
    declareAsIdentity(2);
    await succeeds(stack.up());
    expect(await readyNodes()).toEqual(["w1", "w2"]);
    expect(await inventory()).toEqual(inventoryOf("w1", "w2"));
  });

  it("cordons a node, and refreshes", async () => {
    stack.declare([{ name: "workers", hosts: [host(1, { state: "cordoned" }), host(2)] }], {
      cluster: { access: { namespace }, kubeconfig, context: "pools" },
    });
    await succeeds(stack.up());
    expect(await readyNodes()).toEqual(["w2"]);
    await succeeds(stack.run(["refresh", "--yes", "--skip-preview"]));
    await succeeds(stack.isSettled());
  });

  it("drains a node that leaves, and takes it away", async () => {
    await apply(deploymentOn("w2", "one"));
    await eventually("the pod on w2", 60, async () => (await stayingPods("one")).length === 1);
    declareAsIdentity(1);
    const preview = await succeeds(stack.preview());
    expect(preview.text).toMatch(/one/);
    await succeeds(stack.up());
    expect([...(await nodes()).keys()]).not.toContain("w2");
    expect(await stayingPods("one")).toEqual([]);
    expect(await remainsOf("w2")).toEqual([]);
    expect(await inventory()).toEqual(inventoryOf("w1"));
    await succeeds(stack.isSettled());
  });
});

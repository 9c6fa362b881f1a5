// The access of a cluster declared by the real CLI on a real API server, and then used as the stack's own identity.
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  AdmissionregistrationV1Api,
  CoreV1Api,
  PatchStrategy,
  RbacAuthorizationV1Api,
  setHeaderOptions,
} from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { adminConfig } from "../../support/admin-config.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { type PulumiCli, preparePulumi, projectRoot } from "../../support/pulumi-cli.ts";

const program = `import * as pulumi from "@pulumi/pulumi";
import { Cluster, NodePool } from "./checkout/entry/index.cjs";
const config = new pulumi.Config();
const cluster = new Cluster(pulumi.getStack(), {
  credentials: { password: "unused" },
  access: { kubeconfig: config.requireObject("cluster").kubeconfig },
});
for (const name of config.requireObject("pools")) new NodePool(name, { cluster, hosts: [], count: 0 });
`;

let api: ApiServer;
let cli: PulumiCli;
let core: CoreV1Api;
let rbac: RbacAuthorizationV1Api;
let admission: AdmissionregistrationV1Api;

beforeAll(async () => {
  const manifest = {
    name: "nodepools",
    type: "module",
    main: "index.ts",
    exports: { "./provider": "./checkout/entry/provider.cjs" },
  };
  const files = { "package.json": JSON.stringify(manifest), "index.ts": program };
  [api, cli] = await Promise.all([
    startApiServer({ controllers: ["garbage-collector-controller"] }),
    preparePulumi("nodepools", files, {}, { attached: true }),
  ]);
  symlinkSync(projectRoot, join(cli.program, "checkout"));
  const admin = adminConfig(api.kubeconfigText);
  core = admin.makeApiClient(CoreV1Api);
  rbac = admin.makeApiClient(RbacAuthorizationV1Api);
  admission = admin.makeApiClient(AdmissionregistrationV1Api);
}, 900_000);

afterAll(async () => {
  cli.remove();
  await api.stop();
});

/** Declares the pools of a stack, by hand, since each run of the CLI takes time. */
function declare(stack: string, ...pools: string[]): void {
  const file = join(cli.program, `Pulumi.${stack}.yaml`);
  const { config, ...rest } = parse(readFileSync(file, "utf8"));
  const more = { "nodepools:ssh": { password: "unused" }, "nodepools:pools": pools };
  writeFileSync(file, stringify({ ...rest, config: { ...config, ...more } }));
}

/** Makes a stack with one pool, which is the one that runs are of from now on. */
async function initStack(stack: string, kubeconfig: string): Promise<void> {
  await cli.run("stack", "init", stack);
  await reachAs(kubeconfig);
  declare(stack, "workers");
}

const reachAs = (kubeconfig: string) =>
  cli.run("config", "set", "--secret", "--path", "cluster.kubeconfig", kubeconfig);

async function inventory(): Promise<string | undefined> {
  const name = "nodepools-inventory";
  return (await core.readNamespacedConfigMap({ namespace: "kube-system", name })).data?.["inventory.yaml"];
}

/** Returns a kubeconfig with a token of the declared ServiceAccount. */
async function ownKubeconfig(): Promise<string> {
  const { status } = await core.createNamespacedServiceAccountToken({
    namespace: "kube-system",
    name: "nodepools",
    body: { spec: { audiences: [], expirationSeconds: 3600 } },
  });
  const user = /user: \{ client-certificate-data: .* \}/;
  return api.kubeconfigText.replace(user, `user: { token: ${status?.token} }`);
}

const failureOf = (run: Promise<string>) =>
  run.then(
    () => "it succeeded",
    (error: Record<"stdout" | "stderr", string>) => error.stdout + error.stderr,
  );

const owned = (stack: string) => `owner: organization/nodepools/${stack}\n`;

it("is created by an administrator, whose credentials are not in the state", async () => {
  await initStack("dev", api.kubeconfigText);
  expect(await cli.run("up", "--yes", "--skip-preview")).toMatch(/\+ 23 created/);
  expect(await inventory()).toContain(`${owned("dev")}pools:\n  - name: workers\n`);
  const secret = /client-key-data: (\S+)/.exec(api.kubeconfigText)?.[1] ?? "none";
  expect(await cli.run("stack", "export")).not.toContain(secret);
}, 240_000);

it("is refused to a second stack, shows an edit by hand, and comes back when the edited object is deleted", async () => {
  await initStack("two", api.kubeconfigText);
  const refused = await failureOf(cli.run("up", "--yes", "--skip-preview", "--continue-on-error"));
  expect(refused).toContain(
    'access: ClusterRole "nodepools" belongs to stack "organization/nodepools/dev", and a cluster has one access',
  );
  expect(await inventory()).toContain(owned("dev"));

  await cli.run("stack", "select", "dev");
  await core.patchNamespacedConfigMap(
    {
      namespace: "kube-system",
      name: "nodepools-inventory",
      body: { data: { "inventory.yaml": "by hand" } },
      fieldManager: "kubectl-edit",
    },
    setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
  );
  const conflict = await failureOf(cli.run("up", "--yes", "--skip-preview", "--refresh", "--diff"));
  expect(conflict).toContain("by hand");
  expect(conflict).toContain('conflict with "kubectl-edit"');
  await core.deleteNamespacedConfigMap({ namespace: "kube-system", name: "nodepools-inventory" });
  await cli.run("up", "--yes", "--skip-preview", "--refresh");
  expect(await inventory()).toContain(owned("dev"));
}, 240_000);

it("is kept by its own identity, which may not remove it, and removed without a trace", async () => {
  await reachAs(await ownKubeconfig());
  declare("dev", "workers", "batch");
  const changed = await cli.run("up", "--yes", "--skip-preview");
  expect(changed).toMatch(/\+ 1 created\n +~ \d+ updated\n.* unchanged\n/);
  expect(await inventory()).toContain("  - name: batch\n");
  const again = await cli.run("up", "--yes", "--skip-preview", "--refresh", "--expect-no-changes");
  expect(again).toContain("unchanged");

  const kept = await failureOf(cli.run("destroy", "--yes", "--skip-preview"));
  expect(kept).toMatch(
    /deleting \w+ "\S+": .* is forbidden: User "system:serviceaccount:kube-system:nodepools"/,
  );
  await reachAs(api.kubeconfigText);
  await cli.run("up", "--yes", "--skip-preview");
  await cli.run("destroy", "--yes", "--skip-preview");
  const named = (list: { items: { metadata?: { name?: string } }[] }) =>
    list.items.map(({ metadata }) => metadata?.name ?? "").filter((name) => name.startsWith("nodepools"));
  expect(named(await core.listConfigMapForAllNamespaces())).toEqual([]);
  expect(named(await core.listServiceAccountForAllNamespaces())).toEqual([]);
  for (const list of [
    admission.listValidatingAdmissionPolicy(),
    admission.listValidatingAdmissionPolicyBinding(),
    rbac.listClusterRole(),
    rbac.listClusterRoleBinding(),
    rbac.listRoleForAllNamespaces(),
    rbac.listRoleBindingForAllNamespaces(),
  ])
    expect(named(await list)).toEqual([]);
}, 240_000);

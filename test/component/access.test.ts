// What `access` declares in the cluster, and with which configuration of the kubernetes provider.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { policySpec } from "../../components/access/policy.ts";
import { type AccessRule, clusterRules, namespaceRules } from "../../components/access/rules.ts";
import { Cluster, type ClusterArgs, NodePool } from "../../components/index.ts";
import { find, type Registration, runProgram } from "../support/component-mocks.ts";
import { hosts, privateKey } from "./declared.ts";

const kubeconfig = "apiVersion: v1\nkind: Config\nusers: [{ user: { token: very-secret } }]\n";
type Access = NonNullable<ClusterArgs["access"]>;

function declare(access: Partial<Access> = {}): Promise<Registration[]> {
  return runProgram(() => {
    const cluster = new Cluster("dev", { credentials: { privateKey }, access: { kubeconfig, ...access } });
    new NodePool("workers", { cluster, hosts: hosts("w2", "w1") });
    new NodePool("batch", { cluster, hosts: hosts("w3"), count: 0 });
  });
}

const objects = (registrations: readonly Registration[]) =>
  registrations.filter(({ type }) => type.startsWith("kubernetes:"));

it("declares the identity, its rights and the inventory, all in kube-system when nothing else is said", async () => {
  const placed = objects(await declare()).map(({ type, name, inputs }) => {
    const { name: object, namespace } = inputs.metadata as Record<string, unknown>;
    return [type.split(":").at(-1), name, namespace, object];
  });
  expect(placed).toEqual([
    ["ValidatingAdmissionPolicy", "dev", undefined, "nodepools"],
    ["ValidatingAdmissionPolicyBinding", "dev", undefined, "nodepools"],
    ["ConfigMap", "dev", "kube-system", "nodepools-inventory"],
    ["ServiceAccount", "dev", "kube-system", "nodepools"],
    ["ServiceAccount", "dev-preview", "kube-system", "nodepools-preview"],
    ["ClusterRole", "dev", undefined, "nodepools"],
    ["ClusterRole", "dev-preview", undefined, "nodepools-preview"],
    ["ClusterRoleBinding", "dev", undefined, "nodepools"],
    ["ClusterRoleBinding", "dev-preview", undefined, "nodepools-preview"],
    ["Role", "dev-inventory", "kube-system", "nodepools-inventory"],
    ["Role", "dev-kube-public", "kube-public", "nodepools"],
    ["Role", "dev-kube-system", "kube-system", "nodepools"],
    ["Role", "dev-preview", "kube-system", "nodepools-preview"],
    ["RoleBinding", "dev-inventory", "kube-system", "nodepools-inventory"],
    ["RoleBinding", "dev-kube-public", "kube-public", "nodepools"],
    ["RoleBinding", "dev-kube-system", "kube-system", "nodepools"],
    ["RoleBinding", "dev-preview", "kube-system", "nodepools-preview"],
  ]);
});

it.each<[string, object, string, string]>([
  ["deletes pods at the deadline", { onTimeout: "deletePods" }, "pods", "delete"],
  [
    "selects namespaces",
    { rules: [{ name: "batch", action: "skip", namespaces: "team=batch" }] },
    "namespaces",
    "list",
  ],
])(
  "gives the right for a drain that %s where one is declared, and nowhere else",
  async (_what, drain, resource, verb) => {
    const allows = async (declared: object) => {
      const registrations = await runProgram(() => {
        const cluster = new Cluster("dev", { credentials: { privateKey }, access: { kubeconfig } });
        new NodePool("workers", { cluster, drain: declared, hosts: hosts("w1") });
      });
      const rules = find(registrations, ":ClusterRole", "dev").inputs.rules as AccessRule[];
      return rules.some(({ resources, verbs }) => resources.includes(resource) && verbs.includes(verb));
    };
    expect([await allows(drain), await allows({})]).toEqual([true, false]);
  },
);

it("mounts the identities' tokens into no pod by itself", async () => {
  const registrations = await declare();
  for (const name of ["dev", "dev-preview"])
    expect(find(registrations, ":ServiceAccount", name).inputs.automountServiceAccountToken).toBe(false);
});

it("narrows what the identity may do with Secrets and Nodes, by its name in the declared namespace", async () => {
  const registrations = await declare({ namespace: "ops" });
  const policy = find(registrations, ":ValidatingAdmissionPolicy", "dev").inputs.spec;
  expect(policy).toEqual(policySpec({ namespace: "ops", name: "nodepools" }));
  expect(JSON.stringify(policy)).toContain("'system:serviceaccount:ops:nodepools'");
  expect(find(registrations, ":ValidatingAdmissionPolicyBinding", "dev").inputs.spec).toEqual({
    policyName: "nodepools",
    validationActions: ["Deny"],
  });
});

it("lets the identity restart Deployments where a rule does, and change nothing else of them", async () => {
  const rules = [{ name: "first", action: "restart" }] as const;
  const registrations = await runProgram(() => {
    const cluster = new Cluster("dev", { credentials: { privateKey }, access: { kubeconfig } });
    new NodePool("workers", { cluster, drain: { rules }, hosts: hosts("w1") });
  });
  const account = { namespace: "kube-system", name: "nodepools" };
  const needs = { restarts: true };
  expect(find(registrations, ":ClusterRole", "dev").inputs.rules).toEqual(clusterRules(needs));
  const patch = { apiGroups: ["apps"], resources: ["deployments"], verbs: ["patch"] };
  expect(
    [clusterRules(needs), clusterRules()].map((all) => JSON.stringify(all).includes(JSON.stringify(patch))),
  ).toEqual([true, false]);
  const policy = find(registrations, ":ValidatingAdmissionPolicy", "dev").inputs.spec;
  expect(policy).toEqual(policySpec(account, needs));
  expect(policy).not.toEqual(policySpec(account));
});

it("H1 lets the identity create Jobs that reach what hooks declare, in the config or in a file, and nothing else", async () => {
  const folder = mkdtempSync(join(tmpdir(), "nodepools-hooks-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "job.yaml");
  const manifest = (serviceAccountName: string) => ({
    spec: { template: { spec: { serviceAccountName, containers: [{ name: "main", image: "none" }] } } },
  });
  writeFileSync(file, JSON.stringify(manifest("from-file")));
  const registrations = await runProgram(() => {
    const cluster = new Cluster("dev", { credentials: { privateKey }, access: { kubeconfig } });
    const own = { name: "own", job: { namespace: "ops", manifest: manifest("from-config") } };
    const beside = { name: "beside", job: { namespace: "ops", file } };
    new NodePool("workers", {
      cluster,
      hooks: { beforeDrain: [own], afterJoin: [beside] },
      hosts: hosts("w1"),
    });
  });
  const jobs = ["from-config", "from-file"].map((name) => ({ namespace: "ops", manifest: manifest(name) }));
  const policy = find(registrations, ":ValidatingAdmissionPolicy", "dev").inputs.spec;
  expect(policy).toEqual(policySpec({ namespace: "kube-system", name: "nodepools" }, { jobs }));
  expect(JSON.stringify(policy)).toContain(String.raw`: 'default') in [\"from-config\", \"from-file\"]`);
  expect(find(registrations, ":ClusterRole", "dev").inputs.rules).toEqual(clusterRules({ jobs }));
});

it.each<[string, object, object]>([
  ["a pool", { waitForReplacements: true }, {}],
  ["one host", {}, { waitForReplacements: 60 }],
])(
  "gives the right to read owners of pods where %s waits for replacements, and nowhere else",
  async (_who, drain, own) => {
    const [first, ...rest] = hosts("w1", "w2");
    const registrations = await runProgram(() => {
      const cluster = new Cluster("dev", { credentials: { privateKey }, access: { kubeconfig } });
      new NodePool("workers", { cluster, drain, hosts: [...rest, { ...first, drain: own } as never] });
    });
    expect(find(registrations, ":ClusterRole", "dev").inputs.rules).toEqual(
      clusterRules({ replacements: true }),
    );
    const owners = { apiGroups: ["apps"], resources: ["statefulsets"], verbs: ["get"] };
    expect(clusterRules({ replacements: true })).toContainEqual(owners);
    expect(clusterRules()).not.toContainEqual(owners);
  },
);

it("keeps the URNs of the objects for ever", async () => {
  expect(find(await declare(), ":ConfigMap", "dev").urn).toBe(
    "urn:pulumi:dev::nodepools::nodepools:index:Cluster$nodepools:index:ClusterAccess$kubernetes:core/v1:ConfigMap::dev",
  );
});

it("puts identity and inventory into the declared namespace, and gives the rights to that identity", async () => {
  const registrations = await declare({ namespace: "ops" });
  const subject = [{ kind: "ServiceAccount", name: "nodepools", namespace: "ops" }];
  const bindings = objects(registrations).filter(({ type }) => /:(Cluster)?RoleBinding$/.test(type));
  const subjects = bindings.filter(({ name }) => name !== "dev-preview").map(({ inputs }) => inputs.subjects);
  expect(subjects).toEqual([subject, subject, subject, subject]);
  const looking = [{ ...subject[0], name: "nodepools-preview" }];
  expect(find(registrations, ":ClusterRoleBinding", "dev-preview").inputs.subjects).toEqual(looking);
  expect(find(registrations, ":RoleBinding", "dev-preview").inputs.subjects).toEqual(looking);
  expect(find(registrations, ":ServiceAccount", "dev").inputs.metadata).toMatchObject({ namespace: "ops" });
  expect(find(registrations, ":ConfigMap", "dev").inputs.metadata).toMatchObject({ namespace: "ops" });
  expect(find(registrations, ":Role", "dev-inventory").inputs.metadata).toMatchObject({ namespace: "ops" });
});

it("holds the rights in the roles, and binds each role by its own name", async () => {
  const registrations = await declare();
  expect(find(registrations, ":ClusterRole", "dev").inputs.rules).toEqual(clusterRules());
  for (const { namespace, name, rules } of namespaceRules("kube-system")) {
    const resource = name === "nodepools" ? `dev-${namespace}` : "dev-inventory";
    expect(find(registrations, ":Role", resource).inputs.rules).toEqual(rules);
  }
  const apiGroup = "rbac.authorization.k8s.io";
  expect(find(registrations, ":ClusterRoleBinding", "dev").inputs.roleRef).toEqual({
    apiGroup,
    kind: "ClusterRole",
    name: "nodepools",
  });
  expect(find(registrations, ":RoleBinding", "dev-inventory").inputs.roleRef).toEqual({
    apiGroup,
    kind: "Role",
    name: "nodepools-inventory",
  });
});

it("stamps every object with the stack, and applies it under the stack's name", async () => {
  for (const { inputs } of objects(await declare())) {
    expect((inputs.metadata as Record<string, unknown>).annotations).toEqual({
      "nodepools.local/owner": "acme/nodepools/dev",
      "pulumi.com/patchFieldManager": "nodepools:acme/nodepools/dev",
    });
  }
});

it("writes the pools and their members into the inventory, after the roster", async () => {
  const registrations = await declare();
  const { inputs, dependencies } = find(registrations, ":ConfigMap", "dev");
  expect(inputs.data).toEqual({
    "inventory.yaml": `# Written by the stack that owns the nodes: change its config, not this.
owner: acme/nodepools/dev
pools:
  - name: batch
    members: []
  - name: workers
    members:
      - w2
      - w1
`,
  });
  const roster = find(registrations, ":Roster", "dev");
  expect(dependencies).toEqual([roster.urn]);
  expect(roster.inputs.accessNamespace).toBe("kube-system");
});

it("gives the kubernetes provider the kubeconfig as a secret, and one identity for ever", async () => {
  const registrations = await declare({ context: "prod" });
  const provider = find(registrations, "pulumi:providers:kubernetes", "dev");
  expect(provider.inputs).toMatchObject({
    kubeconfig,
    context: "prod",
    clusterIdentifier: "acme/nodepools/dev",
    enableConfigMapMutable: "true",
    upsertExistingObjects: "true",
  });
  expect(provider.secretInputs).toEqual(["kubeconfig"]);
  const open = registrations.filter((one) => one !== provider).map(({ inputs }) => JSON.stringify(inputs));
  expect(open.filter((text) => text.includes("very-secret"))).toEqual([]);
});

it("declares nothing in the cluster without access", async () => {
  const registrations = await runProgram(() => {
    const cluster = new Cluster("dev", { credentials: { privateKey } });
    new NodePool("workers", { cluster, hosts: hosts("w1") });
  });
  expect(registrations.filter(({ type }) => type.includes("kubernetes"))).toEqual([]);
});

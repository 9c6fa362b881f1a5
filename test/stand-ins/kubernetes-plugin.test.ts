// What the stand-in for the kubernetes plugin makes of inputs and configuration, driven over gRPC.
import { beforeAll, describe, expect, it } from "vitest";
import { asSecret, type Properties, UNKNOWN } from "../../lab/stand-ins/properties.ts";
import {
  clusterRole,
  configMap,
  fresh,
  type KubernetesSite,
  kubernetesSite,
  roleBinding,
} from "./kubernetes-site.ts";

let site: KubernetesSite;

beforeAll(async () => {
  site = await kubernetesSite();
});

const writes = () => site.proxy.requests.filter(({ method }) => method !== "GET").length;

describe("check", () => {
  it("leaves an object that says everything as it is", async () => {
    const inputs = configMap("full");
    expect(await site.at("ConfigMap").check(inputs)).toEqual({ inputs, failures: [] });
    const role = clusterRole("full", ["get"]);
    expect((await site.at("ClusterRole").check(role)).inputs).toEqual(role);
  });

  it("puts an object without a namespace into the provider's, but not one of the whole cluster", async () => {
    const { metadata: _, ...rest } = configMap("x");
    const { inputs } = await site.at("ConfigMap").check({ ...rest, metadata: { name: "x" } });
    expect(inputs.metadata).toEqual({ name: "x", namespace: "default" });
  });

  it("names an object after its resource, with a random end that stays", async () => {
    const { metadata: _, ...nameless } = configMap("x");
    const { inputs } = await site.at("ConfigMap", "settings").check(nameless);
    const metadata = inputs.metadata as Properties;
    expect(metadata.name).toMatch(/^settings-[0-9a-f]{8}$/);
    expect(metadata.annotations).toEqual({ "pulumi.com/autonamed": "true" });
    const again = await site.at("ConfigMap", "settings").check(nameless, inputs);
    expect(again.inputs).toEqual(inputs);
  });

  it("accepts a name that is not known yet", async () => {
    const inputs = configMap(UNKNOWN);
    expect((await site.at("ConfigMap").check(inputs)).inputs).toEqual(inputs);
  });

  it("keeps secrets, and makes the data of a Secret one", async () => {
    const marked = await site.at("ConfigMap").check(configMap("s", { key: asSecret("hush") }));
    expect(marked.inputs.data).toEqual({ key: asSecret("hush") });
    const secret = { ...configMap("s"), kind: "Secret", stringData: { a: "hush" } };
    expect((await site.at("Secret").check(secret)).inputs.stringData).toEqual(asSecret({ a: "hush" }));
  });

  it("refuses what is no single object", async () => {
    await expect(site.plugin.calls("kubernetes:helm.sh/v3:Release", "chart").check({})).rejects.toThrow(
      'reading the resource type "kubernetes:helm.sh/v3:Release": the lab\'s kubernetes plugin only applies single objects. Use the official plugin.',
    );
    await expect(site.plugin.calls("kubernetes:core/v1:NodePatch", "patch").check({})).rejects.toThrow(
      "only applies single objects",
    );
  });
});

describe("diff", () => {
  const stateOf = (inputs: Properties) => ({ ...inputs, __inputs: inputs });

  it("reports nothing when nothing was declared differently, whatever the server added", async () => {
    const inputs = configMap(fresh());
    const { state } = await site.at("ConfigMap").create(inputs);
    expect(await site.at("ConfigMap").diff(state, inputs)).toEqual({
      changes: "DIFF_NONE",
      replaces: [],
      detail: {},
    });
  });

  it("updates rules in place", async () => {
    const old = clusterRole("r", ["get"]);
    const now = clusterRole("r", ["get", "list"]);
    expect(await site.at("ClusterRole").diff(stateOf(old), now)).toEqual({
      changes: "DIFF_SOME",
      replaces: [],
      detail: { "rules[0].verbs[1]": "ADD" },
    });
  });

  it("replaces for a changed roleRef, the old binding first because the new one has its name", async () => {
    expect(
      await site.at("RoleBinding").diff(stateOf(roleBinding("b", "one")), roleBinding("b", "two")),
    ).toEqual({
      changes: "DIFF_SOME",
      replaces: ["roleRef.name"],
      detail: { "roleRef.name": "UPDATE_REPLACE" },
      deleteBeforeReplace: true,
    });
  });

  it("replaces for a changed name or namespace, the new object first", async () => {
    const { replaces, deleteBeforeReplace } = await site
      .at("ConfigMap")
      .diff(stateOf(configMap("a")), configMap("b"));
    expect([replaces, deleteBeforeReplace]).toEqual([["metadata.name"], undefined]);
    const moved = { ...configMap("a"), metadata: { name: "a", namespace: "other" } };
    expect(await site.at("ConfigMap").diff(stateOf(configMap("a")), moved)).toMatchObject({
      replaces: ["metadata.namespace"],
    });
  });

  it("replaces for changed data of a ConfigMap, unless the provider has them mutable", async () => {
    const [old, now] = [stateOf(configMap("a")), configMap("a", { key: "new" })];
    expect(await site.at("ConfigMap").diff(old, now)).toMatchObject({
      replaces: ["data.key"],
      deleteBeforeReplace: true,
    });
    await site.withVariables({ enableConfigMapMutable: "true" }, async () => {
      expect((await site.at("ConfigMap").diff(old, now)).replaces).toEqual([]);
      expect((await site.at("ConfigMap").diff(old, { ...now, immutable: true })).replaces).toEqual([
        "data.key",
      ]);
    });
  });

  it("does not take a secret that is no longer one for a change", async () => {
    const { detail } = await site
      .at("ConfigMap")
      .diff(stateOf(configMap("a", { key: asSecret("v") })), configMap("a", { key: "v" }));
    expect(detail).toEqual({});
  });
});

describe("configuration", () => {
  it("adopts an object that exists when the provider says so", async () => {
    const name = fresh();
    await site.core.createNamespacedConfigMap({
      namespace: "default",
      body: { metadata: { name }, data: { a: "1" } },
    });
    await site.withVariables({ upsertExistingObjects: "true" }, async () => {
      expect((await site.at("ConfigMap").create(configMap(name))).state.data).toEqual({ a: "1", key: "old" });
    });
  });

  it("takes a kubeconfig by its path, with a context", async () => {
    await site.withVariables({ kubeconfig: site.api.kubeconfigPath, context: "test" }, async () => {
      expect((await site.at("ConfigMap").create(configMap(fresh()))).state.data).toEqual({ key: "old" });
    });
    await expect(
      site.plugin.configure({ kubeconfig: site.api.kubeconfigPath, context: "other" }),
    ).rejects.toThrow('no context "other". Contexts available: test.');
  });

  it("refuses options that this plugin does not know", async () => {
    await expect(site.plugin.configure({ renderYamlToDirectory: "out" })).rejects.toThrow(
      'configuring the kubernetes provider: the lab\'s plugin does not know "renderYamlToDirectory". Use the official plugin.',
    );
  });

  it("replaces all objects for another server, but nothing for other credentials", async () => {
    const text = (server: string, token: string) => `apiVersion: v1
kind: Config
current-context: c
clusters: [{ name: c, cluster: { server: "${server}" } }]
users: [{ name: u, user: { token: ${token} } }]
contexts: [{ name: c, context: { cluster: c, user: u } }]
`;
    const old = { kubeconfig: asSecret(text("https://one", "a")) };
    const rotated = await site.plugin.diffConfig(old, { kubeconfig: asSecret(text("https://one", "b")) });
    expect([rotated.changes, rotated.replaces]).toEqual(["DIFF_SOME", []]);
    const moved = { kubeconfig: asSecret(text("https://two", "a")) };
    expect((await site.plugin.diffConfig(old, moved)).replaces).toEqual(["kubeconfig"]);
    const identified = (bag: Properties, clusterIdentifier: string) => ({ ...bag, clusterIdentifier });
    expect((await site.plugin.diffConfig(identified(old, "x"), identified(moved, "x"))).replaces).toEqual([]);
    expect((await site.plugin.diffConfig(identified(old, "x"), identified(old, "y"))).replaces).toEqual([
      "clusterIdentifier",
    ]);
  });
});

it("writes nothing for check, diff and read", async () => {
  const inputs = configMap(fresh());
  const { id, state } = await site.at("ConfigMap").create(inputs);
  const before = writes();
  await site.at("ConfigMap").check(inputs, inputs);
  await site.at("ConfigMap").diff(state, configMap("other"));
  await site.at("ConfigMap").read(state, inputs, id);
  expect(writes()).toBe(before);
});

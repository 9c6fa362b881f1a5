// What the stand-in for the kubernetes plugin does to objects of a real API server, driven over gRPC.
import { PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { beforeAll, describe, expect, it } from "vitest";
import { asSecret, isSecret, type Properties } from "../../lab/stand-ins/properties.ts";
import { freePorts } from "../support/child-service.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { startKubernetesPlugin } from "./engine.ts";
import {
  clusterRole,
  configMap,
  fresh,
  type KubernetesSite,
  kubernetesSite,
  types,
} from "./kubernetes-site.ts";

let site: KubernetesSite;

beforeAll(async () => {
  site = await kubernetesSite();
});

describe("create", () => {
  it("applies the object and returns the live one with its inputs", async () => {
    const inputs = configMap(fresh());
    const { id, state } = await site.at("ConfigMap").create(inputs);
    const name = (inputs.metadata as Properties).name as string;
    const live = await site.core.readNamespacedConfigMap({ namespace: "default", name });
    expect(live.data).toEqual({ key: "old" });
    expect(id).toBe(`default/${name}`);
    expect(state.__inputs).toEqual(inputs);
    expect((state.metadata as Properties).uid).toBe(live.metadata?.uid);
    const [manager] = live.metadata?.managedFields ?? [];
    expect([manager?.manager, manager?.operation]).toEqual([state.__fieldManager, "Apply"]);
    expect(state.__fieldManager).toMatch(/^pulumi-kubernetes-[0-9a-f]{8}$/);
  });

  it("gives an object of the whole cluster its name as id", async () => {
    const name = fresh();
    const { id } = await site.at("ClusterRole").create(clusterRole(name, ["get"]));
    expect(id).toBe(name);
    expect((await site.rbac.readClusterRole({ name })).rules?.[0]?.verbs).toEqual(["get"]);
  });

  it("takes the field manager that an annotation names", async () => {
    const inputs = configMap(fresh());
    const annotations = { "pulumi.com/patchFieldManager": "nodepools" };
    inputs.metadata = { ...(inputs.metadata as Properties), annotations };
    expect((await site.at("ConfigMap").create(inputs)).state.__fieldManager).toBe("nodepools");
  });

  it("D9 asks by a dry run at preview, makes nothing, and passes over a namespace that is not there", async () => {
    const name = fresh();
    const [inputs, before] = [configMap(name), site.proxy.requests.length];
    expect((await site.at("ConfigMap").create(inputs, true)).state).toEqual(inputs);
    const patches = site.proxy.requests.slice(before).filter(({ method }) => method === "PATCH");
    expect(patches.map(({ query }) => query.get("dryRun"))).toEqual(["All"]);
    await expect(site.core.readNamespacedConfigMap({ namespace: "default", name })).rejects.toThrow("404");
    const nowhere = { ...inputs, metadata: { name, namespace: "nowhere" } };
    expect((await site.at("ConfigMap").create(nowhere, true)).state).toEqual(nowhere);
  });

  it("refuses an object that exists, and changes nothing", async () => {
    const name = fresh();
    await site.core.createNamespacedConfigMap({
      namespace: "default",
      body: { metadata: { name }, data: { a: "1" } },
    });
    await expect(site.at("ConfigMap").create(configMap(name))).rejects.toThrow(
      `creating ConfigMap "default/${name}": it already exists. Import it, or remove it from the cluster.`,
    );
    expect((await site.core.readNamespacedConfigMap({ namespace: "default", name })).data).toEqual({
      a: "1",
    });
  });

  it("names the object and the server's reason when it is refused", async () => {
    const inputs = configMap("in-nowhere");
    inputs.metadata = { name: "in-nowhere", namespace: "nowhere" };
    await expect(site.at("ConfigMap").create(inputs)).rejects.toThrow(
      'creating ConfigMap "nowhere/in-nowhere": namespaces "nowhere" not found (404)',
    );
  });

  it("names a kind that the server does not know", async () => {
    const inputs = {
      apiVersion: "example.com/v1",
      kind: "Gadget",
      metadata: { name: "g", namespace: "default" },
    };
    await expect(site.plugin.calls("kubernetes:example.com/v1:Gadget", "g").create(inputs)).rejects.toThrow(
      'creating Gadget "default/g": the server knows no kind "Gadget" of "example.com/v1". Create its CustomResourceDefinition first.',
    );
  });

  it("keeps secret in its reply what was secret in the inputs", async () => {
    const { inputs } = await site.at("Secret").check({
      ...configMap(fresh(), {}),
      kind: "Secret",
      stringData: { token: "very-secret" },
    });
    const { state } = await site.at("Secret").create(inputs);
    expect(isSecret(state.data)).toBe(true);
    const marked = await site.at("ConfigMap").create(configMap(fresh(), { key: asSecret("very-secret") }));
    expect((marked.state.data as Properties).key).toEqual(asSecret("very-secret"));
    const open = JSON.stringify([state, marked.state], (_, value) => (isSecret(value) ? "[secret]" : value));
    expect(open).not.toContain("very-secret");
    expect(open).not.toContain(Buffer.from("very-secret").toString("base64"));
  });

  it("says that the API server does not answer", async () => {
    const lonely = await startKubernetesPlugin();
    try {
      const [unused] = await freePorts(1);
      const kubeconfig = site.proxy.kubeconfig.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${unused}`);
      await lonely.configure({ kubeconfig, namespace: "default" });
      await expect(lonely.calls(types.ConfigMap, "x").create(configMap("x"))).rejects.toThrow(
        `creating ConfigMap "default/x": no answer from the API server: connect ECONNREFUSED 127.0.0.1:${unused}`,
      );
    } finally {
      await lonely.stop();
    }
  });
});

describe("update", () => {
  it("changes and removes its own fields, and leaves those of others", async () => {
    const name = fresh();
    const calls = site.at("ConfigMap");
    const { state } = await calls.create(configMap(name, { mine: "1", dropped: "1" }));
    await site.core.patchNamespacedConfigMap(
      { namespace: "default", name, body: { data: { theirs: "1" } } },
      setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
    );
    const next = await calls.update(state, configMap(name, { mine: "2" }));
    expect(next.data).toEqual({ mine: "2", theirs: "1" });
    expect(next.__fieldManager).toBe(state.__fieldManager);
  });

  it("refuses to take a field that another manager owns, and says who and how", async () => {
    const name = fresh();
    const { state } = await site.at("ConfigMap").create(configMap(name));
    await site.core.patchNamespacedConfigMap(
      { namespace: "default", name, fieldManager: "by-hand", body: { data: { key: "theirs" } } },
      setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
    );
    const wanted = configMap(name, { key: "ours" });
    await expect(site.at("ConfigMap").update(state, wanted)).rejects.toThrow(
      `changing ConfigMap "default/${name}": others own fields that it declares: Apply failed with 1 conflict: conflict with "by-hand" using v1: .data.key (409). Remove the fields there, or take them with the annotation pulumi.com/patchForce: "true".`,
    );
    const annotations = { "pulumi.com/patchForce": "true" };
    wanted.metadata = { ...(wanted.metadata as Properties), annotations };
    expect((await site.at("ConfigMap").update(state, wanted)).data).toEqual({ key: "ours" });
  });

  it("D9 asks by a dry run at preview, and changes nothing", async () => {
    const name = fresh();
    const { state } = await site.at("ConfigMap").create(configMap(name));
    const wanted = configMap(name, { key: "new" });
    expect(await site.at("ConfigMap").update(state, wanted, true)).toEqual(wanted);
    expect((await site.core.readNamespacedConfigMap({ namespace: "default", name })).data).toEqual({
      key: "old",
    });
  });
});

describe("read", () => {
  it("shows what others changed or removed of the declared fields, and not what they added beside them", async () => {
    const name = fresh();
    const inputs = configMap(name, { key: "old", removed: "1" });
    const { id, state } = await site.at("ConfigMap").create(inputs);
    await site.core.patchNamespacedConfigMap(
      { namespace: "default", name, body: { data: { key: "drifted", removed: null, more: "1" } } },
      setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
    );
    const found = await site.at("ConfigMap").read(state, inputs, id);
    expect(found.inputs).toEqual(configMap(name, { key: "drifted" }));
    expect(found.state.data).toEqual({ key: "drifted", more: "1" });
    expect(found.state.__fieldManager).toBe(state.__fieldManager);
    expect((await site.at("ConfigMap").diff(found.state, inputs)).detail).toEqual({
      "data.key": "UPDATE_REPLACE",
      "data.removed": "ADD_REPLACE",
    });
  });

  it("D4 shows no rule that others added at the end of a list", async () => {
    const name = fresh();
    const inputs = clusterRole(name, ["get"]);
    const { id, state } = await site.at("ClusterRole").create(inputs);
    const extra = { apiGroups: [""], resources: ["secrets"], verbs: ["get"] };
    const live = await site.rbac.readClusterRole({ name });
    await site.rbac.replaceClusterRole({ name, body: { ...live, rules: [...(live.rules ?? []), extra] } });
    const found = await site.at("ClusterRole").read(state, inputs, id);
    expect((await site.at("ClusterRole").diff(found.state, inputs)).detail).toEqual({});
  });

  it("reports an object that is gone as gone", async () => {
    const inputs = configMap(fresh());
    const { id, state } = await site.at("ConfigMap").create(inputs);
    await site.at("ConfigMap").remove(state);
    expect(await site.at("ConfigMap").read(state, inputs, id)).toEqual({ id: "", state: {}, inputs: {} });
  });

  it("imports an object by its id, without what the server sets", async () => {
    const name = fresh();
    await site.core.createNamespacedConfigMap({
      namespace: "default",
      body: { metadata: { name }, data: { a: "1" } },
    });
    const found = await site.at("ConfigMap").read({}, {}, `default/${name}`);
    expect(found.inputs).toEqual(configMap(name, { a: "1" }));
  });

  it("names the object when the server refuses", async () => {
    await using limited = await startFaultProxy(site.api, "nobody-in-particular");
    const other = await startKubernetesPlugin();
    try {
      await other.configure({ kubeconfig: limited.kubeconfig });
      await expect(
        other.calls(types.ClusterRole, "r").read(clusterRole("r", []), clusterRole("r", []), "r"),
      ).rejects.toThrow(
        /^reading ClusterRole "r": clusterroles\.rbac\.authorization\.k8s\.io "r" is forbidden: .* \(403\)$/,
      );
    } finally {
      await other.stop();
    }
  });
});

describe("delete", () => {
  it("returns when the object is gone, and again when it was gone before", async () => {
    const name = fresh();
    const { state } = await site.at("ConfigMap").create(configMap(name));
    await site.at("ConfigMap").remove(state);
    await expect(site.core.readNamespacedConfigMap({ namespace: "default", name })).rejects.toThrow("404");
    await site.at("ConfigMap").remove(state);
  });

  it("gives up at its deadline and names the finalizers in the way", async () => {
    const name = fresh();
    const inputs = configMap(name);
    inputs.metadata = { name, namespace: "default", finalizers: ["example.com/hold"] };
    const { state } = await site.at("ConfigMap").create(inputs);
    await expect(site.at("ConfigMap").remove(state, 1)).rejects.toThrow(
      `deleting ConfigMap "default/${name}": it is still there after 1 s; finalizers: example.com/hold. Find out who should remove them.`,
    );
    expect(site.plugin.lines.at(-1)).toMatchObject({
      message: "waiting until it is gone; finalizers: example.com/hold",
      ephemeral: true,
    });
  });
});

// The cluster's `access`: its rules, and what it resolves to.
import { describe, expect, it } from "vitest";
import { parseSettings } from "../../../components/settings/parse-settings.ts";
import { config, environment, problemsOf } from "./declared.ts";

const connection = { kubeconfig: "admin.conf", context: "lab" };
const resolved = (cluster: object) => parseSettings(config({ cluster }), environment()).value?.cluster;

describe("access", () => {
  it("is absent when it is not declared", () => {
    expect(resolved(connection)).toStrictEqual(connection);
  });

  it("takes the cluster's connection, and every default when it is empty", () => {
    expect(resolved({ ...connection, access: {} })).toStrictEqual({ ...connection, access: connection });
    const { kubeconfig } = connection;
    expect(resolved({ kubeconfig, access: {} })).toStrictEqual({ kubeconfig, access: { kubeconfig } });
  });

  it("keeps its namespace", () => {
    expect(resolved({ ...connection, access: { namespace: "ops" } })?.access).toStrictEqual({
      ...connection,
      namespace: "ops",
    });
  });

  it.each([
    [true, "cluster.access: true is not a map, which may be empty: {}."],
    [null, "cluster.access: empty. Give a map, which may be empty: {}, or leave the key out."],
    [{ namespaces: "ops" }, 'cluster.access.namespaces: unknown key. Did you mean "namespace"?'],
    [
      { namespace: "Ops" },
      'cluster.access.namespace: "Ops" is not a namespace; allowed: lower-case letters, digits and "-", a letter or digit at both ends; 1 to 63 characters. Write for example "ops".',
    ],
  ])("is refused when it is %j", (access, text) => {
    expect(problemsOf(config({ cluster: { ...connection, access } }))).toEqual([text]);
  });
});

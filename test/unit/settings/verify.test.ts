// The cluster's `verify`: its rules, and what it resolves to.
import { describe, expect, it } from "vitest";
import { accessNeeds, clusterRules, previewRules } from "../../../components/access/rules.ts";
import { parseSettings } from "../../../components/settings/parse-settings.ts";
import { readVerification } from "../../../components/settings/verify-schema.ts";
import { config, environment, problemsOf } from "./declared.ts";

const service = { name: "shop", namespace: "shop", service: "cart", port: "http", path: "/healthz?full=1" };
const url = { name: "front", url: "https://shop.example.com/healthz" };
const workload = { name: "cart", namespace: "shop", workload: "StatefulSet/cart" };
const pods = { name: "web", namespace: "shop", pods: "app in (web, api)" };
const cluster = (verify: unknown) => ({ kubeconfig: "admin.conf", verify });
const resolved = (verify: unknown) =>
  parseSettings(config({ cluster: cluster(verify) }), environment()).value?.cluster;
const problems = (...checks: unknown[]) => problemsOf(config({ cluster: cluster({ checks }) }));

describe("verify", () => {
  it("resolves to its checks, with every default", () => {
    const checks = [
      {
        name: "shop",
        kind: "service",
        namespace: "shop",
        service: "cart",
        port: "http",
        scheme: "http",
        path: "/healthz?full=1",
      },
      { name: "front", kind: "url", url: "https://shop.example.com/healthz" },
      { name: "cart", kind: "workload", namespace: "shop", owner: "StatefulSet", workload: "cart" },
      { name: "web", kind: "pods", namespace: "shop", selector: "app in (web, api)" },
    ];
    const declared = { checks: [service, url, workload, pods] };
    expect(resolved(declared)?.verify).toStrictEqual({ checks, withinSeconds: 120 });
    expect(readVerification(JSON.stringify(cluster(declared)))).toStrictEqual({ checks, withinSeconds: 120 });
  });

  it("is absent without checks", () => {
    expect(resolved({ checks: [] })).toStrictEqual({ kubeconfig: "admin.conf" });
    expect(readVerification(JSON.stringify({ kubeconfig: "x" }))).toBeUndefined();
    expect(readVerification(JSON.stringify(cluster({ checks: [{}] })))).toBeUndefined();
    expect(readVerification(undefined)).toBeUndefined();
  });

  it.each([
    [
      [{ name: "a" }],
      "cluster.verify.checks[0]: nothing to look at. Give one of service, url, workload, pods; a further check has an entry of its own.",
    ],
    [
      [{ ...service, ...url }],
      "cluster.verify.checks[0]: several things to look at (service, url). Give one of service, url, workload, pods; a further check has an entry of its own.",
    ],
    [
      [{ name: "a", service: "cart" }],
      "cluster.verify.checks[0]: namespace is missing. Give the one in which service is to be found.",
    ],
    [
      [{ ...url, namespace: "shop" }],
      "cluster.verify.checks[0]: namespace has no meaning for a url. Remove it, or give service in its place.",
    ],
    [
      [{ ...workload, path: "/" }],
      "cluster.verify.checks[0]: path: only for a service. Leave it out here, or put it into the url.",
    ],
    [
      [{ ...service, port: undefined, scheme: "https" }],
      "cluster.verify.checks[0]: scheme https needs the service's port. Give it by name or number, in quotes.",
    ],
    [
      [{ ...service, port: 8080 }],
      'cluster.verify.checks[0].port: 8080 is not the name or number of a port, in quotes. Write it in quotes: "8080".',
    ],
    [
      [{ ...service, port: "0" }],
      'cluster.verify.checks[0].port: "0" is no port; allowed: its number, 1 to 65535, or its name in the service.',
    ],
    [
      [{ ...service, path: "/../secrets" }],
      'cluster.verify.checks[0].path: "/../secrets" is not a path; allowed: "/" and up to 500 further characters of an address, without "#", "." or ".." as a part.',
    ],
    [
      [{ ...workload, workload: "DaemonSet/x" }],
      'cluster.verify.checks[0].workload: "DaemonSet/x" is not kind and name of an owner; allowed kinds: Deployment, ReplicaSet, StatefulSet. Write for example "Deployment/cart".',
    ],
    [
      [{ name: "a", url: "https://user:hunter2@example.com" }],
      "cluster.verify.checks[0].url: a user or password is in it, and it is shown in messages. Let the check ask for something that needs none.",
    ],
    [
      [{ name: "a", url: "file:///etc/shadow" }],
      "cluster.verify.checks[0].url: not an http or https address. Write for example https://shop.example.com/healthz.",
    ],
    [
      [url, url],
      'cluster.verify.checks[1].name: "front" is already the name of verify.checks[0]. Give each check its own name.',
    ],
    [
      [{ ...url, timeout: 3 }],
      "cluster.verify.checks[0].timeout: unknown key. Known here: name, namespace, service, port, scheme, path, url, workload, pods.",
    ],
  ])("is refused when its checks are %j", (checks, text) => {
    expect(problems(...checks)).toEqual([text]);
  });
});

describe("the rights for verify", () => {
  const needs = (...checks: object[]) => accessNeeds([], () => ({}), resolved({ checks })?.verify);
  const of = (rules: ReturnType<typeof clusterRules>, resource: string) =>
    rules.filter(({ resources }) => resources.includes(resource));

  it("are none without checks", () => {
    expect(of(clusterRules(needs()), "services/proxy")).toEqual([]);
    expect(of(clusterRules(needs(url)), "services/proxy")).toEqual([]);
  });

  it("are those to ask the named services and to read the named kinds, which previews may do as well", () => {
    const rules = clusterRules(
      needs(service, { ...service, name: "b", port: "9090", scheme: "https" }, workload),
    );
    expect(of(rules, "services/proxy")).toEqual([
      {
        apiGroups: [""],
        resources: ["services/proxy"],
        verbs: ["get"],
        resourceNames: ["cart:http", "https:cart:9090"],
      },
    ]);
    expect([of(rules, "statefulsets").length, of(rules, "deployments").length]).toEqual([1, 0]);
    const looking = previewRules(needs(service, workload));
    expect([of(looking, "statefulsets").length, of(looking, "services/proxy").length]).toEqual([1, 0]);
  });
});

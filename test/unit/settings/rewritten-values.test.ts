// Values that are not what was written in the file: YAML or the Pulumi CLI made something else of them, or nobody reads them.
import { describe, expect, it } from "vitest";
import { config, host, pool, problemsOf } from "./declared.ts";

const withHost = (more: object) =>
  problemsOf(config({ pools: [pool({ hosts: [host("w1", "10.0.0.1", more)] })] }));
const withPool = (more: object) => problemsOf(config({ pools: [pool(more)] }));

describe("J-C12 a date without quotes", () => {
  it.each([
    ["2026-11-28 00:00:00 +0000 UTC", "2026-11-28"],
    ["2026-11-28 10:30:00 +0000 UTC", "2026-11-28T10:30:00Z"],
    ["2026-11-28 10:30:00.5 +0100 +0100", "2026-11-28T10:30:00.5+01:00"],
  ])("that arrives as %j is refused with what was written", (rebootTrigger, written) => {
    expect(withHost({ rebootTrigger })).toEqual([
      `pools[0].hosts[0].rebootTrigger: a date without quotes, of which the Pulumi CLI made "${rebootTrigger}". Write it in quotes: "${written}".`,
    ]);
  });

  it("is refused wherever a text belongs, and with quotes it is taken", () => {
    const date = "2026-11-28 00:00:00 +0000 UTC";
    const said = [
      ...withHost({ rejoinTrigger: date }),
      ...withPool({ labels: { since: date } }),
      ...withPool({ annotations: { since: date } }),
      ...withPool({ taints: [{ key: "since", value: date, effect: "NoSchedule" }] }),
    ];
    expect(said).toHaveLength(4);
    expect(said.filter((text) => !text.endsWith('Write it in quotes: "2026-11-28".'))).toEqual([]);
    expect(withHost({ rebootTrigger: "2026-11-28" })).toEqual([]);
  });
});

describe("J-C16 a number without quotes", () => {
  it.each([
    [1.3, "1.30"],
    [1.34, "1.34"],
  ])("as a version: %d is told as %s", (kubernetes, written) => {
    expect(withPool({ prepare: { kubernetes } })).toEqual([
      `pools[0].prepare.kubernetes: ${kubernetes} is not a version of Kubernetes, such as "1.34.4". Write it in quotes: "${written}".`,
    ]);
  });

  it.each<[unknown, string]>([
    [15, 'Write it in quotes: "15".'],
    [true, 'Write it in quotes: "true".'],
    [
      1.5,
      'Write it in quotes: "1.5", with the digits that it is meant to have: without quotes they were lost.',
    ],
    [
      1e21,
      'Write it in quotes: "1e+21", with the digits that it is meant to have: without quotes they were lost.',
    ],
  ])("as a text: %s is refused", (rebootTrigger, remedy) => {
    expect(withHost({ rebootTrigger })).toEqual([
      `pools[0].hosts[0].rebootTrigger: ${rebootTrigger} is not a text. ${remedy}`,
    ]);
  });

  it("as a password is refused and not shown", () => {
    expect(problemsOf(config({ ssh: { password: 4711 } }))).toEqual([
      "ssh.password: not a text, as a secret. Write it in quotes.",
    ]);
  });
});

it.each<[object, string]>([
  [{ count: "2" }, "Write it without quotes: 2."],
  [{ readyTimeoutSeconds: "060" }, "Write it without quotes: 60."],
  [{ maxUnavailable: "1" }, "Write it without quotes: 1."],
  [{ drain: { force: "yes" } }, "Write true, without quotes."],
  [{ drain: { force: "False" } }, "Write false, without quotes."],
])("J-C16 quotes where a number or a yes belongs are told: %j", (more, remedy) => {
  const [problem, ...others] = withPool(more);
  expect(problem).toMatch(remedy);
  expect(problem?.endsWith(remedy)).toBe(true);
  expect(others).toEqual([]);
});

describe("a login", () => {
  const withSsh = (ssh: object) => problemsOf(config({ ssh }));

  it.each(["root ", "root@10.0.0.1", "root:22"])("is a name alone: %j is refused", (user) => {
    const text = `${JSON.stringify(user)} is not a login name; allowed: the name alone, without spaces and ":". Where it logs in to goes to address and port.`;
    expect(withSsh({ agentSocket: "/run/agent", user })).toEqual([`ssh.user: ${text}`]);
    expect(withHost({ user })).toEqual([`pools[0].hosts[0].user: ${text}`]);
  });

  it.each(["svc_ops", "ops.team", "1000", "CORP\\\\ann", "ann@corp.example"])("may be named %j", (user) => {
    expect(withHost({ user })).toEqual([]);
  });

  it("has a password without the line break that a YAML block adds", () => {
    expect(withSsh({ password: "hunter2\n" })).toEqual([
      "ssh.password: a line break is in it, which is part of no password. Remove it: a YAML block with | adds one, with |- not.",
    ]);
  });
});

describe("J-C10 keys that nobody reads", () => {
  const withKeys = (keys: readonly string[], more: object = {}) => problemsOf(config({ keys, ...more }));
  const ours = ["nodepools:cluster", "nodepools:ssh", "nodepools:pools", "kubernetes:context", "mine:limits"];

  it("are refused with the place where they belong, or the name that was meant", () => {
    const stray = [
      "nodepools:limits",
      "nodepools:pool",
      "nodepools:namespace",
      "nodepools:user",
      "nodepools:mine",
    ];
    expect(withKeys([...ours, ...stray])).toEqual([
      "limits: unknown key. It belongs in an entry of nodepools:pools. Known here: cluster, ssh, pools, poolsFile.",
      'pool: unknown key. Did you mean "pools"?',
      "namespace: unknown key. It belongs in access of nodepools:cluster, or in an entry of verify.checks, or in job of a hook. Known here: cluster, ssh, pools, poolsFile.",
      "user: unknown key. It belongs in nodepools:ssh, or in bastion of nodepools:ssh, or in an entry of a pool's hosts. Known here: cluster, ssh, pools, poolsFile.",
      "mine: unknown key. Known here: cluster, ssh, pools, poolsFile.",
    ]);
    expect(withKeys(ours)).toEqual([]);
  });

  it("are told of when they are ours under another namespace, which the CLI puts before a bare name", () => {
    expect(withKeys(["web:pools", "nodepools:cluster", "nodepools:ssh"], { pools: undefined })).toEqual([
      "pools: missing. Give a list of pools.",
      "pools: web:pools is not read. Rename it to nodepools:pools.",
    ]);
    expect(withKeys(["web:pools", ...ours])).toEqual([]);
  });

  it("are told the same way inside of the maps", () => {
    expect(withPool({ maxRemovals: 3 }).join()).toMatch(
      /^pools\[0\]\.maxRemovals: unknown key\. It belongs in limits of a pool\. Known here: name, /,
    );
    expect(withHost({ maxUnavailable: 3 }).join()).toMatch(
      /^pools\[0\]\.hosts\[0\]\.maxUnavailable: unknown key\. It belongs in an entry of nodepools:pools\. Known/,
    );
  });
});

describe("a kubeconfig", () => {
  const withKubeconfig = (kubeconfig: string) => problemsOf(config({ cluster: { kubeconfig } })).join("\n");
  const text = "apiVersion: v1\nkind: Config\nclusters: []\n";
  const command = "`pulumi config set --secret --path nodepools:cluster.kubeconfig < admin.conf`.";

  it.each([
    [
      "that lost its line breaks",
      text.replaceAll("\n", " "),
      `a kubeconfig whose line breaks are gone. Give its path, or set it from the file: ${command}`,
    ],
    [
      "in base64",
      Buffer.from(text).toString("base64"),
      `the base64 of a kubeconfig. Decode it first: ${command}`,
    ],
    [
      "in several files",
      "admin.conf:other.conf",
      "several files, and one is read. Merge them: `KUBECONFIG=<files> kubectl config view --flatten > merged.conf`.",
    ],
    [
      "behind a variable",
      "$HOME/.kube/config",
      '"$HOME/.kube/config" cannot be read: no such file. Paths are relative to the project\'s folder, and variables are not expanded (~/ is the home): correct the path, or create the file.',
    ],
  ])("J-C9 %s is told as that", (_case, kubeconfig, said) => {
    expect(withKubeconfig(kubeconfig)).toBe(`cluster.kubeconfig: ${said}`);
  });
});

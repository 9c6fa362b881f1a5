// Every rule for pools and hosts, with its exact message.
import { describe, expect, it } from "vitest";
import { config, host, pool, problemsOf } from "./declared.ts";

const withPool = (more: object) => problemsOf(config({ pools: [pool(more)] }));
const withHost = (more: object) => withPool({ hosts: [host("w1", "10.0.0.1", more)] });

const nodeNameRule =
  'is not a Node name; allowed: lower-case letters, digits, "-" and ".", a letter or digit at both ends of each part; at most 63 characters between dots, 253 in all.';
const addressRule =
  "is not an address; allowed: an IP address or a DNS name, without user, port or brackets. Login and port go to user and port.";

describe("J-20 host names and addresses", () => {
  it.each([
    ["Web_01", `"Web_01" ${nodeNameRule} Write for example "web-01".`],
    ["-w1", `"-w1" ${nodeNameRule}`],
    ["", `"" ${nodeNameRule}`],
    ["a".repeat(64), `"${"a".repeat(64)}" ${nodeNameRule}`],
    [`${"a.".repeat(127)}a`, `a text of 255 characters ${nodeNameRule}`],
    [7, '7 is not a Node name. Write it in quotes: "7".'],
    [undefined, "missing. Give a Node name."],
    [null, "empty. Give a Node name, or leave the key out."],
  ])("refuses the host name %j", (name, text) => {
    expect(withHost({ name })).toEqual([`pools[0].hosts[0].name: ${text}`]);
  });

  it.each(["a".repeat(63), "w1.example.com", "1"])("accepts the host name %j", (name) => {
    expect(withHost({ name })).toEqual([]);
  });

  it.each(["root@10.0.0.1", "10.0.0.1:22", "[fd00::1]", "10.0.0.300", "10.0.0", "", "a b", "-a"])(
    "refuses the address %j",
    (address) => {
      expect(withHost({ address })).toEqual([
        `pools[0].hosts[0].address: ${JSON.stringify(address)} ${addressRule}`,
      ]);
    },
  );

  it.each(["10.0.0.1", "fd00::1", "W1.example.com", "w1"])("accepts the address %j", (address) => {
    expect(withHost({ address })).toEqual([]);
  });

  it.each([0, 70_000, -1, 22.5, "ssh"])("refuses the port %j", (port) => {
    expect(withHost({ port })).toEqual([
      `pools[0].hosts[0].port: ${JSON.stringify(port)} is not a TCP port; allowed: 1 to 65535.`,
    ]);
  });

  it("refuses a host name twice, also across pools", () => {
    const pools = [pool(), pool({ name: "batch", hosts: [host("w2", "10.0.0.9")] })];
    expect(problemsOf(config({ pools }))).toEqual([
      'pools[1].hosts[0].name: "w2" is already the name of pools[0].hosts[1]. A machine is one node of one pool: remove one of the two entries.',
    ]);
  });

  it("refuses an address twice, also across pools and when one port is the default", () => {
    const pools = [
      pool({ hosts: [host("w1", "a.example")] }),
      pool({ name: "batch", hosts: [host("w2", "A.example", { port: 22 })] }),
    ];
    expect(problemsOf(config({ pools }))).toEqual([
      'pools[1].hosts[0].address: "A.example" is already the address of pools[0].hosts[0]. A machine is one node of one pool: remove one of the two entries.',
    ]);
  });

  it("accepts one address with two ports: machines behind a port forwarder", () => {
    const hosts = [host("w1", "gate.example"), host("w2", "gate.example", { port: 2222 })];
    expect(withPool({ hosts })).toEqual([]);
  });
});

describe("J-20 pool names", () => {
  const rule =
    'is not a pool name; allowed: lower-case letters, digits and "-", a letter or digit at both ends; 1 to 63 characters.';

  it.each([
    ["", `"" ${rule}`],
    ["GPU_pool", `"GPU_pool" ${rule} Write for example "gpu-pool".`],
    ["a.b", `"a.b" ${rule}`],
  ])("refuses the pool name %j", (name, text) => {
    expect(withPool({ name })).toEqual([`pools[0].name: ${text}`]);
  });

  it("refuses a pool name twice", () => {
    const pools = [pool(), pool({ hosts: [] })];
    expect(problemsOf(config({ pools }))).toEqual([
      'pools[1].name: "workers" is already the name of pools[0]. Give each pool its own name.',
    ]);
  });
});

describe("J-21 numbers of a pool", () => {
  it.each([0, -1, 1.5, "0%", "150%", "150 %", "50 %", "half", true])(
    "refuses maxUnavailable %j",
    (maxUnavailable) => {
      expect(withPool({ maxUnavailable })).toEqual([
        `pools[0].maxUnavailable: ${JSON.stringify(maxUnavailable)} is not a number or share of nodes; allowed: a whole number from 1, or "1%" to "100%" of the pool.`,
      ]);
    },
  );

  it.each([1, 7, "1%", "100%"])("accepts maxUnavailable %j", (maxUnavailable) => {
    expect(withPool({ maxUnavailable })).toEqual([]);
  });

  it.each([
    ["timeoutSeconds", "5 minutes", "10 to 86400"],
    ["timeoutSeconds", 0, "10 to 86400"],
    ["timeoutSeconds", 86_401, "10 to 86400"],
    ["gracePeriodSeconds", -1, "0 to 86400"],
  ])("refuses drain.%s %j", (field, value, range) => {
    expect(withPool({ drain: { [field]: value } })).toEqual([
      `pools[0].drain.${field}: ${JSON.stringify(value)} is not a whole number of seconds; allowed: ${range}.`,
    ]);
  });

  it("refuses a readyTimeoutSeconds that is no number of seconds", () => {
    expect(withPool({ readyTimeoutSeconds: "10m" })).toEqual([
      'pools[0].readyTimeoutSeconds: "10m" is not a whole number of seconds; allowed: 10 to 86400.',
    ]);
  });

  it.each(["deleteEmptyDirData", "force"])("refuses drain.%s that is not true or false", (field) => {
    expect(withPool({ drain: { [field]: "yes" } })).toEqual([
      `pools[0].drain.${field}: "yes" is not true or false. Write true, without quotes.`,
    ]);
  });

  it.each([
    [-1, "-1 is not a whole number of nodes; allowed: 0 or more."],
    [1.5, "1.5 is not a whole number of nodes; allowed: 0 or more."],
    [
      2,
      "2 is more than the pool has eligible hosts (1); all but spare and lost ones are. Lower the count, or add hosts.",
    ],
  ])("refuses the count %j", (count, text) => {
    const hosts = [
      host("w1", "10.0.0.1", { state: "cordoned" }),
      host("w2", "10.0.0.2", { state: "spare" }),
      host("w3", "10.0.0.3", { state: "lost" }),
    ];
    expect(withPool({ count, hosts })).toEqual([`pools[0].count: ${text}`]);
  });

  it("accepts a count of zero and a pool without hosts", () => {
    expect(withPool({ count: 0 })).toEqual([]);
    expect(withPool({ count: 0, hosts: [] })).toEqual([]);
  });
});

describe("J-21 limits of a pool", () => {
  it.each([-1, 1.5, "0%", "101%", "half"])("refuses limits.maxRemovals %j", (maxRemovals) => {
    expect(withPool({ limits: { maxRemovals } })).toEqual([
      `pools[0].limits.maxRemovals: ${JSON.stringify(maxRemovals)} is not a number or share of nodes; allowed: a whole number from 0, or "1%" to "100%" of the pool.`,
    ]);
  });

  it.each([0, 7, "1%", "100%"])("accepts limits.maxRemovals %j", (maxRemovals) => {
    expect(withPool({ limits: { maxRemovals } })).toEqual([]);
  });

  it("refuses a minReady of no node, and limits that it does not know", () => {
    expect(withPool({ limits: { minReady: 0, maxRemoval: 1 } })).toEqual([
      "pools[0].limits.minReady: 0 is not a whole number of nodes; allowed: 1 or more.",
      'pools[0].limits.maxRemoval: unknown key. Did you mean "maxRemovals"?',
    ]);
  });
});

describe("what means nothing is refused", () => {
  it.each(["active", "cordoned", "maintenance", "spare", "lost"])("accepts the state %s", (state) => {
    expect(withHost({ state })).toEqual([]);
  });

  it("refuses another state", () => {
    expect(withHost({ state: "cordonned" })).toEqual([
      'pools[0].hosts[0].state: "cordonned" is not a host\'s state; allowed: active, cordoned, maintenance, spare, lost. Did you mean "cordoned"?',
    ]);
  });

  it.each([
    ["adress", 'unknown key. Did you mean "address"?'],
    [
      "colour",
      "unknown key. Known here: name, address, hostKey, user, port, state, labels, taints, annotations, drain, criSocket, rebootTrigger, rejoinTrigger.",
    ],
  ])("refuses the unknown key %s", (key, text) => {
    expect(withHost({ [key]: "x" })).toEqual([`pools[0].hosts[0].${key}: ${text}`]);
  });

  it.each([
    ["user", "", "empty. Write a value, or leave the key out."],
    ["rebootTrigger", 2, '2 is not a text. Write it in quotes: "2".'],
    ["rejoinTrigger", 2, '2 is not a text. Write it in quotes: "2".'],
    [
      "criSocket",
      "/run/crio/crio.sock",
      '"/run/crio/crio.sock" is not the URL of a socket. Write it as kubeadm takes it, such as "unix:///run/crio/crio.sock".',
    ],
    ["taints", { key: "gpu" }, "a map is not a list of taints."],
    ["labels", ["tier"], "a list is not a map of labels."],
  ])("refuses %s %j", (field, value, text) => {
    expect(withHost({ [field]: value })).toEqual([`pools[0].hosts[0].${field}: ${text}`]);
  });

  it.each([
    [undefined, "missing. Give a list of pools."],
    [null, "empty. Give a list of pools, or leave the key out."],
    ["oops", "a text is not a list of pools."],
  ])("refuses the pools %j", (pools, text) => {
    expect(problemsOf(config({ pools }))).toEqual([`pools: ${text}`]);
  });
});

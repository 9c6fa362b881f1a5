// What a change of the config alone means: nodes, refusals, policies.
import { describe, expect, it } from "vitest";
import { concernsOf, hostLine, poolText, reviewOf, sideOf, stackText } from "./stacks.ts";

const three = stackText(poolText("workers", ["w1", "w2", "w3"], ["count: 3"]));
const happened = (before: string | undefined, after: string | undefined) =>
  reviewOf(before, after)
    .pools.flatMap(({ nodes }) => nodes)
    .map(({ node, happens, formerPool }) => [node, happens, ...(formerPool ? [formerPool] : [])].join(" "));

describe("the nodes", () => {
  it("leave from the end when the count falls, and join when it rises", () => {
    const two = stackText(poolText("workers", ["w1", "w2", "w3"], ["count: 2"]));
    expect(happened(three, two)).toEqual(["w1 stays", "w2 stays", "w3 leaves"]);
    expect(happened(two, three)).toEqual(["w1 stays", "w2 stays", "w3 joins"]);
  });

  it.each([
    ["state: cordoned", "is cordoned"],
    ["state: maintenance", "is drained"],
    ["state: spare", "leaves"],
    ["state: lost", "lost"],
    ["rebootTrigger: x", "reboots"],
    ["rejoinTrigger: x", "rejoins"],
    ["labels: { a: b }", "stays"],
  ])("are told what %s does to them", (more, happens) => {
    const [before, after] = ["", more].map((text) =>
      stackText(poolText("workers", [hostLine("w1", text), "w2", "w3"])),
    );
    expect(happened(before, after)).toContain(`w1 ${happens}`);
  });

  it("that were cordoned or drained come back", () => {
    const before = stackText(poolText("workers", [hostLine("w1", "state: maintenance"), "w2"]));
    expect(happened(before, stackText(poolText("workers", ["w1", "w2"])))).toContain("w1 is uncordoned");
  });

  it("move between pools without leaving", () => {
    const before = stackText(poolText("a", ["w1", "w2"]), poolText("b", ["w3"]));
    const after = stackText(poolText("a", ["w1"]), poolText("b", ["w3", "w2"]));
    expect(happened(before, after)).toEqual(["w1 stays", "w3 stays", "w2 moves a"]);
    expect(reviewOf(before, after).verdict).toBe("fine");
  });

  it("of a new stack all join", () => {
    expect(happened(undefined, three)).toEqual(["w1 joins", "w2 joins", "w3 joins"]);
  });
});

describe("a change", () => {
  it("is refused as the program refuses it", () => {
    const review = reviewOf(three, stackText(poolText("workers", ["w1"])));
    expect(review.verdict).toBe("refused");
    expect(concernsOf(review)).toEqual([
      'refused: pool "workers": 2 of 3 nodes leave (w2, w3), limits.maxRemovals allows 1. If that is meant, set limits.maxRemovals: 2 in pool "workers" for this run',
    ]);
  });

  it("that rejoins too many hosts, or brings back a lost one unwiped, is refused", () => {
    const rejoined = ["w1", "w2"].map((name) => hostLine(name, "rejoinTrigger: x"));
    expect(reviewOf(three, stackText(poolText("workers", [...rejoined, "w3"]))).verdict).toBe("refused");
    const lost = stackText(poolText("workers", [hostLine("w1", "state: lost"), "w2", "w3"]));
    expect(concernsOf(reviewOf(lost, three))[0]).toContain('refused: host "w1" was declared lost');
  });

  it("to a wrong config is refused with every problem", () => {
    const review = reviewOf(
      three,
      three.replace("count: 3", "countt: 4").replace("192.0.2.1,", "192.0.2.2,"),
    );
    expect(concernsOf(review)).toEqual([
      expect.stringMatching(/^refused: pools\[0\]\.hosts\[1\]\.address \(host "w2" of pool "workers"\): /),
      'refused: pools[0].countt (pool "workers"): unknown key. Did you mean "count"?',
    ]);
  });

  it("from a wrong config is not told, and says so", () => {
    const review = reviewOf(three.replace("count: 3", "count: 4"), three);
    expect(review).toMatchObject({ verdict: "needs-care", concerns: [{ kind: "unknown" }] });
  });

  it("that deletes a stack's config says that its nodes stay", () => {
    expect(reviewOf(three, undefined)).toMatchObject({ verdict: "needs-care", pools: [] });
  });

  it("of a host's name will fail while it is a node", () => {
    const after = three.replace("name: w3", "name: x3");
    expect(concernsOf(reviewOf(three, after))[0]).toMatch(/^will-fail: host "w3" at 192\.0\.2\.3 is renamed/);
  });

  it("says which drains lose data or go past budgets by their policy", () => {
    const drain =
      "drain: { deleteEmptyDirData: true, force: true, onTimeout: deletePods, timeoutSeconds: 60 }";
    const review = reviewOf(three, stackText(poolText("workers", ["w1", "w2"], [drain])));
    expect(concernsOf(review).map((text) => text.slice(0, 40))).toEqual([
      "data-loss: emptyDir data of the pods the",
      "data-loss: pods without a controller the",
      "past-budgets: BUDGETS WILL BE BYPASSED o",
    ]);
  });

  it("says which new taint evicts pods from nodes that stay", () => {
    const taint = "taints: [{ key: gpu, value: x, effect: NoExecute }]";
    const after = stackText(poolText("workers", ["w1", "w2", "w3"], ["count: 3", taint]));
    expect(concernsOf(reviewOf(three, after))).toEqual([
      "past-budgets: new taint gpu=x:NoExecute evicts the pods that do not tolerate it, regardless of budgets: w1, w2, w3",
    ]);
  });

  it("that changes nothing is none, in whatever form it is written", () => {
    const asJson = three.replace(/nodepools:ssh: .*/, `nodepools:ssh: '{"privateKeyFile":"./id_ed25519"}'`);
    expect(reviewOf(three, asJson)).toMatchObject({ verdict: "no-change", concerns: [] });
  });
});

describe("the settings", () => {
  it("are told per pool, and per host folded over hosts", () => {
    const hosts = ["w1", "w2"].map((name) => hostLine(name, "labels: { example.com/tier: x }"));
    const settings = ["count: 3", "drain: { timeoutSeconds: 1200 }", "limits: { maxRemovals: 50% }"];
    const review = reviewOf(three, stackText(poolText("workers", [...hosts, "w3"], settings)));
    expect(review.verdict).toBe("fine");
    expect(review.pools[0]?.settings).toEqual([
      { field: "drain.timeoutSeconds", before: "600", after: "1200" },
      { field: "limits.maxRemovals", after: "50%" },
    ]);
    expect(review.hosts).toEqual([{ field: 'labels["example.com/tier"]', after: "x", hosts: ["w1", "w2"] }]);
  });

  it("of the connection are told, and what is secret only by its name", () => {
    const [before, after] = ["hush", "hush2"].map((word) =>
      three.replace(
        /nodepools:ssh: .*/,
        `nodepools:ssh: { user: ${word === "hush" ? "ops" : "root"}, password: ${word} }`,
      ),
    );
    expect(reviewOf(before, after).connection).toEqual([
      { field: "ssh.user", before: "ops", after: "root" },
      { field: "ssh.password", before: "(not shown)", after: "(not shown)" },
    ]);
  });
});

it("asks for no file of the machine that runs Pulumi, but for a host's key if the project has its known_hosts", () => {
  const keyless = three
    .replaceAll(/, hostKey: [^ ]+ [^ }]+/g, "")
    .replace("privateKeyFile: ./id_ed25519", "agent: true, knownHostsFile: ./known_hosts");
  expect(sideOf(keyless).kind).toBe("declared");
});

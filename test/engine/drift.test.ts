// Each command that looks for drift, by its exit code: nothing changed, a label changed by hand, somebody's own cordon.
import { beforeAll, describe, expect, it } from "vitest";
import { changeNode, nodeNamed } from "./site/nodes.ts";
import { review } from "./site/review.ts";
import { saidOf, stepsOf, succeeds } from "./site/run.ts";
import { setScene } from "./site/scene.ts";

const scene = setScene("drift", 1);
const tier = "example.com/tier";

const commands = {
  "preview --expect-no-changes": () => scene.stack.preview("--expect-no-changes"),
  "preview --refresh --expect-no-changes": () => scene.stack.preview("--refresh", "--expect-no-changes"),
  "refresh --preview-only --run-program --expect-no-changes": () =>
    scene.stack.operate("refresh", "--preview-only", "--run-program", "--expect-no-changes"),
} as const;
const rows = Object.entries(commands);
const reviewed = async () => {
  const { status, stack } = await review(scene, "--fail-on", "drift");
  return { status, concerns: stack.concerns.map(({ kind, text }) => `${kind}: ${text}`) };
};
const labelOf = async () => (await nodeNamed("w1")).metadata?.labels?.[tier];

beforeAll(async () => {
  const hosts = scene.hosts.map((host) => host.declare());
  scene.stack.declare([{ name: "workers", labels: { [tier]: "general" }, hosts }]);
  await succeeds(scene.stack.up());
});

describe("J-38 where nothing has changed", () => {
  it.each(rows)("%s ends with 0", async (_, run) => {
    const { status, text } = await run();
    expect(status, text).toBe(0);
  });

  it("nodepools review ends with 0", async () => {
    expect(await reviewed()).toEqual({ status: 0, concerns: [] });
  });
});

describe("J-38 somebody's own cordon", () => {
  beforeAll(() => changeNode("w1", { spec: { unschedulable: true } }));

  it.each(rows)("is nobody's drift to %s", async (command, run) => {
    const ended = await run();
    expect(ended.status, ended.text).toBe(0);
    const lines = saidOf(ended, "NodeMembership w1").filter((line) => line.includes("cordoned outside"));
    expect(lines).toHaveLength(command.includes("refresh") ? 1 : 0);
  });

  it("is none to nodepools review, and stays in an up", async () => {
    expect(await reviewed()).toEqual({ status: 0, concerns: [] });
    await succeeds(scene.stack.up());
    expect((await nodeNamed("w1")).spec?.unschedulable).toBe(true);
    await changeNode("w1", { spec: { unschedulable: null } });
  });
});

describe("J-38 a label that was changed by hand", () => {
  const told = `node w1: label ${tier} is "hacked", declared is "general", and is set back`;
  beforeAll(() => changeNode("w1", { metadata: { labels: { [tier]: "hacked" } } }));

  it.each(rows)("is drift to %s, which names it", async (_, run) => {
    const ended = await run();
    expect(ended.status, ended.text).toBe(7);
    expect(saidOf(ended)).toContain(`info: ${told}`);
    expect(await labelOf()).toBe("hacked");
  });

  it("is drift to nodepools review", async () => {
    expect(await reviewed()).toEqual({ status: 22, concerns: [`drift: ${told}`] });
  });

  it("is set back by an up, after which there is none", async () => {
    expect(stepsOf(await succeeds(scene.stack.up()))).toEqual(["update NodeMembership w1"]);
    expect(await labelOf()).toBe("general");
    expect((await scene.stack.preview("--expect-no-changes")).status).toBe(0);
  });
});

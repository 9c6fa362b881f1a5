// How the stages of an `up` are read from the lines that it prints.
import { describe, expect, it } from "vitest";
import { type SeenLine, SeenLines } from "../../../bench/join/seen-lines.ts";
import { stagesOf, stepSeconds } from "../../../bench/join/steps.ts";

const types = {
  enrollment: "pulumi-nodejs:dynamic/nodepools:HostEnrollment",
  join: "command:remote:Command",
  membership: "pulumi-nodejs:dynamic/nodepools:NodeMembership",
  stack: "pulumi:pulumi:Stack",
};

function step(type: keyof typeof types, node: string, begun: number, ended: number): SeenLine[] {
  const line = (at: number, words: string) => ({ at, line: ` +  ${types[type]} ${node} ${words}` });
  return [
    line(begun, "creating (0s) "),
    line((begun + ended) / 2, "creating (1s) what it says"),
    line(ended, "created (1s) what it says"),
  ];
}

const twoHosts = [
  ...step("stack", "nodepools", 101, 130),
  ...step("enrollment", "w1", 103, 104),
  ...step("enrollment", "w2", 103.5, 105.5),
  ...step("join", "w1", 104, 110),
  ...step("join", "w2", 105.5, 109.5),
  ...step("membership", "w1", 110, 111),
  ...step("membership", "w2", 109.5, 112.5),
].sort((one, other) => one.at - other.at);

describe("the lines of an up", () => {
  it("tell when the first host was worked on, the last had joined and the last was Ready", () => {
    expect(stagesOf(twoHosts, 100)).toEqual({ started: 3, joined: 10, ready: 12.5 });
  });

  it("tell how long each step took on the middle host", () => {
    expect(stepSeconds(twoHosts)).toEqual({ enroll: 1.5, join: 5, ready: 2 });
  });

  it("tell nothing of stages that no host came to", () => {
    expect(stagesOf(step("stack", "nodepools", 101, 130), 100)).toEqual({
      started: Number.NaN,
      joined: Number.NaN,
      ready: Number.NaN,
    });
  });
});

it("output is cut into lines, however it comes", () => {
  const lines = new SeenLines();
  for (const piece of ["one\ntw", "o", "\n\nthr"]) lines.hear(piece);
  expect(lines.seen().map(({ line }) => line)).toEqual(["one", "two", ""]);
});

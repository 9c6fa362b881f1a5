import { describe, expect, it } from "vitest";
import { parseCommandLine } from "../../../components/review/command-line.ts";
import { exitCodeOf } from "../../../components/review/exit-code.ts";
import { type Concern, withVerdict } from "../../../components/review/review.ts";

const common = { folder: ".", out: "nodepools-review", characters: 60_000, failOn: [] };

describe("parseCommandLine", () => {
  it.each([
    { argv: [], command: { verb: "help" } },
    { argv: ["review", "--help"], command: { verb: "help" } },
    {
      argv: ["review", "--offline", "--base", "main", "--stack", "a", "--stack", "b"],
      command: { verb: "offline", stacks: ["a", "b"], base: "main", head: "HEAD", ...common },
    },
    {
      argv: ["review", "--stack", "dev", "--fail-on", "data-loss,down", "--", "--refresh", "--diff"],
      command: {
        ...{
          verb: "preview",
          stack: "dev",
          base: undefined,
          argv: ["--refresh", "--diff"],
          timeoutSeconds: 1800,
        },
        ...common,
        failOn: ["data-loss", "down"],
      },
    },
  ])("reads $argv", ({ argv, command }) => {
    expect(parseCommandLine(argv)).toEqual(command);
  });

  it.each([
    { argv: ["reviews"], problem: 'unknown command "reviews". ' },
    {
      argv: ["review"],
      problem: "a review by preview is of one --stack; without a preview it is --offline. ",
    },
    { argv: ["review", "--offline"], problem: "a review --offline needs --base. " },
    {
      argv: ["review", "--offline", "--base", "a", "--", "b"],
      problem: "a review --offline runs no preview",
    },
    { argv: ["review", "--stack", "a", "--head", "b"], problem: "a preview is of the files as they are" },
    {
      argv: ["review", "--stack", "a", "--fail-on", "luck"],
      problem: '--fail-on: "luck" is none of refused, ',
    },
    {
      argv: ["review", "--stack", "a", "--timeout", "1"],
      problem: '--timeout takes a whole number from 10 to 86400, not "1".',
    },
    {
      argv: ["review", "--stack", "a", "--characters", "x"],
      problem: '--characters takes a whole number from 2000 to 1000000, not "x".',
    },
    { argv: ["review", "--stak", "a"], problem: "Unknown option '--stak'" },
  ])("refuses $argv", ({ argv, problem }) => {
    expect(() => parseCommandLine(argv)).toThrow(problem);
  });
});

describe("the exit code", () => {
  const empty = { stack: "a", pools: [], hosts: [], connection: [], facts: [], notes: [] };
  const code = (
    kinds: readonly Concern["kind"][],
    status: number | undefined = 0,
    failOn: Concern["kind"][] = [],
  ) => {
    const stacks = [withVerdict({ ...empty, concerns: kinds.map((kind) => ({ kind, text: "" })) })];
    return exitCodeOf({ schema: 1, project: "p", stacks }, status, failOn);
  };

  it("is that of the gravest finding, Pulumi's own for a preview that failed", () => {
    expect(code([])).toBe(0);
    expect(code(["data-loss", "will-fail", "refused"], 1)).toBe(20);
    expect(code(["down", "will-fail"])).toBe(21);
    expect(code(["failed", "down"], 3)).toBe(3);
    expect(code(["failed"], undefined)).toBe(1);
  });

  it("is 22 for a concern that is not accepted, if nothing graver is there", () => {
    expect(code(["down", "data-loss"], 0, ["down"])).toBe(22);
    expect(code(["data-loss"], 0, ["down"])).toBe(0);
    expect(code(["down", "will-fail"], 0, ["down"])).toBe(21);
  });
});

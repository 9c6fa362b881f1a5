// What `npm run bench --` understands.
import { describe, expect, it } from "vitest";
import { parseCommandLine } from "../../bench/command-line.ts";

describe("the arguments of the benchmark", () => {
  it("mean the published scenarios and two rounds when there are none but its name", () => {
    expect(parseCommandLine(["drain"])).toEqual({
      benchmark: "drain",
      scenarios: ["a", "b", "c", "real"],
      rounds: 2,
      full: false,
    });
  });

  it("choose scenarios, rounds and the whole one-call form", () => {
    expect(parseCommandLine(["drain", "--scenario", "c,small", "--rounds", "3", "--full"])).toEqual({
      benchmark: "drain",
      scenarios: ["c", "small"],
      rounds: 3,
      full: true,
    });
  });

  it("let twelve hosts join five times on each side, or as many as they say", () => {
    expect(parseCommandLine(["join"])).toEqual({ benchmark: "join", hosts: 12, rounds: 5 });
    const few = parseCommandLine(["join", "--hosts", "3", "--rounds", "1"]);
    expect(few).toEqual({ benchmark: "join", hosts: 3, rounds: 1 });
  });

  it.each([
    [[], 'no benchmark ""'],
    [["leave"], 'no benchmark "leave"'],
    [["join", "--hosts", "1"], '--hosts "1" is no count from 2 to 64'],
    [["join", "--hosts", "65"], '--hosts "65" is no count from 2 to 64'],
    [["join", "--full"], "Unknown option '--full'"],
    [["drain", "a"], "Unexpected argument 'a'"],
    [["drain", "--scenario", "z"], 'no scenario "z"'],
    [["drain", "--rounds", "0"], '--rounds "0" is no count from 1 to 1000'],
    [["drain", "--quick"], "Unknown option '--quick'"],
  ])("are refused: %j", (args, problem) => {
    expect(() => parseCommandLine(args)).toThrow(problem);
  });
});

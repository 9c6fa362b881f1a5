// What `npm run bench --` understands.
import { describe, expect, it } from "vitest";
import { parseCommandLine } from "../../bench/command-line.ts";

describe("the arguments of the benchmark", () => {
  it("mean the published scenarios and two rounds when there are none but its name", () => {
    expect(parseCommandLine(["drain"])).toEqual({
      scenarios: ["a", "b", "c", "real"],
      rounds: 2,
      full: false,
    });
  });

  it("choose scenarios, rounds and the whole one-call form", () => {
    expect(parseCommandLine(["drain", "--scenario", "c,small", "--rounds", "3", "--full"])).toEqual({
      scenarios: ["c", "small"],
      rounds: 3,
      full: true,
    });
  });

  it.each([
    [[], 'no benchmark ""'],
    [["join"], 'no benchmark "join"'],
    [["drain", "--scenario", "z"], 'no scenario "z"'],
    [["drain", "--rounds", "0"], '--rounds "0" is no count'],
    [["drain", "--quick"], "Unknown option '--quick'"],
  ])("are refused: %j", (args, problem) => {
    expect(() => parseCommandLine(args)).toThrow(problem);
  });
});

// In which order test files begin. A worker that is free takes the next one: lab tests, which mostly wait, have short
// ones run in between all the time, so that neither the machine nor the labs idle.
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { toolsAreMissing } from "./tools-at-hand.ts";

const keepers = ["engine", "stand-ins"];

/** What a file needs: no tools, tools alone, a lab, or a worker that keeps what it has made for the next file. */
type Need = "nothing" | "tools" | "lab" | "kept worker";

/** Long files first, and lab tests mixed with the others; as long as there are no tools, first what needs none. */
export class TestOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const those = (need: Need) => sorted.filter(({ project }) => needOf(project.name) === need);
    // Only files that follow each other share a worker.
    const [nothing, tools, lab, kept] = [
      those("nothing"),
      those("tools"),
      those("lab"),
      those("kept worker").toSorted((one, other) => one.project.name.localeCompare(other.project.name)),
    ];
    // Most of the long ones wait, and would do so together: beside those that never do there is always something to run.
    const waiting = tools.splice(0, Math.ceil(kept.length / 2));
    return toolsAreMissing()
      ? [...nothing, ...mixed(lab, tools), ...mixed(kept, waiting)]
      : [...mixed(lab, [...nothing, ...tools]), ...mixed(kept, waiting)];
  }
}

function needOf(project: string): Need {
  if (project === "unit" || project === "component") return "nothing";
  if (project === "lab") return "lab";
  return keepers.includes(project) ? "kept worker" : "tools";
}

/** Puts the others between the first ones, all of them within the first two thirds. */
function mixed<File>(first: readonly File[], others: readonly File[]): File[] {
  const each = Math.ceil(others.length / Math.max(1, Math.floor((first.length * 2) / 3)));
  return [
    ...first.flatMap((file, at) => [file, ...others.slice(at * each, (at + 1) * each)]),
    ...others.slice(first.length * each),
  ];
}

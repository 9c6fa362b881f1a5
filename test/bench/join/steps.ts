// Tells from the lines of a `pulumi up` how long each step of each host took, and when the stages of the whole ended.
// Pure.
import { spreadOf } from "../spread.ts";
import type { Stages } from "./results.ts";
import type { SeenLine } from "./seen-lines.ts";

/** The steps of one host, by the last part of the resource's type. */
const stepNames = { HostEnrollment: "enroll", Command: "join", NodeMembership: "ready" } as const;

/** A resource that begins to be created, or has been: ` +  command:remote:Command w1 created (4s)`. */
const stepLine = /^ \+ {2}\S+:(\w+) (\S+) (creating|created)\b/;

type StepName = (typeof stepNames)[keyof typeof stepNames];

/** One step on one host, on the clock of the lines. */
interface Step {
  readonly name: StepName;
  readonly begun: number;
  readonly ended: number;
}

/** Returns when the stages ended, in seconds since `begun` on the lines' clock; NaN where no host came so far. */
export function stagesOf(lines: readonly SeenLine[], begun: number): Stages {
  const steps = stepsOf(lines);
  const of = (name: StepName) => steps.filter((step) => step.name === name);
  const lastEnd = (name: StepName) => spreadOf(of(name).map(({ ended }) => ended)).max;
  return {
    started: spreadOf(of("enroll").map((step) => step.begun)).min - begun,
    joined: lastEnd("join") - begun,
    ready: lastEnd("ready") - begun,
  };
}

/** Returns how long each step took, in seconds, the middle of all hosts. */
export function stepSeconds(lines: readonly SeenLine[]): Readonly<Record<string, number>> {
  const steps = stepsOf(lines);
  const durations = (name: StepName) =>
    steps.filter((step) => step.name === name).map(({ begun, ended }) => ended - begun);
  return Object.fromEntries(Object.values(stepNames).map((name) => [name, spreadOf(durations(name)).median]));
}

function stepsOf(lines: readonly SeenLine[]): readonly Step[] {
  const begun = new Map<string, number>();
  const steps: Step[] = [];
  for (const { at, line } of lines) {
    const [, type = "", node = "", verb] = stepLine.exec(line) ?? [];
    const name = stepNameOf(type);
    if (name === undefined) continue;
    const key = `${name} ${node}`;
    // The line comes again with whatever the step has to say.
    if (verb === "creating") begun.set(key, begun.get(key) ?? at);
    else steps.push({ name, begun: begun.get(key) ?? Number.NaN, ended: at });
  }
  return steps;
}

function stepNameOf(type: string): StepName | undefined {
  return type in stepNames ? stepNames[type as keyof typeof stepNames] : undefined;
}

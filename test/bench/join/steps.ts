// Tells from the engine's events how long each step of each host took, and when the stages of the whole ended. Pure.
import { spreadOf } from "../spread.ts";
import type { SeenEvent } from "./engine-events.ts";
import type { Stages } from "./results.ts";

/** The steps of one host, by the last part of the resource's type. */
const stepNames = { HostEnrollment: "enroll", Command: "join", NodeMembership: "ready" } as const;

type StepName = (typeof stepNames)[keyof typeof stepNames];

/** One step on one host, on the clock of the events. */
interface Step {
  readonly name: StepName;
  readonly begun: number;
  readonly ended: number;
}

/** Returns when the stages ended, in seconds since `begun` on the events' clock; NaN where no host came so far. */
export function stagesOf(events: readonly SeenEvent[], begun: number): Stages {
  const steps = stepsOf(events);
  const of = (name: StepName) => steps.filter((step) => step.name === name);
  const lastEnd = (name: StepName) => spreadOf(of(name).map(({ ended }) => ended)).max;
  return {
    started: spreadOf(of("enroll").map((step) => step.begun)).min - begun,
    joined: lastEnd("join") - begun,
    ready: lastEnd("ready") - begun,
  };
}

/** Returns how long each step took, in seconds, the middle of all hosts. */
export function stepSeconds(events: readonly SeenEvent[]): Readonly<Record<string, number>> {
  const steps = stepsOf(events);
  const durations = (name: StepName) =>
    steps.filter((step) => step.name === name).map(({ begun, ended }) => ended - begun);
  return Object.fromEntries(Object.values(stepNames).map((name) => [name, spreadOf(durations(name)).median]));
}

function stepsOf(events: readonly SeenEvent[]): readonly Step[] {
  const begun = new Map<string, number>();
  const steps: Step[] = [];
  for (const { at, event } of events) {
    const before = event.resourcePreEvent?.metadata;
    if (before !== undefined) begun.set(before.urn, at);
    const after = event.resOutputsEvent?.metadata;
    const name = after && stepNameOf(after.type);
    if (name !== undefined) steps.push({ name, begun: begun.get(after?.urn ?? "") ?? Number.NaN, ended: at });
  }
  return steps;
}

function stepNameOf(type: string): StepName | undefined {
  const last = type.split(":").at(-1) ?? "";
  return last in stepNames ? stepNames[last as keyof typeof stepNames] : undefined;
}

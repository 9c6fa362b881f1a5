// What the pods of declared Jobs reach, place by place, as lists for the expressions of the policy. Pure.

/** A Job that some hook declares, as Kubernetes takes it. */
export interface DeclaredJob {
  readonly namespace: string;
  readonly manifest: Readonly<Record<string, unknown>>;
}

type Fields = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const mapOf = (value: unknown): Fields => (isMap(value) ? value : {});

/** Asks the pods of some Jobs; a place is such as `.volumes*.secret`, and initContainers are containers. */
export class DeclaredReach {
  /** The ServiceAccounts, in the order of the Jobs. */
  readonly accounts: readonly unknown[];
  readonly #found: readonly (readonly [place: string, value: unknown])[];

  constructor(jobs: readonly DeclaredJob[]) {
    const pods = jobs.map(({ manifest }) => mapOf(mapOf(mapOf(manifest.spec).template).spec));
    this.accounts = pods.map((pod) => pod.serviceAccountName ?? pod.serviceAccount ?? "default");
    this.#found = pods.flatMap((pod) => placesIn(pod));
  }

  /** Lists what stands in some places. */
  values(...places: readonly string[]): unknown[] {
    return this.#found.flatMap(([place, value]) => (places.includes(place) ? [value] : []));
  }

  /** Writes a list of the texts in some places, and of more. */
  named(places: readonly string[], ...more: readonly string[]): string {
    return listOf([...more, ...this.values(...places)]);
  }

  /** Writes a list of the fields of the maps in a place, and of those that reach nothing. */
  fields(place: string, harmless: readonly string[]): string {
    return listOf([...harmless, ...this.values(place).flatMap((value) => Object.keys(mapOf(value)))]);
  }

  /** Tells whether something is turned on in a place. */
  isOn(place: string): boolean {
    return this.values(place).includes(true);
  }
}

function placesIn(value: unknown, place = ""): [place: string, value: unknown][] {
  const parts: [string, unknown][] = Array.isArray(value)
    ? value.map((part) => [`${place}*`, part])
    : Object.entries(mapOf(value)).map(([field, part]) => [
        `${place}.${field === "initContainers" ? "containers" : field}`,
        part,
      ]);
  return [[place, value], ...parts.flatMap(([at, part]) => placesIn(part, at))];
}

/** Writes a list of the texts among some values; the escapes of JSON are those of the expressions. */
export function listOf(values: readonly unknown[]): string {
  const texts = new Set(values.filter((value) => typeof value === "string"));
  return `[${[...texts]
    .sort()
    .map((text) => JSON.stringify(text))
    .join(", ")}]`;
}

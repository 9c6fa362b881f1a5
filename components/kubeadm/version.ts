// Kubernetes versions and how far apart two of them are. Pure.

/** Holds a Kubernetes release by its numbers. */
export interface KubernetesVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** Reads `v1.34.4`, with or without `v` and with any suffix; undefined when it is no version. */
export function parseKubernetesVersion(text: string): KubernetesVersion | undefined {
  const match = /^v?(\d+)\.(\d+)\.(\d+)/.exec(text.trim());
  if (match === null) {
    return undefined;
  }
  return { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3]) };
}

/** Reads the minor version, as `1.34`, of `v1.34.4` or `1.34`; undefined when it is no version. */
export function parseKubernetesMinor(text: string): string | undefined {
  return /^v?(\d+\.\d+)(?:\.|$)/.exec(text.trim())?.[1];
}

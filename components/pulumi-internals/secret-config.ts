// Bet: the SDK knows which config keys hold a secret, whole or inside (runtime/config.ts); the function is not in its
// types.
import * as pulumi from "@pulumi/pulumi";

/** Tells whether the value of a config key, such as `nodepools:pools`, is a secret or has one inside. */
export function holdsSecret(key: string): boolean {
  const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };
  return isConfigSecret(key);
}

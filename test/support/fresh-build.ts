// Builds the package before the tests that run it as Pulumi does: started by them, it would build under their clocks.

import checkout from "../../build/checkout.cjs";
import { say } from "../../lab/progress.ts";

/** Called by vitest once. */
export default function setup(): void {
  checkout.ensureBuild();
  say("· dist/ is a build of these sources");
}

// `npm run browser`: gets Debian's headless Chromium if it is absent, then runs the tests of the page in it.
import { startVitest } from "vitest/node";
import { ensureDebianPackages } from "../../lab/toolchain/debian-packages.ts";

try {
  await ensureDebianPackages(["chromium-headless-shell"], (text) => process.stderr.write(`· ${text}\n`));
  const config = new URL("vitest.config.ts", import.meta.url).pathname;
  const vitest = await startVitest([], { config, watch: false });
  await vitest.close();
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}

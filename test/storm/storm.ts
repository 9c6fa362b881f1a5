// `npm run storm -- --kills N [--seed S]`: kills runs at random moments, N of a scale-out and N of a scale-in.
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { startVitest } from "vitest/node";

function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new Error(
    `--${name} takes a whole number from 1 on, not "${text}". Usage: npm run storm -- --kills N [--seed S]`,
  );
}

try {
  const { values } = parseArgs({ options: { kills: { type: "string" }, seed: { type: "string" } } });
  const kills = wholeNumber("kills", values.kills ?? "10");
  const seed = wholeNumber("seed", values.seed ?? String(randomInt(1, 2 ** 31)));
  console.log(`--kills ${kills} --seed ${seed} repeats these moments`);
  const config = new URL("vitest.config.ts", import.meta.url).pathname;
  const vitest = await startVitest([], { config, watch: false, provide: { storm: { kills, seed } } });
  await vitest.close();
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}

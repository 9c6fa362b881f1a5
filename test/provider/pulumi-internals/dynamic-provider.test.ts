// Contracts with Pulumi's process for dynamic resources; an update of the SDK that breaks one of our bets fails here.
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ProviderProcess, startProvider } from "../../support/provider-process.ts";

const internals = (file: string) => `process.cwd() + "/components/pulumi-internals/${file}.ts"`;

// In the form of a closure that Pulumi has serialised.
const talking = `exports.handler = () => ({
  async check(olds, news) {
    const { createRequire } = require("node:module");
    const { connectEngineLog, logTarget } = await import(${internals("engine-log")});
    connectEngineLog();
    await createRequire(process.cwd() + "/")("@pulumi/pulumi").log.info("hello", logTarget(news.urn), 0, true);
    return { inputs: news };
  },
});`;

const failing = `exports.handler = () => ({
  async check(olds, { kind }) {
    const { withQuietErrors } = await import(${internals("quiet-errors")});
    const fail = async () => { throw kind === "expected" ? new Error("refused by us") : new TypeError("a bug of ours"); };
    return kind === "foreign" ? fail.call(0).catch(() => { throw new Error("of another package"); })
      : withQuietErrors({ fail }).fail();
  },
});`;

let provider: ProviderProcess;

beforeAll(async () => {
  provider = await startProvider({});
});

afterAll(() => provider[Symbol.asyncDispose]());

it("gets the engine's address as its last argument, and logs to it once the SDK's log is connected", async () => {
  const urn = "urn:pulumi:dev::nodepools::nodepools:index:Thing::thing";
  await provider.ofText(talking).check({}, { urn });
  expect(provider.lines).toMatchObject([{ urn, message: "hello", severity: 1, ephemeral: true }]);
});

it("prints no expected error of ours on stderr, and any other error with its stack", async () => {
  const { check } = provider.ofText(failing);
  await expect(check({}, { kind: "expected" })).rejects.toThrow("refused by us");
  expect(provider.stderr()).toBe("");
  await expect(check({}, { kind: "bug" })).rejects.toThrow("a bug of ours");
  await expect.poll(provider.stderr).toMatch(/TypeError: a bug of ours\n +at /);
  await expect(check({}, { kind: "foreign" })).rejects.toThrow("of another package");
  await expect.poll(provider.stderr).toMatch(/Error: of another package\n +at /);
});

// Contracts with Pulumi's SDK in the program; an update of the SDK that breaks one of our bets fails here.
import * as pulumi from "@pulumi/pulumi";
import {
  type RegisterResourceRequest,
  type RegisterResourceResponse,
  Result,
} from "@pulumi/pulumi/proto/resource_pb.js";
import { expect, it, onTestFinished } from "vitest";
import { ownUrn } from "../../../components/providers/own-urn.ts";
import { quietDebugLog } from "../../../components/pulumi-internals/debug-log.ts";
import { DynamicResource } from "../../../components/pulumi-internals/dynamic-resource.ts";
import { endOfTurn } from "../../../components/pulumi-internals/end-of-turn.ts";
import { declareWithOutputs } from "../../../components/pulumi-internals/few-outputs.ts";
import { hasId, valueIfKnown } from "../../../components/pulumi-internals/known-value.ts";
import { holdsSecret } from "../../../components/pulumi-internals/secret-config.ts";

type Reply = (error: unknown, response: RegisterResourceResponse) => void;

/** Runs a program; resources named "failed" are answered as by an engine that goes on after an error. */
async function run<Value>(
  program: () => Promise<Value>,
  hear: (request: RegisterResourceRequest) => void = () => undefined,
): Promise<Value> {
  const newResource = ({ name }: pulumi.runtime.MockResourceArgs) => ({
    id: name === "failed" ? "" : `id-of-${name}`,
    state: { token: pulumi.secret("very-secret") },
  });
  await pulumi.runtime.setMocks({ newResource, call: () => ({}) }, "nodepools", "dev", false);
  const monitor = pulumi.runtime.getMonitor() as unknown as {
    registerResource(request: RegisterResourceRequest, reply: Reply): unknown;
  };
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, reply) => {
    hear(request);
    return register(request, (error, response) => {
      if (request.getName() === "failed") response.setResult(Result.FAIL);
      reply(error, response);
    });
  };
  try {
    return await program();
  } finally {
    await pulumi.runtime.disconnect();
  }
}

class Thing extends pulumi.CustomResource {
  constructor(name: string) {
    super("test:index:Thing", name, {});
  }
}

class Theirs extends pulumi.dynamic.Resource {}
const provider = { create: async () => ({ id: "made" }) };

it("registers a dynamic resource as the SDK does, but for the code, which is ours", async () => {
  const requests: object[] = [];
  const props = { word: "hello", absent: undefined, token: pulumi.secret("very-secret") };
  await run(
    async () => [
      new Theirs(provider, "dynamic", { ...props }, {}, "nodepools", "Thing"),
      new DynamicResource("// of the SDK", "Thing", "dynamic", { ...props }, {}),
    ],
    (request) => {
      const bag = request.getObject()?.toJavaScript() ?? {};
      expect(bag.__provider, "the code is plain text").toEqual(expect.any(String));
      const { object: _, sourceposition: __, stacktrace: ___, ...others } = request.toObject();
      requests.push({ ...others, bag: { ...bag, __provider: "" } });
    },
  );
  const [theirs, ours] = requests;
  expect(ours).toEqual(theirs);
  expect(ours).toMatchObject({ type: "pulumi-nodejs:dynamic/nodepools:Thing", custom: true });
});

it("registers a resource of which few outputs are wanted as any other, and has these", async () => {
  const inputs: unknown[] = [];
  const props = { word: "hello", token: undefined };
  const declare = () => new DynamicResource("", "Thing", "dynamic", props, {}) as unknown as Outputs;
  type Outputs = Readonly<Record<string, pulumi.Output<string> | undefined>>;
  const [whole, few, after] = await run(
    async () => [declare(), declareWithOutputs(["token"], declare), declare()],
    (request) => inputs.push(request.getObject()?.toJavaScript()),
  );
  expect(inputs[1]).toEqual(inputs[0]);
  expect([whole?.word, few?.word, after?.word].map(pulumi.Output.isInstance)).toEqual([true, false, true]);
  expect(few?.token && (await valueIfKnown(few.token))).toBe("very-secret");
});

it("knows the URN that a resource will have as the SDK does", async () => {
  const urns = await run(async () => {
    const parent = new pulumi.ComponentResource("test:index:Parent", "parent");
    const theirs = pulumi.createUrn("thing", "pulumi-nodejs:dynamic/nodepools:Thing", parent);
    return Promise.all([ownUrn("thing", "Thing", parent), valueIfKnown(theirs)]);
  });
  expect(urns[0]).toBe(urns[1]);
  expect(urns[0]).toContain("$pulumi-nodejs:dynamic/nodepools:Thing::thing");
});

it("tells a resource that failed, while others go on, by its id", async () => {
  const things = await run(async () => [new Thing("failed"), new Thing("made")]);
  expect(await Promise.all(things.map(hasId))).toEqual([false, true]);
});

it("finds every output in the debug log of the SDK, and takes those lines out", async () => {
  const original = pulumi.log.debug;
  const lines: string[] = [];
  Object.assign(pulumi.log, { debug: async (line: string) => void lines.push(line) });
  onTestFinished(() => void Object.assign(pulumi.log, { debug: original }));
  const linesOf = async (program: () => Promise<unknown>) => {
    lines.length = 0;
    await run(program);
    return lines.filter((line) => line.includes("very-secret"));
  };
  expect(await linesOf(async () => new Thing("made"))).not.toEqual([]);
  quietDebugLog();
  expect(await linesOf(async () => new Thing("made"))).toEqual([]);
  // What is left of it comes together.
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^Registering resource: .*\n.*RegisterResource RPC prepared: /s);
});

it("knows the config keys that hold a secret", () => {
  pulumi.runtime.setAllConfig({ "nodepools:pools": "[]", "nodepools:ssh": "{}" }, ["nodepools:ssh"]);
  expect(["nodepools:pools", "nodepools:ssh"].map(holdsSecret)).toEqual([false, true]);
});

it("declares within one turn what awaits only what is settled", async () => {
  const order: string[] = [];
  const ended = endOfTurn().then(() => order.push("end"));
  for (let settled = 0; settled < 10; settled++) await Promise.resolve();
  order.push("after settled promises");
  await ended;
  expect(order).toEqual(["after settled promises", "end"]);
});

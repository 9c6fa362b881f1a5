// Policy packs and component plugins that are folders with a Node program: the real CLI has the language host run them.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type PulumiCli, preparePulumi } from "../support/pulumi-cli.ts";

/** A policy pack without @pulumi/policy: it serves what the engine asks of one, and forbids ids that are too short. */
const pack = {
  "PulumiPolicy.yaml": "runtime: nodejs\nversion: 0.0.1\n",
  "package.json": '{ "name": "rules", "main": "index.js" }\n',
  "index.js": `const grpc = require("@grpc/grpc-js");
const { AnalyzerService } = require("@pulumi/pulumi/proto/analyzer_grpc_pb.js");
const messages = require("@pulumi/pulumi/proto/analyzer_pb.js");
const { PluginInfo } = require("@pulumi/pulumi/proto/plugin_pb.js");
const { Empty } = require("google-protobuf/google/protobuf/empty_pb.js");
const { MANDATORY } = messages.EnforcementLevel;
const info = new messages.AnalyzerInfo()
  .setName("rules")
  .setPoliciesList([new messages.PolicyInfo().setName("short").setEnforcementlevel(MANDATORY)]);
const analyze = ({ request }) => {
  const reply = new messages.AnalyzeResponse();
  if (request.getProperties().toJavaScript().size !== 1) return reply;
  const finding = new messages.AnalyzeDiagnostic().setPolicyname("short").setPolicypackname("rules");
  finding.setMessage("a box of size 1 is too small").setEnforcementlevel(MANDATORY);
  return reply.setDiagnosticsList([finding.setUrn(request.getUrn())]);
};
const answers = {
  getPluginInfo: () => new PluginInfo().setVersion("0.0.1"),
  getAnalyzerInfo: () => info,
  configure: () => new Empty(),
  configureStack: () => new messages.AnalyzerStackConfigureResponse(),
  analyze,
  analyzeStack: () => new messages.AnalyzeResponse(),
  remediate: () => new messages.RemediateResponse(),
  cancel: () => new Empty(),
};
const handlers = Object.entries(answers).map(([name, answer]) => [name, (call, reply) => reply(null, answer(call))]);
const server = new grpc.Server();
server.addService(AnalyzerService, Object.fromEntries(handlers));
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (_, port) => console.log(port));
`,
};

const plugin = {
  "PulumiPlugin.yaml": "runtime: nodejs\n",
  "package.json": '{ "name": "boxes", "main": "index.js" }\n',
  "index.js": `const pulumi = require("@pulumi/pulumi");
class Box extends pulumi.ComponentResource {
  constructor(name, inputs, options) {
    super("boxes:index:Box", name, inputs, options);
    this.volume = pulumi.output(inputs.size).apply((size) => size ** 3);
  }
}
pulumi.provider.main(
  {
    version: "0.0.1",
    construct: async (name, type, inputs, options) => {
      const box = new Box(name, inputs, options);
      return { urn: box.urn, state: { volume: box.volume } };
    },
  },
  process.argv.slice(2),
);
`,
};

let cli: PulumiCli;

beforeAll(async () => {
  cli = await preparePulumi("trial", {
    "Pulumi.yaml": `name: trial
runtime: { name: nodejs, options: { typescript: false } }
plugins: { providers: [{ name: boxes, path: ./boxes }] }
`,
    "package.json": '{ "name": "trial", "type": "module", "main": "index.js" }\n',
    "index.js": `import * as pulumi from "@pulumi/pulumi";
const size = new pulumi.Config().requireNumber("size");
const box = new pulumi.ComponentResource("boxes:index:Box", "box", { size, volume: undefined }, {}, true);
export const volume = box.volume;
`,
  });
  for (const [folder, files] of Object.entries({ rules: pack, boxes: plugin })) {
    mkdirSync(join(cli.program, folder));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(cli.program, folder, name), text);
  }
  await cli.run("stack", "init", "dev");
}, 360_000);

afterAll(() => cli.remove());

it("a component of a plugin is constructed, and a policy pack judges it at preview", async () => {
  await cli.run("config", "set", "size", "2");
  expect(await cli.run("up", "--yes", "--skip-preview", "--policy-pack", "rules")).toContain("volume: 8");
  await cli.run("config", "set", "size", "1");
  await expect(cli.run("preview", "--policy-pack", "rules")).rejects.toMatchObject({
    stdout: expect.stringContaining("a box of size 1 is too small"),
  });
}, 360_000);

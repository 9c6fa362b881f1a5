// The part of a Pulumi engine that a plugin sees: it starts the plugin, calls it over gRPC and takes its log lines.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import grpc from "@grpc/grpc-js";
import engineServices from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb.js";
import providerServices from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import providerMessages from "@pulumi/pulumi/proto/provider_pb.js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import structMessages from "google-protobuf/google/protobuf/struct_pb.js";
import type { Properties } from "../../lab/pulumi-plugins/command/properties.ts";

/** A log line as the engine gets it; severities are those of LogSeverity, 1 info, 2 warning, 3 error. */
export type LogLine = LogRequest.AsObject;

/** A running command plugin. */
export interface CommandPlugin {
  readonly lines: LogLine[];
  check(
    inputs: Properties,
  ): Promise<{ inputs: Properties; failures: { property: string; reason: string }[] }>;
  diff(state: Properties, inputs: Properties): Promise<Difference>;
  create(inputs: Properties, preview?: boolean): Promise<{ id: string; state: Properties }>;
  update(state: Properties, inputs: Properties, preview?: boolean): Promise<Properties>;
  read(state: Properties, inputs: Properties): Promise<{ state: Properties; inputs: Properties }>;
  remove(state: Properties): Promise<void>;
  cancel(): Promise<void>;
  stop(): Promise<void>;
}

/** A diff reply: whether anything changed, and each changed path with its kind in words. */
export interface Difference {
  readonly changes: "DIFF_NONE" | "DIFF_SOME";
  readonly replaces: string[];
  readonly detail: Record<string, string>;
}

export const URN = "urn:pulumi:dev::trial::command:remote:Command::w1-join";
const struct = (bag: Properties) => structMessages.Struct.fromJavaScript(bag);

/** Starts the plugin through its launcher, as the CLI does. */
export async function startCommandPlugin(): Promise<CommandPlugin> {
  const engine = await startLogServer();
  const launcher = join(import.meta.dirname, "../../lab/pulumi-plugins/pulumi-resource-command");
  const { SSH_AUTH_SOCK: _, ...env } = process.env;
  const child = spawn(launcher, [engine.address], { stdio: ["pipe", "pipe", "inherit"], env });
  const port = await Promise.race([
    once(createInterface(child.stdout), "line").then(([line]) => line),
    once(child, "exit").then(([code]) => {
      throw new Error(`starting "${launcher}": it ended with ${code} before it named its port`);
    }),
  ]);
  const client = new providerServices.ResourceProviderClient(
    `127.0.0.1:${port}`,
    grpc.credentials.createInsecure(),
  );
  return {
    lines: engine.lines,
    ...callsOf(client),
    stop: async () => {
      client.close();
      const ended = once(child, "exit");
      child.stdin.end();
      await ended;
      engine.stop();
    },
  };
}

async function startLogServer() {
  const lines: LogLine[] = [];
  const server = new grpc.Server();
  server.addService(engineServices.EngineService, {
    log: (call: grpc.ServerUnaryCall<LogRequest, unknown>, reply: grpc.sendUnaryData<unknown>) => {
      lines.push(call.request.toObject());
      reply(null, new emptyMessages.Empty());
    },
  });
  const bind = promisify(server.bindAsync.bind(server));
  const port = await bind("127.0.0.1:0", grpc.ServerCredentials.createInsecure());
  return { lines, address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() };
}

type Client = InstanceType<typeof providerServices.ResourceProviderClient>;
type Calls = Omit<CommandPlugin, "lines" | "stop">;

function callsOf(client: Client): Calls {
  const { CheckRequest, CreateRequest, DeleteRequest, DiffRequest, ReadRequest, UpdateRequest } =
    providerMessages;
  /** Makes one call; what the plugin refuses is rejected with the plugin's own words. */
  const call = <Reply>(start: (done: (error: grpc.ServiceError | null, reply: Reply) => void) => void) =>
    new Promise<Reply>((resolve, reject) => {
      start((error, reply) => (error ? reject(new Error(error.details)) : resolve(reply)));
    });
  return {
    check: async (inputs) => {
      const request = new CheckRequest().setUrn(URN).setNews(struct(inputs));
      const reply = await call<InstanceType<typeof providerMessages.CheckResponse>>((done) =>
        client.check(request, done),
      );
      return {
        inputs: bagOf(reply.getInputs()),
        failures: reply.getFailuresList().map((failure) => failure.toObject()),
      };
    },
    diff: async (state, inputs) => {
      const request = new DiffRequest().setUrn(URN).setOlds(struct(state)).setNews(struct(inputs));
      return inWords(await call((done) => client.diff(request, done)));
    },
    create: async (inputs, preview = false) => {
      const request = new CreateRequest().setUrn(URN).setProperties(struct(inputs)).setPreview(preview);
      const reply = await call<InstanceType<typeof providerMessages.CreateResponse>>((done) =>
        client.create(request, done),
      );
      return { id: reply.getId(), state: bagOf(reply.getProperties()) };
    },
    update: async (state, inputs, preview = false) => {
      const request = new UpdateRequest().setUrn(URN).setPreview(preview);
      request.setOlds(struct(state)).setNews(struct(inputs));
      const reply = await call<InstanceType<typeof providerMessages.UpdateResponse>>((done) =>
        client.update(request, done),
      );
      return bagOf(reply.getProperties());
    },
    read: async (state, inputs) => {
      const request = new ReadRequest()
        .setUrn(URN)
        .setId("x")
        .setProperties(struct(state))
        .setInputs(struct(inputs));
      const reply = await call<InstanceType<typeof providerMessages.ReadResponse>>((done) =>
        client.read(request, done),
      );
      return { state: bagOf(reply.getProperties()), inputs: bagOf(reply.getInputs()) };
    },
    remove: async (state) => {
      await call((done) => client.delete(new DeleteRequest().setUrn(URN).setProperties(struct(state)), done));
    },
    cancel: async () => {
      await call((done) => client.cancel(new emptyMessages.Empty(), done));
    },
  };
}

function bagOf(message: { toJavaScript(): object } | undefined): Properties {
  return (message?.toJavaScript() ?? {}) as Properties;
}

function inWords(reply: InstanceType<typeof providerMessages.DiffResponse>): Difference {
  const kinds = Object.entries(providerMessages.PropertyDiff.Kind);
  const detail: Record<string, string> = {};
  reply.getDetaileddiffMap().forEach((difference: { getKind(): number }, path: string) => {
    detail[path] = kinds.find(([, kind]) => kind === difference.getKind())?.[0] ?? "?";
  });
  const isSome = reply.getChanges() === providerMessages.DiffResponse.DiffChanges.DIFF_SOME;
  return { changes: isSome ? "DIFF_SOME" : "DIFF_NONE", replaces: reply.getReplacesList(), detail };
}

// Starts the command plugin and calls it as an engine does.
import { join } from "node:path";
import type grpc from "@grpc/grpc-js";
import providerMessages from "@pulumi/pulumi/proto/provider_pb.js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import structMessages from "google-protobuf/google/protobuf/struct_pb.js";
import type { Properties } from "../../lab/pulumi-plugins/command/properties.ts";
import { type LogLine, type PluginClient, startPlugin } from "../support/plugin-process.ts";

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
  const launcher = join(import.meta.dirname, "../../lab/pulumi-plugins/pulumi-resource-command");
  const { SSH_AUTH_SOCK: _, ...env } = process.env;
  const { client, lines, stop } = await startPlugin(launcher, [], { env });
  return { lines, ...callsOf(client), stop };
}

type Calls = Omit<CommandPlugin, "lines" | "stop">;

function callsOf(client: PluginClient): Calls {
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

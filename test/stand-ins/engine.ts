// Starts a plugin of the lab and calls it as an engine does.
import { join } from "node:path";
import type grpc from "@grpc/grpc-js";
import providerMessages from "@pulumi/pulumi/proto/provider_pb.js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import structMessages from "google-protobuf/google/protobuf/struct_pb.js";
import type { Properties } from "../../lab/stand-ins/properties.ts";
import {
  type AttachedEngine,
  attachTo,
  type LogLine,
  type PluginClient,
  startPlugin,
  startPluginServer,
} from "../support/plugin-process.ts";

/** The calls about one resource. */
export interface ResourceCalls {
  check(
    inputs: Properties,
    before?: Properties,
  ): Promise<{ inputs: Properties; failures: { property: string; reason: string }[] }>;
  diff(state: Properties, inputs: Properties): Promise<Difference>;
  create(inputs: Properties, preview?: boolean): Promise<{ id: string; state: Properties }>;
  update(state: Properties, inputs: Properties, preview?: boolean): Promise<Properties>;
  /** Resolves with an empty id when the resource is gone. */
  read(
    state: Properties,
    inputs: Properties,
    id?: string,
  ): Promise<{ id: string; state: Properties; inputs: Properties }>;
  /** Limited by the plugin's own deadline when no time is given, in seconds. */
  remove(state: Properties, timeoutSeconds?: number): Promise<void>;
  cancel(): Promise<void>;
}

/** A running command plugin; its own calls are about one Command. */
export interface CommandPlugin extends ResourceCalls {
  readonly lines: LogLine[];
  /** Returns the calls about the resource of another URN. */
  calls(urn: string): ResourceCalls;
  stop(): Promise<void>;
}

/** A running kubernetes plugin. */
export interface KubernetesPlugin {
  readonly lines: LogLine[];
  configure(variables: Readonly<Record<string, string>>): Promise<void>;
  diffConfig(old: Properties, now: Properties): Promise<Difference>;
  /** Returns the calls about a resource of a type. */
  calls(type: string, name: string): ResourceCalls;
  stop(): Promise<void>;
}

/** A diff reply: whether anything changed, and each changed path with its kind in words. */
export interface Difference {
  readonly changes: "DIFF_NONE" | "DIFF_SOME";
  readonly replaces: string[];
  readonly detail: Record<string, string>;
  /** Present where the old resource must go before the new one comes. */
  readonly deleteBeforeReplace?: true;
}

export const URN = "urn:pulumi:dev::trial::command:remote:Command::w1-join";
const struct = (bag: Properties) => structMessages.Struct.fromJavaScript(bag);

/** Starts the command plugin through its launcher, as the CLI does; its calls are about the resource of a URN. */
export async function startCommandPlugin(): Promise<CommandPlugin> {
  const { client, lines, stop } = await startLabPlugin("pulumi-resource-command");
  return { lines, ...callsOf(client, URN), calls: (urn) => callsOf(client, urn), stop };
}

/** A command plugin that no engine has started. */
export interface AttachablePlugin {
  /** Attaches one more engine; its calls are about one Command. */
  attach(): Promise<ResourceCalls & Pick<CommandPlugin, "lines">>;
  stop(): Promise<void>;
}

/** Starts the command plugin as a server that engines attach to. */
export async function startAttachablePlugin(): Promise<AttachablePlugin> {
  const { SSH_AUTH_SOCK: _, ...env } = process.env;
  const { port, stop } = await startPluginServer(launcherOf("pulumi-resource-command"), [], { env });
  const engines: AttachedEngine[] = [];
  return {
    attach: async () => {
      const engine = await attachTo(port);
      engines.push(engine);
      return { lines: engine.lines, ...callsOf(engine.client, URN) };
    },
    stop: async () => {
      for (const { detach } of engines) detach();
      await stop();
    },
  };
}

/** Starts the kubernetes plugin through its launcher; not yet configured. */
export async function startKubernetesPlugin(): Promise<KubernetesPlugin> {
  const { client, lines, stop } = await startLabPlugin("pulumi-resource-kubernetes");
  const { ConfigureRequest, DiffRequest } = providerMessages;
  return {
    lines,
    configure: async (variables) => {
      const request = new ConfigureRequest();
      for (const [name, value] of Object.entries(variables))
        request.getVariablesMap().set(`kubernetes:config:${name}`, value);
      await call((done) => client.configure(request, done));
    },
    diffConfig: async (old, now) =>
      inWords(
        await call((done) =>
          client.diffConfig(new DiffRequest().setOlds(struct(old)).setNews(struct(now)), done),
        ),
      ),
    calls: (type, name) => callsOf(client, `urn:pulumi:dev::trial::${type}::${name}`),
    stop,
  };
}

function startLabPlugin(launcher: string) {
  const { SSH_AUTH_SOCK: _, ...env } = process.env;
  return startPlugin(launcherOf(launcher), [], { env });
}

const launcherOf = (name: string) => join(import.meta.dirname, "../../lab/stand-ins", name);

/** Makes one call; what the plugin refuses is rejected with the plugin's own words. */
function call<Reply>(start: (done: (error: grpc.ServiceError | null, reply: Reply) => void) => void) {
  return new Promise<Reply>((resolve, reject) => {
    start((error, reply) => (error ? reject(new Error(error.details)) : resolve(reply)));
  });
}

function callsOf(client: PluginClient, urn: string): ResourceCalls {
  const { CheckRequest, CreateRequest, DeleteRequest, DiffRequest, ReadRequest, UpdateRequest } =
    providerMessages;
  return {
    check: async (inputs, before = {}) => {
      const request = new CheckRequest().setUrn(urn).setNews(struct(inputs)).setOlds(struct(before));
      const reply = await call<InstanceType<typeof providerMessages.CheckResponse>>((done) =>
        client.check(request, done),
      );
      return {
        inputs: bagOf(reply.getInputs()),
        failures: reply.getFailuresList().map((failure) => failure.toObject()),
      };
    },
    diff: async (state, inputs) => {
      const request = new DiffRequest().setUrn(urn).setOlds(struct(state)).setNews(struct(inputs));
      return inWords(await call((done) => client.diff(request, done)));
    },
    create: async (inputs, preview = false) => {
      const request = new CreateRequest().setUrn(urn).setProperties(struct(inputs)).setPreview(preview);
      const reply = await call<InstanceType<typeof providerMessages.CreateResponse>>((done) =>
        client.create(request, done),
      );
      return { id: reply.getId(), state: bagOf(reply.getProperties()) };
    },
    update: async (state, inputs, preview = false) => {
      const request = new UpdateRequest().setUrn(urn).setPreview(preview);
      request.setOlds(struct(state)).setNews(struct(inputs));
      const reply = await call<InstanceType<typeof providerMessages.UpdateResponse>>((done) =>
        client.update(request, done),
      );
      return bagOf(reply.getProperties());
    },
    read: async (state, inputs, id = "x") => {
      const request = new ReadRequest().setUrn(urn).setId(id);
      request.setProperties(struct(state)).setInputs(struct(inputs));
      const reply = await call<InstanceType<typeof providerMessages.ReadResponse>>((done) =>
        client.read(request, done),
      );
      return { id: reply.getId(), state: bagOf(reply.getProperties()), inputs: bagOf(reply.getInputs()) };
    },
    remove: async (state, timeoutSeconds = 0) => {
      const request = new DeleteRequest().setUrn(urn).setProperties(struct(state)).setTimeout(timeoutSeconds);
      await call((done) => client.delete(request, done));
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
  return {
    changes: isSome ? "DIFF_SOME" : "DIFF_NONE",
    replaces: reply.getReplacesList(),
    detail,
    ...(reply.getDeletebeforereplace() && { deleteBeforeReplace: true }),
  };
}

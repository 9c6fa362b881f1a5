// The real process that Pulumi starts for dynamic resources, called over gRPC as an engine calls it.
import { delimiter, join } from "node:path";
import type grpc from "@grpc/grpc-js";
import providerMessages from "@pulumi/pulumi/proto/provider_pb.js";
import statusMessages from "@pulumi/pulumi/proto/status_pb.js";
import structMessages from "google-protobuf/google/protobuf/struct_pb.js";
import { forwarderText } from "../../components/providers/forward.ts";
import { frugalStarter } from "./frugal-start.ts";
import { type LogLine, type PluginClient, startPlugin } from "./plugin-process.ts";

/** Types of the package's dynamic resources. */
export type Kind = keyof typeof kinds;

/** Properties in either direction. */
export type Bag = Readonly<Record<string, unknown>>;

/** What Pulumi calls for one resource type; the serialised provider is added to every bag, and left out of replies. */
export interface ResourceCalls {
  check(olds: object, news: object): Promise<{ inputs: Bag; failures: string[] }>;
  diff(olds: object, news: object): Promise<{ changes: boolean; replaces: string[] }>;
  create(inputs: object): Promise<{ id: string; outs: Bag }>;
  read(props: object): Promise<{ id: string; props: Bag }>;
  update(olds: object, news: object): Promise<Bag>;
  remove(props: object): Promise<void>;
}

/** A running provider process. */
export interface ProviderProcess extends AsyncDisposable {
  readonly lines: LogLine[];
  readonly stderr: () => string;
  of(kind: Kind): ResourceCalls;
  /** Calls a provider of this serialised text, as one that other people's program declares. */
  ofText(provider: string): ResourceCalls;
}

/** Reports a refused call; with id, properties and reasons when the resource exists but is not finished. */
export class ProviderFailure extends Error {
  readonly id: string | undefined;
  readonly properties: Bag | undefined;
  readonly reasons: readonly string[];

  constructor(error: grpc.ServiceError) {
    super(error.details);
    const [packed] = error.metadata.get("grpc-status-details-bin");
    const status =
      packed === undefined ? undefined : statusMessages.Status.deserializeBinary(packed as Buffer);
    const detail = status?.getDetailsList()[0]?.getValue_asU8();
    const failed = detail && providerMessages.ErrorResourceInitFailed.deserializeBinary(detail);
    this.id = failed?.getId();
    this.properties = failed?.getProperties()?.toJavaScript();
    this.reasons = failed?.getReasonsList() ?? [];
  }
}

const root = join(import.meta.dirname, "../..");
const providerMain = "node_modules/@pulumi/pulumi/cmd/dynamic-provider/index.js";
const kinds = { HostEnrollment: "enrollment", NodeMembership: "membership", Roster: "roster" } as const;

/**
 * Starts the process in the project's folder and configures it; a config value is JSON text, or such a text as a secret.
 * It has more variables than this process, and not this machine's SSH agent.
 */
export async function startProvider(
  config: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, string>> = {},
): Promise<ProviderProcess> {
  const path = [join(root, "node_modules/.bin"), process.env.PATH].join(delimiter);
  const { SSH_AUTH_SOCK: _, ...outer } = process.env;
  const project = { PULUMI_PROJECT: "nodepools", PULUMI_NODEJS_PROJECT: "nodepools" };
  const env = { ...outer, PATH: path, ...project, ...more };
  const plugin = await startPlugin(process.execPath, ["--require", frugalStarter, providerMain], {
    cwd: root,
    env,
  });
  const request = new providerMessages.ConfigureRequest().setArgs(struct(config));
  await call((done) => plugin.client.configure(request, done));
  return {
    lines: plugin.lines,
    stderr: plugin.stderr,
    of: (kind) => callsOf(plugin.client, forwarderText(kinds[kind])),
    ofText: (text) => callsOf(plugin.client, text),
    [Symbol.asyncDispose]: plugin.stop,
  };
}

function callsOf(client: PluginClient, __provider: string): ResourceCalls {
  const {
    CheckRequest,
    CreateRequest,
    DeleteRequest,
    DiffRequest,
    ReadRequest,
    UpdateRequest,
    DiffResponse,
  } = providerMessages;
  const bag = (properties: object) => struct({ ...properties, __provider });
  const id = "the-id";
  return {
    check: async (olds, news) => {
      const request = new CheckRequest().setOlds(bag(olds)).setNews(bag(news));
      const reply = await call<InstanceType<typeof providerMessages.CheckResponse>>((done) =>
        client.check(request, done),
      );
      return {
        inputs: plain(reply.getInputs()),
        failures: reply.getFailuresList().map((failure) => failure.getReason()),
      };
    },
    diff: async (olds, news) => {
      const request = new DiffRequest().setId(id).setOlds(bag(olds)).setNews(bag(news));
      const reply = await call<InstanceType<typeof DiffResponse>>((done) => client.diff(request, done));
      const changes = reply.getChanges() === DiffResponse.DiffChanges.DIFF_SOME;
      return { changes, replaces: reply.getReplacesList() };
    },
    create: async (inputs) => {
      const request = new CreateRequest().setProperties(bag(inputs));
      const reply = await call<InstanceType<typeof providerMessages.CreateResponse>>((done) =>
        client.create(request, done),
      );
      return { id: reply.getId(), outs: plain(reply.getProperties()) };
    },
    read: async (props) => {
      const request = new ReadRequest().setId(id).setProperties(bag(props));
      const reply = await call<InstanceType<typeof providerMessages.ReadResponse>>((done) =>
        client.read(request, done),
      );
      return { id: reply.getId(), props: plain(reply.getProperties()) };
    },
    update: async (olds, news) => {
      const request = new UpdateRequest().setId(id).setOlds(bag(olds)).setNews(bag(news));
      const reply = await call<InstanceType<typeof providerMessages.UpdateResponse>>((done) =>
        client.update(request, done),
      );
      return plain(reply.getProperties());
    },
    remove: async (props) => {
      const request = new DeleteRequest().setId(id).setProperties(bag(props));
      await call((done) => client.delete(request, done));
    },
  };
}

function call<Reply>(
  start: (done: (error: grpc.ServiceError | null, reply: Reply) => void) => void,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    start((error, reply) => (error ? reject(new ProviderFailure(error)) : resolve(reply)));
  });
}

function struct(properties: object) {
  return structMessages.Struct.fromJavaScript(properties as Record<string, structMessages.JavaScriptValue>);
}

function plain(message: { toJavaScript(): object } | undefined): Bag {
  const { __provider, ...properties } = (message?.toJavaScript() ?? {}) as Record<string, unknown>;
  return properties;
}

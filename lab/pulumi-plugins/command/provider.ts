// The gRPC face of the command plugin: requests in, replies out, no decision of its own.

import pluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import providerServices from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type {
  CheckRequest,
  CreateRequest,
  DeleteRequest,
  DiffRequest,
  ReadRequest,
  UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import type { Struct as StructMessage } from "google-protobuf/google/protobuf/struct_pb.js";
import structMessages from "google-protobuf/google/protobuf/struct_pb.js";
import { type Handlers, unary } from "../plugin-server.ts";
import { type Change, changedInputs } from "./difference.ts";
import type { RowLog } from "./engine-log.ts";
import { inputProblems, withDefaults } from "./inputs.ts";
import type { Properties } from "./properties.ts";
import { create, newId, previewCreate, previewUpdate, remove, update } from "./remote-command.ts";

export const ResourceProviderService = providerServices.ResourceProviderService;

const VERSION = "1.2.1";
const COMMAND_TYPE = "command:remote:Command";

/** Returns the plugin's handlers; `rowLog` makes the log of the resource with a URN. */
export function commandHandlers(rowLog: (urn: string) => RowLog): Handlers {
  const cancellation = new AbortController();
  const contextOf = (urn: string) => ({ log: rowLog(urn), cancelled: cancellation.signal });
  return {
    ...introductions,
    cancel: unary(() => {
      cancellation.abort();
      return new emptyMessages.Empty();
    }),
    check: unary((request: CheckRequest) => {
      refuseOtherTypes(request.getUrn());
      const inputs = withDefaults(bagOf(request.getNews()));
      return new messages.CheckResponse().setInputs(structOf(inputs)).setFailuresList(failuresOf(inputs));
    }),
    diff: unary((request: DiffRequest) =>
      diffReply(changedInputs(bagOf(request.getOlds()), bagOf(request.getNews()))),
    ),
    create: unary(async (request: CreateRequest) => {
      const inputs = bagOf(request.getProperties());
      const state = request.getPreview()
        ? previewCreate(inputs)
        : await create(inputs, contextOf(request.getUrn()));
      return new messages.CreateResponse()
        .setId(newId(nameIn(request.getUrn())))
        .setProperties(structOf(state));
    }),
    update: unary(async (request: UpdateRequest) => {
      const [state, inputs] = [bagOf(request.getOlds()), bagOf(request.getNews())];
      const next = request.getPreview()
        ? previewUpdate(state, inputs)
        : await update(state, inputs, contextOf(request.getUrn()));
      return new messages.UpdateResponse().setProperties(structOf(next));
    }),
    read: unary((request: ReadRequest) =>
      new messages.ReadResponse()
        .setId(request.getId())
        .setProperties(request.getProperties())
        .setInputs(request.getInputs()),
    ),
    delete: unary(async (request: DeleteRequest) => {
      await remove(bagOf(request.getProperties()), contextOf(request.getUrn()));
      return new emptyMessages.Empty();
    }),
  };
}

/** What the engine asks before it touches a resource; it does without what is missing here. */
const introductions: Handlers = {
  handshake: unary(() => new messages.ProviderHandshakeResponse().setAcceptSecrets(true)),
  getPluginInfo: unary(() => new pluginMessages.PluginInfo().setVersion(VERSION)),
  configure: unary(() => new messages.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true)),
};

function refuseOtherTypes(urn: string): void {
  const type = urn.split("::")[2]?.split("$").at(-1);
  if (type === COMMAND_TYPE) return;
  throw new Error(
    `checking "${urn}": the lab's command plugin only knows ${COMMAND_TYPE}. Use the official plugin.`,
  );
}

function nameIn(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

function bagOf(struct: StructMessage | undefined): Properties {
  return (struct?.toJavaScript() ?? {}) as Properties;
}

function structOf(bag: Properties): StructMessage {
  return structMessages.Struct.fromJavaScript(bag);
}

function failuresOf(inputs: Properties) {
  return inputProblems(inputs).map(({ property, reason }) =>
    new messages.CheckFailure().setProperty(property).setReason(reason),
  );
}

function diffReply(changes: readonly Change[]) {
  const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
  const reply = new messages.DiffResponse()
    .setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE)
    .setDiffsList(changes.map(({ path }) => path))
    .setReplacesList(changes.filter(({ replaces }) => replaces).map(({ path }) => path))
    .setHasdetaileddiff(changes.length > 0);
  for (const change of changes) {
    reply.getDetaileddiffMap().set(change.path, new messages.PropertyDiff().setKind(kindOf(change)));
  }
  return reply;
}

function kindOf({ kind, replaces }: Change) {
  const kinds = messages.PropertyDiff.Kind;
  const pair = {
    add: [kinds.ADD, kinds.ADD_REPLACE],
    delete: [kinds.DELETE, kinds.DELETE_REPLACE],
    update: [kinds.UPDATE, kinds.UPDATE_REPLACE],
  } as const;
  return pair[kind][replaces ? 1 : 0];
}

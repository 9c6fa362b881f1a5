// The gRPC face of the command plugin: requests in, replies out, no decision of its own.

import pluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
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
import type { RowLog } from "../engine-log.ts";
import { type Handlers, unary } from "../plugin-server.ts";
import type { Properties } from "../properties.ts";
import { bagOf, diffReply, nameIn, structOf, typeIn } from "../resource-messages.ts";
import { changedInputs } from "./difference.ts";
import { inputProblems, withDefaults } from "./inputs.ts";
import { create, newId, previewCreate, previewUpdate, remove, update } from "./remote-command.ts";

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
  if (typeIn(urn) === COMMAND_TYPE) return;
  throw new Error(
    `checking "${urn}": the lab's command plugin only knows ${COMMAND_TYPE}. Use the official plugin.`,
  );
}

function failuresOf(inputs: Properties) {
  return inputProblems(inputs).map(({ property, reason }) =>
    new messages.CheckFailure().setProperty(property).setReason(reason),
  );
}

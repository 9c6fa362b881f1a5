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
import { bagOf, diffReply, nameIn, structOf, typeIn } from "../resource-messages.ts";
import { copyToRemote } from "./copy-to-remote.ts";
import type { InputProblem } from "./inputs.ts";
import { remoteCommand } from "./remote-command.ts";
import type { ResourceLife } from "./resource-life.ts";

const VERSION = "1.2.1";
const LIVES: Readonly<Record<string, ResourceLife>> = {
  "command:remote:Command": remoteCommand,
  "command:remote:CopyToRemote": copyToRemote,
};

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
      const { withDefaults, inputProblems } = lifeOf(request.getUrn());
      const inputs = withDefaults(bagOf(request.getNews()));
      return new messages.CheckResponse()
        .setInputs(structOf(inputs))
        .setFailuresList(inputProblems(inputs).map(failureOf));
    }),
    diff: unary((request: DiffRequest) =>
      diffReply(lifeOf(request.getUrn()).changedInputs(bagOf(request.getOlds()), bagOf(request.getNews()))),
    ),
    create: unary(async (request: CreateRequest) => {
      const [life, inputs] = [lifeOf(request.getUrn()), bagOf(request.getProperties())];
      const state = request.getPreview()
        ? life.previewCreate(inputs)
        : await life.create(inputs, contextOf(request.getUrn()));
      return new messages.CreateResponse()
        .setId(life.newId(nameIn(request.getUrn())))
        .setProperties(structOf(state));
    }),
    update: unary(async (request: UpdateRequest) => {
      const life = lifeOf(request.getUrn());
      const [state, inputs] = [bagOf(request.getOlds()), bagOf(request.getNews())];
      const next = request.getPreview()
        ? life.previewUpdate(state, inputs)
        : await life.update(state, inputs, contextOf(request.getUrn()));
      return new messages.UpdateResponse().setProperties(structOf(next));
    }),
    read: unary((request: ReadRequest) =>
      new messages.ReadResponse()
        .setId(request.getId())
        .setProperties(request.getProperties())
        .setInputs(request.getInputs()),
    ),
    delete: unary(async (request: DeleteRequest) => {
      await lifeOf(request.getUrn()).remove(bagOf(request.getProperties()), contextOf(request.getUrn()));
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

function lifeOf(urn: string): ResourceLife {
  const life = LIVES[typeIn(urn)];
  if (life !== undefined) return life;
  const known = Object.keys(LIVES).join(" and ");
  throw new Error(
    `handling "${urn}": the lab's command plugin only knows ${known}. Use the official plugin.`,
  );
}

function failureOf({ property, reason }: InputProblem) {
  return new messages.CheckFailure().setProperty(property).setReason(reason);
}

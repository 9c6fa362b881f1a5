// The gRPC face of the command plugin: requests in, replies out, no decision of its own.

import pluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import type {
  CheckRequest,
  CreateRequest,
  DeleteRequest,
  DiffRequest,
  ProviderHandshakeRequest,
  ReadRequest,
  UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import { connectEngineLog } from "../engine-log.ts";
import { type Caller, type Handlers, PerEngine, unary } from "../plugin-server.ts";
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

/** Returns the plugin's handlers. */
export function commandHandlers(): Handlers {
  const engines = new PerEngine(connectTo);
  const contextOf = (urn: string, caller: Caller) => {
    const { rowLog, cancellation } = engines.of(caller);
    return { log: rowLog(urn), cancelled: AbortSignal.any([cancellation.signal, caller.gone]) };
  };
  return {
    ...introductionsOf(engines),
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
    create: unary(async (request: CreateRequest, caller) => {
      const [life, inputs] = [lifeOf(request.getUrn()), bagOf(request.getProperties())];
      const state = request.getPreview()
        ? life.previewCreate(inputs)
        : await life.create(inputs, contextOf(request.getUrn(), caller));
      return new messages.CreateResponse()
        .setId(life.newId(nameIn(request.getUrn())))
        .setProperties(structOf(state));
    }),
    update: unary(async (request: UpdateRequest, caller) => {
      const life = lifeOf(request.getUrn());
      const [state, inputs] = [bagOf(request.getOlds()), bagOf(request.getNews())];
      const next = request.getPreview()
        ? life.previewUpdate(state, inputs)
        : await life.update(state, inputs, contextOf(request.getUrn(), caller));
      return new messages.UpdateResponse().setProperties(structOf(next));
    }),
    read: unary((request: ReadRequest) =>
      new messages.ReadResponse()
        .setId(request.getId())
        .setProperties(request.getProperties())
        .setInputs(request.getInputs()),
    ),
    delete: unary(async (request: DeleteRequest, caller) => {
      await lifeOf(request.getUrn()).remove(
        bagOf(request.getProperties()),
        contextOf(request.getUrn(), caller),
      );
      return new emptyMessages.Empty();
    }),
  };
}

/** What goes to an engine, and what ends its commands. */
const connectTo = (address: string) => ({
  rowLog: connectEngineLog(address),
  cancellation: new AbortController(),
});

/** What the engine asks apart from resources; it does without what is missing here. */
function introductionsOf(engines: PerEngine<ReturnType<typeof connectTo>>): Handlers {
  return {
    handshake: unary((request: ProviderHandshakeRequest, caller) => {
      engines.greet(caller, request.getEngineAddress());
      return new messages.ProviderHandshakeResponse().setAcceptSecrets(true);
    }),
    attach: unary(() => new emptyMessages.Empty()),
    getPluginInfo: unary(() => new pluginMessages.PluginInfo().setVersion(VERSION)),
    configure: unary(() => new messages.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true)),
    cancel: unary((_request, caller) => {
      engines.of(caller).cancellation.abort();
      return new emptyMessages.Empty();
    }),
  };
}

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

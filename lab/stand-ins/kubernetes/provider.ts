// The gRPC face of the kubernetes plugin: requests in, replies out, no decision of its own.

import pluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import type {
  CheckRequest,
  ConfigureRequest,
  CreateRequest,
  DeleteRequest,
  DiffRequest,
  ReadRequest,
  UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import { Access } from "../../../components/kube/access.ts";
import type { RowLog } from "../engine-log.ts";
import { type Handlers, unary } from "../plugin-server.ts";
import type { Properties } from "../properties.ts";
import { bagOf, diffReply, nameIn, structOf, typeIn } from "../resource-messages.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import { withName, withNamespace } from "./inputs.ts";
import { create, preview, read, remove, update } from "./lifecycle.ts";
import { idOf, keyOf, kindOfType, placeIn } from "./objects.ts";
import { changedProvider } from "./provider-difference.ts";
import { changedInputs, mustDeleteFirst } from "./replacement.ts";
import { type ProviderSettings, readProviderSettings } from "./settings.ts";
import { markSecrets } from "./state.ts";

const VERSION = "4.34.2";
/** How long a deletion is waited for when the resource does not say, as the official plugin does. */
const deletionSeconds = 600;

/** A configured provider. */
interface Provider {
  readonly settings: ProviderSettings;
  readonly namespace: string;
  readonly cluster: Cluster;
}

/** Returns the plugin's handlers; `rowLog` makes the log of the resource with a URN. */
export function kubernetesHandlers(rowLog: (urn: string) => RowLog): Handlers {
  const cancellation = new AbortController();
  let configured: Provider | undefined;
  const provider = () => {
    if (configured) return configured;
    throw new Error("reaching the cluster: the engine has not configured the kubernetes provider");
  };
  return {
    handshake: unary(() => new messages.ProviderHandshakeResponse().setAcceptSecrets(true)),
    getPluginInfo: unary(() => new pluginMessages.PluginInfo().setVersion(VERSION)),
    diffConfig: unary((request: DiffRequest) =>
      diffReply(changedProvider(bagOf(request.getOlds()), bagOf(request.getNews()))),
    ),
    configure: unary((request: ConfigureRequest) => {
      configured = configure(request);
      return new messages.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
    }),
    cancel: unary(() => {
      cancellation.abort();
      return new emptyMessages.Empty();
    }),
    ...objectHandlers(provider, (request) => ({
      timeoutSeconds: request.getTimeout() || deletionSeconds,
      cancelled: cancellation.signal,
      status: rowLog(request.getUrn()).status,
    })),
  };
}

function configure(request: ConfigureRequest): Provider {
  const variables = new Map<string, string>();
  request.getVariablesMap().forEach((value: string, name: string) => {
    variables.set(name, value);
  });
  const settings = readProviderSettings(variables);
  const access = new Access(settings.kubeconfig, settings.context);
  const ofContext = access.getContextObject(access.getCurrentContext())?.namespace;
  return { settings, namespace: settings.namespace ?? ofContext ?? "default", cluster: openCluster(access) };
}

function objectHandlers(
  provider: () => Provider,
  patience: (request: DeleteRequest) => Parameters<typeof remove>[2],
): Handlers {
  return {
    check: unary(async (request: CheckRequest) => {
      const inputs = await check(request, provider());
      return new messages.CheckResponse().setInputs(structOf(inputs));
    }),
    diff: unary((request: DiffRequest) => {
      const [state, inputs] = [bagOf(request.getOlds()), bagOf(request.getNews())];
      const changes = changedInputs(state, inputs, provider().settings);
      const replaces = changes.some((change) => change.replaces);
      return diffReply(changes).setDeletebeforereplace(replaces && mustDeleteFirst(state, inputs));
    }),
    create: unary(async (request: CreateRequest) => {
      const inputs = bagOf(request.getProperties());
      if (request.getPreview()) {
        await preview(inputs, {}, provider());
        return new messages.CreateResponse().setProperties(structOf(inputs));
      }
      const state = await create(inputs, provider());
      return new messages.CreateResponse().setId(idOf(keyOf(state))).setProperties(structOf(state));
    }),
    update: unary(async (request: UpdateRequest) => {
      const [state, inputs] = [bagOf(request.getOlds()), bagOf(request.getNews())];
      if (request.getPreview()) await preview(inputs, state, provider());
      const next = request.getPreview() ? inputs : await update(state, inputs, provider());
      return new messages.UpdateResponse().setProperties(structOf(next));
    }),
    read: unary((request: ReadRequest) => readObject(request, provider())),
    delete: unary(async (request: DeleteRequest) => {
      await remove(keyOf(bagOf(request.getProperties())), provider(), patience(request));
      return new emptyMessages.Empty();
    }),
  };
}

async function check(request: CheckRequest, { cluster, namespace }: Provider): Promise<Properties> {
  const urn = request.getUrn();
  const kind = kindOfType(typeIn(urn));
  const declared = bagOf(request.getNews());
  const named = withName(declared, bagOf(request.getOlds()), nameIn(urn));
  const isPlaced = keyOf(named).namespace !== "" || !(await cluster.isNamespaced(kind));
  return markSecrets(isPlaced ? named : withNamespace(named, namespace), declared);
}

async function readObject(request: ReadRequest, provider: Provider) {
  const [state, inputs] = [bagOf(request.getProperties()), bagOf(request.getInputs())];
  const known = keyOf(state);
  const kind = known.kind === "" ? kindOfType(typeIn(request.getUrn())) : known;
  const key = { apiVersion: kind.apiVersion, kind: kind.kind, ...placeIn(request.getId()) };
  const found = await read(key, inputs, state, provider);
  if (!found) return new messages.ReadResponse();
  return new messages.ReadResponse()
    .setId(request.getId())
    .setProperties(structOf(found.state))
    .setInputs(structOf(found.inputs));
}

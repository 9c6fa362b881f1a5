// The gRPC messages that every resource plugin reads and writes, from and to plain property bags.
import providerServices from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import type { Struct as StructMessage } from "google-protobuf/google/protobuf/struct_pb.js";
import structMessages from "google-protobuf/google/protobuf/struct_pb.js";
import type { Change } from "./difference.ts";
import type { Properties } from "./properties.ts";

/** The service that a resource plugin serves. */
export const ResourceProviderService = providerServices.ResourceProviderService;

/** Reads the type token out of a URN, without the types of its parents. */
export function typeIn(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

/** Reads the resource's name out of a URN. */
export function nameIn(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** Reads a bag out of a message; absent is empty. */
export function bagOf(struct: StructMessage | undefined): Properties {
  return (struct?.toJavaScript() ?? {}) as Properties;
}

/** Writes a bag into a message. */
export function structOf(bag: Properties): StructMessage {
  return structMessages.Struct.fromJavaScript(bag);
}

/** Returns the reply that tells these changes one by one. */
export function diffReply(changes: readonly Change[]) {
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

// The documented fields of a kubeconfig, as clientcmd reads them (k8s.io/client-go/tools/clientcmd/api/v1/types.go):
// what each must be. Values are never shown, because any may be a secret; fields that are not documented are left out,
// as kubectl does. Pure.
import { z } from "zod";

const absent = (given: unknown) => (given === null || given === "" ? undefined : given);
const field = <Schema extends z.ZodType>(schema: Schema) => z.preprocess(absent, schema.optional());

const isScalar = (given: unknown) => typeof given === "number" || typeof given === "boolean";
const text = z.string({
  error: ({ input }) => (isScalar(input) ? "not a text. Write it in quotes" : "not a text"),
});
const flag = z.boolean({ error: "neither true nor false. Write one of them, without quotes" });
const texts = z.array(text, { error: "not a list of texts" });
const map = { error: "not a map" };

/** Bytes as base64, which stay as they are written. */
const base64 = text.superRefine((given, context) => {
  const bare = given.replace(/\s/g, "");
  if (/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(bare)) return;
  const message = bare.startsWith("-----BEGIN")
    ? "PEM as it is. Give its base64 (base64 -w0 <file>), or the path of the file in the field without -data"
    : "not base64; was it cut off, or broken by line breaks?";
  context.addIssue({ code: "custom", message });
});

const extension = z.object({ name: field(text), extension: z.unknown() }, map);

const clusterFields = z.object(
  {
    server: field(text),
    "tls-server-name": field(text),
    "insecure-skip-tls-verify": field(flag),
    "certificate-authority": field(text),
    "certificate-authority-data": field(base64),
    "proxy-url": field(text),
    "disable-compression": field(flag),
    extensions: field(z.array(extension, { error: "not a list" })),
  },
  map,
);

const execFields = z.object(
  {
    command: field(text),
    args: field(texts),
    env: field(z.array(z.object({ name: field(text), value: field(text) }, map), { error: "not a list" })),
    apiVersion: field(text),
    installHint: field(text),
    provideClusterInfo: field(flag),
    interactiveMode: field(text),
  },
  map,
);

const userFields = z.object(
  {
    "client-certificate": field(text),
    "client-certificate-data": field(base64),
    "client-key": field(text),
    "client-key-data": field(base64),
    token: field(text),
    tokenFile: field(text),
    as: field(text),
    "as-uid": field(text),
    "as-groups": field(texts),
    "as-user-extra": field(z.record(z.string(), texts, map)),
    username: field(text),
    password: field(text),
    "auth-provider": field(
      z.object({ name: field(text), config: field(z.record(z.string(), text, map)) }, map),
    ),
    exec: field(execFields),
  },
  map,
);

const contextFields = z.object({ cluster: field(text), user: field(text), namespace: field(text) }, map);

const named = { name: text };
const listOf = <Shape extends z.ZodRawShape>(entry: Shape) =>
  field(z.array(z.object({ ...named, ...entry }, map), { error: "not a list" }));

/** The whole file: each entry is looked at when it is the one that is used, as kubectl does. */
export const fileFields = z.object(
  {
    apiVersion: field(text),
    kind: field(text),
    "current-context": field(text),
    clusters: listOf({ cluster: z.unknown() }),
    users: listOf({ user: z.unknown() }),
    contexts: listOf({ context: z.unknown() }),
  },
  { error: "not a kubeconfig" },
);

/** What is read of the entries in use. */
export const entryFields = { cluster: clusterFields, user: userFields, context: contextFields };

export type KubeconfigFile = z.output<typeof fileFields>;
export type ClusterEntry = z.output<typeof clusterFields>;
export type UserEntry = z.output<typeof userFields>;
export type ExecEntry = z.output<typeof execFields>;

/** Lists the documented fields of each kind of entry. */
export const documentedFields = {
  cluster: Object.keys(clusterFields.shape),
  user: Object.keys(userFields.shape),
  exec: Object.keys(execFields.shape),
  context: Object.keys(contextFields.shape),
};

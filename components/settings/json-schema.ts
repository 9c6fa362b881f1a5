// The stack config as a JSON schema, for editors: shape, bounds and defaults out of the schema that the program parses
// with, descriptions out of the docstrings of its options. Pure; used by the build.
import { z } from "zod";
import { clusterSchema, declaredPoolsSchema, hostsSchema, poolsFileSchema } from "./schema.ts";
import { sshSchema } from "./ssh-schema.ts";

type JsonSchema = Record<string, unknown>;

/** Docstrings as one line each, by `<interface or constant>.<field>`. */
export type Docstrings = ReadonlyMap<string, string>;

/** Where the fields of a map are described, by the key under which the map stands. */
const describedBy: Readonly<Record<string, readonly string[]>> = {
  cluster: ["clusterFields"],
  access: ["accessFields"],
  verify: ["verifyFields"],
  checks: ["checkFields"],
  ssh: ["sshFields", "credentialFields"],
  bastion: ["bastionFields", "credentialFields"],
  pools: ["PoolArgs", "MetadataArgs", "declaredPoolFields"],
  hosts: ["HostArgs", "MetadataArgs"],
  drain: ["DrainArgs"],
  rules: ["DrainRuleArgs"],
  hooks: ["HooksArgs"],
  beforeDrain: ["HookArgs"],
  afterDrain: ["HookArgs"],
  beforeReset: ["HookArgs"],
  afterJoin: ["HookArgs"],
  job: ["HookJobArgs"],
  limits: ["LimitsArgs"],
  prepare: ["PrepareOptions"],
  taints: ["Taint"],
};

/** Files that hold these docstrings, relative to `components/`. */
export const describingFiles = [
  "settings/schema.ts",
  "settings/ssh-schema.ts",
  "settings/verify-schema.ts",
  "settings/pool-args.ts",
  "model/prepare.ts",
  "model/taint.ts",
] as const;

/** Finds the docstrings of the fields of every interface and constant of a source. */
export function readDocstrings(source: string): Map<string, string> {
  const owners = source.split(/^(?=(?:export )?(?:interface|const) )/m);
  return new Map(
    owners.flatMap((text) => {
      const owner = /^(?:export )?(?:interface|const) (\w+)/.exec(text)?.[1];
      const fields = text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s+(?:readonly )?(\w+)\??:/g);
      return [...fields].map(([, doc = "", field]) => [`${owner}.${field}`, inOneLine(doc)] as const);
    }),
  );
}

function inOneLine(doc: string): string {
  const text = doc.replaceAll(/\s*\n\s*\*?\s*/g, " ").trim();
  return text.replace(/@defaultValue (.*)$/, "Default: $1.");
}

const encrypted = {
  type: "object",
  properties: { secure: { type: "string" } },
  required: ["secure"],
  additionalProperties: false,
};

const poolsFileText =
  "Instead of nodepools:pools: a YAML file with that list, relative to the project's folder.";

/** Returns the schemas of files of hosts and of pools. */
export function inventoryJsonSchemas(docstrings: Docstrings): Record<"hosts" | "pools", JsonSchema> {
  const schema = (name: string, shape: z.ZodType) => ({
    $schema: "http://json-schema.org/draft-07/schema#",
    title: `Inventory file of nodepools: ${name}`,
    ...described(toJson(shape), name, docstrings),
  });
  return { hosts: schema("hosts", hostsSchema), pools: schema("pools", declaredPoolsSchema) };
}

/** Returns the schema of a whole `Pulumi.<stack>.yaml`, in which other programs' keys may stand too. */
export function configJsonSchema(docstrings: Docstrings): JsonSchema {
  const key = (name: string, schema: z.ZodType, description: string) => [
    `nodepools:${name}`,
    { description, anyOf: [described(toJson(schema), name, docstrings), encrypted] },
  ];
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Stack config of nodepools",
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: Object.fromEntries([
          key("cluster", clusterSchema, "How the cluster is reached."),
          key("ssh", sshSchema, "How hosts are logged in to: user, port, and exactly one credential."),
          key("pools", declaredPoolsSchema, "The pools of worker nodes, each with its hosts."),
          ["nodepools:poolsFile", { description: poolsFileText, ...toJson(poolsFileSchema) }],
        ]),
      },
    },
  };
}

function toJson(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    target: "draft-07",
    io: "input",
    unrepresentable: "any",
    override: ({ jsonSchema }) => complete(jsonSchema),
  });
  return json;
}

/** Says what zod cannot know, and leaves out what it says of its own. */
function complete(json: JsonSchema): void {
  delete json.readOnly;
  if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum;
  if (typeof json.orWord === "string") offer(json, { const: json.orWord });
  if (json.writeOnly === true) offer(json, encrypted);
}

/** Makes a schema one of two. */
function offer(json: JsonSchema, other: JsonSchema): void {
  const { orWord: _, writeOnly: __, ...plain } = json;
  for (const field of Object.keys(json)) delete json[field];
  json.anyOf = [plain, other];
}

/** Adds the descriptions of all fields below a map that stands under `key`. */
function described(schema: JsonSchema, key: string, docstrings: Docstrings): JsonSchema {
  const { properties, items, anyOf } = schema as {
    readonly properties?: Readonly<Record<string, JsonSchema>>;
    readonly items?: JsonSchema;
    readonly anyOf?: readonly JsonSchema[];
  };
  const describe = (field: string) =>
    describedBy[key]?.map((owner) => docstrings.get(`${owner}.${field}`)).find(Boolean);
  const fields = Object.entries(properties ?? {}).map(([field, value]) => {
    const description = describe(field);
    return [field, { ...(description && { description }), ...described(value, field, docstrings) }] as const;
  });
  return {
    ...schema,
    ...(properties && { properties: Object.fromEntries(fields) }),
    ...(items && { items: described(items, key, docstrings) }),
    ...(anyOf && { anyOf: anyOf.map((one) => described(one, key, docstrings)) }),
  };
}

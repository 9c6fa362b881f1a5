// The inputs of command:remote:Command and CopyToRemote: their shape, their defaults and what is wrong with them. Pure.
import { z } from "zod";
import {
  asSecret,
  isProperties,
  type Properties,
  reveal,
  UNKNOWN,
  unwrapSecret,
  type Value,
} from "../properties.ts";

const endpointShape = {
  host: z.string(),
  port: z.number(),
  user: z.string(),
  password: z.string().optional(),
  privateKey: z.string().optional(),
  privateKeyPassword: z.string().optional(),
  agentSocketPath: z.string().optional(),
  hostKey: z.string().optional(),
  dialErrorLimit: z.number(),
  perDialTimeout: z.number(),
};

const connectionSchema = z.object({ ...endpointShape, proxy: z.object(endpointShape).optional() });

const commandSchema = z.object({
  connection: connectionSchema,
  create: z.string().optional(),
  update: z.string().optional(),
  delete: z.string().optional(),
  stdin: z.string().optional(),
  environment: z.record(z.string(), z.string()).optional(),
  triggers: z.array(z.unknown()).optional(),
  // Anything else than stdout, stderr and stdoutAndStderr shows nothing.
  logging: z.string().optional(),
  addPreviousOutputInEnv: z.boolean().optional(),
});

const copySchema = z.object({
  connection: connectionSchema,
  // An asset or an archive in the engine's form; its hash is the engine's, over the contents.
  source: z.object({ path: z.string(), hash: z.string() }, "not a file or a folder"),
  remotePath: z.string(),
  triggers: z.array(z.unknown()).optional(),
});

/** A command's inputs, without secret wrappings. */
export type CommandInputs = z.infer<typeof commandSchema>;

/** A copy's inputs, without secret wrappings. */
export type CopyInputs = z.infer<typeof copySchema>;

/** How to reach a machine, with the bastion in front of it if there is one. */
export type Connection = CommandInputs["connection"];

/** How to reach one SSH server. */
export type Endpoint = Omit<Connection, "proxy">;

/** One input that cannot be used. */
export interface InputProblem {
  readonly property: string;
  readonly reason: string;
}

const ENDPOINT_DEFAULTS = { user: "root", port: 22, dialErrorLimit: 10, perDialTimeout: 15 };

/** Fills in the connection's defaults and makes it a secret as a whole, as the official schema does. */
export function withConnection(inputs: Properties): Properties {
  const { connection } = inputs;
  if (connection === undefined) return inputs;
  return { ...inputs, connection: asSecret(connectionWithDefaults(connection)) };
}

function connectionWithDefaults(connection: Value): Value {
  const filled = endpointWithDefaults(unwrapSecret(connection));
  if (!isProperties(filled) || !isProperties(filled.proxy)) return filled;
  return { ...filled, proxy: endpointWithDefaults(unwrapSecret(filled.proxy)) };
}

function endpointWithDefaults(endpoint: Value): Value {
  if (!isProperties(endpoint)) return endpoint;
  const given = Object.entries(endpoint).filter(([, value]) => value !== null);
  return { ...ENDPOINT_DEFAULTS, ...Object.fromEntries(given) };
}

/** Lists what is wrong with a command's inputs; what is not known yet is not wrong. */
export function inputProblems(inputs: Properties): InputProblem[] {
  return problemsBy(commandSchema, inputs);
}

/** Lists what is wrong with a copy's inputs. */
export function copyProblems(inputs: Properties): InputProblem[] {
  return problemsBy(copySchema, inputs);
}

function problemsBy(schema: z.ZodType, inputs: Properties): InputProblem[] {
  const bare = reveal(inputs);
  const issues = schema.safeParse(bare).error?.issues ?? [];
  return issues
    .filter(({ path }) => !isUnknownAt(bare, path))
    .map(({ path: [property, ...rest], message }) => ({
      property: String(property),
      reason: rest.length > 0 ? `${rest.join(".")}: ${message}` : message,
    }));
}

function isUnknownAt(value: Value | undefined, path: readonly PropertyKey[]): boolean {
  if (value === UNKNOWN) return true;
  const [first, ...rest] = path;
  if (first === undefined) return false;
  if (Array.isArray(value)) return isUnknownAt(value[Number(first)], rest);
  return isProperties(value) && isUnknownAt(value[String(first)], rest);
}

/** Reads a command's inputs out of a bag that was checked before. */
export function readInputs(properties: Properties): CommandInputs {
  return commandSchema.parse(reveal(properties));
}

/** Reads a copy's inputs out of a bag that was checked before. */
export function readCopy(properties: Properties): CopyInputs {
  return copySchema.parse(reveal(properties));
}

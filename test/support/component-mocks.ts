// Runs a Pulumi program without an engine and records what it asks the engine for, request by request.
import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";

/** One resource as the engine is asked for it. */
export interface Registration {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly parent: string;
  readonly dependencies: readonly string[];
  readonly deleteBeforeReplace: boolean;
  readonly secretOutputs: readonly string[];
  readonly aliases: number;
  readonly ignoreChanges: readonly string[];
  readonly isProtected: boolean;
  /** Secrets unwrapped; without the serialised provider. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Names of the inputs that are secret as a whole or hold a secret. */
  readonly secretInputs: readonly string[];
}

const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

const machineOf = (node: string) => `machine-of-${node}`;

/** What the providers would answer; anything that is not listed fails the program. */
function answer({ type, name, inputs }: pulumi.runtime.MockResourceArgs) {
  // A preview calls no dynamic provider for what is to be made; the command plugin makes up an id.
  if (pulumi.runtime.isDryRun() && type.startsWith("pulumi-nodejs:dynamic/"))
    return { id: "", state: inputs };
  if (type.startsWith("kubernetes:")) return { id: name, state: inputs };
  switch (type) {
    case "nodepools:index:Cluster":
    case "nodepools:index:ClusterAccess":
    case "nodepools:index:NodePool":
    case "nodepools:index:PoolNode":
      return { id: "", state: inputs };
    case "pulumi-nodejs:dynamic/nodepools:HostEnrollment":
      return {
        id: `${name}-enrolled-${inputs.rejoinTrigger}`,
        state: {
          ...inputs,
          machineId: machineOf(name),
          tokenId: "abcdef",
          joinConfiguration: "",
        },
      };
    case "pulumi:providers:kubernetes":
      return { id: name, state: inputs };
    case "command:remote:CopyToRemote":
      return { id: `${name}-copied`, state: inputs };
    case "command:remote:Command":
      return { id: `${name}-joined`, state: { ...inputs, stdout: "joined" } };
    case "pulumi-nodejs:dynamic/nodepools:NodeMembership":
      return { id: name, state: { ...inputs, observed: null } };
    case "pulumi-nodejs:dynamic/nodepools:Roster":
      return { id: name, state: inputs };
    default:
      throw new Error(`no resource of type ${type} was expected`);
  }
}

/**
 * Runs a program to its end as stack acme/nodepools/dev; fails when it fails. Requests are sorted by URN; what
 * `beforeAnswer` returns is waited for before each answer. A preview is one of a stack that has nothing yet.
 */
export async function runProgram(
  program: () => void | Promise<void>,
  beforeAnswer: BeforeAnswer = () => undefined,
  isPreview = false,
): Promise<Registration[]> {
  const requests = await requestsOf(program, beforeAnswer, isPreview);
  return requests.map(describeRequest).sort((one, other) => (one.urn < other.urn ? -1 : 1));
}

/** How large a request is: with the answer to it, what the state holds of the resource. */
export interface RequestSize {
  readonly type: string;
  readonly name: string;
  readonly bytes: number;
  /** Whether the place in the program's code goes along. */
  readonly hasPlace: boolean;
}

/** Runs a program; returns how large its requests were. */
export async function measureProgram(program: () => void | Promise<void>): Promise<RequestSize[]> {
  const requests = await requestsOf(program, () => undefined, false);
  return requests.map(({ request }) => ({
    type: request.getType(),
    name: request.getName(),
    bytes: request.serializeBinary().length,
    hasPlace: (request.getStacktrace()?.getFramesList() ?? []).length > 0,
  }));
}

type BeforeAnswer = (request: pulumi.runtime.MockResourceArgs) => void | Promise<void>;

async function requestsOf(
  program: () => void | Promise<void>,
  beforeAnswer: BeforeAnswer,
  isPreview: boolean,
): Promise<Answered[]> {
  const mocks = {
    newResource: async (request: pulumi.runtime.MockResourceArgs) => {
      await beforeAnswer(request);
      return answer(request);
    },
    call: ({ token }: pulumi.runtime.MockCallArgs) => {
      throw new Error(`no call of ${token} was expected`);
    },
  };
  await pulumi.runtime.setMocks(mocks, "nodepools", "dev", isPreview, "acme");
  const requests = recordRequests(mockMonitor());
  try {
    await program();
  } finally {
    await pulumi.runtime.disconnect();
  }
  return requests;
}

interface Answered {
  readonly request: RegisterResourceRequest;
  urn: string;
}

interface Monitor {
  newUrn(parent: string, type: string, name: string): string;
  registerResource(
    request: RegisterResourceRequest,
    reply: (error: unknown, response: { getUrn(): string } | undefined) => void,
  ): unknown;
}

/** Returns the monitor that answers with the mocks, giving URNs as the engine does: with the types of all parents. */
function mockMonitor(): Monitor {
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  monitor.newUrn = (parent, type, name) => {
    const types = parent === "" ? type : `${parent.split("::")[2]}$${type}`;
    return `urn:pulumi:dev::nodepools::${types}::${name}`;
  };
  return monitor;
}

/** Listens at the monitor: the mocks above see neither options nor secrets. */
function recordRequests(monitor: Monitor): Answered[] {
  const requests: Answered[] = [];
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, reply) => {
    const answered: Answered = { request, urn: "" };
    requests.push(answered);
    return register(request, (error, response) => {
      answered.urn = response?.getUrn() ?? "";
      reply(error, response);
    });
  };
  return requests;
}

function describeRequest({ request, urn }: Answered): Registration {
  const raw = request.getObject()?.toJavaScript() ?? {};
  const { __provider, ...inputs } = raw as Record<string, unknown>;
  return {
    type: request.getType(),
    name: request.getName(),
    urn,
    parent: request.getParent(),
    dependencies: request.getDependenciesList().sort(),
    deleteBeforeReplace: request.getDeletebeforereplace(),
    secretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: request.getAliasesList().length,
    ignoreChanges: request.getIgnorechangesList(),
    isProtected: request.getProtect() === true,
    inputs: unwrap(inputs) as Record<string, unknown>,
    secretInputs: Object.keys(inputs).filter((name) =>
      JSON.stringify(inputs[name]).includes(secretSignature),
    ),
  };
}

function unwrap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrap);
  if (typeof value !== "object" || value === null) return value;
  if (Object.values(value).includes(secretSignature)) return unwrap((value as { value: unknown }).value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unwrap(inner)]));
}

/** Finds the one resource with a type that ends so, and a name. */
export function find(registrations: readonly Registration[], type: string, name: string): Registration {
  const found = registrations.filter((one) => one.type.endsWith(type) && one.name === name);
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new Error(`${found.length} resources are a ${type} "${name}"`);
  return only;
}

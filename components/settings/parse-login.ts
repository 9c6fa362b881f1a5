// What proves the program to one SSH server: the one credential that is declared, with the file that it names. Pure.
import type { LoginSecrets } from "../ssh/credentials.ts";
import { checkFile } from "./check-file.ts";
import { isMap } from "./loose.ts";
import { formatPath, type Parsed, type Path, type Problem } from "./problem.ts";
import { credentialKinds } from "./ssh-schema.ts";
import { privateKeyForm } from "./ssh-syntax.ts";
import type { Surroundings } from "./surroundings.ts";

/** What a map of the config says about credentials. */
export interface DeclaredCredential {
  readonly privateKeyFile?: string | undefined;
  readonly privateKey?: string | undefined;
  readonly privateKeyPassphrase?: string | undefined;
  readonly agent?: true | undefined;
  readonly agentSocket?: string | undefined;
  readonly password?: string | undefined;
}

/** Returns the kinds of credentials that a raw map gives. */
export function givenCredentials(raw: unknown): string[] {
  return isMap(raw) ? credentialKinds.filter((kind) => raw[kind] !== undefined) : [];
}

/** Reports more credentials than one, or none where one is needed; `path` leads to the map. */
export function checkCredentialKinds(raw: unknown, path: Path, isNeeded: boolean): Problem[] {
  if (!isMap(raw)) return [];
  const given = givenCredentials(raw);
  if (given.length === 1 || (given.length === 0 && !isNeeded)) return [];
  const found = given.length === 0 ? "no credential" : `${given.length} credentials (${given.join(", ")})`;
  const allowed = `${isNeeded ? "exactly" : "at most"} one of ${credentialKinds.join(", ")}`;
  return [{ path, text: `${found}; allowed: ${allowed}.` }];
}

/** Reads the one credential of the map at `path`. */
export function readCredential(
  declared: DeclaredCredential,
  path: Path,
  surroundings: Surroundings,
): Parsed<LoginSecrets> {
  const { privateKeyFile, privateKey, privateKeyPassphrase, password, agentSocket } = declared;
  if (privateKeyFile !== undefined) {
    const filePath = [...path, "privateKeyFile"];
    const file = surroundings.readFile(privateKeyFile);
    if (file.fault !== undefined) {
      const problems = checkFile(filePath, privateKeyFile, file);
      return surroundings.toleratesMissingKey
        ? { value: { missing: formatProblem(problems) } }
        : { problems };
    }
    return checkPrivateKey(filePath, file.text, privateKeyPassphrase);
  }
  if (privateKey !== undefined)
    return checkPrivateKey([...path, "privateKey"], privateKey, privateKeyPassphrase);
  if (privateKeyPassphrase !== undefined) return uselessPassphrase(path);
  if (password !== undefined) return { value: { password } };
  const socket = agentSocket ?? surroundings.agentSocket;
  if (socket !== undefined) return { value: { agentSocket: socket } };
  const text =
    "no SSH agent runs here: SSH_AUTH_SOCK is not set. Start one and add the key, or give privateKeyFile.";
  return { problems: [{ path: [...path, "agent"], text }] };
}

function formatProblem([problem]: readonly Problem[]): string {
  return problem === undefined ? "" : `${formatPath(problem.path)}: ${problem.text}`;
}

/** Reports a passphrase without a key. */
export function uselessPassphrase(path: Path): Parsed<never> {
  const text = "there is no private key that it could be for. Remove it, or give privateKeyFile.";
  return { problems: [{ path: [...path, "privateKeyPassphrase"], text }] };
}

function checkPrivateKey(path: Path, key: string, passphrase: string | undefined): Parsed<LoginSecrets> {
  const form = privateKeyForm(key);
  if (form === "unusable") {
    const text =
      "not a private key in OpenSSH or PEM (RSA, EC) form. Give the file that ssh-keygen wrote, without .pub; `ssh-keygen -p -f <file>` converts others.";
    return { problems: [{ path, text }] };
  }
  if (form === "encrypted" && passphrase === undefined) {
    const text =
      "the key is encrypted and there is no passphrase. Give privateKeyPassphrase as a secret, or use an agent.";
    return { problems: [{ path, text }] };
  }
  return { value: { privateKey: key, ...(passphrase !== undefined && { passphrase }) } };
}

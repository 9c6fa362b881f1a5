// What the user of a kubeconfig sends with each request, in the order of precedence that client-go has.
import type { KubeConfig } from "@kubernetes/client-node";
import type { Clock } from "../model/clock.ts";
import { CredentialCommand } from "./credential-command.ts";
import { type Kubeconfig, readText } from "./kubeconfig.ts";
import type { UserEntry } from "./kubeconfig-fields.ts";

type Options = Parameters<Parameters<KubeConfig["addAuthenticator"]>[0]["applyAuthentication"]>[1];

/** Gives requests the credentials of one user; the client itself adds certificates and the CA. */
export class UserCredentials {
  readonly command: CredentialCommand | undefined;
  readonly #user: UserEntry;
  readonly #headers: Record<string, string>;

  constructor({ user, cluster }: Kubeconfig, clock: Clock) {
    this.#user = user;
    this.command = user.exec && new CredentialCommand(user.exec, cluster, clock);
    this.#headers = cluster["disable-compression"] ? { "Accept-Encoding": "identity" } : {};
  }

  /** Adds headers and, of a command, the certificate. */
  async apply(options: Options): Promise<void> {
    // Said aloud, so that no variable of the environment turns the check off, and the request gets connections of its own.
    options.rejectUnauthorized ??= true;
    const authorization = this.#ownAuthorization() ?? (await this.#askCommand(options));
    options.headers = {
      ...(options.headers as Record<string, string> | undefined),
      ...this.#headers,
      ...(authorization !== undefined && { Authorization: authorization }),
    };
  }

  #ownAuthorization(): string | undefined {
    const { token, tokenFile, username, password = "" } = this.#user;
    const idToken = this.#user["auth-provider"]?.config?.["id-token"];
    // Read at every request: its token is rotated.
    const bearer = tokenFile === undefined ? (token ?? idToken) : readTokenFile(tokenFile, token);
    if (bearer !== undefined) return `Bearer ${bearer}`;
    if (username === undefined) return undefined;
    return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  }

  async #askCommand(options: Options): Promise<string | undefined> {
    const given = await this.command?.credential();
    if (given?.clientCertificateData !== undefined) options.cert = given.clientCertificateData;
    if (given?.clientKeyData !== undefined) options.key = given.clientKeyData;
    return given?.token && `Bearer ${given.token}`;
  }

  /** The headers by which the user acts in another one's name; several values of one name are sent one by one. */
  get impersonation(): Record<string, string[]> {
    const { as, "as-uid": uid, "as-groups": groups, "as-user-extra": extra = {} } = this.#user;
    const extras = Object.entries(extra).map(([key, values]) => [
      `Impersonate-Extra-${escapeHeaderName(key)}`,
      values,
    ]);
    return {
      ...(as !== undefined && { "Impersonate-User": [as] }),
      ...(uid !== undefined && { "Impersonate-Uid": [uid] }),
      ...(groups !== undefined && { "Impersonate-Group": groups }),
      ...Object.fromEntries(extras),
    };
  }
}

function readTokenFile(path: string, fallback: string | undefined): string {
  try {
    return readText(path, "tokenFile").trim();
  } catch (error) {
    if (fallback === undefined) throw error;
    return fallback;
  }
}

/** Escapes what no name of a header may have (RFC 9110, section 5.6.2), as the server undoes it. */
function escapeHeaderName(name: string): string {
  return [...Buffer.from(name)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9!#$&'*+.^_`|~-]/.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}

// The life of a command:remote:CopyToRemote on property bags: provider/pkg/provider/remote/copyController.go in
// pulumi/pulumi-command. Files and folders only: texts are refused.
import { randomBytes } from "node:crypto";
import { type Properties, UNKNOWN } from "../properties.ts";
import { dial } from "./dial.ts";
import { changedCopy } from "./difference.ts";
import { copyProblems, readCopy, withConnection } from "./inputs.ts";
import type { ResourceContext, ResourceLife } from "./resource-life.ts";
import { openSftp, sftpCopy } from "./sftp-copy.ts";

/** The life of a command:remote:CopyToRemote: nothing is ever taken away from the remote machine. */
export const copyToRemote: ResourceLife = {
  withDefaults: withConnection,
  inputProblems: copyProblems,
  changedInputs: changedCopy,
  newId: () => randomBytes(4).toString("hex"),
  previewCreate: unknownSource,
  create: copy,
  previewUpdate: (_state, inputs) => unknownSource(inputs),
  update: (state, inputs, context) =>
    needsCopy(state, inputs) ? copy(inputs, context) : Promise.resolve(inputs),
  remove: () => Promise.resolve(),
};

function unknownSource(inputs: Properties): Properties {
  return { ...inputs, source: UNKNOWN };
}

// The engine tells of the former source its hash alone.
function needsCopy(state: Properties, inputs: Properties): boolean {
  return changedCopy(state, inputs).some(({ path }) => path === "source" || path === "remotePath");
}

async function copy(inputs: Properties, { log, cancelled }: ResourceContext): Promise<Properties> {
  const { connection, source, remotePath } = readCopy(inputs);
  const { client, close } = await dial(connection, { status: log.status, cancelled });
  try {
    await sftpCopy(await openSftp(client), source.path, remotePath);
    return inputs;
  } finally {
    close();
    await log.flush();
  }
}

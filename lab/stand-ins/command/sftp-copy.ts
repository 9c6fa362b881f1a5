// Copies a file or a folder over SFTP with the official plugin's rules: provider/pkg/provider/remote/copyController.go
// in pulumi/pulumi-command; parent folders are made as 1.2.1's documentation of remotePath says.
import { readdirSync, statSync } from "node:fs";
import { basename, join, posix } from "node:path";
import type { Client, SFTPWrapper, Stats } from "ssh2";
import ssh2 from "ssh2";

/** Starts the sftp subsystem of a connection. */
export function openSftp(client: Client): Promise<SFTPWrapper> {
  return new Promise((resolve, reject) => {
    client.sftp((error, sftp) => (error ? reject(error) : resolve(sftp)));
  });
}

/**
 * Copies `source` to `target`. A folder goes into the target under its own name, or only its contents do where its
 * path ends with a slash; a file goes into a folder, or takes a file's place. What else is there stays.
 */
export async function sftpCopy(sftp: SFTPWrapper, source: string, target: string): Promise<void> {
  const found = await remoteStat(sftp, target);
  if (!statSync(source).isDirectory()) {
    if (!found) await makeFolders(sftp, posix.dirname(target));
    return copyFile(sftp, source, found?.isDirectory() ? posix.join(target, basename(source)) : target);
  }
  if (!found) await makeFolders(sftp, target);
  await copyFolder(sftp, source, source.endsWith("/") ? target : posix.join(target, basename(source)));
}

async function copyFolder(sftp: SFTPWrapper, source: string, target: string): Promise<void> {
  const found = await remoteStat(sftp, target);
  if (found && !found.isDirectory()) throw new Error(`remote path ${target} exists but is not a directory`);
  if (!found) await makeFolder(sftp, target);
  const entries = readdirSync(source, { withFileTypes: true });
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const [from, to] = [join(source, entry.name), posix.join(target, entry.name)];
    // A link is copied as the file that it leads to.
    await (entry.isDirectory() ? copyFolder(sftp, from, to) : copyFile(sftp, from, to));
  }
}

async function makeFolders(sftp: SFTPWrapper, path: string): Promise<void> {
  if (await remoteStat(sftp, path)) return;
  await makeFolders(sftp, posix.dirname(path));
  await makeFolder(sftp, path);
}

function remoteStat(sftp: SFTPWrapper, path: string): Promise<Stats | undefined> {
  return new Promise((resolve, reject) => {
    sftp.stat(path, (error, stats) => {
      if (!error) resolve(stats);
      else if ("code" in error && error.code === ssh2.utils.sftp.STATUS_CODE.NO_SUCH_FILE) resolve(undefined);
      else reject(failure(`stat remote path ${path}`, error));
    });
  });
}

function makeFolder(sftp: SFTPWrapper, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    sftp.mkdir(path, (error) =>
      error ? reject(failure(`create remote directory ${path}`, error)) : resolve(),
    );
  });
}

function copyFile(sftp: SFTPWrapper, source: string, target: string): Promise<void> {
  return new Promise((resolve, reject) => {
    sftp.fastPut(source, target, (error) =>
      error ? reject(failure(`copy file ${source} to remote path ${target}`, error)) : resolve(),
    );
  });
}

function failure(what: string, cause: Error): Error {
  return new Error(`failed to ${what}: ${cause.message}`, { cause });
}

// The site that all engine tests of a worker share: made when the first test asks, gone with the worker.
import { ensureTools } from "../../../lab/toolchain/ensure-tools.ts";
import { startApiServer } from "../../support/api-server.ts";
import { attachable } from "../../support/attachable.ts";
import { frugalStart } from "../../support/frugal-start.ts";
import { makeSite, programs, type Site } from "./site.ts";

let made: Promise<Site> | undefined;

/** Returns the site of this worker. */
export function theSite(): Promise<Site> {
  made ??= makeAttached();
  return made;
}

async function makeAttached(): Promise<Site> {
  const site = await makeSite(startApiServer());
  const environment = { ...site.environment, ...frugalStart };
  const attached = await attachable(await ensureTools(programs, () => {}), environment);
  return { ...site, environment: { ...environment, ...attached } };
}

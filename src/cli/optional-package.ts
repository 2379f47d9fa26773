import { DynasealError, isNotInstalled } from "../errors/index.ts";

/**
 * A package that not every command needs, and that not everybody has installed.
 *
 * @param purpose what it is needed for, after "installed, "
 * @throws ERR_INVALID_ARGUMENT if it is not installed
 */
export async function optionalPackage<Module>(name: string, purpose: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if (!isNotInstalled(error, name)) throw error;
    throw new DynasealError("ERR_INVALID_ARGUMENT", { details: { argument: name, expected: `installed, ${purpose}` }, cause: error });
  }
}

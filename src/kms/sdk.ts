import { DynasealError, isNotInstalled } from "../errors/index.ts";

/** What `@aws-sdk/client-kms` exports. */
export type KmsSdk = typeof import("@aws-sdk/client-kms");

/**
 * The KMS client of the AWS SDK, loaded when KMS is asked for the first time: an application whose keys are elsewhere
 * neither waits for it nor has to install it. The module system keeps what was loaded.
 *
 * @throws ERR_KMS_CLIENT_NOT_INSTALLED
 */
export async function kmsSdk(load: () => Promise<KmsSdk> = () => import("@aws-sdk/client-kms")): Promise<KmsSdk> {
  try {
    return await load();
  } catch (error) {
    if (!isNotInstalled(error, "@aws-sdk/client-kms")) throw error;
    throw new DynasealError("ERR_KMS_CLIENT_NOT_INSTALLED", { details: {}, cause: error });
  }
}

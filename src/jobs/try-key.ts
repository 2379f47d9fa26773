import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { DynasealError } from "../errors/index.ts";
import { decryptItem, encryptItem, isItemFault } from "../item/index.ts";
import type { EventListener } from "../materials/index.ts";
import { type OperationCall, readStored } from "../tables/index.ts";
import type { JobSettings } from "./job-page.ts";
import { formOf } from "./rewrite-item.ts";

/** As many items as are looked through for one that the keyring can read. */
const maximumItems = 100;

/**
 * Encrypts an item of the table anew, without storing it, and decrypts that in every Region: what one Region cannot read
 * must not be written. It is an item of the table and not an invented one, since its attributes might choose the branch key.
 *
 * @returns `false` if no encrypted item was found that could be tried
 * @throws ERR_JOB_REFUSED with the Region, and what KMS or key store said as its cause
 */
export async function tryKey(job: JobSettings, regions: readonly string[], call: OperationCall): Promise<boolean> {
  const { table } = job;
  const { Items = [] } = await call.send(
    new ScanCommand({ TableName: table.physicalName, Limit: maximumItems, FilterExpression: "attribute_exists(aws_dbe_head)" }),
  );
  for (const row of Items.filter((one) => formOf(one) === "encrypted")) {
    let plain: Awaited<ReturnType<typeof readStored>>["item"];
    try {
      ({ item: plain } = await readStored(table, row, call, "eventual"));
    } catch (error) {
      // The job reports what it cannot read; here the next one will do.
      if (isItemFault(error)) continue;
      throw error;
    }
    const own = call.keyring.region ?? "the job's Region";
    const fresh = await encryptItem(table.cryptography, plain, call.keyring).catch((error: unknown) => {
      throw refused(job, own, { verb: "write", cause: error });
    });
    for (const region of regions) await decryptIn(job, { region, item: fresh.item, call });
    return true;
  }
  return false;
}

async function decryptIn(
  job: JobSettings,
  {
    region,
    item,
    call,
  }: { readonly region: string; readonly item: Awaited<ReturnType<typeof encryptItem>>["item"]; readonly call: OperationCall },
): Promise<void> {
  let elsewhere = false;
  const onEvent: EventListener = (event) => {
    elsewhere ||= event.type === "kms-failover";
    call.keyring.onEvent?.(event);
  };
  await decryptItem(job.table.cryptography, item, { ...call.keyring, region, onEvent }).catch((error: unknown) => {
    throw refused(job, region, { verb: "read", cause: error });
  });
  // Another Region stood in: the one that was asked has no usable key.
  if (elsewhere) throw refused(job, region, { verb: "read", cause: undefined });
}

function refused(
  { job, table }: JobSettings,
  region: string,
  { verb, cause }: { readonly verb: "read" | "write"; readonly cause: unknown },
): DynasealError {
  const details = {
    job,
    tableName: table.plan.tableName,
    reason: `what the keyring writes cannot be ${verb === "read" ? "read" : "written"} in ${region}`,
    instead: `Make the new key usable there (a replica of the multi-Region key, its key policy, the key store), and start the job again.`,
  };
  return new DynasealError("ERR_JOB_REFUSED", { details, ...(cause !== undefined && { cause }) });
}

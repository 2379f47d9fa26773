import type { Command } from "commander";

/** Which services are called, and as whom. */
export interface ConnectionOptions {
  readonly profile?: string;
  readonly region?: string;
  readonly endpointUrlDynamodb?: string;
  readonly endpointUrlKms?: string;
  readonly endpointUrlSts?: string;
  readonly endpointUrlSsm?: string;
}

/** Adds `--profile`, `--region` and an endpoint per service. */
export function withConnection(command: Command): Command {
  return command
    .option("--profile <name>", "the profile of the AWS configuration files")
    .option("--region <region>", "the Region of table and KMS")
    .option("--endpoint-url-dynamodb <url>", "another endpoint of DynamoDB, such as a local server's")
    .option("--endpoint-url-kms <url>", "another endpoint of KMS")
    .option("--endpoint-url-sts <url>", "another endpoint of STS, which is asked for the account before anything is written");
}

/**
 * Gives the options to every AWS client of this process, those that keyrings make included, by the variables of the
 * environment that the AWS SDK reads itself.
 */
export function connect({ profile, region, endpointUrlDynamodb, endpointUrlKms, endpointUrlSts, endpointUrlSsm }: ConnectionOptions): void {
  const variables = {
    AWS_PROFILE: profile,
    AWS_REGION: region,
    AWS_ENDPOINT_URL_DYNAMODB: endpointUrlDynamodb,
    AWS_ENDPOINT_URL_KMS: endpointUrlKms,
    AWS_ENDPOINT_URL_STS: endpointUrlSts,
    AWS_ENDPOINT_URL_SSM: endpointUrlSsm,
  };
  for (const [name, value] of Object.entries(variables)) if (value !== undefined) process.env[name] = value;
}

import { Command, Option } from "commander";
import { invalidArgument } from "../../errors/index.ts";
import { loadSchemas } from "../../node/index.ts";
import { callerIn, printCaller } from "../caller.ts";
import { type ConnectionOptions, connect, withConnection } from "../connection-options.ts";
import { optionalPackage } from "../optional-package.ts";
import { type OutputOptions, printJson, wantsJson, withOutput } from "../output-option.ts";
import { printable } from "../printable.ts";
import { schemaFiles } from "./schema-files.ts";

interface Options extends ConnectionOptions, OutputOptions {
  readonly path: string;
  readonly tier?: "Standard" | "Advanced";
  readonly secureString?: true;
  readonly keyId?: string;
  readonly dryRun?: true;
}

/** `dynaseal schema push PATH…`: schema files into Parameter Store, for `loadSchemasFromParameterStore`. */
export function pushCommand(): Command {
  const command = new Command("push")
    .description("write schema files to SSM Parameter Store, and print the version and digest that a deployment is given")
    .argument("<file or folder...>", "schema files, or folders of *.table.json files")
    .requiredOption("--path <hierarchy>", "the hierarchy of parameters, which holds nothing else, such as /customers/prod/schemas")
    .addOption(new Option("--tier <tier>", "4 KB in a parameter, or 8 KB at a price").choices(["Standard", "Advanced"]))
    .option("--secure-string", "encrypt the parameters with KMS, too")
    .option("--key-id <key>", "the KMS key of secure strings")
    .option("--endpoint-url-ssm <url>", "another endpoint of Parameter Store")
    .option("--dry-run", "say what would be written, and write nothing")
    .addHelpText("after", "\nExample:\n  dynaseal schema push schemas --path /customers/prod/schemas --region eu-west-1");
  return withOutput(withConnection(command)).action(async (paths: readonly string[], options: Options) => {
    connect(options);
    const region = options.region ?? process.env["AWS_REGION"];
    if (region === undefined) throw invalidArgument("--region", "given if AWS_REGION does not say a Region");
    const schemas = paths.flatMap((path) => schemaFiles(path)).flatMap((file) => loadSchemas(file));
    printCaller(await callerIn(region, ["SSM"]));
    const { SSMClient } = await optionalPackage("@aws-sdk/client-ssm", "to write to Parameter Store", () => import("@aws-sdk/client-ssm"));
    const { pushSchemasToParameterStore } = await import("../../parameter-store/index.ts");
    const client = new SSMClient({ region });
    try {
      const { path, tier, keyId, dryRun } = options;
      const type = options.secureString === true ? "SecureString" : "String";
      const pushed = await pushSchemasToParameterStore({ path, schemas, client, tier, type, keyId, dryRun });
      if (wantsJson(options)) return printJson({ path, ...pushed, version: pushed.version ?? null, dryRun: dryRun === true });
      const { version, sha256, parts, written } = pushed;
      const done = dryRun === true ? "would be written" : "written";
      process.stdout.write(`${schemas.length} schemas in ${parts} parts, ${written} of them ${done}, to ${printable(path)}\n`);
      process.stdout.write(`version  ${version ?? "a new one"}\nsha256   ${sha256}\n`);
    } finally {
      client.destroy();
    }
  });
}

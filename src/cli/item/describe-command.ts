import { Command } from "commander";
import { loadSchemas, loadTable } from "../../node/index.ts";
import { connect } from "../connection-options.ts";
import { createScreen, type Screen } from "../demo/screen.ts";
import { type OutputOptions, printJson, wantsJson, withOutput } from "../output-option.ts";
import { printable } from "../printable.ts";
import { eachItem } from "./each-item.ts";
import { type ItemReport, itemReport } from "./item-report.ts";
import { defaultConfig, itemsFromSource, type SourceOptions, withSource } from "./item-source.ts";

interface Options extends SourceOptions, OutputOptions {
  readonly schema?: string;
}

/** `dynaseal item describe`: what a stored item says without any key. Nothing of it is verified. */
export function describeCommand(): Command {
  const command = new Command("describe")
    .description("explain a stored item without any key: format, actions, keys and their Regions, sizes")
    .option("--schema <file>", "the table's schema file, which says which attributes are unsigned")
    .addHelpText(
      "after",
      `\nExamples:\n  aws dynamodb get-item --table-name customers-prod --key '{"customerId":{"S":"42"}}' | dynaseal item describe\n  dynaseal item describe --physical-table customers-prod --key '{"customerId":{"S":"42"}}' --schema customers.table.json`,
    );
  return withOutput(withSource(command)).action(async (file: string | undefined, options: Options) => {
    connect(options);
    const { schema, physicalTable } = tableOf(options);
    const items = await itemsFromSource(file, options, options.physicalTable ?? physicalTable);
    const outcomes = await eachItem(items, (item) => itemReport(item, schema));
    if (wantsJson(options)) return printJson(outcomes.length === 1 ? outcomes[0] : outcomes);
    const screen = createScreen(process.stdout);
    outcomes.forEach((outcome, index) => {
      if (outcomes.length > 1) screen.title(`Item ${index + 1} of ${outcomes.length}`);
      if ("error" in outcome) screen.failed(outcome.error.code);
      else print(screen, outcome);
    });
  });
}

function tableOf({ schema, table, config }: Options): { readonly schema?: unknown; readonly physicalTable?: string } {
  if (schema !== undefined) return { schema: loadSchemas(schema)[0] };
  return table === undefined && config === undefined ? {} : loadTable(config ?? defaultConfig, table);
}

function print(screen: Screen, report: ItemReport): void {
  const { formatVersion, algorithmSuite, algorithmSuiteId, attributes, encryptedDataKeys, encryptionContextKeys, bytes } = report;
  screen.line(`Format ${formatVersion}, suite ${algorithmSuite} (${algorithmSuiteId}). Nothing of this was verified.`);
  screen.line("Attributes, with the bytes that are stored:");
  const width = Math.max(...attributes.map(({ name }) => printable(name).length), 0);
  for (const { name, action, type, bytes: size } of attributes) {
    screen.line(`  ${printable(name).padEnd(width)}  ${action ?? "signed or not: see below"}  ${type ?? "?"}  ${size}`);
  }
  if (attributes.some(({ action }) => action === undefined)) {
    screen.note("Some attributes are not signed, and only the schema says which. Add --schema FILE, or --table NAME.");
  }
  screen.line("Encrypted data keys:");
  for (const key of encryptedDataKeys) {
    const where = key.region === undefined ? "" : `  in ${printable(key.region)}`;
    screen.line(`  ${printable(key.keyProviderId)}  ${printable(key.keyArn ?? key.branchKeyId ?? key.keyProviderInfo)}${where}`);
    if (key.branchKeyVersion !== undefined) screen.note(`version ${printable(key.branchKeyVersion)} of this branch key`);
  }
  if (encryptionContextKeys.length > 0) screen.line(`Stored encryption context: ${encryptionContextKeys.map(printable).join(", ")}`);
  screen.line(
    `${bytes.item} bytes, ${bytes.overhead} of them for encryption: header ${bytes.header}, footer ${bytes.footer}, beacons ${bytes.beacons}.`,
  );
}

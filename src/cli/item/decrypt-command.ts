import { Command } from "commander";
import { type AttributeMap, type AttributeType, type DynamoDbJsonValue, itemToDynamoDbJson, typeOf } from "../../attributes/index.ts";
import { invalidArgument } from "../../errors/index.ts";
import { type ItemResult, itemEncryptor, itemSize } from "../../item/index.ts";
import { loadTable } from "../../node/index.ts";
import { connect } from "../connection-options.ts";
import { createScreen, type Screen } from "../demo/screen.ts";
import { exitCodes } from "../exit-codes.ts";
import { type OutputOptions, printJson, wantsJson, withOutput } from "../output-option.ts";
import { printable } from "../printable.ts";
import { eachItem } from "./each-item.ts";
import { defaultConfig, itemsFromSource, type SourceOptions, withSource } from "./item-source.ts";

interface Options extends SourceOptions, OutputOptions {
  readonly reveal?: true | readonly string[];
  readonly reason?: string;
}

interface DecryptedAttribute {
  readonly name: string;
  readonly action: string;
  readonly type: AttributeType | undefined;
  /** Of the value, as DynamoDB counts it. */
  readonly bytes: number;
  /** Only for attributes that `--reveal` names. */
  readonly value?: DynamoDbJsonValue | undefined;
}

interface DecryptedReport {
  /** `false`: the item is plain, and nothing of it was verified. */
  readonly verified: boolean;
  readonly attributes: readonly DecryptedAttribute[];
}

/** `dynaseal item decrypt`: verifies a stored item, and shows what it holds without showing values, unless told to. */
export function decryptCommand(): Command {
  const command = new Command("decrypt")
    .description("verify a stored item and print names, types and lengths of its attributes")
    .option("--reveal [name...]", "print the values of these attributes; of all of them, on a terminal only, if none is named")
    .option("--reason <text>", "why this is done; repeated on standard error")
    .addHelpText(
      "after",
      `\nExamples:\n  dynaseal item decrypt --table customers --key '{"customerId":{"S":"42"}}'\n  dynaseal item decrypt item.json --reveal email --reason "ticket 1234"`,
    );
  return withOutput(withSource(command)).action(async (file: string | undefined, options: Options) => {
    const revealed = revealedBy(options);
    connect(options);
    const { schema, keyring, physicalTable } = loadTable(options.config ?? defaultConfig, options.table);
    const items = await itemsFromSource(file, options, options.physicalTable ?? physicalTable);
    if (options.reason !== undefined) process.stderr.write(`Reason: ${printable(options.reason)}\n`);
    const encryptor = itemEncryptor({
      schema,
      keyring,
      acknowledgePlaintext: true,
      ...(options.region !== undefined && { region: options.region }),
    });
    const outcomes = await eachItem(items, async (item) => reportOf(await encryptor.decryptItem(item), revealed));
    if (wantsJson(options)) printJson(outcomes.length === 1 ? outcomes[0] : outcomes);
    else {
      const screen = createScreen(process.stdout);
      outcomes.forEach((outcome, index) => {
        if (outcomes.length > 1) screen.title(`Item ${index + 1} of ${outcomes.length}`);
        if ("error" in outcome) screen.failed(outcome.error.code);
        else print(screen, outcome);
      });
    }
    if (outcomes.some((outcome) => "verified" in outcome && !outcome.verified)) process.exitCode ??= exitCodes.findings;
  });
}

/** Values go into a pipe only by name, so that nobody writes a whole item to a log by accident. */
function revealedBy({ reveal }: Options): (name: string) => boolean {
  if (reveal !== true) return (name) => reveal?.includes(name) === true;
  if (process.stdout.isTTY !== true) throw invalidArgument("--reveal", "given with names if the output is not a terminal");
  return () => true;
}

function reportOf({ item, header }: ItemResult, revealed: (name: string) => boolean): DecryptedReport {
  const actions = header?.attributeActionsOnEncrypt;
  const attributes = Object.keys(item).flatMap((name): readonly DecryptedAttribute[] => {
    const value = item[name];
    if (value === undefined) return [];
    const alone: AttributeMap = Object.fromEntries([[name, value]]);
    return [
      {
        name,
        action: actions !== undefined && Object.hasOwn(actions, name) ? (actions[name] ?? "DO_NOTHING") : "DO_NOTHING",
        type: typeOf(value),
        bytes: itemSize(alone) - Buffer.byteLength(name),
        ...(revealed(name) && { value: itemToDynamoDbJson(alone)[name] }),
      },
    ];
  });
  return { verified: header !== undefined, attributes };
}

function print(screen: Screen, { verified, attributes }: DecryptedReport): void {
  if (verified) screen.done("verified");
  else screen.failed("this item is not encrypted: nothing of it was verified");
  const width = Math.max(...attributes.map(({ name }) => printable(name).length), 0);
  for (const { name, action, type, bytes, value } of attributes) {
    const shown = value === undefined ? "" : `  ${printable(JSON.stringify(value))}`;
    const claim = verified && action === "DO_NOTHING" ? "DO_NOTHING, not verified" : verified ? action : "";
    screen.line(`  ${printable(name).padEnd(width)}  ${type ?? "?"}  ${bytes} bytes  ${claim}${shown}`);
  }
}

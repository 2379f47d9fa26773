import { isServerFault, isWithoutAnswer, type WatchedAttempts } from "./outcome.ts";

type Handler = (args: unknown) => Promise<unknown>;

/** The part of a command's middleware stack that is used here; the SDK's type names each command's own input and output. */
interface CommandStack {
  add(middleware: (next: Handler) => Handler, options: { step: "deserialize"; priority: "high"; name: string }): void;
}

/**
 * What became of each attempt of the SDK at one request. `$metadata.attempts` counts them, but does not tell a refused
 * one, after which nothing was done, from one that nobody answered.
 */
export class SdkAttempts implements WatchedAttempts {
  #made = 0;
  #mayHaveLanded = false;

  get made(): number {
    return this.#made;
  }

  get mayHaveLanded(): boolean {
    return this.#mayHaveLanded;
  }

  /** Before the command is sent. */
  watch<Command extends { readonly middlewareStack: object }>(command: Command): Command {
    // Around the deserializer, hence once for each attempt, and what is thrown is the service's own error.
    const watching =
      (next: Handler): Handler =>
      async (args) => {
        this.#made++;
        try {
          const result = await next(args);
          this.#mayHaveLanded = true;
          return result;
        } catch (error) {
          this.#mayHaveLanded ||= isWithoutAnswer(error) || isServerFault(error);
          throw error;
        }
      };
    (command.middlewareStack as CommandStack).add(watching, { step: "deserialize", priority: "high", name: "dynasealAttempts" });
    return command;
  }
}

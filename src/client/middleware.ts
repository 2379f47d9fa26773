/** A command on its way through the stack: at first the command itself. */
export interface Arguments {
  readonly input: unknown;
  readonly request?: unknown;
}

/** What comes back on the way up. */
export interface Result {
  readonly response: unknown;
  readonly output?: unknown;
}

export type Handler = (args: Arguments) => Promise<Result>;
/** What the SDK tells each step about the command: its name, its instance, … One object for each send. */
export type SendContext = Readonly<Record<string, unknown>>;
export type Middleware = (next: Handler, context: SendContext) => Handler;

/** Where a step stands by itself. */
export interface StepOptions {
  readonly name: string;
  readonly step: string;
  readonly priority?: "high" | "low";
  readonly aliases?: readonly string[];
  readonly tags?: readonly string[];
  readonly override?: boolean;
}

/** Where it stands beside another. */
export interface RelativeOptions {
  readonly name?: string;
  readonly relation?: string;
  readonly toMiddleware?: string;
  readonly middleware?: Middleware;
}

interface Plugin {
  applyToStack(stack: Stack): void;
}

/** The part of the SDK's middleware stack that is used here. */
export interface Stack {
  add(middleware: Middleware, options: StepOptions): void;
  addRelativeTo(middleware: Middleware, options: RelativeOptions): void;
  use(plugin: Plugin): void;
  clone(): Stack;
  concat(from: Plugin): Stack;
  resolve(handler: Handler, context: SendContext): Handler;
  identifyOnResolve?(toggle?: boolean): boolean;
}

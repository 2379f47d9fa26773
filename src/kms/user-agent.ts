interface InitializeStack {
  add(
    middleware: (next: (args: never) => Promise<never>, context: Record<string, unknown>) => (args: never) => Promise<never>,
    options: { readonly step: "initialize"; readonly name: string; readonly override: true },
  ): void;
}

/**
 * Has the request of a command name this library and the keyring or key store that makes it, as the AWS SDK's user agents
 * do: `dynaseal`, and `md/dynaseal#awsKmsMrkKeyring`. CloudTrail shows it.
 */
export function nameInUserAgent(command: object, caller: string): void {
  const { middlewareStack } = command as { readonly middlewareStack?: InitializeStack };
  middlewareStack?.add(
    (next, handlerContext) => {
      const present: unknown = handlerContext["userAgent"];
      const pairs = caller === "" ? [["dynaseal"]] : [["dynaseal"], ["md/dynaseal", caller]];
      handlerContext["userAgent"] = [...(Array.isArray(present) ? (present as unknown[]) : []), ...pairs];
      return next;
    },
    { step: "initialize", name: "dynasealUserAgent", override: true },
  );
}

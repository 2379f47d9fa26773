/**
 * Whether an import failed because this package is not installed; one that the package itself lacks is another failure.
 * The first code is of ESM, the second one of CommonJS.
 */
export function isNotInstalled(error: unknown, packageName: string): boolean {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") return false;
  return ["package", "module"].some((kind) => String(message).startsWith(`Cannot find ${kind} '${packageName}'`));
}

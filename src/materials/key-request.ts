/** What a keyring or key store of the application gets with each request: Region of the wrapped client (if there is one) and the caller's abort signal. */
export interface KeyRequest {
  readonly region: string | undefined;
  readonly signal: AbortSignal | undefined;
}

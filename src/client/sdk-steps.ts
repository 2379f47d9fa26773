import type { StepOptions } from "./middleware.ts";

/** Steps of the SDK's own with nothing to do on an encrypted client: they are run by the client below. */
export const sdkSteps: readonly StepOptions[] = [
  { name: "loggerMiddleware", step: "initialize", tags: ["LOGGER"] },
  { name: "httpAuthSchemeMiddleware", step: "serialize", tags: ["HTTP_AUTH_SCHEME"] },
  { name: "contentLengthMiddleware", step: "build", tags: ["SET_CONTENT_LENGTH", "CONTENT_LENGTH"] },
  { name: "hostHeaderMiddleware", step: "build", priority: "low", tags: ["HOST"] },
  { name: "getUserAgentMiddleware", step: "build", priority: "low", tags: ["SET_USER_AGENT", "USER_AGENT"] },
  { name: "recursionDetectionMiddleware", step: "build", priority: "low", tags: ["RECURSION_DETECTION"] },
  { name: "retryMiddleware", step: "finalizeRequest", priority: "high", tags: ["RETRY"] },
  {
    name: "httpSigningMiddleware",
    aliases: ["apiKeyMiddleware", "tokenMiddleware", "awsAuthMiddleware"],
    step: "finalizeRequest",
    tags: ["HTTP_SIGNING"],
  },
];

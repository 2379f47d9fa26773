import type { WireBody } from "./wire.ts";

/** An error as the service answers it: it becomes the HTTP status and body, and the SDK's exception from there. */
export class ServiceException extends Error {
  readonly status: number;
  /** `__type`, `message`, and the members that the modelled error has. */
  readonly body: WireBody;

  constructor(status: number, body: WireBody) {
    super(String(body.message ?? body.Message ?? ""));
    this.status = status;
    this.body = body;
  }

  /** The error's short name, such as `ValidationException`. */
  get type(): string {
    return String(this.body.__type).replace(/^.*#/, "");
  }
}

export function validationException(message: string): ServiceException {
  return new ServiceException(400, { __type: "com.amazon.coral.validate#ValidationException", message });
}

export function dynamodbException(type: string, message: string, members: WireBody = {}): ServiceException {
  return new ServiceException(400, { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message, ...members });
}

export function resourceNotFound(tableName: string): ServiceException {
  return dynamodbException("ResourceNotFoundException", `Requested resource not found: Table: ${tableName} not found`);
}

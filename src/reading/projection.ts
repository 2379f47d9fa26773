import type { AttributeMap } from "../attributes/index.ts";
import { applyProjection, type Projection } from "../expressions/index.ts";
import type { TablePlan } from "../schema/index.ts";
import { protectedExpressions, type SdkItem } from "../tables/index.ts";

/** The part of a decrypted item that the application asked for. */
export type Project = (item: AttributeMap) => SdkItem;

/** A projection; without one the whole item. */
export function projecting(projection: Projection | undefined): Project {
  return (item) => ({ ...(projection === undefined ? item : applyProjection(projection.paths, item)) });
}

/** The members of a read by keys that say which attributes to return. */
interface ProjectedRead {
  readonly ProjectionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
}

/** A read by keys as the service is asked, with what is done to its items then. */
export interface WholeRead<Input> {
  readonly input: Input;
  readonly project: Project;
}

/**
 * The same read without its projection, since only a whole item can be verified.
 *
 * @throws ERR_EXPRESSION_INVALID, ERR_RESERVED_NAME
 */
export function wholeRead<Input extends ProjectedRead>(plan: TablePlan, input: Input): WholeRead<Input> {
  const { ProjectionExpression, ExpressionAttributeNames } = input;
  // Names without an expression are the service's to refuse.
  if (ProjectionExpression === undefined) return { input, project: projecting(undefined) };
  const { projection } = protectedExpressions(plan, { ProjectionExpression, ExpressionAttributeNames });
  const whole = { ...input, ProjectionExpression: undefined, ExpressionAttributeNames: undefined };
  return { input: whole, project: projecting(projection) };
}

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { setKeys } from "./compare.ts";
import { parseDecimal } from "./decimal.ts";
import { invalid } from "./invalid.ts";
import { limits } from "./limits.ts";
import { typeOf } from "./value-type.ts";

/**
 * Checks that a value is one that the service stores: one type, real numbers, sets neither empty nor with duplicates,
 * maps and lists at most 32 deep.
 *
 * @throws ERR_EXPRESSION_INVALID with the service's wording, without the value
 */
export function checkValue(value: AttributeValue, depth = 0): void {
  if (depth > limits.valueDepth) {
    throw invalid("Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit");
  }
  switch (typeOf(value)) {
    case "N":
      parseDecimal(value.N ?? "");
      break;
    case "NULL":
      if (value.NULL !== true) throw invalid(parameter("Null attribute value types must have the value of true"));
      break;
    case "L":
      for (const element of value.L ?? []) checkValue(element, depth + 1);
      break;
    case "M":
      for (const [name, member] of Object.entries(value.M ?? {})) {
        if (name === "") throw invalid("Empty attribute name");
        checkValue(member, depth + 1);
      }
      break;
    case "SS":
      checkSet(value, value.SS ?? [], "An string set  may not be empty", parameter("Input collection contains duplicates"));
      break;
    case "NS":
      checkSet(value, value.NS ?? [], "An number set  may not be empty", "Input collection contains duplicates");
      break;
    case "BS":
      checkSet(value, value.BS ?? [], "Binary sets should not be empty", parameter("Input collection of type BS contains duplicates."));
      break;
    default:
  }
}

function checkSet(set: AttributeValue, members: readonly unknown[], empty: string, duplicates: string): void {
  if (members.length === 0) throw invalid(parameter(empty));
  if (setKeys(set).size < members.length) throw invalid(duplicates);
}

function parameter(reason: string): string {
  return `One or more parameter values were invalid: ${reason}`;
}

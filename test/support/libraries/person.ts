import { secretNumber, secretText } from "./secrets.ts";

/** A member of a club, as the suites of all libraries write it; each adds what its library has types for. */
export function person(org: string, id: string) {
  return {
    org,
    id,
    city: "Paris",
    joined: `2024-${id}`,
    name: secretText(`${org} ${id}`),
    email: secretText(`${id}@example.com`),
    balance: secretNumber(100),
    address: { street: secretText("street"), floor: secretNumber() },
    notes: [secretText("first")],
    tags: new Set([secretText("tag")]),
    visits: 1,
  };
}

/** Where the library has a type for dates. */
export function bornPerson(org: string, id: string) {
  return { ...person(org, id), birthday: new Date("1990-01-02T03:04:05.678Z") };
}

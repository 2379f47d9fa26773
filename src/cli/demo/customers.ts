/** A customer as an application writes one; invented, but of real shapes and lengths. */
export interface Customer {
  readonly customerId: string;
  readonly email: string;
  readonly name: string;
  readonly phone: string;
  readonly iban: string;
  readonly dateOfBirth: string;
  readonly address: { readonly street: string; readonly postcode: string; readonly city: string };
  readonly notes?: string;
  readonly tier: string;
  readonly country: string;
  readonly createdAt: string;
  readonly visits: number;
}

const firstNames = [
  "Amélie",
  "Bruno",
  "Chiara",
  "Dmitri",
  "Elif",
  "Fernando",
  "Greta",
  "Haruto",
  "Ines",
  "Jakub",
  "Katarzyna",
  "Liam",
  "Maja",
];
const lastNames = [
  "Andersson",
  "Bernard",
  "Costa",
  "Dąbrowski",
  "Eriksen",
  "Ferrari",
  "García",
  "Hoffmann",
  "Ivanova",
  "Jensen",
  "Kowalczyk",
];
const streets = ["Lindenstraße", "Rue du Moulin", "Calle Mayor", "Via Garibaldi", "Keizersgracht", "Storgatan", "Rua Augusta"];
const cities = [
  ["DE", "10969", "Berlin"],
  ["FR", "69002", "Lyon"],
  ["ES", "28013", "Madrid"],
  ["IT", "10121", "Torino"],
  ["NL", "1016 DR", "Amsterdam"],
  ["SE", "111 29", "Stockholm"],
  ["PT", "1100-053", "Lisboa"],
] as const;
const tiers = ["standard", "gold", "platinum"];

/** The same customers every time, so that two runs of the demo show the same. */
export function demoCustomers(count: number): readonly Customer[] {
  return Array.from({ length: count }, (_, index) => customer(index));
}

function customer(index: number): Customer {
  const first = pick(firstNames, index);
  const last = pick(lastNames, index * 7 + 3);
  const [country, postcode, city] = pick(cities, index * 5 + 1);
  const plainName = `${first}.${last}`.normalize("NFD").replace(/\p{M}|[^\w.]/gu, "");
  return {
    customerId: `cust-${String(index + 1).padStart(4, "0")}`,
    email: `${plainName.toLowerCase()}.${index + 1}@mail.example`,
    name: `${first} ${last}`,
    phone: `+${30 + (index % 19)} ${String(6_000_000 + index * 7919).replace(/(\d{3})(\d+)/, "$1 $2")}`,
    iban: `${country}${String((index * 37) % 97).padStart(2, "0")} ${String(10_000_000_000_000 + index * 982_451_653).replace(/(\d{4})/g, "$1 ")}`.trim(),
    dateOfBirth: new Date(Date.UTC(1950 + ((index * 11) % 55), index % 12, 1 + ((index * 3) % 28))).toISOString().slice(0, 10),
    address: { street: `${pick(streets, index * 3)} ${1 + ((index * 13) % 140)}`, postcode, city },
    ...(index % 4 === 0 ? { notes: `Asked on the phone to be called back, ticket ${48_000 + index * 3}.` } : {}),
    tier: pick(tiers, index * 2),
    country,
    createdAt: new Date(Date.UTC(2026, index % 11, 1 + (index % 28), index % 24)).toISOString(),
    visits: (index * 17) % 90,
  };
}

function pick<Choice>(choices: readonly Choice[], index: number): Choice {
  return choices[index % choices.length] as Choice;
}

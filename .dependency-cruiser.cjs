// The rooms of src/ and their levels: an import goes only to a lower level, and only through the room's index.ts.
const levels = [
  ["errors", "bytes"],
  ["crypto"],
  ["attributes", "expressions", "materials"],
  ["schema", "structure", "kms"],
  ["keystore"],
  ["keyrings", "item", "search"],
  ["tables"],
  ["reading", "writing"],
  ["operations", "schema-tools", "streams", "exports", "rows", "parameter-store"],
  ["client"],
  ["jobs"],
  ["node", "testing"],
  ["cli"],
];

/** Rooms that every other may import, whatever the level. */
const ground = ["errors"];

const upward = levels.flatMap((rooms, level) => {
  const notBelow = levels.slice(level).flat();
  return rooms.map((room) => ({
    name: `${room}-imports-only-lower-rooms`,
    severity: "error",
    comment: `${room} is on level ${level}`,
    from: { path: `^src/${room}/` },
    to: { path: `^src/(${notBelow.filter((other) => other !== room && !ground.includes(other)).join("|") || "-"})/` },
  }));
});

const throughTheDoor = levels.flat().map((room) => ({
  name: `${room}-through-its-index`,
  severity: "error",
  from: { path: "^src/", pathNot: `^src/${room}/` },
  to: { path: `^src/${room}/`, pathNot: `^src/${room}/index\\.ts$` },
}));

/** Rooms inside rooms, lowest first: the same two rules, and what stands beside them is above all of them. */
const innerLevels = { search: ["beacons", "predicate"] };

const inner = Object.entries(innerLevels).flatMap(([room, folders]) =>
  folders.flatMap((folder, level) => [
    {
      name: `${room}-${folder}-imports-only-lower-rooms`,
      severity: "error",
      from: { path: `^src/${room}/${folder}/` },
      to: { path: `^src/${room}/`, pathNot: `^src/${room}/(${folders.slice(0, level + 1).join("|")})/` },
    },
    {
      name: `${room}-${folder}-through-its-index`,
      severity: "error",
      from: { path: "^src/", pathNot: `^src/${room}/${folder}/` },
      to: { path: `^src/${room}/${folder}/`, pathNot: `^src/${room}/${folder}/index\\.ts$` },
    },
  ]),
);

module.exports = {
  forbidden: [
    ...upward,
    ...throughTheDoor,
    ...inner,
    { name: "no-cycles", severity: "error", from: { path: "^src/" }, to: { circular: true } },
    {
      name: "errors-imports-no-room",
      severity: "error",
      from: { path: "^src/errors/" },
      to: { path: "^src/", pathNot: "^src/errors/" },
    },
    {
      name: "bytes-imports-only-errors",
      severity: "error",
      from: { path: "^src/bytes/" },
      to: { path: "^src/", pathNot: "^src/(bytes|errors)/" },
    },
    ...["from", "to"].map((end) => ({
      name: "every-room-has-a-level",
      severity: "error",
      comment: "a new folder of src/ has to be named in the levels above",
      from: {},
      to: {},
      [end]: { path: "^src/[^/]+/", pathNot: `^src/(${levels.flat().join("|")})/` },
    })),
    {
      name: "node-crypto-only-in-crypto",
      severity: "error",
      comment: "testing/ plays servers that have crypto of their own",
      from: { path: "^src/", pathNot: "^src/(crypto|testing)/" },
      to: { path: "^(node:)?crypto$" },
    },
    {
      name: "kms-only-in-kms",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(kms|testing|cli)/" },
      to: { path: "@aws-sdk/client-kms", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "no-file-system-in-the-library",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(node|cli|testing)/" },
      to: { path: "^(node:)?(fs|path|child_process|os)(/|$)" },
    },
    {
      name: "no-tests-in-src",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(test|bench|drills|examples|tools)/" },
    },
    {
      name: "bundled-packages-only-in-testing-and-cli",
      severity: "error",
      comment: "development dependencies are bundled into these two, and into nothing else",
      from: { path: "^src/", pathNot: "^src/(testing|cli)/" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["npm-peer", "npm"] },
    },
    {
      name: "only-declared-packages",
      severity: "error",
      from: { path: "^src/" },
      // peerDependenciesMeta is a key that the cruiser does not know: an optional peer is "npm-no-pkg" to it as well.
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown", "unknown", "undetermined"], dependencyTypesNot: ["npm-peer"] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "require", "node", "default", "types"] },
  },
};

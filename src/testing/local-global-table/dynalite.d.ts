/** The parts of dynalite 4.0.0 that the local Global Table stands on; the package has no types of its own. */

declare module "dynalite/db/index.js" {
  const database: import("./dynalite-types.ts").DynaliteDatabase;
  export = database;
}

declare module "dynalite/validations/index.js" {
  const validator: import("./dynalite-types.ts").DynaliteValidator;
  export = validator;
}

declare module "dynalite/actions/*" {
  const action: import("./dynalite-types.ts").DynaliteAction;
  export = action;
}

declare module "dynalite/validations/*" {
  const rules: import("./dynalite-types.ts").DynaliteInputRules;
  export = rules;
}

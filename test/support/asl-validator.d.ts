/** The part of asl-validator 4.0.0 that tests use; the package has no types where Node looks for them. */
declare module "asl-validator" {
  function validate(definition: unknown): { readonly isValid: boolean; readonly errors: readonly unknown[] };
  export = validate;
}

// What `cargo xtask e2e` says about this machine.

/** A variable that has to be set. */
export function fromEnvironment(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set. Run the browser tests by \`cargo xtask e2e\`.`);
  return value;
}

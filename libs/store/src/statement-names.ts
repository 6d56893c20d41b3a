/** Texts that get a name; others, from whoever builds SQL out of values, are planned each time. */
const NAMED_MAX = 256;

const names = new Map<string, string>();

/**
 * A statement with parameters goes by a name, so that each connection has it parsed and planned once.
 * Columns are to be listed by name: a `SELECT *` that a migration widens under an open connection is
 * refused by the server from then on.
 */
export function statementName(sql: string): { readonly name?: string } {
  const known = names.get(sql);
  if (known !== undefined) return { name: known };
  if (names.size >= NAMED_MAX) return {};
  const name = `s${names.size + 1}`;
  names.set(sql, name);
  return { name };
}

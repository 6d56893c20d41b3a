/** A refusal in the venue's own words and numbers. */
export class VenueError extends Error {
  readonly code: number;
  readonly status: number;

  constructor(code: number, message: string, status = 400) {
    super(message);
    this.name = 'VenueError';
    this.code = code;
    this.status = status;
  }
}

export const insufficientBalance = () =>
  new VenueError(-2010, 'Account has insufficient balance for requested action.');
export const insufficientMargin = () => new VenueError(-2019, 'Margin is insufficient.');
export const unknownOrder = () => new VenueError(-2011, 'Unknown order sent.');
export const orderNotFound = () => new VenueError(-2013, 'Order does not exist.');
export const invalidSymbol = () => new VenueError(-1121, 'Invalid symbol.');
export const filterFailure = (filter: string) => new VenueError(-1013, `Filter failure: ${filter}`);
export const missingParameter = (name: string) =>
  new VenueError(
    -1102,
    `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`,
  );
export const illegalCharacters = (name: string, pattern: string) =>
  new VenueError(
    -1100,
    `Illegal characters found in parameter '${name}'; legal range is '${pattern}'.`,
  );

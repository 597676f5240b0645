/** Out of reach, refusing or full: nothing or a part was done, repeating it is harmless. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly code = 'unavailable';

  /** `throttled`: it answers, and asks for less. */
  constructor(
    message: string,
    readonly options: { readonly cause?: unknown; readonly throttled?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
  }

  get throttled(): boolean {
    return this.options.throttled ?? false;
  }
}

/** What is stored is no view, checkpoint or note; or a table is not as this adapter makes it. */
export class Corrupted extends Error {
  override readonly name = 'Corrupted';
  readonly code = 'corrupted';
}

/** What is stored is not what was: the flaw, as a sentence, and what mends it. */
export const damaged = (flaw: string): Corrupted =>
  new Corrupted(`${flaw} Rebuild this read store from the log.`);

/** What a URL should have been; neither message nor `expected` says a word of its user and password. */
export class InvalidAddress extends RangeError {
  override readonly name = 'InvalidAddress';
  readonly code = 'invalid_address';

  constructor(
    engine: string,
    readonly expected: string,
  ) {
    super(`The URL of ${engine} is none: expected ${expected}.`);
  }
}

/**
 * The name of a set of tables.
 *
 * @throws {RangeError} it is none
 */
export function checkGeneration(generation: string): string {
  if (/^[a-z0-9_]{1,48}$/i.test(generation)) return generation;
  throw new RangeError(`"${generation}" is no name for a generation: use up to 48 letters, digits and _.`);
}

import { InvalidAddress } from './errors.ts';

/** @throws {InvalidAddress} saying what was expected */
export type Refuse = (expected: string) => never;

/** How URLs of this engine are refused. */
export const refusing =
  (engine: string): Refuse =>
  (expected) => {
    throw new InvalidAddress(engine, expected);
  };

/** The settings behind the `?` of a URL, by names known, in any case. Of one that is there twice, the last counts. */
export class Settings<Name extends string> {
  readonly #given = new Map<Name, string>();
  readonly #refuse: Refuse;

  /** @throws {InvalidAddress} a setting is unknown or empty */
  constructor(query: string, known: readonly Name[], refuse: Refuse) {
    this.#refuse = refuse;
    for (const [spelled, value] of new URLSearchParams(query)) {
      const name = known.find((one) => one.toLowerCase() === spelled.toLowerCase());
      if (name === undefined) refuse(`no setting "${spelled}"; there are ${known.join(', ')}`);
      if (value === '') refuse(`a value behind ${name}=`);
      this.#given.set(name, value);
    }
  }

  get(name: Name): string | undefined {
    return this.#given.get(name);
  }

  /** @throws {InvalidAddress} it is none of the values */
  oneOf<T extends string>(name: Name, values: readonly T[]): T | undefined {
    const text = this.#given.get(name);
    if (text === undefined) return undefined;
    return values.find((value) => value === text) ?? this.#refuse(`${name} to be ${values.join(' or ')}`);
  }

  /** Whether it is on, as it is unless the URL says `off`. @throws {InvalidAddress} it is neither `on` nor `off` */
  isOn(name: Name): boolean {
    return this.oneOf(name, ['on', 'off']) !== 'off';
  }

  /** @throws {InvalidAddress} it is no whole number within the bounds, both included */
  number(name: Name, smallest: number, largest: number): number | undefined {
    const text = this.#given.get(name);
    if (text === undefined) return undefined;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (value >= smallest && value <= largest) return value;
    return this.#refuse(`${name} to be a whole number from ${smallest} to ${largest}`);
  }
}

/** A host of a cluster; an address of IPv6 is in brackets. */
export type Host = { readonly name: string; readonly port?: number };

const host = /^(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/i;

/** The hosts before the path of a URL, separated by commas. @throws {InvalidAddress} */
export function hostsIn(text: string, refuse: Refuse): readonly Host[] {
  return text.split(',').map((one) => {
    const [, name, port] = host.exec(one) ?? [];
    if (name !== undefined && port === undefined) return { name };
    if (name === undefined || Number(port) < 1 || Number(port) > 65_535)
      refuse('hosts as name:port, separated by commas; the port may be left out');
    return { name, port: Number(port) };
  });
}

/** The user before the `@` of a URL. @throws {InvalidAddress} */
export function credentialsIn(
  user: string,
  refuse: Refuse,
): { readonly username: string; readonly password?: string } {
  const [, username, password] = /^([^:]+)(?::(.*))?$/.exec(user) ?? [];
  try {
    if (username !== undefined)
      return {
        username: decodeURIComponent(username),
        ...(password !== undefined && { password: decodeURIComponent(password) }),
      };
  } catch {
    // A % that begins no escape: said below, as the error itself would show it.
  }
  return refuse('user:password before the @, with % as %25');
}

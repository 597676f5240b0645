const name = 'cartage_guest';
const pattern = new RegExp(`(?:^|;\\s*)${name}=([^;\\s]*)`);

/** The guest token a browser brought along; undefined when it brought none. */
export const guestCookie = (header: string | undefined): string | undefined =>
  header === undefined ? undefined : pattern.exec(header)?.[1];

/** A `Set-Cookie` value that scripts cannot read. `lifetime` in ms; `secure` keeps it off plain HTTP. */
export const setGuestCookie = (token: string, lifetime: number, secure: boolean): string =>
  `${name}=${token}; Path=/; Max-Age=${Math.floor(lifetime / 1000)}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;

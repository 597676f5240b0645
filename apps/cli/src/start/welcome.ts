import type { Config } from '@cartage/runtime';
import { originOf, type ProcessName } from '../processes.ts';

export type Urls = Readonly<Record<string, string>>;

/** What the started processes offer, by what it is good for. */
export function urlsOf({ host, ...ports }: Config, names: readonly ProcessName[]): Urls {
  const api = originOf(host, ports.port);
  const offers: Readonly<Record<ProcessName, Urls>> = {
    api: {
      shop: api,
      docs: `${api}/docs`,
      operators: `${originOf(host, ports.operatorPort)}/metrics`,
    },
    projector: { projector: `${originOf(host, ports.projectorPort)}/health/ready` },
    control: { control: `${originOf(host, ports.controlPort)}/health/ready` },
  };
  return Object.assign({}, ...names.map((name) => offers[name])) as Urls;
}

export function welcome({ shop, ...others }: Urls): string {
  const urls = Object.entries({ ...(shop && { shop }), ...others });
  const lines = ['', 'Cartage is ready.', ...urls.map(([what, url]) => `  ${what.padEnd(10)} ${url}`)];
  if (shop) lines.push('', 'Put something into a cart:', `  ${tryLine(shop)}`);
  return `${lines.join('\n')}\n\n`;
}

/** A line for a POSIX shell: becomes a guest and adds an item. */
export const tryLine = (shop: string): string =>
  `curl -s ${shop}/v1/carts/main/items -H 'content-type: application/json' -d '{"sku":"mug","quantity":2}' ` +
  `-H "authorization: Bearer $(curl -s -X POST ${shop}/v1/guests | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')"`;

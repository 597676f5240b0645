/** What orchestrators and monitors ask. Never limited: it must be answered above all when there is too much to do. */
export const isProbe = ({ url }: { readonly url: string }): boolean =>
  url.startsWith('/health/') || url.startsWith('/metrics');

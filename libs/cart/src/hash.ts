/**
 * 32-bit FNV-1a, finished with murmur3's fmix32 so that every bit of the input reaches every bit of the result.
 * Works on UTF-16 code units: the low byte, and the high byte where it is not zero, so for ASCII it is FNV-1a of the bytes.
 * Fixed for ever: bucket numbers and line ids that were stored depend on it.
 *
 * Sources: FNV-1a, draft-eastlake-fnv; fmix32, A. Appleby's MurmurHash3.cpp (public domain).
 */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    if (unit > 0xff) hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

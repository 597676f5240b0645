import { type Meta, readUpTo } from './meta.ts';

// Layout of pages and nodes: LMDB data format 2, 64 bit, little endian.
const pageHeader = 24;
const nodeHeader = 8;
const branchPage = 0x01;
const leafPage = 0x02;
const bigData = 0x01;
const subTree = 0x02;
const bigDataSize = 24;
const subTreeSize = 48;
const noPage = 0xffff_ffff_ffff_ffffn;

/** Pages that a page leads to: its children, its sub-trees' roots, the last of each large value. */
type Links = { readonly pages: readonly number[]; readonly trees: readonly number[] };

/**
 * The number of a page that is not what it should be, or is not among the file's first `pages` pages; undefined when all is
 * well. Goes level by level, so that the few pages on which most depends come first, and stops at `deadline` (ms,
 * `performance.now()`).
 */
export function findDamage(file: number, meta: Meta, pages: number, deadline: number): number | undefined {
  const queue = meta.roots.filter((root) => root !== undefined);
  for (const number of queue) {
    if (performance.now() > deadline) return undefined;
    const links = linksOf(readUpTo(file, number * meta.pageSize, meta.pageSize), number, meta.pageSize);
    if (!links) return number;
    const lost = [...links.pages, ...links.trees].find((page) => page < 2 || page >= pages);
    if (lost !== undefined) return lost;
    queue.push(...links.trees);
  }
  return undefined;
}

/** undefined when the page is damaged. */
function linksOf(page: Buffer, number: number, pageSize: number): Links | undefined {
  if (page.length < pageSize || page.readBigUInt64LE(0) !== BigInt(number)) return undefined;
  const kind = page.readUInt16LE(18);
  const [lower, upper] = [page.readUInt16LE(20), page.readUInt16LE(22)];
  if (
    (kind !== branchPage && kind !== leafPage) ||
    lower % 2 ||
    lower > upper ||
    upper > pageSize - pageHeader
  ) {
    return undefined;
  }
  const links = { pages: [] as number[], trees: [] as number[] };
  for (let pointer = pageHeader; pointer < pageHeader + lower; pointer += 2) {
    const node = pageHeader + page.readUInt16LE(pointer);
    if (node < pageHeader + upper || node + nodeHeader > pageSize) return undefined;
    if (kind === branchPage) links.trees.push(childOf(page, node));
    else if (!followLeafNode(page, node, links)) return undefined;
  }
  return links;
}

const childOf = (page: Buffer, node: number): number =>
  page.readUInt32LE(node) + page.readUInt16LE(node + 4) * 0x1_0000_0000;

function followLeafNode(page: Buffer, node: number, links: { pages: number[]; trees: number[] }): boolean {
  const flags = page.readUInt16LE(node + 4);
  const data = node + nodeHeader + page.readUInt16LE(node + 6);
  const size = flags & bigData ? bigDataSize : page.readUInt32LE(node);
  if (data + size > page.length || (flags & subTree && size !== subTreeSize)) return false;
  // A value too large for a leaf: the number of its first page, a transaction, the number of pages.
  if (flags & bigData)
    links.pages.push(Number(page.readBigUInt64LE(data) + page.readBigUInt64LE(data + 16) - 1n));
  if (flags & subTree) {
    const root = page.readBigUInt64LE(data + 40);
    if (root !== noPage) links.trees.push(Number(root));
  }
  return true;
}

import { type Meta, readUpTo } from './data-file.ts';

// Layout of pages and nodes: LMDB data format 2, 64 bit, little endian.
const headerSize = 24;
const branchPage = 0x01;
const leafPage = 0x02;
const bigData = 0x01;
const subTree = 0x02;
const noPage = 0xffff_ffff_ffff_ffffn;

/**
 * Whether all pages that a snapshot uses are among the file's first `pages` pages. LMDB leaves free pages at the end of a file
 * unwritten, so a file may well be shorter than its header says, and only its trees tell it from a truncated one. Reads them
 * all: for the rare file that is short.
 */
export function allPagesPresent(file: number, meta: Meta, pages: number): boolean {
  const pending = meta.roots.filter((root) => root !== undefined);
  for (let number = pending.pop(); number !== undefined; number = pending.pop()) {
    const page = readUpTo(file, number * meta.pageSize, meta.pageSize);
    if (page.length < meta.pageSize || page.readBigUInt64LE(0) !== BigInt(number)) return false;
    const flags = page.readUInt16LE(18);
    if (flags & branchPage) pending.push(...nodesOf(page).map(childOf));
    else if (!(flags & leafPage)) return false;
    else {
      const leaf = nodesOf(page);
      if (leaf.some((node) => endOfLargeValue(node) > pages)) return false;
      pending.push(...leaf.map(rootOfSubTree).filter((root) => root !== undefined));
    }
  }
  return true;
}

function nodesOf(page: Buffer): Buffer[] {
  const count = page.readUInt16LE(20) >> 1;
  return Array.from({ length: count }, (_, index) =>
    page.subarray(headerSize + page.readUInt16LE(headerSize + 2 * index)),
  );
}

const childOf = (node: Buffer): number =>
  node.readUInt16LE(0) + node.readUInt16LE(2) * 0x1_0000 + node.readUInt16LE(4) * 0x1_0000_0000;

const dataOf = (node: Buffer): Buffer => node.subarray(8 + node.readUInt16LE(6));

/** A value too large for a leaf lies on pages of its own: their first number, a transaction, how many. */
function endOfLargeValue(node: Buffer): number {
  if (!(node.readUInt16LE(4) & bigData)) return 0;
  const data = dataOf(node);
  return Number(data.readBigUInt64LE(0) + data.readBigUInt64LE(16));
}

function rootOfSubTree(node: Buffer): number | undefined {
  if (!(node.readUInt16LE(4) & subTree)) return undefined;
  const root = dataOf(node).readBigUInt64LE(40);
  return root === noPage ? undefined : Number(root);
}

/** A part of the picture, drawn from its own top left corner. */
export type Panel = { readonly height: number; readonly svg: string };

export const width = 760;

export const heading = (title: string): string => text(16, 16, title, 'font-weight="bold"');

export const line = (x1: number, y1: number, x2: number, y2: number, color: string): string =>
  `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${color}"/>`;

export const text = (x: number, y: number, content: string, attributes = ''): string =>
  `<text x="${x}" y="${y}" ${attributes}>${escape(content)}</text>`;

const escape = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

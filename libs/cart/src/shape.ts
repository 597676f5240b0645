/** Whether a stored value is what a field should hold. */
export type Check = (value: unknown) => boolean;
export type Fields = Readonly<Record<string, Check>>;

export const isText: Check = (value) => typeof value === 'string';
export const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
export const isUnits: Check = (value) => isCount(value) && value !== 0;
export const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
export const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
export const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    values.includes(value as string);
export const shape =
  (fields: Fields): Check =>
  (value) =>
    isRecord(value) && wrongField(fields, value) === undefined;

export const isLine = shape({
  lineId: isText,
  sku: isText,
  quantity: isUnits,
  attributes: optional(isRecord),
});

/** The first field that is missing or malformed; undefined when there is none. */
export function wrongField(fields: Fields, data: Readonly<Record<string, unknown>>): string | undefined {
  for (const name in fields) if (!fields[name]?.(data[name])) return name;
  return undefined;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

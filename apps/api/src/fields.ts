import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { IsIn, IsInt, Matches, ValidateBy, ValidateIf } from 'class-validator';
import { attributesExpected, isAttributes } from './attributes.ts';

/** The fields of requests. Each decorator tells the validator and the documentation what is accepted. */

const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;

/** May be left out, but not be null. */
const MayBeAbsent: PropertyDecorator = (target, key) =>
  ValidateIf((body: Readonly<Record<string | symbol, unknown>>) => body[key] !== undefined)(target, key);

function Text(pattern: RegExp, expected: string, documented: ApiPropertyOptions): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: String, pattern: pattern.source, ...documented } as ApiPropertyOptions),
    Matches(pattern, { message: `expected ${expected}` }),
  );
}

export const Sku = (): PropertyDecorator =>
  Text(/^[A-Za-z0-9._-]{1,64}$/, '1 to 64 characters of A-Z a-z 0-9 . _ -', { example: '85123A' });

/** An id of another system: of an order, of a session. */
export const ForeignId = (documented: ApiPropertyOptions): PropertyDecorator =>
  Text(/^[\x21-\x7e]{1,64}$/, '1 to 64 characters of visible ASCII', documented);

export const OptionalForeignId = (description: string): PropertyDecorator =>
  applyDecorators(MayBeAbsent, ForeignId({ description, required: false }));

export const OptionalToken = (description: string): PropertyDecorator =>
  applyDecorators(
    MayBeAbsent,
    Text(/^[\x21-\x7e]{1,200}$/, '1 to 200 characters of visible ASCII', { description, required: false }),
  );

/** A whole number; the cart itself says which it will have. */
export const Quantity = (minimum: 0 | 1): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ type: 'integer', minimum, maximum: 999, example: 1 }),
    IsInt({ message: 'expected a whole number' }),
  );

export const OptionalAttributes = (): PropertyDecorator =>
  applyDecorators(
    MayBeAbsent,
    ApiProperty({
      type: 'object',
      additionalProperties: true,
      selfRequired: false,
      description: attributesExpected,
    }),
    ValidateBy({
      name: 'isAttributes',
      validator: { validate: isAttributes, defaultMessage: () => attributesExpected },
    }),
  );

export const Instant = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ type: String, format: 'date-time', example: '2030-01-01T12:00:00Z' }),
    ValidateBy({
      name: 'isInstant',
      validator: {
        validate: isInstant,
        defaultMessage: () => 'expected an ISO 8601 time with an offset, such as 2030-01-01T12:00:00Z',
      },
    }),
  );

export const OptionalRevision = (description: string): PropertyDecorator =>
  applyDecorators(
    MayBeAbsent,
    ApiProperty({ type: 'integer', minimum: -1, required: false, description }),
    Matches(/^(?:-1|\d{1,9})$/, { message: 'expected a revision: a whole number from -1' }),
  );

export const OptionalChoice = (
  choices: readonly string[],
  documented: { readonly description: string; readonly default?: string },
): PropertyDecorator =>
  applyDecorators(
    MayBeAbsent,
    ApiProperty({ enum: choices, required: false, ...documented }),
    IsIn([...choices], { message: `expected ${choices.join(' or ')}` }),
  );

const isInstant = (value: unknown): boolean =>
  typeof value === 'string' && instantPattern.test(value) && !Number.isNaN(Date.parse(value));

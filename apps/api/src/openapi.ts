import { applyDecorators, Controller, Header, HttpCode } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { cartPaths } from './addresses.ts';
import { CartBody } from './cart-body.ts';

export class FieldErrorBody {
  @ApiProperty({ type: String }) readonly field!: string;
  @ApiProperty({ type: String }) readonly message!: string;
}

/** An RFC 9457 problem. Some codes come with members of their own, such as `revision` or `limit`. */
export class ProblemBody {
  @ApiProperty({ type: String, example: 'urn:cartage:problem:cart_frozen' }) readonly type!: string;
  @ApiProperty({ type: String, example: 'Cart frozen' }) readonly title!: string;
  @ApiProperty({ type: 'integer', example: 409 }) readonly status!: number;
  @ApiProperty({ type: String, example: 'cart_frozen' }) readonly code!: string;
  @ApiProperty({ type: String }) readonly detail!: string;
  @ApiProperty({ type: [FieldErrorBody], required: false }) readonly errors?: readonly FieldErrorBody[];
}

const meanings: Readonly<Record<number, string>> = {
  400: 'A field, a header or a part of the path is malformed; `errors` names it',
  401: 'No token, or one that is not valid',
  403: 'The token is of the wrong kind, or lacks a scope',
  404: 'The cart has no such line',
  409: 'The cart is in no state for this, or too many others change it at once',
  412: 'The cart is not at the revision of If-Match; `revision` tells which it is at',
  413: 'The body is over 16 KB',
  414: 'A part of the path is over 600 characters',
  415: 'The body is not application/json',
  422: 'A limit of the shop, or an Idempotency-Key that was another request’s',
  429: 'Too many requests of this caller',
  503: 'Try again: a store cannot be reached, or too much is under way',
};

const always = [400, 401, 403, 429, 503];

export const problemResponse = (status: number) => ({
  description: meanings[status] ?? '',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemBody' } } },
});

/** Documents the problems a route may answer with. */
export const Problems = (...statuses: readonly number[]) =>
  applyDecorators(...statuses.map((status) => ApiResponse({ status, ...problemResponse(status) })));

/** A controller of what can be done with one cart, both for its owner and for a service. */
export const CartController = () => applyDecorators(Controller(cartPaths), ApiTags('carts'), ApiBearerAuth());

export const etagHeader = {
  ETag: { description: 'The cart’s revision in quotes', schema: { type: 'string' } },
} as const;

/** A command: answers 200 with the cart after it. Even one that needs no body refuses an unfit one. */
export const CartCommand = (summary: string, ...problems: readonly number[]) =>
  applyDecorators(
    HttpCode(200),
    ApiOperation({ summary }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'At most 64 visible ASCII characters; the command takes effect once, however often it is sent',
    }),
    ApiHeader({ name: 'If-Match', required: false, description: 'Only at this revision, such as "7"' }),
    ApiOkResponse({ type: CartBody, headers: etagHeader }),
    Problems(...always, 409, 412, 413, 415, 422, ...problems),
  );

/** A query: answers 200, for nobody's cache but the caller's own, which asks again each time. */
export const CartQuery = (summary: string) =>
  applyDecorators(
    Header('cache-control', 'private, no-cache'),
    ApiOperation({ summary }),
    ApiBearerAuth(),
    Problems(...always),
  );

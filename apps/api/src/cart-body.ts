import { type CartStatus, type CartView, isVisible, type Line, statusAt } from '@cartage/cart';
import { ApiProperty } from '@nestjs/swagger';
import { etagOf } from './conditions.ts';
import type { Outcome } from './carts.ts';

const isoTime = { type: String, format: 'date-time', nullable: true } as const;

export class LineBody {
  @ApiProperty({ type: String, description: 'The sku, or sku.hash where there are attributes.' })
  readonly lineId!: string;
  @ApiProperty({ type: String }) readonly sku!: string;
  @ApiProperty({ type: 'integer', minimum: 1 }) readonly quantity!: number;
  @ApiProperty({ type: 'object', additionalProperties: true, selfRequired: false })
  readonly attributes?: Line['attributes'];
}

/** A cart as a shopper sees it. One that is absent, expired, merged or erased is an empty cart of status `none`. */
export class CartBody {
  @ApiProperty({ type: String, example: 'u~42~main' }) readonly id!: string;
  @ApiProperty({ type: String, example: 'main' }) readonly name!: string;
  @ApiProperty({ enum: ['guest', 'customer'] }) readonly kind!: string;
  @ApiProperty({ enum: ['none', 'open', 'frozen', 'checkedOut'] }) readonly status!: CartStatus;
  @ApiProperty({ type: 'integer', minimum: -1, description: 'Also the ETag; −1 before the first change.' })
  readonly revision!: number;
  @ApiProperty({ type: [LineBody] }) readonly lines!: readonly LineBody[];
  @ApiProperty({ type: 'integer' }) readonly lineCount!: number;
  @ApiProperty({ type: 'integer' }) readonly itemCount!: number;
  @ApiProperty(isoTime) readonly expiresAt!: string | null;
  @ApiProperty(isoTime) readonly createdAt!: string | null;
  @ApiProperty(isoTime) readonly updatedAt!: string | null;
  @ApiProperty({ ...isoTime, required: false, description: 'Of a frozen cart.' })
  readonly frozenUntil?: string | null;
  @ApiProperty({ type: String, required: false, description: 'Of a checked-out cart.' })
  readonly orderId?: string;
}

/** `now` in ms since the epoch. */
export function cartBody(view: CartView, now: number): CartBody {
  const { id, kind, revision, lines, lineCount, itemCount } = view;
  const name = id.slice(id.lastIndexOf('~') + 1);
  if (!isVisible(view, now)) return { id, name, kind, status: 'none', revision, ...nothing };
  const status = statusAt(view, now);
  const body = {
    id,
    name,
    kind,
    status,
    revision,
    lines,
    lineCount,
    itemCount,
    expiresAt: iso(view.expiresAt),
    createdAt: iso(view.createdAt),
    updatedAt: iso(view.updatedAt),
  };
  if (status === 'frozen') return { ...body, frozenUntil: iso(view.frozenUntil) };
  return view.orderId === undefined ? body : { ...body, orderId: view.orderId };
}

/** The part of Fastify's reply an answer needs. */
type Reply = { header(name: string, value: string): unknown };

/** The answer to a command: the cart after it, with its entity tag. */
export function answerWith(reply: Reply, { view, replayed }: Pick<Outcome, 'view' | 'replayed'>): CartBody {
  reply.header('etag', etagOf(view.revision));
  if (replayed) reply.header('idempotent-replayed', 'true');
  return cartBody(view, Date.now());
}

const nothing = {
  lines: [],
  lineCount: 0,
  itemCount: 0,
  expiresAt: null,
  createdAt: null,
  updatedAt: null,
} as const;

const iso = (time: number | undefined): string | null =>
  time === undefined ? null : new Date(time).toISOString();

import { setTimeout as sleep } from 'node:timers/promises';
import { Get, Inject, Query as QueryString, Req, Res } from '@nestjs/common';
import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { ApiHeader, ApiOkResponse, ApiResponse } from '@nestjs/swagger';
import { type CartView, emptyView, statusAt } from '@cartage/cart';
import type { ReadStore } from '@cartage/read-store';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerWith, CartBody } from '../cart-body.ts';
import { Carts } from '../carts.ts';
import { entityTags, etagOf, holdsAlready } from '../conditions.ts';
import { OptionalChoice, OptionalRevision } from '../fields.ts';
import { Metrics } from '../metrics.ts';
import { CartController, CartQuery, etagHeader } from '../openapi.ts';
import { READ_STORE } from '../tokens.ts';
import { within } from '../within.ts';

const patience = 200;

export class GetCartParameters {
  @OptionalRevision('Not older than this revision: waits up to 200 ms for the read store, then reads the log')
  readonly atLeast?: string;
  @OptionalChoice(['strong'], { description: 'Reads the log' }) readonly consistency?: 'strong';
}

export class GetCart extends Query<CartView> {
  constructor(
    readonly cartId: string,
    readonly atLeast: number | undefined,
    readonly strong: boolean,
  ) {
    super();
  }
}

@QueryHandler(GetCart)
export class GetCartHandler implements IQueryHandler<GetCart> {
  constructor(
    private readonly carts: Carts,
    @Inject(READ_STORE) private readonly store: ReadStore,
    private readonly metrics: Metrics,
  ) {}

  async execute({ cartId, atLeast, strong }: GetCart): Promise<CartView> {
    const began = performance.now();
    const stored = strong ? undefined : await this.#stored(cartId, atLeast);
    const view = stored ?? (await this.carts.read(cartId));
    this.metrics.answered('GetCart', stored ? 'store' : 'log', began);
    return view;
  }

  /** Undefined: the read store failed, or has not caught up in time. */
  async #stored(cartId: string, atLeast: number | undefined): Promise<CartView | undefined> {
    let reason = 'behind';
    try {
      const stored =
        atLeast === undefined
          ? await this.#get(cartId)
          : await within(patience, this.#poll(cartId, atLeast, performance.now() + patience));
      if (stored) return stored;
    } catch {
      reason = 'failed';
    }
    this.metrics.storeFallbacks.inc({ reason });
    return undefined;
  }

  async #poll(cartId: string, atLeast: number, deadline: number): Promise<CartView | undefined> {
    for (let pause = 4; performance.now() < deadline; pause = Math.min(pause * 2, 25)) {
      const view = await this.#get(cartId);
      if (view.revision >= atLeast) return view;
      await sleep(pause);
    }
    return undefined;
  }

  #get = async (cartId: string): Promise<CartView> => (await this.store.get(cartId)) ?? emptyView(cartId);
}

@CartController()
export class GetCartController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @CartQuery('The cart; an empty one where there is none')
  @ApiHeader({
    name: 'If-None-Match',
    required: false,
    description: 'The revision held already, such as "7"',
  })
  @ApiOkResponse({ type: CartBody, headers: etagHeader })
  @ApiResponse({ status: 304, description: 'Still at the revision of If-None-Match' })
  async get(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @QueryString() { atLeast, consistency }: GetCartParameters,
  ): Promise<CartBody | undefined> {
    const held = entityTags(request, 'if-none-match');
    const least = atLeast === undefined ? undefined : Number(atLeast);
    const view = await this.queries.execute(new GetCart(request.cartId, least, consistency === 'strong'));
    const { revision, status } = view;
    // A freeze or a life that ended by the clock shows in the answer, but not in the revision.
    if (!holdsAlready(held, revision) || statusAt(view, Date.now()) !== status)
      return answerWith(reply, { view, replayed: false });
    reply.status(304).header('etag', etagOf(revision));
    return undefined;
  }
}

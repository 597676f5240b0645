import { setTimeout as sleep } from 'node:timers/promises';
import { Get, Inject, Query as QueryString, Req, Res } from '@nestjs/common';
import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { ApiHeader, ApiOkResponse, ApiResponse } from '@nestjs/swagger';
import { type CartView, emptyView, statusAt } from '@cartage/cart';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerWith, CartBody } from '../cart-body.ts';
import { Carts } from '../carts.ts';
import { entityTags, etagOf, holdsAlready } from '../conditions.ts';
import { OptionalChoice, OptionalRevision } from '../fields.ts';
import { Metrics } from '../metrics.ts';
import { CartController, CartQuery, etagHeader } from '../openapi.ts';
import { unavailable } from '../problems.ts';
import { CONFIG, type Config } from '../tokens.ts';
import { within } from '../within.ts';
import { ServingStore } from './serving-store.ts';
import { Share } from './share.ts';

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
  /** Of the requests that may be under way: what waits for the read store, and what reads the log, leaves commands their room. */
  readonly #asking: Share;
  readonly #folding: Share;

  constructor(
    private readonly carts: Carts,
    private readonly store: ServingStore,
    private readonly metrics: Metrics,
    @Inject(CONFIG) { limits: { inFlight } }: Config,
  ) {
    this.#asking = new Share(inFlight / 2);
    this.#folding = new Share(inFlight / 4);
  }

  async execute({ cartId, atLeast, strong }: GetCart): Promise<CartView> {
    const began = performance.now();
    const stored = strong ? undefined : await this.#asking.run(() => this.#stored(cartId, atLeast));
    const view = stored ?? (await this.#folding.run(() => this.carts.read(cartId)));
    if (!view) throw unavailable('Too many carts are being read from the log. Try again.');
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

import { Controller, Get, Req } from '@nestjs/common';
import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { ApiOkResponse, ApiProperty, ApiTags } from '@nestjs/swagger';
import { type CartView, isVisible } from '@cartage/cart';
import type { FastifyRequest } from 'fastify';
import { cartsPaths } from '../addresses.ts';
import { CartBody, cartBody } from '../cart-body.ts';
import { Metrics } from '../metrics.ts';
import { CartQuery } from '../openapi.ts';
import { invalidFields } from '../problems.ts';
import { ServingStore } from './serving-store.ts';

export class CartsBody {
  @ApiProperty({ type: [CartBody] }) readonly carts!: readonly CartBody[];
}

export class ListCarts extends Query<readonly CartView[]> {
  constructor(readonly owner: string) {
    super();
  }
}

@QueryHandler(ListCarts)
export class ListCartsHandler implements IQueryHandler<ListCarts> {
  constructor(
    private readonly store: ServingStore,
    private readonly metrics: Metrics,
  ) {}

  async execute({ owner }: ListCarts): Promise<readonly CartView[]> {
    const began = performance.now();
    const views = await this.store.list(owner);
    this.metrics.answered('ListCarts', 'store', began);
    return views;
  }
}

@Controller(cartsPaths)
@ApiTags('carts')
export class ListCartsController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @CartQuery('All carts of the owner that are not gone, by name')
  @ApiOkResponse({ type: CartsBody })
  async get(@Req() request: FastifyRequest): Promise<CartsBody> {
    takesNoParameters(request);
    const views = await this.queries.execute(new ListCarts(request.owner));
    const now = Date.now();
    return { carts: views.filter((view) => isVisible(view, now)).map((view) => cartBody(view, now)) };
  }
}

/** Who asks for the freshness of a single cart must not believe that this list has it. */
function takesNoParameters({ query }: FastifyRequest): void {
  const errors = Object.keys(query as object).map((field) => ({ field, message: 'expected no parameters' }));
  if (errors.length > 0) throw invalidFields(errors);
}

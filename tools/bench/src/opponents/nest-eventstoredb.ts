import 'reflect-metadata';
import { Body, Controller, Headers, HttpCode, Module, Param, Patch, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  type CartCommand,
  cartIdOf,
  type CartView,
  customerOwner,
  decide,
  decodeEvent,
  emptyView,
  project,
} from '@cartage/cart';
import { draftsOf } from '@cartage/projection';
import {
  EventStoreDBClient,
  jsonEvent,
  NO_STREAM,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { textbookStreamOf } from '../eventstoredb/textbook-stream.ts';
import type { Item } from './answer.ts';
import { endWithParent } from './end-with-parent.ts';

const attempts = 4;
const client = EventStoreDBClient.connectionString(process.env['EVENT_STORE'] ?? '');

/**
 * A command handler as event sourcing is taught: read the stream, fold it, decide, append under the revision that was read,
 * answer. The domain is Cartage's own; tokens are taken on trust, nothing is validated, no command is recognized when it is
 * sent again.
 */
async function handle(token: string, command: CartCommand): Promise<CartView> {
  const cartId = cartOf(token);
  for (let attempt = 1; ; attempt += 1) {
    const view = await read(cartId);
    const decided = decide(view, command, { now: Date.now(), revision: view.revision });
    try {
      return await append(view, decided);
    } catch (error) {
      if (!(error instanceof WrongExpectedVersionError) || attempt === attempts) throw error;
    }
  }
}

async function read(cartId: string): Promise<CartView> {
  let view = emptyView(cartId);
  try {
    for await (const { event } of client.readStream(textbookStreamOf(cartId)))
      if (event) view = project(view, decodeEvent(event), Number(event.revision));
  } catch (error) {
    if (!(error instanceof StreamNotFoundError)) throw error;
  }
  return view;
}

async function append(view: CartView, decided: ReturnType<typeof decide>): Promise<CartView> {
  if (decided.length === 0) return view;
  const drafts = draftsOf(decided).map(({ id, type, data, metadata }) =>
    jsonEvent({ id, type, data: { ...data }, metadata: { ...metadata } }),
  );
  const expectedRevision = view.revision < 0 ? NO_STREAM : BigInt(view.revision);
  await client.appendToStream(textbookStreamOf(view.id), drafts, { expectedRevision });
  return decided.reduce((next, event) => project(next, event, next.revision + 1), view);
}

/** The subject of a JSON Web Token. */
function cartOf(token: string): string {
  const [, payload = ''] = token.split('.');
  const { sub } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { readonly sub: string };
  return cartIdOf(customerOwner(sub));
}

@Controller('v1/carts')
class CartsController {
  @Post(':name/items')
  @HttpCode(200)
  async add(@Headers('authorization') token: string, @Body() { sku, quantity }: Item): Promise<object> {
    return await handle(token, { type: 'AddItem', sku, quantity });
  }

  @Patch(':name/items/:lineId')
  async change(
    @Headers('authorization') token: string,
    @Param('lineId') lineId: string,
    @Body() { quantity }: Item,
  ): Promise<object> {
    return await handle(token, { type: 'ChangeQuantity', lineId, quantity });
  }
}

@Module({ controllers: [CartsController] })
class AppModule {}

const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: false });
await app.listen(Number(process.env['PORT']), '127.0.0.1');
endWithParent();

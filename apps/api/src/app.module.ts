import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import type { EventStore } from '@cartage/event-store';
import type { Access } from './access/access.ts';
import { AccessModule } from './access/access.module.ts';
import { Carts } from './carts.ts';
import { AddItemController, AddItemHandler } from './commands/add-item.ts';
import { ChangeQuantityController, ChangeQuantityHandler } from './commands/change-quantity.ts';
import { CheckOutController, CheckOutHandler } from './commands/check-out.ts';
import { ClearCartController, ClearCartHandler } from './commands/clear-cart.ts';
import { EraseController, EraseHandler } from './commands/erase.ts';
import { FreezeController, FreezeHandler } from './commands/freeze.ts';
import { LinkSessionController, LinkSessionHandler } from './commands/link-session.ts';
import { MergeGuestController, MergeGuestHandler } from './commands/merge-guest.ts';
import { RemoveItemController, RemoveItemHandler } from './commands/remove-item.ts';
import { UnfreezeController, UnfreezeHandler } from './commands/unfreeze.ts';
import { HealthController } from './health.ts';
import { Merges } from './merges.ts';
import { Metrics } from './metrics.ts';
import { ProblemFilter } from './problem-filter.ts';
import { GetCartController, GetCartHandler } from './queries/get-cart.ts';
import { ListCartsController, ListCartsHandler } from './queries/list-carts.ts';
import { ServingStore } from './queries/serving-store.ts';
import { type Config, CONFIG, EVENT_STORE } from './tokens.ts';

const commands: readonly (readonly [Type, Type])[] = [
  [AddItemController, AddItemHandler],
  [ChangeQuantityController, ChangeQuantityHandler],
  [RemoveItemController, RemoveItemHandler],
  [ClearCartController, ClearCartHandler],
  [LinkSessionController, LinkSessionHandler],
  [FreezeController, FreezeHandler],
  [UnfreezeController, UnfreezeHandler],
  [CheckOutController, CheckOutHandler],
  [MergeGuestController, MergeGuestHandler],
  [EraseController, EraseHandler],
];
const queries: readonly (readonly [Type, Type])[] = [
  [GetCartController, GetCartHandler],
  [ListCartsController, ListCartsHandler],
];
const routes = [...commands, ...queries];
const services: readonly Provider[] = [
  Carts,
  Merges,
  Metrics,
  { provide: APP_FILTER, useClass: ProblemFilter },
];

type Used = { readonly events: EventStore; readonly views: ServingStore };

@Module({})
export class ApiModule {
  static of(config: Config, { events, views }: Used, access: Access): DynamicModule {
    return {
      module: ApiModule,
      imports: [CqrsModule.forRoot(), AccessModule.of(access, config)],
      controllers: [...routes.map(([controller]) => controller), HealthController],
      providers: [
        ...routes.map(([, handler]) => handler),
        ...services,
        { provide: CONFIG, useValue: config },
        { provide: EVENT_STORE, useValue: events },
        { provide: ServingStore, useValue: views },
      ],
    };
  }
}

import { type Facade, startEventStoreDbFacade } from '@cartage/engines';
import { eventStoreContract } from '@cartage/event-store/testing';
import { EventStoreDbEventStore } from './index.ts';

const real = process.env['TEST_EVENTSTOREDB'];

describe(`EventStoreDbEventStore with ${real ? 'EventStoreDB' : 'the protocol facade'}`, () => {
  let facade: Facade | undefined;
  beforeAll(async () => {
    if (!real) facade = await startEventStoreDbFacade();
  });
  afterAll(() => facade?.close());
  const open = () => EventStoreDbEventStore.open(real ?? facade?.url ?? '');

  eventStoreContract({
    open,
    reopen: async (store) => {
      await store.close();
      return open();
    },
  });
});

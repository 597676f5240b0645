import { Trouble } from './exit.ts';
import { openExistingEventStore, openExistingReadStore, redacted } from './stores.ts';

test('shows a URL without what it keeps secret', () => {
  expect(redacted('mongodb://shop:p@ss/word@a,b:27017/cartage?replicaSet=rs')).toBe(
    'mongodb://***@a,b:27017/cartage?replicaSet=rs',
  );
  expect(redacted('dynamodb://eu-west-1/carts?secretKey=abc&endpoint=http://x')).toBe(
    'dynamodb://eu-west-1/carts?secretKey=***&endpoint=http://x',
  );
  expect(redacted('embedded:./.data/events')).toBe('embedded:./.data/events');
});

test('does not make a folder where it looks for one', async () => {
  const nowhere = { name: 'a', url: 'embedded:./no/such/folder' };
  await expect(openExistingEventStore(nowhere)).rejects.toThrow(Trouble);
  await expect(openExistingReadStore(nowhere)).rejects.toThrow(/There is no folder .\/no\/such\/folder/);
});

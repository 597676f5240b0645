import { createApp } from './app.ts';
import { openShop } from './testing/shop.ts';

describe('starting an API', () => {
  it.each(['PORT', 'OPERATOR_PORT'] as const)(
    'names the setting %s when its port is in use',
    async (setting) => {
      const shop = await openShop({ projected: false });
      try {
        const taken = Number(new URL(shop.api.url).port);
        const ports = setting === 'PORT' ? { port: taken } : { operatorPort: taken };
        await expect(createApp({ ...shop.config, ...ports }, shop.stores)).rejects.toMatchObject({
          code: 'port_in_use',
          message: expect.stringContaining(`${setting}: Port ${taken} on 127.0.0.1 is in use`),
        });
      } finally {
        await shop.close();
      }
    },
  );
});

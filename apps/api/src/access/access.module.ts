import { type DynamicModule, Module } from '@nestjs/common';
import { type Config, CONFIG } from '../tokens.ts';
import type { Access } from './access.ts';
import { DevIssuer } from './dev-issuer.ts';
import { DevLoginController } from './dev-login.controller.ts';
import { GuestTokens } from './guest-tokens.ts';
import { GuestsController } from './guests.controller.ts';

/** The routes that give tokens away; `/dev/login` is among them only where `access.dev` is. Exports `GuestTokens`. */
@Module({})
export class AccessModule {
  static of({ guests, dev }: Access, config: Config): DynamicModule {
    return {
      module: AccessModule,
      controllers: dev ? [GuestsController, DevLoginController] : [GuestsController],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: GuestTokens, useValue: guests },
        ...(dev ? [{ provide: DevIssuer, useValue: dev }] : []),
      ],
      exports: [GuestTokens],
    };
  }
}

import { Delete, Req, Res } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { envelopeOf } from '../addresses.ts';
import { answerWith, type CartBody } from '../cart-body.ts';
import { Carts, type Envelope, type Outcome } from '../carts.ts';
import { CartCommand, CartController } from '../openapi.ts';

export class Erase extends Command<Outcome> {
  constructor(readonly envelope: Envelope) {
    super();
  }
}

@CommandHandler(Erase)
export class EraseHandler implements ICommandHandler<Erase> {
  constructor(private readonly carts: Carts) {}

  execute({ envelope }: Erase): Promise<Outcome> {
    return this.carts.execute(envelope, { type: 'Erase' });
  }
}

@CartController()
export class EraseController {
  constructor(private readonly commands: CommandBus) {}

  @Delete()
  @CartCommand('Erases what the cart holds')
  async delete(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CartBody> {
    return answerWith(reply, await this.commands.execute(new Erase(envelopeOf(request))));
  }
}

import { Delete, Req, Res } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { envelopeOf } from '../addresses.ts';
import { answerWith, type CartBody } from '../cart-body.ts';
import { Carts, type Envelope, type Outcome } from '../carts.ts';
import { CartCommand, CartController } from '../openapi.ts';

export class ClearCart extends Command<Outcome> {
  constructor(readonly envelope: Envelope) {
    super();
  }
}

@CommandHandler(ClearCart)
export class ClearCartHandler implements ICommandHandler<ClearCart> {
  constructor(private readonly carts: Carts) {}

  execute({ envelope }: ClearCart): Promise<Outcome> {
    return this.carts.execute(envelope, { type: 'ClearCart' });
  }
}

@CartController()
export class ClearCartController {
  constructor(private readonly commands: CommandBus) {}

  @Delete('items')
  @CartCommand('Removes all lines')
  async delete(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CartBody> {
    return answerWith(reply, await this.commands.execute(new ClearCart(envelopeOf(request))));
  }
}

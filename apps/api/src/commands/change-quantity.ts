import { Body, Patch, Req, Res } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { envelopeOf, lineIdOf } from '../addresses.ts';
import { answerWith, type CartBody } from '../cart-body.ts';
import { Carts, type Envelope, type Outcome } from '../carts.ts';
import { Quantity } from '../fields.ts';
import { CartCommand, CartController } from '../openapi.ts';

export class ChangeQuantityBody {
  @Quantity(0) readonly quantity!: number;
}

export class ChangeQuantity extends Command<Outcome> {
  constructor(
    readonly envelope: Envelope,
    readonly lineId: string,
    readonly quantity: number,
  ) {
    super();
  }
}

@CommandHandler(ChangeQuantity)
export class ChangeQuantityHandler implements ICommandHandler<ChangeQuantity> {
  constructor(private readonly carts: Carts) {}

  execute({ envelope, lineId, quantity }: ChangeQuantity): Promise<Outcome> {
    return this.carts.execute(envelope, { type: 'ChangeQuantity', lineId, quantity });
  }
}

@CartController()
export class ChangeQuantityController {
  constructor(private readonly commands: CommandBus) {}

  @Patch('items/:lineId')
  @CartCommand('Sets the units of a line; 0 removes it', 404)
  async patch(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() { quantity }: ChangeQuantityBody,
  ): Promise<CartBody> {
    return answerWith(
      reply,
      await this.commands.execute(new ChangeQuantity(envelopeOf(request), lineIdOf(request), quantity)),
    );
  }
}

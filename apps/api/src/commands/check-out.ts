import { Body, Post, Req, Res } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { envelopeOf } from '../addresses.ts';
import { answerWith, type CartBody } from '../cart-body.ts';
import { Carts, type Envelope, type Outcome } from '../carts.ts';
import { ForeignId } from '../fields.ts';
import { CartCommand, CartController } from '../openapi.ts';

export class CheckOutBody {
  @ForeignId({ description: 'The order the lines became' }) readonly orderId!: string;
}

export class CheckOut extends Command<Outcome> {
  constructor(
    readonly envelope: Envelope,
    readonly orderId: string,
  ) {
    super();
  }
}

@CommandHandler(CheckOut)
export class CheckOutHandler implements ICommandHandler<CheckOut> {
  constructor(private readonly carts: Carts) {}

  execute({ envelope, orderId }: CheckOut): Promise<Outcome> {
    return this.carts.execute(envelope, { type: 'CheckOut', orderId });
  }
}

@CartController()
export class CheckOutController {
  constructor(private readonly commands: CommandBus) {}

  @Post('checkout')
  @CartCommand('Ends this life of the cart: its lines became an order')
  async post(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() { orderId }: CheckOutBody,
  ): Promise<CartBody> {
    return answerWith(reply, await this.commands.execute(new CheckOut(envelopeOf(request), orderId)));
  }
}

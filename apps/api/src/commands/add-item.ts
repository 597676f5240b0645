import { Body, Post, Req, Res } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Attributes } from '@cartage/cart';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { envelopeOf } from '../addresses.ts';
import { answerWith, type CartBody } from '../cart-body.ts';
import { Carts, type Envelope, type Outcome } from '../carts.ts';
import { OptionalAttributes, Quantity, Sku } from '../fields.ts';
import { CartCommand, CartController } from '../openapi.ts';

export class AddItemBody {
  @Sku() readonly sku!: string;
  @Quantity(1) readonly quantity!: number;
  @OptionalAttributes() readonly attributes?: Attributes;
}

export class AddItem extends Command<Outcome> {
  constructor(
    readonly envelope: Envelope,
    readonly item: AddItemBody,
  ) {
    super();
  }
}

@CommandHandler(AddItem)
export class AddItemHandler implements ICommandHandler<AddItem> {
  constructor(private readonly carts: Carts) {}

  execute({ envelope, item }: AddItem): Promise<Outcome> {
    const { sku, quantity, attributes } = item;
    const article = attributes === undefined ? { sku } : { sku, attributes };
    return this.carts.execute(envelope, { type: 'AddItem', quantity, ...article });
  }
}

@CartController()
export class AddItemController {
  constructor(private readonly commands: CommandBus) {}

  @Post('items')
  @CartCommand('Adds units of an article: to its line, or as a new one')
  async post(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() item: AddItemBody,
  ): Promise<CartBody> {
    return answerWith(reply, await this.commands.execute(new AddItem(envelopeOf(request), item)));
  }
}

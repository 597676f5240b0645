import 'reflect-metadata';
import { Body, Controller, Delete, Get, HttpCode, Module, Param, Patch, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { cartWith, type Item, passingLine } from './answer.ts';
import { endWithParent } from './end-with-parent.ts';

/** What the framework alone costs: the same routes on Nest and Fastify, no validation, no bus, no storage. */
@Controller('v1/carts')
class CartsController {
  @Get(':name')
  read(): object {
    return cartWith(passingLine);
  }

  @Post(':name/items')
  @HttpCode(200)
  add(@Body() item: Item): object {
    return cartWith(item);
  }

  @Patch(':name/items/:lineId')
  change(@Param('lineId') sku: string, @Body() { quantity }: Item): object {
    return cartWith({ sku, quantity });
  }

  @Delete(':name/items/:lineId')
  remove(): object {
    return cartWith(passingLine);
  }
}

@Module({ controllers: [CartsController] })
class AppModule {}

const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: false });
await app.listen(Number(process.env['PORT']), '127.0.0.1');
endWithParent();

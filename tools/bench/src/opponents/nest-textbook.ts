import 'reflect-metadata';
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Module,
  Param,
  Patch,
  Post,
  ValidationPipe,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus, CommandHandler, CqrsModule, type ICommandHandler } from '@nestjs/cqrs';
import { IsInt, IsObject, IsOptional, Matches, Max, Min } from 'class-validator';
import { cartWith, type Item, passingLine } from './answer.ts';
import { endWithParent } from './end-with-parent.ts';

class ItemBody {
  @Matches(/^[A-Za-z0-9._-]{1,64}$/)
  readonly sku!: string;

  @IsInt()
  @Min(1)
  @Max(999)
  readonly quantity!: number;

  @IsOptional()
  @IsObject()
  readonly attributes?: object;
}

class QuantityBody {
  @IsInt()
  @Min(0)
  @Max(999)
  readonly quantity!: number;
}

class SetLine {
  constructor(readonly item: Item) {}
}

@CommandHandler(SetLine)
class SetLineHandler implements ICommandHandler<SetLine> {
  execute({ item }: SetLine): Promise<object> {
    return Promise.resolve(cartWith(item));
  }
}

/** Nest as its documentation builds it: Express, one global ValidationPipe, the command bus. No storage. */
@Controller('v1/carts')
class CartsController {
  constructor(private readonly bus: CommandBus) {}

  @Get(':name')
  read(): object {
    return cartWith(passingLine);
  }

  @Post(':name/items')
  @HttpCode(200)
  async add(@Body() item: ItemBody): Promise<object> {
    return await this.bus.execute(new SetLine(item));
  }

  @Patch(':name/items/:lineId')
  async change(@Param('lineId') sku: string, @Body() { quantity }: QuantityBody): Promise<object> {
    return await this.bus.execute(new SetLine({ sku, quantity }));
  }

  @Delete(':name/items/:lineId')
  async remove(): Promise<object> {
    return await this.bus.execute(new SetLine(passingLine));
  }
}

@Module({ imports: [CqrsModule.forRoot()], controllers: [CartsController], providers: [SetLineHandler] })
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: false });
app.useGlobalPipes(new ValidationPipe({ whitelist: true, transform: true }));
await app.listen(Number(process.env['PORT']), '127.0.0.1');
endWithParent();

import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { ProblemBody, problemResponse } from './openapi.ts';

const parameters: Readonly<Record<string, string>> = {
  name: 'The cart’s name: main unless the shop front has several',
  owner: 'u~<user id> or g~<guest id>',
  lineId: 'As in the cart: the sku, or sku.hash where there are attributes',
};

/** OpenAPI as JSON at /docs-json and to try out at /docs. The document is made when it is first asked for. */
export function serveDocs(app: NestFastifyApplication): void {
  const description =
    'An event-sourced shopping cart. Errors are RFC 9457 problems. Beside what each operation names, HTTP itself may turn a' +
    ' request away: 400, 408, 417 and 431.';
  const about = new DocumentBuilder().setTitle('Cartage').setDescription(description).setVersion('1');
  const config = about.addBearerAuth().build();
  const document = () => completed(SwaggerModule.createDocument(app, config, { extraModels: [ProblemBody] }));
  SwaggerModule.setup('docs', app, document, { ui: false, raw: ['json'] });
  serveUi(app.getHttpAdapter().getInstance() as FastifyInstance);
}

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Cartage API</title>
    <link rel="stylesheet" href="./docs/swagger-ui.css" />
  </head>
  <body>
    <div id="ui"></div>
    <script src="./docs/swagger-ui-bundle.js"></script>
    <script>SwaggerUIBundle({ url: './docs-json', dom_id: '#ui' });</script>
  </body>
</html>
`;
const assets = { 'swagger-ui.css': 'text/css', 'swagger-ui-bundle.js': 'text/javascript' };

/** Two files need no plugin that serves folders. */
function serveUi(fastify: FastifyInstance): void {
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  fastify.get('/docs', (_, reply) => reply.type('text/html').send(page));
  for (const [file, type] of Object.entries(assets))
    fastify.get(`/docs/${file}`, (_, reply) => reply.type(type).send(createReadStream(join(folder, file))));
}

/**
 * The routes read their path themselves, so Nest does not know its parameters; and a route with two paths gets one name with
 * `[0]` and `[1]`, which no generated client can call.
 */
function completed(document: OpenAPIObject): OpenAPIObject {
  for (const [path, item] of Object.entries(document.paths)) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    item.parameters = names.map((name) => ({
      name,
      in: 'path',
      required: true,
      description: parameters[name] ?? '',
      schema: { type: 'string' },
    }));
    for (const operation of [item.get, item.post, item.put, item.patch, item.delete]) {
      if (operation === undefined) continue;
      operation.operationId = nameOf(operation.operationId ?? '', path);
      if (names.length > 0) operation.responses['414'] = problemResponse(414);
    }
  }
  return document;
}

const verbs = new Set(['Get', 'Post', 'Put', 'Patch', 'Delete']);

/** `AddItemController_post[1]` becomes AddItemOfOwner, `HealthController_live` HealthLive. */
function nameOf(operationId: string, path: string): string {
  const [, controller = '', initial = '', rest = ''] = /^(\w+)Controller_(\w)(\w*)/.exec(operationId) ?? [];
  const method = initial.toUpperCase() + rest;
  return controller + (verbs.has(method) ? '' : method) + (path.includes('{owner}') ? 'OfOwner' : '');
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { cartWith, type Item, passingLine } from './answer.ts';
import { endWithParent } from './end-with-parent.ts';

/** The floor: node:http, the body parsed, a cart answered, nothing else. */
const server = createServer((request, response) => {
  if (request.method !== 'POST' && request.method !== 'PATCH') return answer(response, passingLine);
  readBody(request, (text) => answer(response, { ...passingLine, ...(JSON.parse(text) as Partial<Item>) }));
});

function readBody(request: IncomingMessage, done: (text: string) => void): void {
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (part: string) => (text += part));
  request.on('end', () => done(text));
}

function answer(response: ServerResponse, item: Item): void {
  const text = JSON.stringify(cartWith(item));
  response
    .writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
    })
    .end(text);
}

server.listen(Number(process.env['PORT']), '127.0.0.1');
endWithParent();

import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { Problem, problemJson } from './problems.ts';

type ConnectionError = Error & { readonly code?: string };

/**
 * Answers what HTTP itself turns away, before there is a request to route, and ends the connection: its next byte has no meaning.
 * Pass it as Fastify's `clientErrorHandler`.
 */
export function refuseConnection(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const problem = problemOf(error);
  const { status } = problem;
  const body = problemJson(problem);
  socket.write(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  socket.destroySoon();
}

function problemOf({ code }: ConnectionError): Problem {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new Problem(408, 'request_timeout', 'The request did not arrive in time.');
  if (code === 'HPE_HEADER_OVERFLOW')
    return new Problem(431, 'headers_too_large', 'The request line and the headers are over 16 KB.');
  return new Problem(400, 'bad_request', 'This is no well-formed HTTP/1.1 request.');
}

/** Node answers these two without a body. The server must not require the Host header itself. */
export function refuseMalformed(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', ({ raw }, _reply, done) => {
    const lacksHost = raw.headers.host === undefined && raw.httpVersion === '1.1';
    done(lacksHost ? new Problem(400, 'bad_request', 'HTTP/1.1 needs a Host header.') : undefined);
  });
  (fastify.server as Server).on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    const problem = new Problem(417, 'expectation_failed', 'Only 100-continue can be expected.');
    const body = problemJson(problem);
    response.writeHead(problem.status, {
      connection: 'close',
      'content-type': 'application/problem+json',
      'content-length': Buffer.byteLength(body),
    });
    response.end(body);
  });
}
